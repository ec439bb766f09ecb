//! How long and how the network is trained, and how closely it is watched.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use serde::{Serialize, Serializer};

use super::range;

/// The `[training]` table.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Samples of one step; at least 1. Default: 32.
    #[serde(default = "thirty_two", deserialize_with = "range::count")]
    pub batch_size: usize,
    /// Passes over the training part; at least 1. No default; this one or `steps`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "range::optional_steps")]
    pub epochs: Option<u64>,
    /// Updates; at least 1. No default; this one or `epochs`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "range::optional_steps")]
    pub steps: Option<u64>,
    /// Steps between two looks at the validation part; at least 1. Default: an epoch.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "range::optional_steps")]
    pub validate_every: Option<u64>,
    /// When to stop before the end. Default: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// Steps between two checkpoints; at least 1. Default: at the end of an epoch, where the last one is at least 10
    /// seconds old.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "range::optional_steps")]
    pub checkpoint_every: Option<u64>,
}

impl Training {
    /// The training's length in steps, for a training part of `rows` rows. The last batch of an epoch may be smaller.
    pub fn total_steps(&self, rows: usize) -> u64 {
        match (self.steps, self.epochs) {
            (Some(steps), _) => steps,
            (None, epochs) => epochs.unwrap_or(0) * self.steps_per_epoch(rows),
        }
    }

    /// The batches of one pass over `rows` rows.
    pub fn steps_per_epoch(&self, rows: usize) -> u64 {
        rows.div_ceil(self.batch_size) as u64
    }
}

/// When to stop before the end.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// Looks at the validation part without a new best that are allowed; at least 1. Default: 5.
    #[serde(default = "five", deserialize_with = "range::steps")]
    pub patience: u64,
    /// What has to become better. Default: `"validation_loss"`.
    #[serde(default)]
    pub metric: Metric,
}

/// What early stopping looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Smaller is better. The default.
    #[default]
    ValidationLoss,
    /// Larger is better.
    ValidationAccuracy,
}

/// The `[watch]` table.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// Steps between two full looks at all tensors, or `"auto"`: as often as the budget allows. Default: `"auto"`.
    #[serde(default)]
    pub every: Every,
    /// The share of a training step's operations that watching may cost; 0 < budget ≤ 1. Only where `every` is
    /// `"auto"`. Default: 0.02.
    #[serde(default = "fiftieth", deserialize_with = "range::positive_up_to_one")]
    pub budget: f64,
}

impl Default for Watch {
    fn default() -> Self {
        Self { every: Every::Auto, budget: fiftieth() }
    }
}

/// How often all tensors are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// As often as the budget allows.
    #[default]
    Auto,
    /// Every so many steps; at least 1.
    Steps(u64),
}

impl Serialize for Every {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => s.serialize_str("auto"),
            Self::Steps(n) => n.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Every {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct EveryVisitor;
        impl Visitor<'_> for EveryVisitor {
            type Value = Every;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 1 up, or \"auto\"")
            }

            fn visit_u64<E: Error>(self, n: u64) -> Result<Every, E> {
                if n > 0 { Ok(Every::Steps(n)) } else { Err(E::invalid_value(Unexpected::Unsigned(n), &self)) }
            }

            fn visit_i64<E: Error>(self, n: i64) -> Result<Every, E> {
                match u64::try_from(n) {
                    Ok(n) => self.visit_u64(n),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(n), &self)),
                }
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Every, E> {
                if name == "auto" { Ok(Every::Auto) } else { Err(E::unknown_variant(name, &["auto"])) }
            }
        }
        d.deserialize_any(EveryVisitor)
    }
}

fn thirty_two() -> usize {
    32
}
fn five() -> u64 {
    5
}
fn fiftieth() -> f64 {
    0.02
}
