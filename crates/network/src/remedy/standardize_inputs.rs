//! Inputs of mean 0 and variance 1.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{Source, Spec};

/// Shifts and scales every feature, as fitted on the training part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardizeInputs {}

impl Treatment for StandardizeInputs {
    fn name(&self) -> String {
        "standardize-inputs".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[
            Rule::NotFinite,
            Rule::SaturatedUnits,
            Rule::DeadUnits,
            Rule::LossNotDecreasing,
            Rule::ExplodingGradient,
            Rule::PoorInitialization,
            Rule::WrongOutput,
        ]
    }

    fn cost(&self) -> &'static str {
        "One pass over the training rows; what later goes into the network has to be scaled likewise."
    }

    fn source(&self) -> &'static str {
        "LeCun et al. 1998"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if spec.data.standardize {
            return Err("the inputs are standardized already".into());
        }
        if matches!(spec.data.source, Source::Adding(_) | Source::Text(_)) {
            return Err(format!("the inputs of the source `{}` have no scale to change", spec.data.source.kind()));
        }
        let mut spec = spec.clone();
        spec.data.standardize = true;
        Ok(spec)
    }
}
