//! The residual block: `layers(x) + shortcut(x)`.

use burn::module::Param;
use burn::prelude::*;
use burn::tensor::ops::ConvOptions;

use super::activation::activate;
use super::flow::{Flow, misfit};
use crate::fused::{add, add_relu, conv2d};
use crate::network::Block;
use crate::spec::Activation;

/// Blocks whose input is added to their output (He et al. 2016).
#[derive(Module, Debug)]
pub struct Residual {
    /// The blocks inside.
    pub inside: Vec<Block>,
    /// What takes the input to the output's shape; nothing where they agree.
    pub projection: Option<Projection>,
}

/// A linear map of features or channels (He et al. 2016, option B).
#[derive(Module, Debug)]
pub enum Projection {
    /// `[n, units]`, for features and for each step of a sequence.
    Matrix(Param<Tensor<2>>),
    /// A convolution of 1×1, `[channels', channels, 1, 1]`.
    Image(ImageProjection),
}

/// A convolution of 1×1.
#[derive(Module, Debug)]
pub struct ImageProjection {
    /// `[channels', channels, 1, 1]`.
    pub weight: Param<Tensor<4>>,
    /// Step down and across.
    #[module(skip)]
    pub stride: [usize; 2],
}

impl Residual {
    /// The activation of the sum of the shortcut's result and the inner blocks' result `y`.
    pub(crate) fn add(&self, x: Flow, y: Flow, activation: Activation) -> Flow {
        let x = self.shortcut(x);
        match activation {
            Activation::Relu => match (x, y) {
                (Flow::Flat(x), Flow::Flat(y)) => Flow::Flat(add_relu(x, y)),
                (Flow::Sequence(x), Flow::Sequence(y)) => Flow::Sequence(add_relu(x, y)),
                (Flow::Image(x), Flow::Image(y)) => Flow::Image(add_relu(x, y)),
                (_, other) => misfit("residual", &other),
            },
            _ => {
                let sum = match (x, y) {
                    (Flow::Flat(x), Flow::Flat(y)) => Flow::Flat(add(x, y)),
                    (Flow::Sequence(x), Flow::Sequence(y)) => Flow::Sequence(add(x, y)),
                    (Flow::Image(x), Flow::Image(y)) => Flow::Image(add(x, y)),
                    (_, other) => misfit("residual", &other),
                };
                activate(sum, activation)
            }
        }
    }

    fn shortcut(&self, x: Flow) -> Flow {
        match (&self.projection, x) {
            (None, x) => x,
            (Some(Projection::Matrix(weight)), Flow::Flat(x)) => Flow::Flat(x.matmul(weight.val())),
            (Some(Projection::Matrix(weight)), Flow::Sequence(x)) => {
                let [batch, steps, n] = x.dims();
                let y = x.reshape([batch * steps, n]).matmul(weight.val());
                Flow::Sequence(y.reshape([batch as i64, steps as i64, -1]))
            }
            (Some(Projection::Image(p)), Flow::Image(x)) => {
                Flow::Image(conv2d(x, p.weight.val(), None, ConvOptions::new(p.stride, [0, 0], [1, 1], 1)))
            }
            (Some(_), other) => misfit("residual", &other),
        }
    }
}
