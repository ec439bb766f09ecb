//! Batch normalization in training.

use std::sync::{Arc, OnceLock};

use burn::prelude::*;
use burn::tensor::{TensorData, module};
use gradiometer_kernels::normalization::{self as kernels, Moments, columns};

use super::operation::{Kept, Operation, apply};
use super::parts::{PARALLEL, each, zeros};
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
    if !(fits && dims.iter().all(|&n| n > 0) && has_fused_kernels(&x)) {
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

#[derive(Debug)]
struct BatchNorm {
    epsilon: f64,
    /// Each channel's, once it has run.
    moments: OnceLock<Arc<[Moments]>>,
}

impl Operation<3> for BatchNorm {
    type Kept<T: Value> = Batch<T>;

    fn forward<T: Value>(&self, [x, gamma, beta]: [Array<T>; 3], tracked: bool) -> (Array<T>, Option<Batch<T>>) {
        let (y, moments) = match places(&x) {
            1 => self.columns(&x, &gamma, &beta),
            places => self.channels(&x, places, &gamma, &beta),
        };
        let moments = Arc::clone(self.moments.get_or_init(|| moments.into()));
        (y, tracked.then(|| Batch { x, gamma, epsilon: self.epsilon, moments }))
    }
}

impl BatchNorm {
    /// Of channels that are stretches of memory, one in each row of the batch.
    fn channels<T: Value>(
        &self,
        x: &Array<T>,
        places: usize,
        gamma: &Array<T>,
        beta: &Array<T>,
    ) -> (Array<T>, Vec<Moments>) {
        let (factors, offsets) = (gamma.values(), beta.values());
        let mut y = zeros(x.values().len());
        let inputs = by_channel(x.values().chunks_exact(places), factors.len());
        let outputs = by_channel(y.chunks_exact_mut(places), factors.len());
        let work = inputs.into_iter().zip(outputs).enumerate().collect();
        let moments = each(work, x.values().len() >= PARALLEL, |(channel, (x, mut y))| {
            kernels::forward(&x, &mut y, factors[channel], offsets[channel], self.epsilon)
        });
        (Array::new(y, x.shape()), moments)
    }

    /// Of channels with one place, which are columns.
    fn columns<T: Value>(&self, x: &Array<T>, gamma: &Array<T>, beta: &Array<T>) -> (Array<T>, Vec<Moments>) {
        let (numbers, width) = (x.values(), gamma.values().len());
        let (block, parallel) = (columns::rows_of_a_block(width) * width, numbers.len() >= PARALLEL);
        let blocks = each(numbers.chunks(block).collect(), parallel, |x| (x.len() / width, columns::moments(x, width)));
        let moments = columns::joined(&blocks);
        let lines = columns::Lines::new(&moments, gamma.values(), beta.values(), self.epsilon);
        let mut y = zeros(numbers.len());
        let work = numbers.chunks(block).zip(y.chunks_mut(block)).collect();
        each(work, parallel, |(x, y)| columns::forward(x, y, &lines));
        (Array::new(y, x.shape()), moments)
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
        let (x, sums) = match places(&self.x) {
            1 => self.columns(gradient, of_x),
            places => self.channels(places, gradient, of_x),
        };
        let column = |at: usize| {
            let values = sums.iter().map(|sums| T::from_f64(sums[at]));
            Array::new(values.collect(), self.gamma.shape())
        };
        [x, of_gamma.then(|| column(1)), of_beta.then(|| column(0))]
    }
}

impl<T: Value> Batch<T> {
    /// The gradient of the inputs, where it is wanted, in the place of the output's, and the sums that are those of offset and factor
    /// of each channel.
    fn channels(&self, places: usize, mut gradient: Array<T>, of_x: bool) -> (Option<Array<T>>, Vec<[f64; 2]>) {
        let (x, gamma) = (self.x.values(), self.gamma.values());
        let inputs = by_channel(x.chunks_exact(places), gamma.len());
        let gradients = by_channel(gradient.values_mut().chunks_exact_mut(places), gamma.len());
        let work = inputs.into_iter().zip(gradients).enumerate().collect();
        let sums = each(work, x.len() >= PARALLEL, |(channel, (x, mut g))| {
            let moments = self.moments[channel];
            let seen: Vec<&[T]> = g.iter().map(|g| &**g).collect();
            let sums = kernels::sums(&x, &seen, moments, self.epsilon);
            if of_x {
                kernels::backward(&x, &mut g, sums, gamma[channel], moments, self.epsilon);
            }
            sums
        });
        (of_x.then_some(gradient), sums)
    }

    fn columns(&self, mut gradient: Array<T>, of_x: bool) -> (Option<Array<T>>, Vec<[f64; 2]>) {
        let (x, gamma) = (self.x.values(), self.gamma.values());
        let width = gamma.len();
        let (block, parallel) = (columns::rows_of_a_block(width) * width, x.len() >= PARALLEL);
        let blocks = x.chunks(block).zip(gradient.values().chunks(block)).collect();
        let parts = each(blocks, parallel, |(x, g)| columns::sums(x, g, &self.moments, self.epsilon));
        let mut sums = vec![[0.0; 2]; width];
        for part in &parts {
            sums.iter_mut().zip(part).for_each(|(sum, part)| *sum = [sum[0] + part[0], sum[1] + part[1]]);
        }
        if of_x {
            let by = columns::Gradient::new(&self.moments, &sums, gamma, x.len() / width, self.epsilon);
            let work = x.chunks(block).zip(gradient.values_mut().chunks_mut(block)).collect();
            each(work, parallel, |(x, g)| columns::backward(x, g, &by));
        }
        (of_x.then_some(gradient), sums)
    }
}

/// Places of each channel in a row of the batch.
fn places<T: Value>(x: &Array<T>) -> usize {
    x.shape().iter().skip(2).product()
}

/// Each channel's stretches of memory.
fn by_channel<S>(stretches: impl Iterator<Item = S>, channels: usize) -> Vec<Vec<S>> {
    let mut parts: Vec<Vec<S>> = (0..channels).map(|_| Vec::new()).collect();
    for (number, stretch) in stretches.enumerate() {
        parts[number % channels].push(stretch);
    }
    parts
}
