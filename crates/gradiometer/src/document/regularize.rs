//! What `regularize` prints.

use std::collections::BTreeMap;

use gradiometer_confusion::Estimate;
use serde::Serialize;

use super::Number;

/// What `regularize DATA` prints.
#[derive(Debug, Serialize)]
pub struct RegularizeDocument {
    /// The table, as it was named.
    pub data: String,
    /// The column that is explained.
    pub target: String,
    /// The loss.
    pub family: &'static str,
    /// Huber's `delta` or the quantile's `tau`; `null` for other families.
    pub family_parameter: Option<f64>,
    /// The classes; empty for numbers.
    pub classes: Vec<String>,
    /// Features that there were.
    pub features: usize,
    /// 1 is the lasso, 0 ridge.
    pub l1_ratio: f64,
    /// What is penalized otherwise than all else, and what is held within bounds or together.
    pub penalty: PenaltyDocument,
    /// The column of weights; `null` where all rows weigh the same.
    pub weights: Option<String>,
    /// The column of offsets; `null` without.
    pub offset: Option<String>,
    /// Whether rows were streamed instead of held in memory.
    pub streamed: bool,
    /// Which `λ` was chosen.
    pub rule: &'static str,
    /// The chosen `λ`.
    pub lambda: f64,
    /// The duality gap there.
    pub gap: Number,
    /// Whether the chosen features were fitted again without a penalty.
    pub relaxed: bool,
    /// The chosen model's intercept, one for each class where there are more than two.
    pub intercept: Vec<f64>,
    /// The features that stay, the strongest first.
    pub selected: Vec<SelectedDocument>,
    /// The solutions, the strongest penalty first.
    pub path: Vec<PointDocument>,
    /// `null` where there was none.
    pub cross_validation: Option<CrossValidationDocument>,
    /// `null` where there was none.
    pub stability: Option<StabilityDocument>,
    /// What choosing cost and saves; `null` where no feature or every one was kept.
    pub break_even: Option<BreakEvenDocument>,
    /// Solutions that did not converge.
    pub not_converged: NotConvergedDocument,
    /// Why the path ended before its last `λ`; `null` where it did not.
    pub stopped: Option<String>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// The model's file; `null` where none was asked for.
    pub model: Option<String>,
    /// The page; `null` where none was asked for.
    pub report: Option<String>,
    /// Rows in the files.
    pub rows_read: u64,
    /// Rows that were fitted on.
    pub rows_used: u64,
    /// Rows left out, by reason.
    pub excluded: Vec<ExcludedDocument>,
    /// Wall-clock time.
    pub seconds: f64,
}

impl RegularizeDocument {
    /// What is not the same for all features and rows: name and words.
    pub fn shape(&self) -> Vec<(&'static str, String)> {
        let Self { penalty, .. } = self;
        let list = |words: Vec<String>| match words.len() {
            0..=SHOWN => words.join(", "),
            more => format!("{}, … ({} more)", words[..SHOWN].join(", "), more - SHOWN),
        };
        let end = |bound: Option<f64>| bound.map_or_else(String::new, |bound| bound.to_string());
        let factors = penalty.factors.iter().map(|f| format!("{} × {}", f.feature, f.factor)).collect();
        let bounds = penalty.bounds.iter().map(|b| format!("{} {}..{}", b.feature, end(b.low), end(b.high))).collect();
        let groups = penalty.groups.iter().map(|group| format!("[{}]", list(group.clone()))).collect();
        let classes = if penalty.classes_together { vec!["all classes of a feature".to_owned()] } else { Vec::new() };
        let column = |name: &Option<String>| name.iter().cloned().collect::<Vec<_>>();
        [
            ("penalty factors", list(factors)),
            ("bounds", list(bounds)),
            ("together", list(groups)),
            ("together", list(classes)),
            ("weights", list(column(&self.weights))),
            ("offset", list(column(&self.offset))),
        ]
        .into_iter()
        .filter(|(_, words)| !words.is_empty())
        .collect()
    }
}

/// More features than this are counted where they are told in a line; the document has all.
const SHOWN: usize = 6;

/// Rows left out for one reason.
#[derive(Clone, Debug, Serialize)]
pub struct ExcludedDocument {
    /// The reason.
    pub reason: String,
    /// How many.
    pub rows: u64,
}

/// The reasons of a table's account.
pub fn excluded(reasons: &BTreeMap<String, u64>) -> Vec<ExcludedDocument> {
    reasons.iter().map(|(reason, &rows)| ExcludedDocument { reason: reason.clone(), rows }).collect()
}

/// Where the penalty differs from that of all features alike.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PenaltyDocument {
    /// Features that are penalized otherwise than with a factor of 1, or groups otherwise than with the root of their size.
    pub factors: Vec<FactorDocument>,
    /// Features whose coefficients are held within bounds.
    pub bounds: Vec<BoundsDocument>,
    /// Features that stay or go together, for each group of more than one.
    pub groups: Vec<Vec<String>>,
    /// Whether a feature is used by all classes or by none.
    pub classes_together: bool,
}

