//! Activation functions whose slope follows from their value.

use std::sync::Arc;

use burn::prelude::*;
use burn::tensor::activation;
use gradiometer_kernels::elementwise as kernels;

use super::{over, over_with};
use crate::fused::operation::{Kept, Operation, apply};
use crate::fused::value::{Array, Value, has_fused_kernels};

/// `1/(1 + e^−x)`, within 3 units in the last place; below −87 (f32) or −708 (f64) it stays at about the smallest normal number.
pub fn sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    match is_fused(&x) {
        true => apply([x.into_dispatch()], Arc::new(Curve::Sigmoid)),
        false => activation::sigmoid(x),
    }
}

/// The hyperbolic tangent, within 3 units in the last place.
pub fn tanh<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    match is_fused(&x) {
        true => apply([x.into_dispatch()], Arc::new(Curve::Tanh)),
        false => activation::tanh(x),
    }
}

/// `max(x, 0)`, with the slope 0 at 0; NaN stays NaN.
pub fn relu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    match is_fused(&x) {
        true => apply([x.into_dispatch()], Arc::new(Curve::Relu)),
        false => activation::relu(x),
    }
}

fn is_fused<const D: usize>(x: &Tensor<D>) -> bool {
    x.shape().num_elements() > 0 && has_fused_kernels(x)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    /// `1/(1 + e^−x)`, whose slope is `y·(1 − y)`.
    Sigmoid,
    /// The hyperbolic tangent, whose slope is `1 − y²`.
    Tanh,
    /// `max(x, 0)`, whose slope is 1 where `y` is above 0, and 0 elsewhere.
    Relu,
}

impl Operation<1> for Curve {
    type Kept<T: Value> = Drawn<T>;

    fn forward<T: Value>(&self, [x]: [Array<T>; 1], tracked: bool) -> (Array<T>, Option<Drawn<T>>) {
        let curve = *self;
        let y = over(x, |values| match curve {
            Self::Sigmoid => kernels::sigmoid(values),
            Self::Tanh => kernels::tanh(values),
            Self::Relu => kernels::relu(values),
        });
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
        let gradient = over_with(&self.y, gradient, |y, gradient| match curve {
            Curve::Sigmoid => kernels::sigmoid_backward(y, gradient),
            Curve::Tanh => kernels::tanh_backward(y, gradient),
            Curve::Relu => kernels::relu_backward(y, gradient),
        });
        [Some(gradient)]
    }
}
