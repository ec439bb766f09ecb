//! Burn's optimizers, for devices without an update of our own.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, GradientsParams, ModuleOptimizer, RmsPropConfig, SgdConfig};
use burn::prelude::*;

use super::{Cut, adaptive, first_of_last_layer};
use crate::penalty::Penalties;
use crate::spec::{Optimizer, OptimizerSpec};
use crate::watch::ParameterNames;

pub(crate) struct BurnOptimizer {
    pub(crate) inner: ModuleOptimizer,
    penalties: Penalties,
}

impl BurnOptimizer {
    pub(super) fn new(spec: &OptimizerSpec, penalties: &Penalties) -> Self {
        let inner = match &spec.algorithm {
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
        };
        Self { inner, penalties: penalties.clone() }
    }

    pub(super) fn step<M: Module>(
        &mut self,
        learning_rate: f64,
        mut module: M,
        names: &ParameterNames,
        mut gradients: GradientsParams,
        cut: Option<Cut>,
    ) -> M {
        if let Some(cut) = cut {
            let first_of_last_layer = first_of_last_layer(names);
            module.visit(&mut Cutter { gradients: &mut gradients, cut, names, next: 0, first_of_last_layer });
        }
        if !self.penalties.is_empty() {
            let decay = Decay { penalties: &self.penalties, learning_rate, names, next: 0, gradients: &gradients };
            module = module.map(&mut { decay });
        }
        self.inner.step(learning_rate, module, gradients)
    }
}

/// Takes the decoupled L2 penalty's share of every weight that has a gradient away.
struct Decay<'a> {
    penalties: &'a Penalties,
    learning_rate: f64,
    names: &'a ParameterNames,
    next: usize,
    gradients: &'a GradientsParams,
}

impl ModuleMapper for Decay<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(number) = self.names.number(param.id, &mut self.next) else { return param };
        let decay = self.learning_rate * self.penalties.get(number).decay();
        if decay == 0.0 || self.gradients.get::<D>(param.id).is_none() {
            return param;
        }
        param.map(|weights| Tensor::from_inner(weights.inner().mul_scalar(1.0 - decay)).require_grad())
    }
}

struct Cutter<'a> {
    gradients: &'a mut GradientsParams,
    cut: Cut,
    names: &'a ParameterNames,
    next: usize,
    first_of_last_layer: usize,
}

impl ModuleVisitor for Cutter<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let number = self.names.number(param.id, &mut self.next);
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            let gradient = match self.cut {
                Cut::Scale(factor) => gradient.mul_scalar(factor),
                Cut::Clamp(limit) => gradient.clamp(-limit, limit),
                Cut::Adaptive(limit) if number.is_some_and(|number| number < self.first_of_last_layer) => {
                    adaptive::clip_tensor(param.val().inner(), gradient, limit)
                }
                Cut::Adaptive(_) => gradient,
            };
            self.gradients.register(param.id, gradient);
        }
    }
}