/// How much harder a feature is penalized.
#[derive(Clone, Debug, Serialize)]
pub struct FactorDocument {
    /// The column, or `column=category`.
    pub feature: String,
    /// 0: not at all.
    pub factor: f64,
}

/// Between which numbers a coefficient stays.
#[derive(Clone, Debug, Serialize)]
pub struct BoundsDocument {
    /// The column, or `column=category`.
    pub feature: String,
    /// `null` where there is none.
    pub low: Option<f64>,
    /// `null` where there is none.
    pub high: Option<f64>,
}

/// A feature that stays.
#[derive(Clone, Debug, Serialize)]
pub struct SelectedDocument {
    /// The column, or `column=category`.
    pub feature: String,
    /// The class whose coefficient it is; `null` where there is one model for all.
    pub class: Option<String>,
    /// In the units of the data.
    pub coefficient: f64,
    /// The same for a feature divided by its standard deviation.
    pub standardized: f64,
    /// The share of random halves of the rows that chose it, at this `λ` or a stronger one; `null` where none were drawn.
    pub stability: Option<f64>,
}

/// The solution at one `λ`.
#[derive(Clone, Debug, Serialize)]
pub struct PointDocument {
    /// The strength of the penalty.
    pub lambda: f64,
    /// The duality gap: the objective is above its least value by no more.
    pub gap: Number,
    /// Features of which some coefficient is not zero.
    pub nonzero: usize,
    /// The share of the null deviance that is explained.
    pub deviance_ratio: Number,
    /// Whether the gap is within the tolerance.
    pub converged: bool,
    /// The coefficients that are not zero.
    pub coefficients: Vec<CoefficientDocument>,
}

/// One coefficient.
#[derive(Clone, Debug, Serialize)]
pub struct CoefficientDocument {
    /// The column, or `column=category`.
    pub feature: String,
    /// The class whose coefficient it is; `null` where there is one model for all.
    pub class: Option<String>,
    /// In the units of the data.
    pub value: f64,
}

/// How well each `λ` predicts rows that were held out.
#[derive(Clone, Debug, Serialize)]
pub struct CrossValidationDocument {
    /// How many folds.
    pub folds: usize,
    /// What the error is.
    pub measure: &'static str,
    /// For each `λ` of the path, as far as every fold got.
    pub error: Vec<Number>,
    /// The standard error of each.
    pub standard_error: Vec<Number>,
    /// The `λ` of least error.
    pub lambda_min: f64,
    /// The greatest `λ` within one standard error of it.
    pub lambda_1se: f64,
    /// Held-out rows whose class was right, at the chosen `λ`; `null` where there are no classes.
    pub accuracy: Option<Estimate>,
}

/// How often features were chosen again.
#[derive(Clone, Debug, Serialize)]
pub struct StabilityDocument {
    /// Random halves of the rows.
    pub halves: usize,
    /// For each `λ` that halves went through the mean number of features chosen.
    pub chosen: Vec<f64>,
}

/// What choosing cost and what it saves.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BreakEvenDocument {
    /// Time of the path, the cross-validation and the halves.
    pub choosing_seconds: f64,
    /// Time of a fit at the chosen `λ` on all features.
    pub fit_all_seconds: f64,
    /// The same on those kept.
    pub fit_kept_seconds: f64,
    /// Later fits after which choosing has paid; `null` where the kept features are not fitted faster.
    pub fits: Option<u64>,
    /// Time of predicting all rows from all features.
    pub predict_all_seconds: f64,
    /// The same from those kept.
    pub predict_kept_seconds: f64,
    /// Predictions of so many rows after which choosing has paid; `null` where they are not faster.
    pub predictions: Option<u64>,
}

/// Solutions whose gap is above the tolerance.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NotConvergedDocument {
    /// Of the path.
    pub path: usize,
    /// Of all folds.
    pub folds: usize,
}

/// What `regularize --predict MODEL DATA` prints.
#[derive(Debug, Serialize)]
pub struct PredictDocument {
    /// The model's file.
    pub model: String,
    /// The table, as it was named.
    pub data: String,
    /// The column that is predicted.
    pub target: String,
    /// The loss of the model.
    pub family: String,
    /// The classes; empty for numbers.
    pub classes: Vec<String>,
    /// Columns of the table that the model needs.
    pub columns: usize,
    /// The file of predictions; `null` where they stand here.
    pub out: Option<String>,
    /// One a row; empty where they went to a file.
    pub predictions: Vec<PredictionDocument>,
    /// Rows in the files.
    pub rows_read: u64,
    /// Rows that were predicted.
    pub rows_used: u64,
    /// Rows left out, by reason.
    pub excluded: Vec<ExcludedDocument>,
    /// Wall-clock time.
    pub seconds: f64,
}

/// The prediction of one row.
#[derive(Clone, Debug, Serialize)]
pub struct PredictionDocument {
    /// The row in the table, counted from 1.
    pub row: u64,
    /// The predicted number; `null` for classes.
    pub value: Option<Number>,
    /// The most probable class; `null` for numbers.
    pub class: Option<String>,
    /// The probability of each class, in their order; empty for numbers.
    pub probabilities: Vec<f64>,
}
