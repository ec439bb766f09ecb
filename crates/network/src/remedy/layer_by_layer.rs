//! Training in levels, so that no gradient has to cross all layers.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use crate::spec::{Layerwise, Spec, Strategy};

/// Trains one level of layers after the other, each with a temporary head to the outputs and those below frozen, and then all
/// together for a share of the steps, which may be none: a gradient that vanishes does so there as well. Levels and heads are the
/// defaults of `strategy = "layerwise"`; the number of steps stays what it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerByLayer {
    /// The share of all steps in which all levels are trained together, at the end; 0 ≤ share < 1.
    pub together: f64,
}

impl Treatment for LayerByLayer {
    fn name(&self) -> String {
        "layer-by-layer-training".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[
            Rule::VanishingGradient,
            Rule::ExplodingGradient,
            Rule::PoorInitialization,
            Rule::UnchangedWeights,
            Rule::Plateau,
            Rule::LossNotDecreasing,
            Rule::Underflow,
        ]
    }

    fn cost(&self) -> &'static str {
        "No more steps, but each level has only its share of them; a step of a level is cheaper than one of all."
    }

    fn source(&self) -> &'static str {
        "Bengio, Lamblin, Popovici & Larochelle 2007; Belilovsky, Eickenberg & Oyallon 2019"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if matches!(spec.strategy, Strategy::Layerwise(_)) {
            return Err("it is trained in levels already".into());
        }
        let layerwise = Layerwise { together: self.together, ..Layerwise::default() };
        layerwise.cut(&spec.layers).map_err(|(_, message)| message)?;
        Ok(Spec { strategy: Strategy::Layerwise(layerwise), ..spec.clone() })
    }
}
