//! Burn's optimizers, for devices without an update of our own.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, RmsPropConfig, SgdConfig};
use burn::prelude::*;

use super::Cut;
use crate::spec::{Optimizer, OptimizerSpec};

pub(crate) struct BurnOptimizer(pub(crate) ModuleOptimizer);

impl BurnOptimizer {
    pub(super) fn new(spec: &OptimizerSpec) -> Self {
        Self(match &spec.algorithm {
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
        })
    }

    pub(super) fn step<M: Module>(
        &mut self,
        learning_rate: f64,
        module: M,
        mut gradients: GradientsParams,
        cut: Option<Cut>,
    ) -> M {
        if let Some(cut) = cut {
            module.visit(&mut Cutter { gradients: &mut gradients, cut });
        }
        self.0.step(learning_rate, module, gradients)
    }
}

struct Cutter<'a> {
    gradients: &'a mut GradientsParams,
    cut: Cut,
}

impl ModuleVisitor for Cutter<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let gradient = match self.cut {
                Cut::Scale(factor) => gradient.mul_scalar(factor),
                Cut::Clamp(limit) => gradient.clamp(-limit, limit),
            };
            self.gradients.register(param.id, gradient);
        }
    }
}
