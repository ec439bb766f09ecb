//! Units that are absent now and then.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{any, fold, is_weighted, once, unfold};
use crate::spec::{Dropout, Layer, Spec};

/// Puts a dropout in front of every dense layer that reads what others with weights give. The inputs are not dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddDropout {
    /// The share set to 0; above 0, below 1.
    pub rate: f64,
}

impl Treatment for AddDropout {
    fn name(&self) -> String {
        "dropout".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::Overfitting]
    }

    fn cost(&self) -> &'static str {
        "A random number for every value dropped or kept; more steps, since each trains a part of the network."
    }

    fn source(&self) -> &'static str {
        "Srivastava et al. 2014"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if any(&spec.layers, &|layer| matches!(layer, Layer::Dropout(_))) {
            return Err("there is a dropout already: change its rate".into());
        }
        if self.rate == 0.0 {
            return Err("a rate of 0 drops nothing".into());
        }
        let mut dropped = Vec::new();
        let (mut behind_weights, mut added) = (false, 0);
        for layer in unfold(&spec.layers)? {
            if behind_weights && matches!(layer.layer, Layer::Dense(_)) {
                dropped.push(once(Layer::Dropout(Dropout { rate: self.rate })));
                added += 1;
            }
            behind_weights |= is_weighted(&layer.layer);
            dropped.push(layer);
        }
        if added == 0 {
            return Err("no dense layer reads what hidden units give".into());
        }
        Ok(Spec { layers: fold(&dropped), ..spec.clone() })
    }
}
