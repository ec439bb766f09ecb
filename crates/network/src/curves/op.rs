//! Sigmoid and hyperbolic tangent as one operation of the autodiff graph, on the `flex` device.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::DType;
use gradiometer_kernels::level::{self, Kernel};
use rayon::prelude::*;

use crate::flex::{Value, contiguous, tensor};
use gradiometer_kernels::curves as curve;
use gradiometer_kernels::number::Number;

/// Which curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// `1/(1 + e^−x)`, whose slope is `y·(1 − y)`.
    Sigmoid,
    /// The hyperbolic tangent, whose slope is `1 − y²`.
    Tanh,
}

/// A curve as one operation.
#[backend_extension(Autodiff, Flex)]
pub trait CurveBackend: burn::backend::Backend {
    /// The curve at each of the numbers, f32 or f64.
    fn curve(x: FloatTensor<Self>, curve: Curve) -> FloatTensor<Self>;
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

impl<T: Number> Kernel for Values<'_, T> {
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

impl<T: Number> Kernel for Slopes<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let all = self.y.iter().zip(self.gradient).zip(self.into);
        match self.curve {
            Curve::Sigmoid => all.for_each(|((y, g), into)| *into = *g * (*y * (T::ONE - *y))),
            Curve::Tanh => all.for_each(|((y, g), into)| *into = *g * (-*y).multiply_add::<FMA>(*y, T::ONE)),
        }
    }
}

fn values<T: Value>(x: &FloatTensor<Flex>, curve: Curve) -> FloatTensor<Flex> {
    let x_values = T::of(x);
    let mut y = vec![T::ZERO; x_values.len()];
    each(x_values, x_values, &mut y, |x, _, y| level::run(Values { curve, x, y }));
    tensor(y, x.layout().shape())
}

fn slopes<T: Value>(y: &FloatTensor<Flex>, gradient: &FloatTensor<Flex>, curve: Curve) -> FloatTensor<Flex> {
    let (values, gradients) = (T::of(y), T::of(gradient));
    let mut into = vec![T::ZERO; values.len()];
    each(values, gradients, &mut into, |y, gradient, into| level::run(Slopes { curve, y, gradient, into }));
    tensor(into, y.layout().shape())
}

impl CurveBackend for Flex {
    fn curve(x: FloatTensor<Self>, curve: Curve) -> FloatTensor<Self> {
        let x = contiguous(x);
        match x.dtype() {
            DType::F64 => values::<f64>(&x, curve),
            _ => values::<f32>(&x, curve),
        }
    }
}

#[derive(Debug)]
struct CurveBackward;

impl Backward<Flex, 1> for CurveBackward {
    type State = (FloatTensor<Flex>, Curve);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let (y, curve) = ops.state;
        let [parent] = ops.parents;
        if let Some(parent) = parent {
            let found = match y.dtype() {
                DType::F64 => slopes::<f64>(&y, &gradient, curve),
                _ => slopes::<f32>(&y, &gradient, curve),
            };
            grads.register::<Flex>(parent.id, found);
        }
    }
}

impl<C: CheckpointStrategy> CurveBackend for Autodiff<Flex, C> {
    fn curve(x: FloatTensor<Self>, curve: Curve) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        let y = <Flex as CurveBackend>::curve(x, curve);
        match CurveBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(preparation) => preparation.finish((y.clone(), curve), y),
            OpsKind::UnTracked(preparation) => preparation.finish(y),
        }
    }
}
