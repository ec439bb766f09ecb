//! What `confusion` prints.

use std::collections::BTreeMap;

use gradiometer_confusion::Estimate;
use serde::Serialize;

use super::Number;
use super::top_k::TopKDocument;

/// What `confusion` prints. Its keys `labels`, `rows`, `columns` and `counts` are a matrix that `--matrix` reads.
#[derive(Debug, Serialize)]
pub struct ConfusionDocument {
    /// The table or the ready matrix, as it was named.
    pub data: String,
    /// The column of actual classes; `null` of a ready matrix.
    pub actual: Option<String>,
    /// The column of predicted classes; `null` of a ready matrix.
    pub predicted: Option<String>,
    /// The classes, in the order of rows and columns.
    pub labels: Vec<String>,
    /// What the rows of `counts` are: always `actual`.
    pub rows: &'static str,
    /// What its columns are: always `predicted`.
    pub columns: &'static str,
    /// Row by row; `null` where there are more than 1,000 classes, then `cells` has all.
    pub counts: Option<Vec<Vec<u64>>>,
    /// `[actual, predicted, count]` of every cell that is not zero; `null` where `counts` has all.
    pub cells: Option<Vec<(usize, usize, u64)>>,
    /// Their sums.
    pub totals: TotalsDocument,
    /// Sums of weights; `null` where each row weighs one.
    pub weights: Option<WeightsDocument>,
    /// Rows in the files.
    pub rows_read: u64,
    /// Rows counted.
    pub rows_used: u64,
    /// Rows left out, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Statistics of the whole matrix, by name.
    pub metrics: BTreeMap<&'static str, Estimate>,
    /// Statistics of each class, in the order of the labels.
    pub classes: Vec<ClassDocument>,
    /// Whether accuracy means anything here.
    pub guard: GuardDocument,
    /// The most frequent mistakes, the most frequent first.
    pub most_confused: Vec<ConfusedDocument>,
    /// The classes in the order that was asked for.
    pub order: Vec<String>,
    /// What scores say; `null` without.
    pub thresholds: Option<ThresholdsDocument>,
    /// The ranks of the actual classes by `--scores`; `null` without.
    pub top_k: Option<TopKDocument>,
    /// Beside another model; `null` without.
    pub comparison: Option<ComparisonDocument>,
    /// By the values of columns.
    pub slices: Vec<SlicesDocument>,
    /// How intervals were made.
    pub intervals: IntervalsDocument,
    /// What a person should know.
    pub notes: Vec<String>,
    /// Files written, by kind.
    pub files: BTreeMap<&'static str, String>,
    /// Wall-clock time.
    pub seconds: f64,
}

/// Sums of counts.
#[derive(Debug, Serialize)]
pub struct TotalsDocument {
    /// Of each actual class.
    pub actual: Vec<u64>,
    /// Of each predicted class.
    pub predicted: Vec<u64>,
    /// Of all.
    pub all: u64,
}

/// Sums of weights.
#[derive(Debug, Serialize)]
pub struct WeightsDocument {
    /// The column.
    pub column: String,
    /// `[actual, predicted, sum]` of every cell that has rows.
    pub cells: Vec<(usize, usize, f64)>,
    /// Of all.
    pub total: f64,
    /// The number of rows of equal weight that would tell as much.
    pub effective_rows: f64,
}

/// One class.
#[derive(Debug, Serialize)]
pub struct ClassDocument {
    /// Its label.
    pub label: String,
    /// Its statistics against all other classes, by name.
    pub metrics: BTreeMap<&'static str, Estimate>,
}

/// The guard's answer.
#[derive(Debug, Serialize)]
pub struct GuardDocument {
    /// `pass`, `fail` or `inconclusive`.
    pub verdict: &'static str,
    /// In one sentence.
    pub sentence: String,
    /// Why, each in one sentence.
    pub reasons: Vec<String>,
    /// Metrics to look at instead.
    pub look_at: Vec<String>,
    /// The p-value of the exact test that accuracy is no better than always answering the commonest class.
    pub no_information_p_value: Estimate,
}

/// A pair of classes of which one is taken for the other.
#[derive(Debug, Serialize)]
pub struct ConfusedDocument {
    /// What the rows are.
    pub actual: String,
    /// What they were taken for.
    pub predicted: String,
    /// How often.
    pub count: u64,
    /// Of the rows of the actual class.
    pub share: Estimate,
}

