//! A plain recurrent layer that starts by keeping its state.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{fold, visit};
use crate::spec::{Activation, Bias, Initializer, Layer, Spec};

/// Makes every plain recurrent layer one of ReLUs whose recurrent weights start as the identity and whose biases as 0: the
/// state then stays as it is until the inputs change it, and its gradient likewise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityInitialization {}

impl Treatment for IdentityInitialization {
    fn name(&self) -> String {
        "identity-initialization".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::VanishingThroughTime]
    }

    fn cost(&self) -> &'static str {
        "None in time; the states are not bounded, so that gradients should be clipped."
    }

    fn source(&self) -> &'static str {
        "Le, Jaitly & Hinton 2015"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut layers = spec.layers.clone();
        let (mut found, mut changed) = (0, 0);
        visit(&mut layers, &mut |layer| {
            let Layer::Rnn(rnn) = layer else { return };
            let old = rnn.clone();
            rnn.activation = Activation::Relu;
            rnn.recurrent_weights = Initializer::Identity;
            if rnn.bias != Bias::None {
                rnn.bias = Bias::Initial(Initializer::Zeros);
            }
            found += 1;
            changed += usize::from(*rnn != old);
        });
        match (found, changed) {
            (0, _) => Err("no layer is of the kind rnn".into()),
            (_, 0) => Err("every recurrent layer starts so already".into()),
            _ => Ok(Spec { layers: fold(&layers), ..spec.clone() }),
        }
    }
}
