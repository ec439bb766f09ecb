//! The convolution over images as one operation: on the `flex` device, in f32 and f64, by the loops of
//! [`gradiometer_kernels::convolution`], forward and backward, over samples in parallel; anywhere else by Burn's own.

use burn::backend::Dispatch;
use burn::prelude::*;
use burn::tensor::module;
use burn::tensor::ops::ConvOptions;

pub mod op;
#[cfg(test)]
mod tests;

use op::ConvolutionBackend;

use crate::flex::has_fused_kernels;

/// `x` `[batch, channels, height, width]` with `weight` `[channels', channels / groups, kernel height, kernel width]`, plus `bias`
/// `[channels']`: `[batch, channels', height', width']`.
///
/// # Panics
/// If the shapes do not fit together, as Burn's own does.
pub fn conv2d(x: Tensor<4>, weight: Tensor<4>, bias: Option<Tensor<1>>, options: ConvOptions<2>) -> Tensor<4> {
    let (dims, shape) = (x.dims(), weight.dims());
    let fits = dims[1] == shape[1] * options.groups && shape[0].is_multiple_of(options.groups.max(1));
    // What does not fit, or has nothing in it, Burn knows how to refuse and to answer.
    let is_plain = fits && dims.iter().chain(&shape).all(|&n| n > 0) && x.dtype() == weight.dtype();
    if !(is_plain && has_fused_kernels(&x)) {
        return module::conv2d(x, weight, bias, options);
    }
    let bias = bias.unwrap_or_else(|| Tensor::zeros([shape[0]], (&x.device().inner(), x.dtype())));
    Tensor::from_dispatch(Dispatch::convolution(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        options,
    ))
}
