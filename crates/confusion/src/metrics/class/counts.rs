//! How many rows there are of what.

use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Range};

pub(crate) const TRUE_POSITIVES: ClassStatistic = ClassStatistic {
    name: "true_positives",
    title: "True positives (hits)",
    formula: "TP",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Higher,
    range: Range::POSITIVE,
    pycm: &["TP"],
    form: ClassForm::Plain(|c| Ok(c.tp)),
};

pub(crate) const TRUE_NEGATIVES: ClassStatistic = ClassStatistic {
    name: "true_negatives",
    title: "True negatives (correct rejections)",
    formula: "TN",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Higher,
    range: Range::POSITIVE,
    pycm: &["TN"],
    form: ClassForm::Plain(|c| Ok(c.tn)),
};

pub(crate) const FALSE_POSITIVES: ClassStatistic = ClassStatistic {
    name: "false_positives",
    title: "False positives (false alarms, errors of type I)",
    formula: "FP",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["FP"],
    form: ClassForm::Plain(|c| Ok(c.fp)),
};

pub(crate) const FALSE_NEGATIVES: ClassStatistic = ClassStatistic {
    name: "false_negatives",
    title: "False negatives (misses, errors of type II)",
    formula: "FN",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["FN"],
    form: ClassForm::Plain(|c| Ok(c.fn_)),
};

pub(crate) const SUPPORT: ClassStatistic = ClassStatistic {
    name: "support",
    title: "Support (actual positives)",
    formula: "TP + FN",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["P"],
    form: ClassForm::Plain(|c| Ok(c.actual())),
};

pub(crate) const ACTUAL_NEGATIVES: ClassStatistic = ClassStatistic {
    name: "actual_negatives",
    title: "Actual negatives",
    formula: "TN + FP",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["N"],
    form: ClassForm::Plain(|c| Ok(c.actual_others())),
};

pub(crate) const PREDICTED_POSITIVES: ClassStatistic = ClassStatistic {
    name: "predicted_positives",
    title: "Predicted positives",
    formula: "TP + FP",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["TOP"],
    form: ClassForm::Plain(|c| Ok(c.predicted())),
};

pub(crate) const PREDICTED_NEGATIVES: ClassStatistic = ClassStatistic {
    name: "predicted_negatives",
    title: "Predicted negatives",
    formula: "TN + FN",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["TON"],
    form: ClassForm::Plain(|c| Ok(c.predicted_others())),
};

pub(crate) const POPULATION: ClassStatistic = ClassStatistic {
    name: "population",
    title: "Population (all rows)",
    formula: "TP + FN + FP + TN",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Neither,
    range: Range::POSITIVE,
    pycm: &["POP"],
    form: ClassForm::Plain(|c| Ok(c.total())),
};

pub(crate) const HAMMING_DISTANCE: ClassStatistic = ClassStatistic {
    name: "hamming_distance",
    title: "Hamming distance",
    formula: "FP + FN",
    source: "Hamming 1950, Bell System Technical Journal 29",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["HD"],
    form: ClassForm::Plain(|c| Ok(c.fp + c.fn_)),
};

pub(crate) const AUTOMATIC_MANUAL_DIFFERENCE: ClassStatistic = ClassStatistic {
    name: "automatic_manual_difference",
    title: "Predicted less actual positives (automatic/manual)",
    formula: "FP − FN",
    source: "Haghighi et al. 2018 (PyCM), JOSS 3",
    direction: Direction::Neither,
    range: Range::ANY,
    pycm: &["AM"],
    form: ClassForm::Plain(|c| Ok(c.fp - c.fn_)),
};
