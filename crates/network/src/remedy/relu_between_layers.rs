//! Something that bends between layers that do not.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, activation_mut, any, initializer, set_initializer};
use crate::plan::activation_of;
use crate::spec::{Activation, Initializer, Layer, Spec};

/// Ends each hidden layer of a network that is linear throughout with ReLU, whose weights then start as suits it, unless the spec
/// has a start of its own for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReluBetweenLayers {}

impl Treatment for ReluBetweenLayers {
    fn name(&self) -> String {
        "relu-between-layers".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::Underfitting]
    }

    fn cost(&self) -> &'static str {
        "A comparison for every unit; units that are negative for every input die."
    }

    fn source(&self) -> &'static str {
        "Leshno, Lin, Pinkus & Schocken 1993; Glorot, Bordes & Bengio 2011"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut parts = Parts::of(&spec.layers);
        if any(&parts.hidden, &bends) {
            return Err("a function that is not linear stands between the layers already".into());
        }
        let mut changed = 0;
        for layer in parts.hidden.iter_mut().map(|layer| &mut layer.layer).filter(|layer| layer.has_weights()) {
            let start = initializer(layer);
            let Some(activation) = activation_mut(layer) else { continue };
            *activation = Activation::Relu;
            changed += 1;
            if start == Some(Initializer::default_for(Activation::Linear)) {
                set_initializer(layer, Initializer::default_for(Activation::Relu));
            }
        }
        if changed == 0 {
            return Err("there is no hidden dense layer, convolution or residual block".into());
        }
        Ok(Spec { layers: parts.join(), ..spec.clone() })
    }
}

fn bends(layer: &Layer) -> bool {
    let by_kind =
        matches!(layer, Layer::Rnn(_) | Layer::Gru(_) | Layer::Lstm(_) | Layer::MaxPool(_) | Layer::LayerNorm(_));
    by_kind || activation_of(layer) != Activation::Linear
}
