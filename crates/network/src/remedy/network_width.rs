//! Hidden layers of another width.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, any, visit};
use crate::spec::{Layer, Spec, Units};

/// Makes hidden layers that are narrower, or wider, as wide as this. Embeddings and what gives the output stay as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum NetworkWidth {
    /// The narrower ones.
    AtLeast(Width),
    /// The wider ones.
    AtMost(Width),
}

/// How wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Width {
    /// Units of a dense or recurrent layer, at least 1; as they are where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<usize>,
    /// Channels of a convolution, at least 1; as they are where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<usize>,
}

impl Width {
    /// That of the widest hidden layers, of each kind that there is.
    pub(super) fn widest(spec: &Spec) -> Self {
        let mut widest = Self { units: None, channels: None };
        each_width(&mut Parts::of(&spec.layers), &mut |width, is_image| {
            let of_kind = if is_image { &mut widest.channels } else { &mut widest.units };
            *of_kind = (*of_kind).max(Some(*width));
        });
        widest
    }

    /// So many times as wide.
    pub(super) fn times(self, factor: usize) -> Self {
        let times = |width: usize| width.saturating_mul(factor);
        Self { units: self.units.map(times), channels: self.channels.map(times) }
    }

    /// So many times as narrow, rounded up.
    pub(super) fn over(self, divisor: usize) -> Self {
        let over = |width: usize| width.div_ceil(divisor);
        Self { units: self.units.map(over), channels: self.channels.map(over) }
    }
}

impl Treatment for NetworkWidth {
    fn name(&self) -> String {
        match self {
            Self::AtLeast(_) => "larger-network".into(),
            Self::AtMost(_) => "smaller-network".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        match self {
            Self::AtLeast(_) => &[Rule::Underfitting, Rule::OverRegularization, Rule::Plateau, Rule::LossNotDecreasing],
            Self::AtMost(_) => &[Rule::Overfitting],
        }
    }

    fn cost(&self) -> &'static str {
        match self {
            Self::AtLeast(_) => "Weights and time in proportion to the square of the width.",
            Self::AtMost(_) => "None in time; what the network can express.",
        }
    }

    fn source(&self) -> &'static str {
        match self {
            Self::AtLeast(_) => "Cybenko 1989; Livni, Shalev-Shwartz & Shamir 2014",
            Self::AtMost(_) => "Baum & Haussler 1989",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if matches!(self, Self::AtMost(_)) && any(&spec.layers, &|layer| matches!(layer, Layer::Select(_))) {
            return Err("a `select` names units of the layer in front of it, which may be gone".into());
        }
        let mut parts = Parts::of(&spec.layers);
        let mut changed = 0;
        each_width(&mut parts, &mut |width, is_image| {
            let of_kind = |wanted: &Width| if is_image { wanted.channels } else { wanted.units };
            let new = match self {
                Self::AtLeast(least) => of_kind(least).map_or(*width, |least| (*width).max(least)),
                Self::AtMost(most) => of_kind(most).map_or(*width, |most| (*width).min(most)),
            };
            changed += usize::from(new != *width);
            *width = new;
        });
        match (changed, self) {
            (1.., _) => Ok(Spec { layers: parts.join(), ..spec.clone() }),
            (_, Self::AtLeast(_)) => Err("no hidden layer is narrower than that".into()),
            (_, Self::AtMost(_)) => Err("no hidden layer is wider than that".into()),
        }
    }
}

/// Shows the width of each hidden layer to `see`, and whether it is that of a convolution.
fn each_width(parts: &mut Parts, see: &mut dyn FnMut(&mut usize, bool)) {
    visit(&mut parts.hidden, &mut |layer| match layer {
        Layer::Dense(dense) => {
            if let Units::Count(units) = &mut dense.units {
                see(units, false);
            }
        }
        Layer::Rnn(rnn) => see(&mut rnn.units, false),
        Layer::Gru(gru) => see(&mut gru.units, false),
        Layer::Lstm(lstm) => see(&mut lstm.units, false),
        Layer::Conv2d(conv) => see(&mut conv.channels, true),
        _ => {}
    });
}
