//! A gated cell in place of the plain recurrent one.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{fold, visit};
use crate::spec::{Gru, Initializer, Layer, Lstm, Spec};

/// Makes every plain recurrent layer one with gates, of as many units. Its recurrent weights start orthogonal: what they were
/// for a plain layer says nothing about gates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatedCell {
    /// The cell.
    pub cell: Cell,
}

/// A recurrent cell with gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Long short-term memory; its forget gate starts with a bias of 1.
    Lstm,
    /// Gated recurrent unit.
    Gru,
}

impl Treatment for GatedCell {
    fn name(&self) -> String {
        match self.cell {
            Cell::Lstm => "lstm".into(),
            Cell::Gru => "gru".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        &[Rule::VanishingThroughTime, Rule::ExplodingGradient, Rule::Plateau]
    }

    fn cost(&self) -> &'static str {
        match self.cell {
            Cell::Lstm => "Four times the recurrent layer's parameters and operations.",
            Cell::Gru => "Three times the recurrent layer's parameters and operations.",
        }
    }

    fn source(&self) -> &'static str {
        match self.cell {
            Cell::Lstm => "Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000",
            Cell::Gru => "Cho et al. 2014",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut layers = spec.layers.clone();
        let mut replaced = 0;
        visit(&mut layers, &mut |layer| {
            let Layer::Rnn(rnn) = layer else { return };
            let (units, returns, weights, bias) = (rnn.units, rnn.returns, rnn.weights, rnn.bias);
            let recurrent_weights = Initializer::Orthogonal;
            replaced += 1;
            *layer = match self.cell {
                Cell::Lstm => Layer::Lstm(Lstm { units, returns, weights, recurrent_weights, bias, forget_bias: 1.0 }),
                Cell::Gru => Layer::Gru(Gru { units, returns, weights, recurrent_weights, bias }),
            };
        });
        if replaced == 0 {
            return Err("no layer is of the kind rnn".into());
        }
        Ok(Spec { layers: fold(&layers), ..spec.clone() })
    }
}
