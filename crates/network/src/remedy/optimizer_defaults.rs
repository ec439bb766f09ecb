//! An optimizer's usual numbers.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{Adam, AdamW, Optimizer, RmsProp, Spec};

/// Brings the decays and the epsilon of the optimizer back to their defaults, and a momentum that is higher to 0.9. Learning
/// rate, schedule, clipping and weight decay stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptimizerDefaults {}

/// What most trainings use that use momentum; it adds up ten steps, and 0.99 a hundred.
const MOMENTUM: f64 = 0.9;

impl Treatment for OptimizerDefaults {
    fn name(&self) -> String {
        "optimizer-defaults".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[
            Rule::SlowLearning,
            Rule::UpdateRatio,
            Rule::UnchangedWeights,
            Rule::OscillatingLoss,
            Rule::NotFinite,
            Rule::ExplodingGradient,
            Rule::LossNotDecreasing,
            Rule::Plateau,
        ]
    }

    fn cost(&self) -> &'static str {
        "None."
    }

    fn source(&self) -> &'static str {
        "Kingma & Ba 2015; Sutskever, Martens, Dahl & Hinton 2013"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut changed = spec.clone();
        match &mut changed.optimizer.algorithm {
            Optimizer::Sgd(sgd) => sgd.momentum = sgd.momentum.min(MOMENTUM),
            Optimizer::Adam(adam) => *adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
            Optimizer::AdamW(adamw) => *adamw = AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ..adamw.clone() },
            Optimizer::RmsProp(rmsprop) => {
                *rmsprop = RmsProp { decay: 0.99, momentum: rmsprop.momentum.min(MOMENTUM), epsilon: 1e-8 };
            }
        }
        if changed == *spec {
            return Err(format!("the numbers of {} are the usual ones", spec.optimizer.algorithm.kind()));
        }
        Ok(changed)
    }
}
