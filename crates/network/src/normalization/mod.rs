//! Batch normalization in training as one operation: on the `flex` device, in f32 and f64, by the loops of
//! [`gradiometer_kernels::normalization`]; anywhere else by Burn's own.

use std::sync::{Arc, Mutex};

use burn::backend::Dispatch;
use burn::prelude::*;
use burn::tensor::module;
use gradiometer_kernels::normalization::Moments;

pub mod op;
#[cfg(test)]
mod tests;

use op::{BatchNormBackend, Order};

use crate::flex::has_fused_kernels;

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
    let fits = D >= 2 && gamma.dims() == [dims[1]] && beta.dims() == [dims[1]] && x.dtype() == gamma.dtype();
    // Two places and more are stretches of memory; with one, a channel is a column, and Burn's sums over columns are as good.
    let places = dims.iter().skip(2).product::<usize>();
    if !(fits && D > 2 && places > 1 && dims.iter().all(|&n| n > 0) && has_fused_kernels(&x)) {
        let normalized = module::batch_norm_train(x, gamma, beta, epsilon);
        let (mean, variance) = (normalized.mean.detach(), normalized.variance.detach());
        return Normalized { output: normalized.output, mean, variance };
    }
    let (device, dtype) = (x.device().inner(), x.dtype());
    let moments = Arc::new(Mutex::new(Vec::new()));
    let order = Order { epsilon, moments: Arc::clone(&moments) };
    let output = Tensor::from_dispatch(Dispatch::batch_norm_in_training(
        x.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        order,
    ));
    let moments = std::mem::take(&mut *moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    let tensor = |of: fn(&Moments) -> f64| {
        let values: Vec<f64> = moments.iter().map(of).collect();
        let channels = values.len();
        Tensor::from_data(burn::tensor::TensorData::new(values, [channels]), (&device, dtype))
    };
    Normalized { output, mean: tensor(|moments| moments.mean), variance: tensor(|moments| moments.variance) }
}
