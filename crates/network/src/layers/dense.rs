//! The dense layer: `x W + b`, for each step of a sequence alike.

use burn::module::Param;
use burn::prelude::*;

use super::flow::{ElementWise, Flow, misfit};
use crate::fused::{linear, linear_relu};
use crate::spec::Activation;

/// `[n] → [units]`, and `[steps, n] → [steps, units]`.
#[derive(Module, Debug)]
pub struct Dense {
    /// `[n, units]`.
    pub weight: Param<Tensor<2>>,
    /// `[units]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Dense {
    /// The activation of the layer's sums.
    pub(crate) fn forward(&self, x: Flow, activation: Activation) -> Flow {
        match x {
            Flow::Flat(x) => Flow::Flat(self.of_rows(x, activation)),
            Flow::Sequence(x) => {
                // One product of [batch·steps, n] instead of a batch of small ones.
                let [batch, steps, n] = x.dims();
                let y = self.of_rows(x.reshape([batch * steps, n]), activation);
                Flow::Sequence(y.reshape([batch as i64, steps as i64, -1]))
            }
            other => misfit("dense", &other),
        }
    }

    fn of_rows(&self, x: Tensor<2>, activation: Activation) -> Tensor<2> {
        let (weight, bias) = (self.weight.val(), self.bias.as_ref().map(Param::val));
        match activation {
            Activation::Relu => linear_relu(x, weight, bias),
            _ => activation.call(linear(x, weight, bias)),
        }
    }
}
