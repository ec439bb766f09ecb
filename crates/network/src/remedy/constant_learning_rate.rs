//! A learning rate that does not fall.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{NoKeys, Schedule, Spec};

/// Keeps the learning rate where it is once it is warm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConstantLearningRate {}

impl Treatment for ConstantLearningRate {
    fn name(&self) -> String {
        "constant-learning-rate".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::SlowLearning, Rule::UnchangedWeights, Rule::UpdateRatio, Rule::LossNotDecreasing, Rule::Plateau]
    }

    fn cost(&self) -> &'static str {
        "The noise of the last steps is that of the first ones."
    }

    fn source(&self) -> &'static str {
        "Bengio 2012"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if let Schedule::Constant(_) = spec.optimizer.schedule.schedule {
            return Err("the learning rate does not fall".into());
        }
        let mut spec = spec.clone();
        spec.optimizer.schedule.schedule = Schedule::Constant(NoKeys {});
        Ok(spec)
    }
}
