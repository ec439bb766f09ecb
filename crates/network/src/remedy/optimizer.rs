//! Another way from gradients to updates.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{Adam, Optimizer, OptimizerSpec, RmsProp, Sgd, Spec};

/// Takes another optimizer, with the usual values of its keys. Between `sgd` and the others the learning rate means another
/// thing: it becomes the new one's default. Momentum 0.9 adds up ten steps, so that a rate that was set without it becomes a
/// tenth. Schedule and clipping stay, and what AdamW takes from the weights becomes an `l2`
/// penalty, which takes as much.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeOptimizer {
    /// Which.
    pub to: Method,
}

/// An optimizer by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Adam.
    Adam,
    /// Stochastic gradient descent with Nesterov's momentum 0.9.
    Sgd,
    /// RMSprop.
    Rmsprop,
}

impl Treatment for ChangeOptimizer {
    fn name(&self) -> String {
        match self.to {
            Method::Adam => "adam-optimizer".into(),
            Method::Sgd => "sgd-optimizer".into(),
            Method::Rmsprop => "rmsprop-optimizer".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        match self.to {
            Method::Adam => {
                &[Rule::UnchangedWeights, Rule::UpdateRatio, Rule::SlowLearning, Rule::LossNotDecreasing, Rule::Plateau]
            }
            Method::Sgd | Method::Rmsprop => &[Rule::OscillatingLoss, Rule::LossNotDecreasing, Rule::Plateau],
        }
    }

    fn cost(&self) -> &'static str {
        match self.to {
            Method::Adam => "Two numbers of state for every parameter.",
            Method::Sgd => "One number of state for every parameter; the learning rate has to be found anew.",
            Method::Rmsprop => "One number of state for every parameter.",
        }
    }

    fn source(&self) -> &'static str {
        match self.to {
            Method::Adam => "Kingma & Ba 2015",
            Method::Sgd => "Sutskever, Martens, Dahl & Hinton 2013",
            Method::Rmsprop => "Tieleman & Hinton 2012",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let old = &spec.optimizer.algorithm;
        let algorithm = match (self.to, old) {
            (Method::Adam, Optimizer::AdamW(_)) => return Err("adamw is adam with weight decay".into()),
            (Method::Adam, Optimizer::Adam(_)) | (Method::Rmsprop, Optimizer::RmsProp(_)) => {
                return Err(format!("the optimizer is {} already", old.kind()));
            }
            (Method::Sgd, Optimizer::Sgd(sgd)) if sgd.momentum > 0.0 => {
                return Err("the optimizer is sgd with momentum already".into());
            }
            (Method::Adam, _) => Optimizer::Adam(Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }),
            (Method::Sgd, _) => Optimizer::Sgd(Sgd { momentum: 0.9, nesterov: true }),
            (Method::Rmsprop, _) => Optimizer::RmsProp(RmsProp { decay: 0.99, momentum: 0.0, epsilon: 1e-8 }),
        };
        let is_sgd = |algorithm: &Optimizer| matches!(algorithm, Optimizer::Sgd(_));
        let learning_rate = match (is_sgd(old), is_sgd(&algorithm)) {
            (false, true) => 0.01,
            (true, false) => 0.001,
            (true, true) => spec.optimizer.learning_rate / 10.0,
            _ => spec.optimizer.learning_rate,
        };
        let mut changed = spec.clone();
        if let Optimizer::AdamW(adamw) = old
            && adamw.weight_decay > 0.0
        {
            changed.penalty.l2 = Some(adamw.weight_decay);
        }
        changed.optimizer = OptimizerSpec { algorithm, learning_rate, ..spec.optimizer.clone() };
        Ok(changed)
    }
}
