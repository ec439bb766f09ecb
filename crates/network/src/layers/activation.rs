//! Activation functions.

use burn::prelude::*;
use burn::tensor::activation as f;

use super::flow::{ElementWise, Flow};
use crate::spec::Activation;

/// `activation(x)`; softmax runs over the last axis of features and sequences, and over the channels of images.
pub(crate) fn activate(x: Flow, activation: Activation) -> Flow {
    match (activation, x) {
        (Activation::Linear, x) => x,
        (Activation::Softmax, Flow::Image(x)) => Flow::Image(f::softmax(x, 1)),
        (activation, x) => x.map(activation),
    }
}

impl ElementWise for Activation {
    fn call<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Activation::Linear => x,
            Activation::Sigmoid => f::sigmoid(x),
            Activation::Tanh => f::tanh(x),
            Activation::Relu => f::relu(x),
            Activation::LeakyRelu => f::leaky_relu(x, 0.01),
            Activation::Elu => f::elu(x, 1.0),
            Activation::Selu => f::selu(x),
            Activation::Gelu => f::gelu(x),
            Activation::Silu => f::silu(x),
            Activation::Softplus => f::softplus(x, 1.0),
            Activation::Exponential => x.exp(),
            Activation::Softmax => f::softmax(x, D - 1),
        }
    }
}

/// The two bounds of a function's range, where it has both.
pub fn bounds(activation: Activation) -> Option<(f64, f64)> {
    match activation {
        Activation::Sigmoid | Activation::Softmax => Some((0.0, 1.0)),
        Activation::Tanh => Some((-1.0, 1.0)),
        _ => None,
    }
}
