//! All that a picture of a confusion matrix shows, as plain fields: whoever has a matrix fills them in.

use crate::Rows;
use gradiometer_confusion::{Cells, Estimate, Matrix};
use serde::Serialize;

/// A matrix and what is known of it. Every section but the matrix may be missing; [`Input::new`] has none.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    /// What was judged: a file, a run, a model.
    pub name: String,
    /// Labels and counts: rows actual, columns predicted.
    pub matrix: &'a Matrix,
    /// Sums of weights over the same classes, shown in place of the counts. None: each row weighs one.
    pub weights: Option<&'a Cells>,
    /// Where the rows of the data went; `parts` has one entry, the rows counted.
    pub rows: Option<Rows>,
    /// Whether accuracy means anything here.
    pub guard: Option<Guard>,
    /// Of the whole matrix, the most telling first.
    pub metrics: Vec<Metric>,
    /// Of each class against all others, the most telling first.
    pub class_metrics: Vec<ClassMetric>,
    /// Orders of the classes beyond those that every picture offers (as given, by name, by frequency).
    pub orders: Vec<Order>,
    /// Where the rows of a cell are found again.
    pub origin: Option<Origin>,
    /// Receiver operating characteristics, one for each positive class.
    pub roc: Vec<Roc>,
    /// Precision against recall, one for each positive class.
    pub precision_recall: Vec<PrecisionRecall>,
    /// Calibration, one for each positive class.
    pub calibration: Vec<Calibration>,
    /// The threshold of least cost, for given costs.
    pub cost: Option<Cost>,
    /// The same metrics within the values of other columns, one for each column.
    pub slices: Vec<Slices>,
    /// This model beside another one on the same rows.
    pub comparison: Option<Comparison>,
    /// What a person should know besides: bins and their error, rows lost, settings that are not the usual ones.
    pub notes: Vec<String>,
}

/// The guard's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Guard {
    /// Whether accuracy may be believed.
    pub verdict: Verdict,
    /// The verdict in one sentence.
    pub sentence: String,
    /// Why, each in one sentence.
    pub reasons: Vec<String>,
    /// Names of the metrics to look at instead, as in [`Metric::name`].
    pub look_at: Vec<String>,
}

/// A verdict has three values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing speaks against the accuracy.
    Pass,
    /// The accuracy does not mean what it seems to.
    Fail,
    /// There are too few rows to tell.
    Inconclusive,
}

/// Where a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The greater the better.
    Higher,
    /// The smaller the better.
    Lower,
    /// Neither: it describes the data, or is best at a value of its own.
    None,
}

/// One metric of the whole matrix.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Metric {
    /// Its name, as it is to be read: `balanced accuracy`.
    pub name: String,
    /// How it is computed, or what it means, in one line; may be empty.
    pub formula: String,
    /// Where it is better.
    pub direction: Direction,
    /// Its value.
    pub estimate: Estimate,
}

/// One metric of every class.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassMetric {
    /// Its name, as it is to be read: `recall`.
    pub name: String,
    /// How it is computed, in one line; may be empty.
    pub formula: String,
    /// Where it is better.
    pub direction: Direction,
    /// One value for each class, in the order of the matrix's labels.
    pub estimates: Vec<Estimate>,
}

/// An order of the classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Order {
    /// `similarity`.
    pub name: String,
    /// Class indices, first to last: each of `0..classes` once.
    pub permutation: Vec<usize>,
}

/// Where the rows of a cell are found again: the page writes the filter and the command line for a cell from it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Origin {
    /// The command line that made the picture, a word an entry and unquoted, without `--where` and output files.
    pub command: Vec<String>,
    /// The column of the actual classes.
    pub actual: String,
    /// The column of the predicted ones.
    pub predicted: String,
    /// Whether labels are texts, which a filter quotes; numbers and booleans are not quoted.
    pub text: bool,
}

/// True against false positives as the threshold falls.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Roc {
    /// The positive class.
    pub class: String,
    /// One for each point, from the highest threshold down; infinite where nothing is predicted positive.
    pub thresholds: Vec<f64>,
    /// FP / N, ascending, of the same length.
    pub false_positive_rate: Vec<f64>,
    /// TP / P, ascending, of the same length.
    pub true_positive_rate: Vec<f64>,
    /// The area under the curve.
    pub area: Estimate,
    /// What binning the scores may have changed of the area, at most; 0 for exact scores.
    pub bin_error: f64,
}

/// Precision against recall as the threshold falls.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrecisionRecall {
    /// The positive class.
    pub class: String,
    /// One for each point, from the highest threshold down.
    pub thresholds: Vec<f64>,
    /// TP / P, ascending, of the same length.
    pub recall: Vec<f64>,
    /// TP / (TP + FP), of the same length.
    pub precision: Vec<f64>,
    /// Average precision: `Σ (Rₙ − Rₙ₋₁) Pₙ`.
    pub average_precision: Estimate,
    /// The share of positive rows: the precision of guessing.
    pub prevalence: f64,
    /// What binning the scores may have changed of the average precision, at most; 0 for exact scores.
    pub bin_error: f64,
}

