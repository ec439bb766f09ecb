//! From gradients to updates: the spec's optimizer, its schedule, and clipping.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, RmsPropConfig, SgdConfig};
use burn::prelude::*;

use crate::spec::{Clip, Optimizer, OptimizerSpec};

/// The optimizer of the spec. Clipping and the learning rate's schedule are the caller's.
pub fn optimizer(spec: &OptimizerSpec) -> ModuleOptimizer {
    match &spec.algorithm {
        Optimizer::Sgd(sgd) => {
            let momentum = (sgd.momentum > 0.0).then_some(MomentumConfig {
                momentum: sgd.momentum,
                dampening: 0.0,
                nesterov: sgd.nesterov,
            });
            SgdConfig::new().with_momentum(momentum).init()
        }
        Optimizer::Adam(adam) => AdamConfig::new()
            .with_beta_1(adam.beta1 as f32)
            .with_beta_2(adam.beta2 as f32)
            .with_epsilon(adam.epsilon as f32)
            .init(),
        Optimizer::AdamW(adam) => AdamWConfig::new()
            .with_beta_1(adam.beta1 as f32)
            .with_beta_2(adam.beta2 as f32)
            .with_epsilon(adam.epsilon as f32)
            .with_weight_decay(adam.weight_decay as f32)
            .init(),
        Optimizer::RmsProp(rms) => RmsPropConfig::new()
            .with_alpha(rms.decay as f32)
            .with_momentum(rms.momentum as f32)
            .with_epsilon(rms.epsilon as f32)
            .init(),
    }
}

/// Cuts gradients that are too large. `norm` is the Euclidean norm of all of them together.
///
/// By norm: all are scaled by `limit / norm` where the norm exceeds the limit (Pascanu, Mikolov & Bengio 2013), as
/// PyTorch's `clip_grad_norm_` does. By value: each number is cut to ± the limit.
pub fn clip<M: Module>(module: &M, gradients: GradientsParams, clip: Clip, norm: f64) -> GradientsParams {
    let change = match clip {
        Clip::Norm(limit) if norm > limit => Change::Scale(limit / norm),
        Clip::Norm(_) => return gradients,
        Clip::Value(limit) => Change::Clamp(limit),
    };
    let mut clipper = Clipper { gradients, change };
    module.visit(&mut clipper);
    clipper.gradients
}

enum Change {
    Scale(f64),
    Clamp(f64),
}

struct Clipper {
    gradients: GradientsParams,
    change: Change,
}

impl ModuleVisitor for Clipper {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let gradient = match self.change {
                Change::Scale(factor) => gradient.mul_scalar(factor),
                Change::Clamp(limit) => gradient.clamp(-limit, limit),
            };
            self.gradients.register(param.id, gradient);
        }
    }
}
