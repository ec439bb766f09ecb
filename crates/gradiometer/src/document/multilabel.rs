//! What `confusion` prints of rows with any number of labels.

use std::collections::BTreeMap;

use gradiometer_confusion::Estimate;
use serde::Serialize;

use super::confusion::IntervalsDocument;

/// What `confusion` prints of rows with any number of labels.
#[derive(Debug, Serialize)]
pub struct MultiLabelDocument {
    /// The table, as it was named.
    pub data: String,
    /// The column, or the pattern of columns, of actual labels.
    pub actual: String,
    /// The same of predicted labels.
    pub predicted: String,
    /// What stands between labels; `null` where each has a column.
    pub separator: Option<String>,
    /// The labels, in the order of `classes`.
    pub labels: Vec<String>,
    /// Rows in the files.
    pub rows_read: u64,
    /// Rows counted.
    pub rows_used: u64,
    /// Rows left out, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Labels in the rows that are not among `--labels`.
    pub not_judged: NotJudgedDocument,
    /// Each label.
    pub classes: Vec<LabelDocument>,
    /// Averages: `micro`, `macro`, `weighted`, `samples`.
    pub averages: Vec<AverageDocument>,
    /// The share of rows right in all labels.
    pub subset_accuracy: Estimate,
    /// The share of (row, label) that is wrong.
    pub hamming_loss: Estimate,
    /// How many labels rows have; `null` without rows.
    pub labels_per_row: Option<LabelsPerRowDocument>,
    /// Whether a small Hamming loss means anything here.
    pub guard: LabelGuardDocument,
    /// How intervals were made.
    pub intervals: IntervalsDocument,
    /// What a person should know.
    pub notes: Vec<String>,
    /// Files written, by kind.
    pub files: BTreeMap<&'static str, String>,
    /// Wall-clock time.
    pub seconds: f64,
}

/// Labels that are not judged.
#[derive(Debug, Serialize)]
pub struct NotJudgedDocument {
    /// How often rows have them.
    pub actual: u64,
    /// How often rows are given them.
    pub predicted: u64,
}

/// One label.
#[derive(Debug, Serialize)]
pub struct LabelDocument {
    /// Its name.
    pub label: String,
    /// Rows that have it and are given it.
    pub true_positive: u64,
    /// Rows that are given it and do not have it.
    pub false_positive: u64,
    /// Rows that have it and are not given it.
    pub false_negative: u64,
    /// Rows that neither have it nor are given it.
    pub true_negative: u64,
    /// Rows that have it.
    pub support: u64,
    /// `precision`, `recall`, `f1` and `jaccard`.
    pub metrics: BTreeMap<&'static str, Estimate>,
}

/// An average.
#[derive(Debug, Serialize)]
pub struct AverageDocument {
    /// Over what.
    pub average: &'static str,
    /// `precision`, `recall`, `f1` and `jaccard`.
    pub metrics: BTreeMap<&'static str, Estimate>,
}

/// How many labels rows have.
#[derive(Debug, Serialize)]
pub struct LabelsPerRowDocument {
    /// The mean number of labels that a row has.
    pub actual: f64,
    /// The mean number of labels that a row is given.
    pub predicted: f64,
    /// Rows that have none.
    pub rows_without_actual: u64,
    /// Rows that are given none.
    pub rows_without_predicted: u64,
    /// Rows that have none and are given none.
    pub rows_without_both: u64,
}

/// The guard's answer.
#[derive(Debug, Serialize)]
pub struct LabelGuardDocument {
    /// `pass` or `fail`.
    pub verdict: &'static str,
    /// In one sentence.
    pub sentence: String,
    /// Why, each in one sentence.
    pub reasons: Vec<String>,
    /// Metrics to look at instead.
    pub look_at: Vec<&'static str>,
}
