//! What `confusion` prints of the scores of all classes.

use std::collections::BTreeMap;

use gradiometer_confusion::Estimate;
use serde::Serialize;

/// At which rank the actual class comes.
#[derive(Debug, Serialize)]
pub struct TopKDocument {
    /// The pattern of the columns of scores.
    pub scores: String,
    /// The classes that are ranked.
    pub classes: usize,
    /// Rows ranked.
    pub rows: u64,
    /// Rows that are not, by reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// Rows in which another class has the highest score, too, so that the column decided; `null` where `predicted` is a column.
    pub ties: Option<u64>,
    /// The share of rows whose actual class is among the first k.
    pub accuracies: Vec<TopKAccuracyDocument>,
    /// The mean of one over the rank.
    pub mean_reciprocal_rank: Estimate,
    /// Rows whose actual class comes first, second, ….
    pub ranks: Vec<u64>,
}

/// Top-k accuracy.
#[derive(Debug, Serialize)]
pub struct TopKAccuracyDocument {
    /// Among so many of the first classes.
    pub k: usize,
    /// The share of rows.
    pub accuracy: Estimate,
}
