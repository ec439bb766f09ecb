//! More steps from the same rows.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::any;
use crate::spec::{Layer, Spec};

/// Takes batches of at most so many samples, which makes more steps of an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallerBatch {
    /// Samples of one step; at least 1.
    pub batch_size: usize,
}

impl Treatment for SmallerBatch {
    fn name(&self) -> String {
        "smaller-batch".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::SlowLearning]
    }

    fn cost(&self) -> &'static str {
        "Time of an epoch, since small batches use the machine less well; a gradient with more noise."
    }

    fn source(&self) -> &'static str {
        "Wilson & Martinez 2003; Masters & Luschi 2018"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let now = spec.training.batch_size;
        if now <= self.batch_size {
            return Err(format!("a batch has {now} samples already"));
        }
        if let Some(steps) = spec.training.steps {
            return Err(format!("`training.steps` says {steps}, so smaller batches are fewer rows and no more steps"));
        }
        if self.batch_size < 2 && any(&spec.layers, &|layer| matches!(layer, Layer::BatchNorm(_))) {
            return Err("batch normalization needs a batch of more than one row".into());
        }
        let mut spec = spec.clone();
        spec.training.batch_size = self.batch_size;
        Ok(spec)
    }
}
