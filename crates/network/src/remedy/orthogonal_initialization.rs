//! Recurrent weights that turn and do not stretch.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, initializer, set_initializer, visit};
use crate::plan::activation_of;
use crate::spec::{Activation, Initializer, Layer, Spec};

/// Starts the recurrent weights of every recurrent layer with an orthogonal matrix, and so the weights of hidden dense layers
/// and convolutions that end in tanh, whose slope at 0 is 1. Layers that end in another activation need another scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrthogonalInitialization {}

impl Treatment for OrthogonalInitialization {
    fn name(&self) -> String {
        "orthogonal-initialization".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::VanishingThroughTime, Rule::ExplodingGradient, Rule::PoorInitialization, Rule::VanishingGradient]
    }

    fn cost(&self) -> &'static str {
        "None while training; the first matrices take longer to make, by the cube of their width."
    }

    fn source(&self) -> &'static str {
        "Saxe, McClelland & Ganguli 2014"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut parts = Parts::of(&spec.layers);
        let mut changed = 0;
        let mut recurrent = |layer: &mut Layer| {
            let weights = match layer {
                Layer::Rnn(rnn) => &mut rnn.recurrent_weights,
                Layer::Gru(gru) => &mut gru.recurrent_weights,
                Layer::Lstm(lstm) => &mut lstm.recurrent_weights,
                _ => return,
            };
            changed += usize::from(*weights != Initializer::Orthogonal);
            *weights = Initializer::Orthogonal;
        };
        visit(&mut parts.hidden, &mut recurrent);
        visit(&mut parts.output, &mut recurrent);
        visit(&mut parts.hidden, &mut |layer| {
            let other = initializer(layer).is_some_and(|old| old != Initializer::Orthogonal);
            if other && activation_of(layer) == Activation::Tanh {
                set_initializer(layer, Initializer::Orthogonal);
                changed += 1;
            }
        });
        if changed == 0 {
            return Err("there are no recurrent weights, and no hidden tanh layers, that start otherwise".into());
        }
        Ok(Spec { layers: parts.join(), ..spec.clone() })
    }
}
