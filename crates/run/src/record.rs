//! What is known of one training step.

use std::sync::Arc;

use gradiometer_gauge::Summary;
use serde::{Deserialize, Serialize};

/// What a [`Signal`] measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The output of a block, over the whole batch.
    Activation,
    /// The gradient of the loss with respect to the output of a block.
    ActivationGradient,
    /// A parameter, before the step's update.
    Weight,
    /// The gradient of the loss with respect to a parameter, before clipping.
    WeightGradient,
    /// The change of a parameter by this step: after minus before.
    Update,
    /// The gradient of the loss with respect to a recurrent layer's hidden state, [`Signal::lag`] steps before the
    /// last one.
    StateGradient,
}

impl Kind {
    /// Every kind, in the order of the declaration.
    pub const ALL: [Self; 6] = [
        Self::Activation,
        Self::ActivationGradient,
        Self::Weight,
        Self::WeightGradient,
        Self::Update,
        Self::StateGradient,
    ];

    /// The name in files: `activation`, `activation_gradient`, `weight`, `weight_gradient`, `update`, `state_gradient`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::ActivationGradient => "activation_gradient",
            Self::Weight => "weight",
            Self::WeightGradient => "weight_gradient",
            Self::Update => "update",
            Self::StateGradient => "state_gradient",
        }
    }
}

/// One tensor of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The block's name for activations and states (`03.dense`), the parameter's path for the rest (`03.dense.weight`).
    pub tensor: Arc<str>,
    /// What the values are.
    pub kind: Kind,
    /// How many time steps before the last one; only for [`Kind::StateGradient`].
    pub lag: Option<u32>,
    /// The values, summarized.
    pub summary: Summary,
    /// Which units did not respond in this batch; only for [`Kind::Activation`] of blocks with an activation function.
    pub units: Option<Units>,
}

/// What each unit of a layer did over one batch. A unit is a feature of a dense or recurrent layer, a channel of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Units {
    /// The unit's output was exactly zero for every sample (and every place or time step).
    pub inactive: Vec<bool>,
    /// The unit's output was within 1 % of a bound of its activation function (the range's width being 100 %) for at
    /// least 95 % of the samples. All false where the function has no two bounds.
    pub saturated: Vec<bool>,
}

/// One number of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Scalar {
    /// What it is: `loss`, `accuracy`, `validation_loss`, `validation_accuracy`, `learning_rate`, `gradient_norm`
    /// (of all parameters together, before clipping), `gradient_rms` (of one parameter), …
    pub name: Arc<str>,
    /// The parameter or block it belongs to, if it is not of the whole network.
    pub tensor: Option<Arc<str>>,
    /// The value; NaN and infinities are kept.
    pub value: f64,
}

/// Everything that was measured at one training step.
///
/// `step` counts updates from 0: the record of step 0 is taken at the initial weights, and its
/// [`Kind::Update`]s are what the first update did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The training step.
    pub step: u64,
    /// Numbers of the whole network or of one tensor.
    pub scalars: Vec<Scalar>,
    /// Summaries of tensors; empty at steps at which only norms were looked at.
    pub signals: Vec<Signal>,
}

impl Record {
    /// The network-wide scalar of this name.
    pub fn scalar(&self, name: &str) -> Option<f64> {
        self.scalars.iter().find(|s| s.tensor.is_none() && &*s.name == name).map(|s| s.value)
    }
}
