//! The `penalty` of a layer, or of all layers: what large weights cost.

use serde::{Deserialize, Serialize};

use super::range;

/// The `penalty` of a layer, or the `[penalty]` of all layers. A key that a layer leaves out is that of all layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Penalty {
    /// `λ₁` of `λ₁ Σ |w|`; at least 0. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "range::optional_not_negative")]
    pub l1: Option<f64>,
    /// `λ₂` of `λ₂/2 Σ w²`; at least 0. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "range::optional_not_negative")]
    pub l2: Option<f64>,
    /// How `l2` works. Default: `"decoupled"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub l2_mode: Option<L2Mode>,
    /// `λ_g` of `λ_g Σ √(size of the group) ‖w of the group‖₂`, a group for each input of the layer; at least 0. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "range::optional_not_negative")]
    pub group_l1: Option<f64>,
    /// Whether `l1` and `l2` hold for biases too. Default: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub biases: Option<bool>,
}

/// How an L2 penalty works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum L2Mode {
    /// Each update takes the learning rate times `l2` of every weight away, as AdamW does (Loshchilov & Hutter 2019). The
    /// default.
    #[default]
    Decoupled,
    /// `l2/2 Σ w²` is a part of the loss that is differentiated.
    Loss,
}

impl Penalty {
    /// This penalty with what it leaves out taken from `all`.
    pub fn over(self, all: Self) -> Self {
        Self {
            l1: self.l1.or(all.l1),
            l2: self.l2.or(all.l2),
            l2_mode: self.l2_mode.or(all.l2_mode),
            group_l1: self.group_l1.or(all.group_l1),
            biases: self.biases.or(all.biases),
        }
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What of it can be differentiated: all but `l1` and `group_l1`.
    pub(super) fn smooth(self) -> Self {
        Self { l1: None, group_l1: None, ..self }
    }
}
