//! A warm-up that leaves time to train.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::Spec;

/// Lets the learning rate be full after so many steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShorterWarmUp {
    /// Steps until it is full; 0: from the first.
    pub steps: u64,
}

impl Treatment for ShorterWarmUp {
    fn name(&self) -> String {
        "shorter-warmup".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::SlowLearning, Rule::UpdateRatio, Rule::LossNotDecreasing, Rule::Plateau]
    }

    fn cost(&self) -> &'static str {
        "The first steps are longer."
    }

    fn source(&self) -> &'static str {
        "Goyal et al. 2017"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        match spec.optimizer.schedule.warmup {
            0 => return Err("the learning rate is full from the first step on".into()),
            now if now <= self.steps => return Err(format!("the learning rate is full after {now} steps already")),
            _ => {}
        }
        let mut spec = spec.clone();
        spec.optimizer.schedule.warmup = self.steps;
        Ok(spec)
    }
}
