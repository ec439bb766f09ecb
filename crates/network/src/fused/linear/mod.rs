//! The dense layer, `x·W + b`, and with `max(·, 0)` of it: one product forward, two backward.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::{activation, module};
use gradiometer_kernels::elementwise::relu_backward;
use gradiometer_kernels::matrix::{Left, add_column_sums};

use super::operation::{Kept, Operation, apply};
use super::parts::zeros;
use super::product::{Factor, product};
use super::value::{Array, Value, has_fused_kernels};

#[cfg(test)]
mod tests;

/// `x` `[rows, n]` times `weight` `[n, units]`, plus `bias` `[units]`: `[rows, units]`.
///
/// # Panics
/// If the shapes do not fit together, as Burn's own does.
pub fn linear(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    match fits(&x, &weight, bias.as_ref()) {
        true => fused(x, weight, bias, Linear { rectified: false }),
        false => module::linear(x, weight, bias),
    }
}

/// `max(·, 0)` of [`linear`].
///
/// # Panics
/// As [`linear`].
pub fn linear_relu(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>) -> Tensor<2> {
    match fits(&x, &weight, bias.as_ref()) {
        true => fused(x, weight, bias, Linear { rectified: true }),
        false => activation::relu(module::linear(x, weight, bias)),
    }
}

/// What does not fit, or has nothing in it, Burn knows how to refuse and to answer.
fn fits(x: &Tensor<2>, weight: &Tensor<2>, bias: Option<&Tensor<1>>) -> bool {
    let ([rows, n], [inputs, units]) = (x.dims(), weight.dims());
    let some = rows > 0 && n > 0 && units > 0;
    let biased = bias.is_none_or(|bias| bias.dims() == [units] && bias.dtype() == x.dtype());
    some && n == inputs && x.dtype() == weight.dtype() && biased && has_fused_kernels(x)
}

fn fused(x: Tensor<2>, weight: Tensor<2>, bias: Option<Tensor<1>>, operation: Linear) -> Tensor<2> {
    match bias {
        Some(bias) => apply([x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch()], Arc::new(operation)),
        None => apply([x.into_dispatch(), weight.into_dispatch()], Arc::new(operation)),
    }
}

#[derive(Clone, Copy, Debug)]
struct Linear {
    rectified: bool,
}

impl Linear {
    fn forward<T: Value>(self, x: &Array<T>, weight: &Array<T>, bias: Option<&Array<T>>) -> Array<T> {
        let (rows, [n, units]) = (x.shape()[0], extent(weight));
        let x = Left::rows(x.values(), rows, n, n);
        let weight = Factor::Rows { values: weight.values(), stride: units };
        Array::new(product(x, weight, bias.map(Array::values), self.rectified, units), &[rows, units])
    }
}

fn extent<T: Value>(weight: &Array<T>) -> [usize; 2] {
    [weight.shape()[0], weight.shape()[1]]
}

impl Operation<2> for Linear {
    type Kept<T: Value> = Factors<T>;

    fn forward<T: Value>(&self, [x, weight]: [Array<T>; 2], tracked: bool) -> (Array<T>, Option<Factors<T>>) {
        let y = Linear::forward(*self, &x, &weight, None);
        let kept = tracked.then(|| Factors { x, weight, y: self.rectified.then(|| y.clone()) });
        (y, kept)
    }
}

impl Operation<3> for Linear {
    type Kept<T: Value> = Factors<T>;

    fn forward<T: Value>(&self, [x, weight, bias]: [Array<T>; 3], tracked: bool) -> (Array<T>, Option<Factors<T>>) {
        let y = Linear::forward(*self, &x, &weight, Some(&bias));
        let kept = tracked.then(|| Factors { x, weight, y: self.rectified.then(|| y.clone()) });
        (y, kept)
    }
}

/// What was multiplied, and the result where it was rectified.
#[derive(Debug)]
struct Factors<T> {
    x: Array<T>,
    weight: Array<T>,
    y: Option<Array<T>>,
}

impl<T: Value> Factors<T> {
    fn backward(&self, mut gradient: Array<T>, [of_x, of_weight, of_bias]: [bool; 3]) -> [Option<Array<T>>; 3] {
        let (rows, [n, units]) = (self.x.shape()[0], extent(&self.weight));
        if let Some(y) = &self.y {
            relu_backward(y.values(), gradient.values_mut());
        }
        let gradient = gradient.values();
        let x = of_x.then(|| {
            let weight = Factor::Transposed { values: self.weight.values(), stride: units };
            Array::new(product(Left::rows(gradient, rows, units, units), weight, None, false, n), &[rows, n])
        });
        let weight = of_weight.then(|| {
            let x = Left::transposed(self.x.values(), n, rows, n);
            let gradient = Factor::Rows { values: gradient, stride: units };
            Array::new(product(x, gradient, None, false, units), &[n, units])
        });
        let bias = of_bias.then(|| {
            let mut bias = zeros(units);
            add_column_sums(&mut bias, gradient, units);
            Array::new(bias, &[units])
        });
        [x, weight, bias]
    }
}

impl<T: Value> Kept<T, 2> for Factors<T> {
    fn backward(self, gradient: Array<T>, [x, weight]: [bool; 2]) -> [Option<Array<T>>; 2] {
        let [x, weight, _] = Factors::backward(&self, gradient, [x, weight, false]);
        [x, weight]
    }
}

impl<T: Value> Kept<T, 3> for Factors<T> {
    fn backward(self, gradient: Array<T>, wanted: [bool; 3]) -> [Option<Array<T>>; 3] {
        Factors::backward(&self, gradient, wanted)
    }
}
