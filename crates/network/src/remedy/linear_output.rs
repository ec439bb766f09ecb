//! An output without an activation.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, activation_mut};
use crate::spec::{Activation, Layer, Spec};

/// Takes the activation from the network's output: the losses for classes apply theirs themselves, and numbers have none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearOutput {}

impl Treatment for LinearOutput {
    fn name(&self) -> String {
        "linear-output".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::WrongOutput]
    }

    fn cost(&self) -> &'static str {
        "None; outputs are logits, and probabilities only behind a softmax or sigmoid."
    }

    fn source(&self) -> &'static str {
        "Bridle 1990; Bishop 1995"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut parts = Parts::of(&spec.layers);
        let before = parts.output.len();
        // An activation of its own may follow the layer with the weights.
        parts.output.retain(|layer| !matches!(layer.layer, Layer::Activation(_)));
        let removed = before - parts.output.len();
        let Some(output) = parts.output.first_mut() else {
            return Err("no layer but activations gives the output: add a dense layer".into());
        };
        let own = activation_mut(&mut output.layer).filter(|activation| **activation != Activation::Linear);
        match (own, removed) {
            (None, 0) => Err("the output has no activation that could go".into()),
            (None, _) => Ok(Spec { layers: parts.join(), ..spec.clone() }),
            (Some(activation), _) => {
                *activation = Activation::Linear;
                Ok(Spec { layers: parts.join(), ..spec.clone() })
            }
        }
    }
}
