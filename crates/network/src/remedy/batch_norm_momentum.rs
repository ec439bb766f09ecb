//! Running statistics that follow the network.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::visit;
use crate::spec::{Layer, Spec};

/// Gives the newest batch this weight in the running mean and variance of every batch normalization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchNormMomentum {
    /// The weight; above 0, at most 1.
    pub momentum: f64,
}

impl Treatment for BatchNormMomentum {
    fn name(&self) -> String {
        "batch-norm-momentum".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::StaleStatistics]
    }

    fn cost(&self) -> &'static str {
        "None; the mean is over about 1/momentum batches, so that a large one has more noise."
    }

    fn source(&self) -> &'static str {
        "Ioffe & Szegedy 2015"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut layers = spec.layers.clone();
        let (mut found, mut changed) = (0, 0);
        visit(&mut layers, &mut |layer| {
            let Layer::BatchNorm(norm) = layer else { return };
            found += 1;
            changed += usize::from(norm.momentum != self.momentum);
            norm.momentum = self.momentum;
        });
        match (found, changed) {
            (0, _) => Err("no layer is of the kind batch_norm".into()),
            (_, 0) => Err(format!("every momentum is {} already", self.momentum)),
            _ => Ok(Spec { layers, ..spec.clone() }),
        }
    }
}
