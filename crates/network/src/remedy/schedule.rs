//! A learning rate that rises at the start, and one that falls towards the end.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{CosineSchedule, Schedule, Spec};

/// Lets the learning rate rise linearly over the first steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmUp {
    /// Steps until it is full.
    pub steps: u64,
}

impl Treatment for WarmUp {
    fn name(&self) -> String {
        "learning-rate-warmup".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::UpdateRatio, Rule::ExplodingGradient, Rule::NotFinite, Rule::LossNotDecreasing, Rule::DeadUnits]
    }

    fn cost(&self) -> &'static str {
        "The first steps are shorter."
    }

    fn source(&self) -> &'static str {
        "Goyal et al. 2017"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let now = spec.optimizer.schedule.warmup;
        if now >= self.steps {
            return Err(format!("the learning rate warms up over {now} steps already"));
        }
        if spec.training.steps.is_some_and(|all| self.steps > all / 2) {
            return Err(format!("{} steps of warm-up leave less than half of the training at full rate", self.steps));
        }
        let mut spec = spec.clone();
        spec.optimizer.schedule.warmup = self.steps;
        Ok(spec)
    }
}

/// Lets a constant learning rate fall by half a cosine to the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LearningRateDecay {
    /// What is left at the last step, as a share; from 0 to 1.
    pub floor: f64,
}

impl Treatment for LearningRateDecay {
    fn name(&self) -> String {
        "learning-rate-decay".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::OscillatingLoss, Rule::Plateau]
    }

    fn cost(&self) -> &'static str {
        "The last steps are shorter; training on after the end needs another schedule."
    }

    fn source(&self) -> &'static str {
        "Loshchilov & Hutter 2017"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let Schedule::Constant(_) = spec.optimizer.schedule.schedule else {
            return Err("the learning rate falls already".into());
        };
        let mut spec = spec.clone();
        spec.optimizer.schedule.schedule = Schedule::Cosine(CosineSchedule { floor: self.floor });
        Ok(spec)
    }
}
