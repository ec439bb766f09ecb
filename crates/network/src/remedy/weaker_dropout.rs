//! A dropout that leaves enough units.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::visit;
use crate::spec::{Layer, Spec};

/// Lets every dropout drop at most this share. One that drops nothing stays where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeakerDropout {
    /// The share; at least 0, below 1.
    pub rate: f64,
}

/// The largest share that a layer of the spec drops.
pub(super) fn strongest(spec: &Spec) -> Option<f64> {
    let mut rates = Vec::new();
    visit(&mut spec.layers.clone(), &mut |layer| {
        if let Layer::Dropout(dropout) = layer {
            rates.push(dropout.rate);
        }
    });
    rates.into_iter().reduce(f64::max)
}

impl Treatment for WeakerDropout {
    fn name(&self) -> String {
        "weaker-dropout".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::OverRegularization]
    }

    fn cost(&self) -> &'static str {
        "None in time; units that can rely on each other, and learn the rows by heart."
    }

    fn source(&self) -> &'static str {
        "Srivastava et al. 2014"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut layers = spec.layers.clone();
        let mut weakened = 0;
        visit(&mut layers, &mut |layer| {
            if let Layer::Dropout(dropout) = layer
                && dropout.rate > self.rate
            {
                dropout.rate = self.rate;
                weakened += 1;
            }
        });
        match (weakened, strongest(spec)) {
            (1.., _) => Ok(Spec { layers, ..spec.clone() }),
            (_, None) => Err("no layer is of the kind dropout".into()),
            (_, Some(rate)) => Err(format!("no layer drops more than {rate} already")),
        }
    }
}
