//! Batch normalization and layer normalization.

use burn::module::Param;
use burn::nn::BatchNorm as BurnBatchNorm;
use burn::prelude::*;

use super::flow::{Flow, misfit};

/// Each unit, or channel of an image, to mean 0 and variance 1 over the batch (Ioffe & Szegedy 2015); a running mean
/// and variance stand in for the batch's when the network is not in training.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// The parameters and the running statistics.
    pub inner: BurnBatchNorm,
}

impl BatchNorm {
    pub(crate) fn forward(&self, x: Flow) -> Flow {
        match x {
            Flow::Flat(x) => Flow::Flat(self.inner.forward(x)),
            Flow::Image(x) => Flow::Image(self.inner.forward(x)),
            Flow::Sequence(x) => {
                let [batch, steps, features] = x.dims();
                let y = self.inner.forward(x.reshape([batch * steps, features]));
                Flow::Sequence(y.reshape([batch, steps, features]))
            }
            tokens @ Flow::Tokens(_) => misfit("batch_norm", &tokens),
        }
    }
}

/// Each sample to mean 0 and variance 1 over its features, or over all of an image (Ba, Kiros & Hinton 2016).
#[derive(Module, Debug)]
pub struct LayerNorm {
    /// The factor of each feature.
    pub gamma: Param<Tensor<1>>,
    /// The offset of each feature.
    pub beta: Param<Tensor<1>>,
    /// Added to the variance.
    #[module(skip)]
    pub epsilon: f64,
}

impl LayerNorm {
    pub(crate) fn forward(&self, x: Flow) -> Flow {
        match x {
            Flow::Flat(x) => Flow::Flat(self.normalize(x)),
            Flow::Sequence(x) => Flow::Sequence(self.normalize(x)),
            Flow::Image(x) => {
                let dims = x.dims();
                let y = self.normalize(x.flatten::<2>(1, 3));
                Flow::Image(y.reshape(dims))
            }
            tokens @ Flow::Tokens(_) => misfit("layer_norm", &tokens),
        }
    }

    fn normalize<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        burn::tensor::module::layer_norm(x, self.gamma.val(), Some(self.beta.val()), self.epsilon)
    }
}
