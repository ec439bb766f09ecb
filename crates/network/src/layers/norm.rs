//! Batch normalization and layer normalization.

use burn::module::{Param, RunningState};
use burn::nn::BatchNorm as BurnBatchNorm;
use burn::prelude::*;

use super::flow::{Flow, misfit};
use crate::fused::{batch_norm, layer_norm};

/// Each unit, or channel of an image, to mean 0 and variance 1 over the batch (Ioffe & Szegedy 2015); a running mean
/// and variance stand in for the batch's when the network is not in training.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// The parameters and the running statistics.
    pub inner: BurnBatchNorm,
}

impl BatchNorm {
    /// Another one as this one was made, to be used in its place where its running statistics are to stay as they are.
    pub(crate) fn unused(&self) -> Self {
        let gamma = self.inner.gamma.val();
        let [features] = gamma.dims();
        let mut inner = burn::nn::BatchNormConfig::new(features)
            .with_epsilon(self.inner.epsilon)
            .with_momentum(self.inner.momentum)
            .init(&gamma.device());
        inner.gamma = self.inner.gamma.clone();
        inner.beta = self.inner.beta.clone();
        Self { inner }
    }

    pub(crate) fn forward(&self, x: Flow) -> Flow {
        match x {
            Flow::Flat(x) => Flow::Flat(self.normalize(x)),
            Flow::Image(x) => Flow::Image(self.normalize(x)),
            Flow::Sequence(x) => {
                let [batch, steps, features] = x.dims();
                let y = self.normalize(x.reshape([batch * steps, features]));
                Flow::Sequence(y.reshape([batch, steps, features]))
            }
            tokens @ Flow::Tokens(_) => misfit("batch_norm", &tokens),
        }
    }

    fn normalize<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let norm = &self.inner;
        if !(x.device().is_autodiff() && norm.training.is_enabled()) {
            return norm.forward(x);
        }
        let normalized = batch_norm(x, norm.gamma.val(), norm.beta.val(), norm.epsilon);
        let follow = |running: &RunningState<Tensor<1>>, now: Tensor<1>| {
            let before = running.value_sync().to_device(&now.device());
            running.update(before.mul_scalar(1.0 - norm.momentum).add(now.mul_scalar(norm.momentum)).detach());
        };
        follow(&norm.running_mean, normalized.mean);
        follow(&norm.running_var, normalized.variance);
        normalized.output
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
        layer_norm(x, self.gamma.val(), self.beta.val(), self.epsilon)
    }
}
