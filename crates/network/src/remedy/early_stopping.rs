//! An end at the best look at the validation part.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{EarlyStopping, Metric, Spec};

/// Ends the training once the validation loss has not become better for so many looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopEarly {
    /// Looks without a new best that are allowed; at least 1.
    pub patience: u64,
}

impl Treatment for StopEarly {
    fn name(&self) -> String {
        "early-stopping".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::Overfitting]
    }

    fn cost(&self) -> &'static str {
        "Less time, if anything; a late second descent is not seen."
    }

    fn source(&self) -> &'static str {
        "Prechelt 1998"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if let Some(stop) = &spec.training.early_stopping {
            return Err(format!("training stops early already, with a patience of {}", stop.patience));
        }
        let mut spec = spec.clone();
        spec.training.early_stopping = Some(EarlyStopping { patience: self.patience, metric: Metric::ValidationLoss });
        Ok(spec)
    }
}
