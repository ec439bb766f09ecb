//! Biases that favour nothing at the start.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, visit};
use crate::spec::{Bias, Initializer, Layer, Spec};

/// Starts the biases of hidden layers at 0. That of the output is left: it may be the mean of the targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZeroBiases {}

impl Treatment for ZeroBiases {
    fn name(&self) -> String {
        "zero-biases".into()
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::DeadUnits, Rule::SaturatedUnits, Rule::UnchangedWeights, Rule::VanishingThroughTime]
    }

    fn cost(&self) -> &'static str {
        "None."
    }

    fn source(&self) -> &'static str {
        "Glorot & Bengio 2010"
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut parts = Parts::of(&spec.layers);
        let mut changed = 0;
        visit(&mut parts.hidden, &mut |layer| {
            let bias = match layer {
                Layer::Dense(dense) => &mut dense.bias,
                Layer::Conv2d(conv) => &mut conv.bias,
                Layer::Rnn(rnn) => &mut rnn.bias,
                Layer::Gru(gru) => &mut gru.bias,
                Layer::Lstm(lstm) => &mut lstm.bias,
                _ => return,
            };
            if let Bias::Initial(start) = bias
                && *start != Initializer::Zeros
            {
                *start = Initializer::Zeros;
                changed += 1;
            }
        });
        if changed == 0 {
            return Err("no bias of a hidden layer starts elsewhere than at 0".into());
        }
        Ok(Spec { layers: parts.join(), ..spec.clone() })
    }
}
