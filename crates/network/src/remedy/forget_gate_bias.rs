//! Forget gates that start open.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::visit;
use crate::spec::{Bias, Layer, Spec};

/// Starts the forget gates of every LSTM with at least this bias. A cell keeps `σ(bias)` of itself each step, and so about
/// `e^bias` steps: the logarithm of the sequence length suits tasks that need all of it (Tallec & Ollivier 2018).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgetGateBias {
    /// The bias.
    pub bias: f64,
}

impl Treatment for ForgetGateBias {
    fn name(&self) -> String {
        "forget-gate-bias".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::VanishingThroughTime]
    }

    fn cost(&self) -> &'static str {
        "None in time; a cell that keeps everything learns later what to forget."
    }

    fn source(&self) -> &'static str {
        "Jozefowicz, Zaremba & Sutskever 2015; Tallec & Ollivier 2018"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut layers = spec.layers.clone();
        let (mut raised, mut found, mut without) = (0, 0, 0);
        visit(&mut layers, &mut |layer| {
            let Layer::Lstm(lstm) = layer else { return };
            found += 1;
            if lstm.bias == Bias::None {
                without += 1;
            } else if lstm.forget_bias < self.bias {
                lstm.forget_bias = self.bias;
                raised += 1;
            }
        });
        match (raised, found, without) {
            (1.., ..) => Ok(Spec { layers, ..spec.clone() }),
            (_, 0, _) => Err("no layer is of the kind lstm".into()),
            (.., 1..) => Err("an lstm with `bias = false` has no forget bias: give it a bias first".into()),
            _ => Err(format!("every forget gate starts with a bias of {} or more already", self.bias)),
        }
    }
}
