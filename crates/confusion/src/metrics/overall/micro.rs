//! Micro averages: the four cells of all classes added up.

use crate::Reason;
use crate::metrics::class_cells::{ClassCells, ratio};
use crate::metrics::number::Number;
use crate::metrics::statistic::{Direction, OverallStatistic, Range, Uncertainty};
use crate::metrics::sums::{self, Sums};

/// Σ TN / Σ (TN + FP)
struct Specificity;

impl Sums<2> for Specificity {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 2], Reason> {
        Ok([class.tn, class.fp])
    }

    fn combine<T: Number>([right, wrong]: [T; 2], _: f64) -> Result<T, Reason> {
        ratio(right, right + wrong, Reason::OnlyOneClass)
    }
}

/// Σ FP / Σ (TN + FP)
struct FalsePositiveRate;

impl Sums<2> for FalsePositiveRate {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 2], Reason> {
        Ok([class.tn, class.fp])
    }

    fn combine<T: Number>([right, wrong]: [T; 2], _: f64) -> Result<T, Reason> {
        ratio(wrong, right + wrong, Reason::OnlyOneClass)
    }
}

/// Σ TN / Σ (TN + FN)
struct NegativePredictiveValue;

impl Sums<2> for NegativePredictiveValue {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 2], Reason> {
        Ok([class.tn, class.fn_])
    }

    fn combine<T: Number>([right, wrong]: [T; 2], _: f64) -> Result<T, Reason> {
        ratio(right, right + wrong, Reason::OnlyOneClass)
    }
}

pub(crate) const SPECIFICITY_MICRO: OverallStatistic = OverallStatistic {
    name: "specificity_micro",
    title: "Micro-averaged specificity",
    formula: "Σ TN / Σ (TN + FP)",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["TNR Micro"],
    value: sums::value::<Specificity, 2>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Specificity, 2>),
};

pub(crate) const FALSE_POSITIVE_RATE_MICRO: OverallStatistic = OverallStatistic {
    name: "false_positive_rate_micro",
    title: "Micro-averaged false positive rate",
    formula: "Σ FP / Σ (TN + FP)",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["FPR Micro"],
    value: sums::value::<FalsePositiveRate, 2>,
    uncertainty: Uncertainty::Delta(sums::gradient::<FalsePositiveRate, 2>),
};

pub(crate) const NEGATIVE_PREDICTIVE_VALUE_MICRO: OverallStatistic = OverallStatistic {
    name: "negative_predictive_value_micro",
    title: "Micro-averaged negative predictive value",
    formula: "Σ TN / Σ (TN + FN)",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["NPV Micro"],
    value: sums::value::<NegativePredictiveValue, 2>,
    uncertainty: Uncertainty::Delta(sums::gradient::<NegativePredictiveValue, 2>),
};
