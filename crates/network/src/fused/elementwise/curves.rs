//! Sigmoid and hyperbolic tangent, in vectors, with the slope from the value.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::activation;
use gradiometer_kernels::level::{self, Kernel};
use rayon::prelude::*;

use super::operation::{Kept, Operation, apply};
use super::recurrent::curve::{self, Real};
use super::value::{Array, Value, has_fused_kernels};

#[cfg(test)]
mod tests;

/// `1/(1 + e^−x)`, within 3 units in the last place; below −87 (f32) or −708 (f64) it stays at about the smallest normal number.
pub fn sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if x.shape().num_elements() == 0 || !has_fused_kernels(&x) {
        return activation::sigmoid(x);
    }
    apply([x.into_dispatch()], Arc::new(Curve::Sigmoid))
}

/// The hyperbolic tangent, within 3 units in the last place.
pub fn tanh<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if x.shape().num_elements() == 0 || !has_fused_kernels(&x) {
        return activation::tanh(x);
    }
    apply([x.into_dispatch()], Arc::new(Curve::Tanh))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    /// `1/(1 + e^−x)`, whose slope is `y·(1 − y)`.
    Sigmoid,
    /// The hyperbolic tangent, whose slope is `1 − y²`.
    Tanh,
}

impl Operation<1> for Curve {
    type Kept<T: Value> = Drawn<T>;

    fn forward<T: Value>(&self, [x]: [Array<T>; 1], tracked: bool) -> (Array<T>, Option<Drawn<T>>) {
        let curve = *self;
        let mut y = T::zeros(x.values().len());
        each(x.values(), x.values(), &mut y, |x, _, y| level::run(Values { curve, x, y }));
        let y = Array::new(y, x.shape());
        (y.clone(), tracked.then_some(Drawn { curve, y }))
    }
}

/// A curve's values.
#[derive(Debug)]
struct Drawn<T> {
    curve: Curve,
    y: Array<T>,
}

impl<T: Value> Kept<T, 1> for Drawn<T> {
    fn backward(self, gradient: Array<T>, _wanted: [bool; 1]) -> [Option<Array<T>>; 1] {
        let curve = self.curve;
        let mut x = T::zeros(gradient.values().len());
        each(self.y.values(), gradient.values(), &mut x, |y, gradient, into| {
            level::run(Slopes { curve, y, gradient, into });
        });
        [Some(Array::new(x, self.y.shape()))]
    }
}

/// Numbers that one thread computes at a time, where there are more.
const PART: usize = 1 << 15;

/// `into = f(of, with)`, element by element, on as many threads as pay.
fn each<T: Value>(of: &[T], with: &[T], into: &mut [T], work: impl Fn(&[T], &[T], &mut [T]) + Sync) {
    if of.len() < 2 * PART {
        return work(of, with, into);
    }
    let parts = of.par_chunks(PART).zip(with.par_chunks(PART)).zip(into.par_chunks_mut(PART));
    parts.for_each(|((of, with), into)| work(of, with, into));
}

struct Values<'a, T> {
    curve: Curve,
    x: &'a [T],
    y: &'a mut [T],
}

impl<T: Real> Kernel for Values<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        match self.curve {
            Curve::Sigmoid => self.x.iter().zip(self.y).for_each(|(x, y)| *y = curve::sigmoid::<T, FMA>(*x)),
            Curve::Tanh => self.x.iter().zip(self.y).for_each(|(x, y)| *y = curve::tanh::<T, FMA>(*x)),
        }
    }
}

struct Slopes<'a, T> {
    curve: Curve,
    y: &'a [T],
    gradient: &'a [T],
    into: &'a mut [T],
}

impl<T: Real> Kernel for Slopes<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let all = self.y.iter().zip(self.gradient).zip(self.into);
        match self.curve {
            Curve::Sigmoid => all.for_each(|((y, g), into)| *into = *g * (*y * (T::ONE - *y))),
            Curve::Tanh => all.for_each(|((y, g), into)| *into = *g * (-*y).fma::<FMA>(*y, T::ONE)),
        }
    }
}
