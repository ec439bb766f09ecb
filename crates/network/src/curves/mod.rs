//! Sigmoid and hyperbolic tangent as one operation each: on the `flex` device, in f32 and f64, in vectors, with the slope from the value;
//! anywhere else Burn's own.

use burn::backend::Dispatch;
use burn::prelude::*;
use burn::tensor::activation;

pub mod op;
#[cfg(test)]
mod tests;

use op::{Curve, CurveBackend};

use crate::flex::has_fused_kernels;

/// `1/(1 + e^−x)`, within 3 units in the last place; below −87 (f32) or −708 (f64) it stays at about the smallest normal number.
pub fn sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if x.shape().num_elements() == 0 || !has_fused_kernels(&x) {
        return activation::sigmoid(x);
    }
    Tensor::from_dispatch(Dispatch::curve(x.into_dispatch(), Curve::Sigmoid))
}

/// The hyperbolic tangent, within 3 units in the last place.
pub fn tanh<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if x.shape().num_elements() == 0 || !has_fused_kernels(&x) {
        return activation::tanh(x);
    }
    Tensor::from_dispatch(Dispatch::curve(x.into_dispatch(), Curve::Tanh))
}
