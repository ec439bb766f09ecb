//! Shares of all rows: right ones, wrong ones, and what always giving one answer would get right.

use crate::estimate::Z;
use crate::guard::no_information;
use crate::metrics::statistic::{Direction, OverallStatistic, Range, Share, Uncertainty};
use crate::{Cells, Reason};

/// Σ nₖₖ / N
pub(crate) fn right(cells: &Cells) -> Share {
    Share { part: cells.hits().iter().sum(), whole: cells.total() }
}

/// 1 − Σ nₖₖ / N
fn wrong(cells: &Cells) -> Share {
    Share { part: mistakes(cells), whole: cells.total() }
}

/// Summed by themselves: the total less the hits would be rounding alone where nearly all is right.
fn mistakes(cells: &Cells) -> f64 {
    cells.cells().filter(|(actual, predicted, _)| actual != predicted).map(|(_, _, mass)| mass).sum()
}

/// Of the accuracy.
pub(crate) fn standard_error(cells: &Cells) -> Result<f64, Reason> {
    let (right, wrong) = (right(cells).value(Reason::NoRows)?, wrong(cells).value(Reason::NoRows)?);
    Ok((right * wrong / cells.effective_rows()).sqrt())
}

/// max rₖ / N
fn commonest(cells: &Cells) -> Result<f64, Reason> {
    Share { part: cells.actual().iter().copied().fold(0.0, f64::max), whole: cells.total() }.value(Reason::NoRows)
}

pub(crate) const ACCURACY: OverallStatistic = OverallStatistic {
    name: "accuracy",
    title: "Accuracy",
    formula: "Σ nₖₖ / N",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["Overall ACC"],
    value: |cells| right(cells).value(Reason::NoRows),
    uncertainty: Uncertainty::Share(right),
};

pub(crate) const RECALL_MICRO: OverallStatistic = OverallStatistic {
    name: "recall_micro",
    title: "Micro-averaged recall: accuracy, where a row has one class",
    formula: "Σ TP / Σ (TP + FN)",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["TPR Micro"],
    value: |cells| right(cells).value(Reason::NoRows),
    uncertainty: Uncertainty::Share(right),
};

pub(crate) const PRECISION_MICRO: OverallStatistic = OverallStatistic {
    name: "precision_micro",
    title: "Micro-averaged precision: accuracy, where a row has one class",
    formula: "Σ TP / Σ (TP + FP)",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["PPV Micro"],
    value: |cells| right(cells).value(Reason::NoRows),
    uncertainty: Uncertainty::Share(right),
};

pub(crate) const F1_MICRO: OverallStatistic = OverallStatistic {
    name: "f1_micro",
    title: "Micro-averaged F1: accuracy, where a row has one class",
    formula: "2·Σ TP / (2·Σ TP + Σ FP + Σ FN)",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["F1 Micro"],
    value: |cells| right(cells).value(Reason::NoRows),
    uncertainty: Uncertainty::Share(right),
};

pub(crate) const FALSE_NEGATIVE_RATE_MICRO: OverallStatistic = OverallStatistic {
    name: "false_negative_rate_micro",
    title: "Micro-averaged false negative rate",
    formula: "Σ FN / Σ (TP + FN)",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["FNR Micro"],
    value: |cells| wrong(cells).value(Reason::NoRows),
    uncertainty: Uncertainty::Share(wrong),
};

pub(crate) const HAMMING_LOSS: OverallStatistic = OverallStatistic {
    name: "hamming_loss",
    title: "Hamming loss (error rate)",
    formula: "1 − accuracy",
    source: "Hamming 1950, Bell System Technical Journal 29",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["Hamming Loss"],
    value: |cells| wrong(cells).value(Reason::NoRows),
    uncertainty: Uncertainty::Share(wrong),
};

pub(crate) const ZERO_ONE_LOSS: OverallStatistic = OverallStatistic {
    name: "zero_one_loss",
    title: "Zero-one loss (number of mistakes)",
    formula: "N − Σ nₖₖ",
    source: "Domingos and Pazzani 1997, Machine Learning 29",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["Zero-one Loss"],
    value: |cells| if cells.total() == 0.0 { Err(Reason::NoRows) } else { Ok(mistakes(cells)) },
    uncertainty: Uncertainty::None,
};

pub(crate) const NO_INFORMATION_RATE: OverallStatistic = OverallStatistic {
    name: "no_information_rate",
    title: "No-information rate: what always answering the commonest class would get right",
    formula: "max rₖ / N",
    source: "Kuhn 2008, Journal of Statistical Software 28",
    direction: Direction::Neither,
    range: Range::SHARE,
    pycm: &["NIR"],
    value: commonest,
    uncertainty: Uncertainty::None,
};

pub(crate) const NO_INFORMATION_RATE_P_VALUE: OverallStatistic = OverallStatistic {
    name: "no_information_rate_p_value",
    title: "P-value of the exact test that accuracy is no better than the no-information rate",
    formula: "P(X ≥ Σ nₖₖ) for X binomial of N rows and no_information_rate; under weights of the effective rows",
    source: "Kuhn 2008, Journal of Statistical Software 28",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["P-Value"],
    value: no_information::p_value,
    uncertainty: Uncertainty::None,
};

pub(crate) const ACCURACY_STANDARD_ERROR: OverallStatistic = OverallStatistic {
    name: "accuracy_standard_error",
    title: "Standard error of the accuracy",
    formula: "√(accuracy · (1 − accuracy) / N)",
    source: "Wald 1943, Transactions of the American Mathematical Society 54",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["Standard Error"],
    value: standard_error,
    uncertainty: Uncertainty::None,
};

pub(crate) const ACCURACY_WALD_LOW: OverallStatistic = OverallStatistic {
    name: "accuracy_wald_low",
    title: "Lower end of the 95 % Wald interval of the accuracy (the interval of accuracy itself is Wilson’s)",
    formula: "accuracy − z·accuracy_standard_error, z = 1.95996…",
    source: "Wald 1943, Transactions of the American Mathematical Society 54",
    direction: Direction::Neither,
    range: Range::ANY,
    pycm: &["95% CI (low)"],
    value: |cells| Ok(right(cells).value(Reason::NoRows)? - Z * standard_error(cells)?),
    uncertainty: Uncertainty::None,
};

pub(crate) const ACCURACY_WALD_HIGH: OverallStatistic = OverallStatistic {
    name: "accuracy_wald_high",
    title: "Upper end of the 95 % Wald interval of the accuracy (the interval of accuracy itself is Wilson’s)",
    formula: "accuracy + z·accuracy_standard_error, z = 1.95996…",
    source: "Wald 1943, Transactions of the American Mathematical Society 54",
    direction: Direction::Neither,
    range: Range::ANY,
    pycm: &["95% CI (high)"],
    value: |cells| Ok(right(cells).value(Reason::NoRows)? + Z * standard_error(cells)?),
    uncertainty: Uncertainty::None,
};

pub(crate) const GLOBAL_PERFORMANCE_INDEX: OverallStatistic = OverallStatistic {
    name: "global_performance_index",
    title: "Global performance index (rows for each class)",
    formula: "N / K",
    source: "Freitas, de Carvalho, Oliveira, Aires and Sabourin 2007, CIARP",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["RR"],
    value: |cells| Share { part: cells.total(), whole: cells.classes() as f64 }.value(Reason::NoRows),
    uncertainty: Uncertainty::None,
};
