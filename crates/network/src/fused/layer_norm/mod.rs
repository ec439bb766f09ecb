//! Layer normalization over the last axis.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::module;
use gradiometer_kernels::normalization::{Moments, rows};

use super::operation::{Kept, Operation, apply};
use super::parts::{PARALLEL, each, zeros};
use super::value::{Array, Value, has_fused_kernels};

#[cfg(test)]
mod tests;

/// `x` `[…, features]` with each row at mean 0 and variance 1 over its features, times `gamma` plus `beta`, both `[features]`
/// (Ba, Kiros & Hinton 2016): `γ·(x − μ)/√(σ² + ε) + β`.
///
/// # Panics
/// If the shapes do not fit together, as Burn's own does.
pub fn layer_norm<const D: usize>(x: Tensor<D>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64) -> Tensor<D> {
    let dims = x.dims();
    let fits = D > 0 && [gamma.dims(), beta.dims()] == [[dims[D - 1]]; 2];
    let fits = fits && [gamma.dtype(), beta.dtype()] == [x.dtype(); 2];
    if !(fits && dims.iter().all(|&n| n > 0) && has_fused_kernels(&x)) {
        return module::layer_norm(x, gamma, Some(beta), epsilon);
    }
    apply([x.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch()], Arc::new(LayerNorm { epsilon }))
}

/// Numbers of the rows that one thread goes through at a time, and over which the gradients of the parameters are added up before
/// they are added to others': as many rows as that, but no fewer and no more than these, so that there are few sums of each, and each is
/// of few.
fn block(width: usize) -> usize {
    (16_384 / width).clamp(16, 256) * width
}

#[derive(Debug)]
struct LayerNorm {
    epsilon: f64,
}

impl Operation<3> for LayerNorm {
    type Kept<T: Value> = Rows<T>;

    fn forward<T: Value>(&self, [x, gamma, beta]: [Array<T>; 3], tracked: bool) -> (Array<T>, Option<Rows<T>>) {
        let (numbers, factors, offsets) = (x.values(), gamma.values(), beta.values());
        let block = block(factors.len());
        let mut y = zeros(numbers.len());
        let work = numbers.chunks(block).zip(y.chunks_mut(block)).collect();
        let moments =
            each(work, numbers.len() >= PARALLEL, |(x, y)| rows::forward(x, y, factors, offsets, self.epsilon));
        let y = Array::new(y, x.shape());
        (y, tracked.then(|| Rows { x, gamma, epsilon: self.epsilon, moments }))
    }
}

/// Rows and what was found of them.
#[derive(Debug)]
struct Rows<T> {
    x: Array<T>,
    gamma: Array<T>,
    epsilon: f64,
    /// Of the rows of each block.
    moments: Vec<Vec<Moments>>,
}

impl<T: Value> Kept<T, 3> for Rows<T> {
    fn backward(self, gradient: Array<T>, [of_x, of_gamma, of_beta]: [bool; 3]) -> [Option<Array<T>>; 3] {
        let (x, gradient, factors) = (self.x.values(), gradient.values(), self.gamma.values());
        let block = block(factors.len());
        let mut into = zeros(if of_x { x.len() } else { 0 });
        let mut targets = into.chunks_mut(block);
        let rows = x.chunks(block).zip(gradient.chunks(block)).zip(&self.moments);
        let work = rows.map(|rows| (rows, targets.next())).collect();
        let sums = each(work, x.len() >= PARALLEL, |(((x, gradient), moments), into)| {
            rows::backward(x, gradient, factors, moments, self.epsilon, into)
        });
        let total = |of: fn(&rows::Sums<T>) -> &Vec<T>| {
            let mut total = vec![0.0; factors.len()];
            for part in &sums {
                total
                    .iter_mut()
                    .zip(of(part))
                    .for_each(|(sum, part)| *sum += gradiometer_kernels::number::Number::to_f64(*part));
            }
            Array::new(total.into_iter().map(T::from_f64).collect(), self.gamma.shape())
        };
        [
            of_x.then(|| Array::new(into, self.x.shape())),
            of_gamma.then(|| total(|sums| &sums.factors)),
            of_beta.then(|| total(|sums| &sums.offsets)),
        ]
    }
}
