//! Batch normalization in training.

use std::sync::{Arc, OnceLock};

use burn::prelude::*;
use burn::tensor::{TensorData, module};
use gradiometer_kernels::normalization::{self, Moments};
use rayon::prelude::*;

use super::operation::{Kept, Operation, apply};
use super::value::{Array, Value, has_fused_kernels};

#[cfg(test)]
mod tests;

/// What a batch normalization in training gives.
#[derive(Clone, Debug)]
pub struct Normalized<const D: usize> {
    /// The normalized input, of its shape.
    pub output: Tensor<D>,
    /// Each channel's mean over the batch, `[channels]`; no gradient goes through it.
    pub mean: Tensor<1>,
    /// Each channel's variance over the batch, over `n`, `[channels]`; no gradient goes through it.
    pub variance: Tensor<1>,
}

/// `x` `[batch, channels, …]` with each channel at mean `beta` and standard deviation `gamma`, both `[channels]`, over the batch and all
/// places.
///
/// # Panics
/// If the shapes do not fit together, as Burn's own does.
pub fn batch_norm<const D: usize>(x: Tensor<D>, gamma: Tensor<1>, beta: Tensor<1>, epsilon: f64) -> Normalized<D> {
    let dims = x.dims();
    let fits = D >= 2 && gamma.dims() == [dims[1]] && beta.dims() == [dims[1]];
    let fits = fits && [gamma.dtype(), beta.dtype()] == [x.dtype(); 2];
    // Two places and more are stretches of memory; with one, a channel is a column, and Burn's sums over columns are as good.
    let places = dims.iter().skip(2).product::<usize>();
    if !(fits && D > 2 && places > 1 && dims.iter().all(|&n| n > 0) && has_fused_kernels(&x)) {
        let normalized = module::batch_norm_train(x, gamma, beta, epsilon);
        let (mean, variance) = (normalized.mean.detach(), normalized.variance.detach());
        return Normalized { output: normalized.output, mean, variance };
    }
    let (device, dtype) = (x.device().inner(), x.dtype());
    let operation = Arc::new(BatchNorm { epsilon, moments: OnceLock::new() });
    let output = apply([x.into_dispatch(), gamma.into_dispatch(), beta.into_dispatch()], Arc::clone(&operation));
    let tensor = |of: fn(&Moments) -> f64| {
        let values: Vec<f64> = operation.moments.get().into_iter().flat_map(|all| all.iter().map(of)).collect();
        let channels = values.len();
        Tensor::from_data(TensorData::new(values, [channels]), (&device, dtype))
    };
    Normalized { output, mean: tensor(|moments| moments.mean), variance: tensor(|moments| moments.variance) }
}

/// Inputs of fewer numbers are normalized on one thread: waking another costs more than it saves.
const PARALLEL: usize = 1 << 16;

#[derive(Debug)]
struct BatchNorm {
    epsilon: f64,
    /// Each channel's, once it has run.
    moments: OnceLock<Arc<[Moments]>>,
}

impl Operation<3> for BatchNorm {
    type Kept<T: Value> = Batch<T>;

    fn forward<T: Value>(&self, [x, gamma, beta]: [Array<T>; 3], tracked: bool) -> (Array<T>, Option<Batch<T>>) {
        let (channels, places) = extent(&x);
        let mut y = T::zeros(x.values().len());
        let inputs = by_channel(x.values().chunks_exact(places), channels);
        let outputs = by_channel(y.chunks_exact_mut(places), channels);
        let work: Vec<_> = inputs.into_iter().zip(outputs).enumerate().collect();
        let (factors, offsets) = (gamma.values(), beta.values());
        let moments = each(work, x.values().len() >= PARALLEL, |(channel, (x, mut y))| {
            normalization::forward(&x, &mut y, factors[channel], offsets[channel], self.epsilon)
        });
        let moments = Arc::clone(self.moments.get_or_init(|| moments.into()));
        let y = Array::new(y, x.shape());
        (y, tracked.then(|| Batch { x, gamma, epsilon: self.epsilon, moments }))
    }
}

/// A batch and what was found of it.
#[derive(Debug)]
struct Batch<T> {
    x: Array<T>,
    gamma: Array<T>,
    epsilon: f64,
    moments: Arc<[Moments]>,
}

impl<T: Value> Kept<T, 3> for Batch<T> {
    fn backward(self, gradient: Array<T>, [of_x, of_gamma, of_beta]: [bool; 3]) -> [Option<Array<T>>; 3] {
        let (channels, places) = extent(&self.x);
        let (x, gamma, gradient) = (self.x.values(), self.gamma.values(), gradient.values());
        let mut into = T::zeros(if of_x { x.len() } else { 0 });
        let inputs = by_channel(x.chunks_exact(places), channels);
        let gradients = by_channel(gradient.chunks_exact(places), channels);
        let targets = by_channel(into.chunks_exact_mut(places), channels);
        let work: Vec<_> = inputs.into_iter().zip(gradients).zip(targets).enumerate().collect();
        let sums = each(work, x.len() >= PARALLEL, |(channel, ((x, g), mut into))| {
            let moments = self.moments[channel];
            let sums = normalization::sums(&x, &g, moments, self.epsilon);
            if of_x {
                normalization::backward(&x, &g, sums, gamma[channel], moments, self.epsilon, &mut into);
            }
            sums
        });
        let column = |at: usize| {
            let values = sums.iter().map(|sums| <T as normalization::Real>::from_f64(sums[at]));
            Array::new(values.collect(), &[channels])
        };
        [of_x.then(|| Array::new(into, self.x.shape())), of_gamma.then(|| column(1)), of_beta.then(|| column(0))]
    }
}

/// Channels, and places of each in a row of the batch.
fn extent<T: Value>(x: &Array<T>) -> (usize, usize) {
    (x.shape()[1], x.shape().iter().skip(2).product())
}

/// Each channel's stretches of memory.
fn by_channel<S>(stretches: impl Iterator<Item = S>, channels: usize) -> Vec<Vec<S>> {
    let mut parts: Vec<Vec<S>> = (0..channels).map(|_| Vec::new()).collect();
    for (number, stretch) in stretches.enumerate() {
        parts[number % channels].push(stretch);
    }
    parts
}

/// One after the other or several at a time, always in their order.
fn each<I: Send, O: Send>(items: Vec<I>, parallel: bool, work: impl Fn(I) -> O + Sync + Send) -> Vec<O> {
    match parallel {
        true => items.into_par_iter().map(work).collect(),
        false => items.into_iter().map(work).collect(),
    }
}
