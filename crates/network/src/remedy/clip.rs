//! A limit for gradients.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{Clip, Spec};

/// Limits the gradient: its norm over all parameters, each of its numbers, or each unit's norm by that of its weights. A limit
/// of another kind gives way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipGradient {
    /// The limit.
    pub clip: Clip,
}

impl Treatment for ClipGradient {
    fn name(&self) -> String {
        match self.clip {
            Clip::Norm(_) => "clip-gradient-norm".into(),
            Clip::Value(_) => "clip-gradient-value".into(),
            Clip::Adaptive(_) => "adaptive-gradient-clipping".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::ExplodingGradient, Rule::NotFinite, Rule::OscillatingLoss, Rule::UpdateRatio, Rule::LossNotDecreasing]
    }

    fn cost(&self) -> &'static str {
        match self.clip {
            Clip::Norm(_) => "A pass over all gradients; nothing that the gradient has of direction.",
            Clip::Value(_) => "A comparison for every gradient value; the direction changes where it cuts.",
            Clip::Adaptive(_) => "A pass over all gradients and weights; the direction changes where it cuts.",
        }
    }

    fn source(&self) -> &'static str {
        match self.clip {
            Clip::Norm(_) => "Pascanu, Mikolov & Bengio 2013",
            Clip::Value(_) => "Mikolov 2012",
            Clip::Adaptive(_) => "Brock, De, Smith & Simonyan 2021",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        match (spec.optimizer.clip, self.clip) {
            (Some(Clip::Norm(old)), Clip::Norm(new))
            | (Some(Clip::Value(old)), Clip::Value(new))
            | (Some(Clip::Adaptive(old)), Clip::Adaptive(new))
                if old <= new =>
            {
                return Err(format!("gradients are limited to {old} already"));
            }
            _ => {}
        }
        let mut spec = spec.clone();
        spec.optimizer.clip = Some(self.clip);
        Ok(spec)
    }
}
