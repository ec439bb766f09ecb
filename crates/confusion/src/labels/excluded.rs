//! Rows that are in no cell, and why.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Why a row is in no cell. Where several reasons apply the first of this list counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Exclusion {
    /// Neither an actual nor a predicted label.
    MissingBoth,
    /// No actual label.
    MissingActual,
    /// No predicted label.
    MissingPredicted,
    /// The actual label is NaN.
    NanActual,
    /// The predicted label is NaN.
    NanPredicted,
    /// The actual label is not in the list that was given.
    UnknownActual,
    /// The predicted label is not in the list that was given.
    UnknownPredicted,
    /// No weight.
    MissingWeight,
    /// The weight is negative, NaN, infinite or out of range: see [`Weights::of`](crate::Weights::of).
    BadWeight,
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingBoth => "actual and predicted are missing",
            Self::MissingActual => "actual is missing",
            Self::MissingPredicted => "predicted is missing",
            Self::NanActual => "actual is NaN",
            Self::NanPredicted => "predicted is NaN",
            Self::UnknownActual => "actual is not among the labels given",
            Self::UnknownPredicted => "predicted is not among the labels given",
            Self::MissingWeight => "no weight",
            Self::BadWeight => "the weight is not a number that counts",
        })
    }
}

/// The number of rows in no cell, by reason. In JSON an object with the reasons as keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Excluded(BTreeMap<Exclusion, u64>);

impl Excluded {
    /// The rows that one reason keeps out.
    pub fn get(&self, reason: Exclusion) -> u64 {
        self.0.get(&reason).copied().unwrap_or(0)
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The reasons that occurred, with their rows.
    pub fn iter(&self) -> impl Iterator<Item = (Exclusion, u64)> + '_ {
        self.0.iter().map(|(&reason, &rows)| (reason, rows))
    }

    pub(super) fn add(&mut self, reason: Exclusion, rows: u64) {
        if rows > 0 {
            *self.0.entry(reason).or_default() += rows;
        }
    }
}
