//! All features instead of some.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::is_weighted;
use crate::spec::{Layer, Spec};

/// Takes away what selects features, or channels of an image, in front of the first layer with weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoreFeatures {}

impl Treatment for MoreFeatures {
    fn name(&self) -> String {
        "more-features".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::Underfitting]
    }

    fn cost(&self) -> &'static str {
        "Weights and time of the first layer in proportion."
    }

    fn source(&self) -> &'static str {
        "Guyon & Elisseeff 2003"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let front = spec.layers.iter().position(|layer| is_weighted(&layer.layer)).unwrap_or(0);
        let (front, rest) = spec.layers.split_at(front);
        let kept: Vec<_> = front.iter().filter(|layer| !matches!(layer.layer, Layer::Select(_))).cloned().collect();
        if kept.len() == front.len() {
            return Err("no `select` stands in front of the first layer with weights".into());
        }
        Ok(Spec { layers: [&kept, rest].concat(), ..spec.clone() })
    }
}
