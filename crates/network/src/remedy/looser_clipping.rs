//! A limit that most gradients do not reach.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{Clip, Spec};

/// Raises the limit for gradients, or takes it away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LooserClipping {
    /// The limit, of the kind that there is; none where gradients are not to be limited.
    pub clip: Option<Clip>,
}

impl Treatment for LooserClipping {
    fn name(&self) -> String {
        "loosen-clipping".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::SlowLearning, Rule::UpdateRatio, Rule::UnchangedWeights, Rule::LossNotDecreasing, Rule::Plateau]
    }

    fn cost(&self) -> &'static str {
        "None in time; a gradient that is once too large is a step that is once too long."
    }

    fn source(&self) -> &'static str {
        "Pascanu, Mikolov & Bengio 2013"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let Some(old) = spec.optimizer.clip else { return Err("gradients are not limited".into()) };
        match (old, self.clip) {
            (_, None) => {}
            (Clip::Norm(old), Some(Clip::Norm(new)))
            | (Clip::Value(old), Some(Clip::Value(new)))
            | (Clip::Adaptive(old), Some(Clip::Adaptive(new))) => {
                if old >= new {
                    return Err(format!("gradients may have {old} already, not less than {new}"));
                }
            }
            (_, Some(_)) => return Err("gradients have a limit of another kind".into()),
        }
        let mut spec = spec.clone();
        spec.optimizer.clip = self.clip;
        Ok(spec)
    }
}
