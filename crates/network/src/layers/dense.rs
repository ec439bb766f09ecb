//! The dense layer: `x W + b`, for each step of a sequence alike.

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::module::linear;

use super::flow::{Flow, misfit};

/// `[n] → [units]`, and `[steps, n] → [steps, units]`.
#[derive(Module, Debug)]
pub struct Dense {
    /// `[n, units]`.
    pub weight: Param<Tensor<2>>,
    /// `[units]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl Dense {
    pub(crate) fn forward(&self, x: Flow) -> Flow {
        let bias = self.bias.as_ref().map(Param::val);
        match x {
            Flow::Flat(x) => Flow::Flat(linear(x, self.weight.val(), bias)),
            Flow::Sequence(x) => {
                // One product of [batch·steps, n] instead of a batch of small ones.
                let [batch, steps, n] = x.dims();
                let y = linear(x.reshape([batch * steps, n]), self.weight.val(), bias);
                Flow::Sequence(y.reshape([batch as i64, steps as i64, -1]))
            }
            other => misfit("dense", &other),
        }
    }
}
