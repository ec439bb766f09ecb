//! Shorter or longer steps.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::Spec;

/// Another learning rate: a lower one is not raised, nor a higher one lowered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LearningRate {
    /// Lowers it to this.
    LowerTo(f64),
    /// Raises it to this.
    RaiseTo(f64),
}

impl Treatment for LearningRate {
    fn name(&self) -> String {
        match self {
            Self::LowerTo(_) => "lower-learning-rate".into(),
            Self::RaiseTo(_) => "raise-learning-rate".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        match self {
            Self::LowerTo(_) => &[
                Rule::ExplodingGradient,
                Rule::NotFinite,
                Rule::OscillatingLoss,
                Rule::DeadUnits,
                Rule::SaturatedUnits,
                Rule::UpdateRatio,
                Rule::LossNotDecreasing,
                Rule::Plateau,
            ],
            Self::RaiseTo(_) => {
                &[Rule::UnchangedWeights, Rule::UpdateRatio, Rule::SlowLearning, Rule::LossNotDecreasing, Rule::Plateau]
            }
        }
    }

    fn cost(&self) -> &'static str {
        match self {
            Self::LowerTo(_) => "More steps to the same place.",
            Self::RaiseTo(_) => "Steps that may be too long.",
        }
    }

    fn source(&self) -> &'static str {
        "Bengio 2012"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let now = spec.optimizer.learning_rate;
        let new = match *self {
            Self::LowerTo(new) if now <= new => {
                return Err(format!("the learning rate is {now} already, not above {new}"));
            }
            Self::RaiseTo(new) if now >= new => {
                return Err(format!("the learning rate is {now} already, not below {new}"));
            }
            Self::LowerTo(new) | Self::RaiseTo(new) => new,
        };
        let mut spec = spec.clone();
        spec.optimizer.learning_rate = new;
        Ok(spec)
    }
}