/// What scores say of one class against all others.
#[derive(Debug, Serialize)]
pub struct ThresholdsDocument {
    /// The column.
    pub score: String,
    /// The class that it is of.
    pub positive: String,
    /// Rows with a score.
    pub rows: u64,
    /// Rows without.
    pub missing: u64,
    /// Bins; `null` where scores are exact.
    pub bins: Option<u32>,
    /// Area under the ROC curve.
    pub roc_area: Estimate,
    /// Average precision.
    pub average_precision: Estimate,
    /// What binning may have changed of these two, at most.
    pub bin_error: BinErrorDocument,
    /// The Brier score.
    pub brier: Estimate,
    /// The mean negative logarithm of the probability of what happened.
    pub log_loss: Estimate,
    /// The expected calibration error.
    pub calibration_error: Estimate,
    /// Bins of the score: mean score and share of positive rows.
    pub calibration: Vec<CalibrationBinDocument>,
    /// Thresholds that are best by something.
    pub best: Vec<BestThresholdDocument>,
    /// `[threshold, false positive rate, true positive rate]`, from the highest threshold down, at most 1,000.
    pub roc: Vec<(Number, f64, f64)>,
    /// `[threshold, recall, precision]`, from the highest threshold down, at most 1,000.
    pub precision_recall: Vec<(Number, f64, f64)>,
}

/// Bounds of what binning changes.
#[derive(Debug, Serialize)]
pub struct BinErrorDocument {
    /// Of the ROC area.
    pub roc_area: f64,
    /// Of the average precision.
    pub average_precision: f64,
}

/// Scores between two limits.
#[derive(Debug, Serialize)]
pub struct CalibrationBinDocument {
    /// From this score on,
    pub low: f64,
    /// up to this one.
    pub high: f64,
    /// Rows.
    pub rows: u64,
    /// Their mean score.
    pub mean_score: f64,
    /// The share of positive rows.
    pub share: Estimate,
}

/// A threshold that is best by something.
#[derive(Debug, Serialize)]
pub struct BestThresholdDocument {
    /// By what: `f1`, `youden`, `cost`.
    pub by: &'static str,
    /// Rows of this score and more are called positive; undefined where none is.
    pub threshold: Number,
    /// The value there.
    pub value: f64,
}

/// Two models on the same rows.
#[derive(Debug, Serialize)]
pub struct ComparisonDocument {
    /// The column of the other model.
    pub other: String,
    /// In one sentence.
    pub sentence: String,
    /// Rows that both have right.
    pub both_right: u64,
    /// Rows that this model alone has right.
    pub first_right: u64,
    /// Rows that the other alone has right.
    pub second_right: u64,
    /// Rows that neither has right.
    pub neither_right: u64,
    /// Rows without a prediction of the other, which are not compared.
    pub missing: u64,
    /// p-values by test.
    pub tests: BTreeMap<&'static str, Estimate>,
    /// This model less the other.
    pub differences: Vec<DifferenceDocument>,
}

/// A metric of two models.
#[derive(Debug, Serialize)]
pub struct DifferenceDocument {
    /// The statistic.
    pub metric: &'static str,
    /// Of this model.
    pub first: Estimate,
    /// Of the other.
    pub second: Estimate,
    /// First less second, with its own interval.
    pub difference: Estimate,
}

/// The values of a column.
#[derive(Debug, Serialize)]
pub struct SlicesDocument {
    /// The column.
    pub column: String,
    /// Rows without a value.
    pub missing: u64,
    /// How slices were tested.
    pub method: String,
    /// Each value.
    pub slices: Vec<SliceDocument>,
}

/// The rows of one value.
#[derive(Debug, Serialize)]
pub struct SliceDocument {
    /// The value.
    pub value: String,
    /// Its rows.
    pub rows: u64,
    /// Statistics of them.
    pub metrics: BTreeMap<&'static str, Estimate>,
    /// The p-value against all other rows, adjusted; `null` where nothing could be tested.
    pub adjusted_p: Option<f64>,
    /// Whether it differs.
    pub differs: bool,
}

/// How intervals were made.
#[derive(Debug, Serialize)]
pub struct IntervalsDocument {
    /// Of proportions: `wilson`, `clopper_pearson`, `jeffreys`.
    pub method: &'static str,
    /// The level.
    pub level: f64,
    /// Replicates of the bootstrap.
    pub bootstrap: usize,
    /// Statistics of the whole matrix whose intervals come from it.
    pub bootstrapped: usize,
}