/// What scores promise and what comes of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// The positive class.
    pub class: String,
    /// Bins of the score that hold rows, ascending.
    pub bins: Vec<CalibrationBin>,
    /// The expected calibration error: the mean of |share − mean score| over the bins, weighted by their rows.
    pub expected_error: Estimate,
    /// The Brier score: the mean of (score − outcome)².
    pub brier: Estimate,
}

/// One bin of a calibration.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// The bin's lower end, which belongs to it.
    pub low: f64,
    /// Its upper end, which belongs to the next one, but for the last.
    pub high: f64,
    /// Rows, or their weight.
    pub rows: f64,
    /// Their mean score.
    pub mean_score: f64,
    /// The share of positive rows among them.
    pub share: Estimate,
}

/// The threshold of least cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// The positive class.
    pub class: String,
    /// What a row costs: `costs[actual][predicted]`, positive first.
    pub costs: [[f64; 2]; 2],
    /// Thresholds, ascending.
    pub thresholds: Vec<f64>,
    /// The mean cost of a row at each of them.
    pub mean_cost: Vec<f64>,
    /// The place of the least.
    pub least: usize,
}

/// The same metrics within each value of a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slices {
    /// The column.
    pub column: String,
    /// The names of the metrics.
    pub metrics: Vec<String>,
    /// One for each value of the column.
    pub slices: Vec<Slice>,
    /// How slices were tested and how false discoveries are controlled, in one sentence; may be empty.
    pub method: String,
}

/// The rows that have one value in a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slice {
    /// The value.
    pub value: String,
    /// How many rows have it.
    pub rows: u64,
    /// One estimate for each of [`Slices::metrics`].
    pub estimates: Vec<Estimate>,
    /// The p-value against the other rows, adjusted for the number of slices; none where nothing was tested.
    pub adjusted_p: Option<f64>,
    /// Whether it is discovered to differ.
    pub differs: bool,
}

/// Two models on the same rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What the two are called: the columns of their predictions. The first is the one whose matrix is shown.
    pub names: [String; 2],
    /// The answer in one sentence.
    pub sentence: String,
    /// Rows that both have right.
    pub both_right: u64,
    /// Rows that the first alone has right.
    pub first_right: u64,
    /// Rows that the second alone has right.
    pub second_right: u64,
    /// Rows that neither has right.
    pub neither_right: u64,
    /// Tests, the most telling first.
    pub tests: Vec<Test>,
    /// Metrics of both, and their differences.
    pub differences: Vec<Difference>,
}

/// A test of a hypothesis.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Test {
    /// Its name: `McNemar, mid-p`.
    pub name: String,
    /// What it assumes and tries to refute, in one line.
    pub hypothesis: String,
    /// Its p-value, or why there is none.
    pub p_value: Estimate,
}

/// A metric of two models.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The metric.
    pub metric: String,
    /// Where it is better.
    pub direction: Direction,
    /// Of the first model.
    pub first: Estimate,
    /// Of the second.
    pub second: Estimate,
    /// First less second, with the interval of the difference itself.
    pub difference: Estimate,
}

impl<'a> Input<'a> {
    /// A matrix alone.
    pub fn new(name: impl Into<String>, matrix: &'a Matrix) -> Self {
        Self {
            name: name.into(),
            matrix,
            weights: None,
            rows: None,
            guard: None,
            metrics: Vec::new(),
            class_metrics: Vec::new(),
            orders: Vec::new(),
            origin: None,
            roc: Vec::new(),
            precision_recall: Vec::new(),
            calibration: Vec::new(),
            cost: None,
            slices: Vec::new(),
            comparison: None,
            notes: Vec::new(),
        }
    }

    /// A matrix with the few metrics that everybody knows, as a training's report shows it.
    pub fn with_basic_metrics(name: impl Into<String>, matrix: &'a Matrix) -> Self {
        use Direction::{Higher, None};
        let metric = |name: &str, formula: &str, direction, estimate| Metric {
            name: name.into(),
            formula: formula.into(),
            direction,
            estimate,
        };
        let of = matrix.metrics();
        let classes = matrix.classes();
        let class_metric = |name: &str, formula: &str, estimates| ClassMetric {
            name: name.into(),
            formula: formula.into(),
            direction: Higher,
            estimates,
        };
        Self {
            metrics: vec![
                metric("accuracy", "share of rows predicted right", Higher, of.accuracy),
                metric("balanced accuracy", "mean recall of the classes that occur", Higher, of.balanced_accuracy),
                metric("MCC", "Matthews' correlation between actual and predicted", Higher, of.mcc),
                metric(
                    "no-information rate",
                    "what always answering the most frequent class scores",
                    None,
                    of.no_information_rate,
                ),
            ],
            class_metrics: vec![
                class_metric("precision", "TP / (TP + FP)", classes.iter().map(|c| c.precision).collect()),
                class_metric("recall", "TP / (TP + FN)", classes.iter().map(|c| c.recall).collect()),
                class_metric("F1", "2 TP / (2 TP + FP + FN)", classes.iter().map(|c| c.f1).collect()),
            ],
            ..Self::new(name, matrix)
        }
    }
}
