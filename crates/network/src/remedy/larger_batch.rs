//! Gradients with less noise.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::Spec;

/// Takes batches of at least so many samples. The gradient's noise falls with the root of their number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LargerBatch {
    /// Samples of one step.
    pub batch_size: usize,
}

impl Treatment for LargerBatch {
    fn name(&self) -> String {
        "larger-batch".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::OscillatingLoss, Rule::StaleStatistics, Rule::Plateau]
    }

    fn cost(&self) -> &'static str {
        "Memory and time of a step in proportion; where `epochs` are given, fewer steps."
    }

    fn source(&self) -> &'static str {
        "Smith, Kindermans, Ying & Le 2018"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let now = spec.training.batch_size;
        if now >= self.batch_size {
            return Err(format!("a batch has {now} samples already"));
        }
        let mut spec = spec.clone();
        spec.training.batch_size = self.batch_size;
        Ok(spec)
    }
}
