//! Shares of rows: of those that are of a class, of those predicted to be, of all.

use super::formula;
use crate::Reason;
use crate::metrics::class_cells::ratio;
use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Range, Share};

formula! {
    /// TP / (TP + FN)
    Recall(class) { ratio(class.tp, class.actual(), Reason::NeverOccurs) }
}

formula! {
    /// TN / (TN + FP)
    Specificity(class) { ratio(class.tn, class.actual_others(), Reason::AlwaysOccurs) }
}

formula! {
    /// TP / (TP + FP)
    Precision(class) { ratio(class.tp, class.predicted(), Reason::NeverPredicted) }
}

formula! {
    /// TN / (TN + FN)
    NegativePredictiveValue(class) { ratio(class.tn, class.predicted_others(), Reason::AlwaysPredicted) }
}

formula! {
    /// FN / (TP + FN)
    FalseNegativeRate(class) { ratio(class.fn_, class.actual(), Reason::NeverOccurs) }
}

formula! {
    /// FP / (TN + FP)
    FalsePositiveRate(class) { ratio(class.fp, class.actual_others(), Reason::AlwaysOccurs) }
}

formula! {
    /// (TP + TN) / N
    Accuracy(class) { ratio(class.tp + class.tn, class.total(), Reason::NoRows) }
}

pub(crate) const RECALL: ClassStatistic = ClassStatistic {
    name: "recall",
    title: "Recall (sensitivity, hit rate, true positive rate)",
    formula: "TP / (TP + FN)",
    source: "Yerushalmy 1947, Public Health Reports 62",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["TPR"],
    form: ClassForm::share(|c| Share { part: c.tp, whole: c.actual() }, Reason::NeverOccurs),
};

pub(crate) const SPECIFICITY: ClassStatistic = ClassStatistic {
    name: "specificity",
    title: "Specificity (selectivity, true negative rate)",
    formula: "TN / (TN + FP)",
    source: "Yerushalmy 1947, Public Health Reports 62",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["TNR"],
    form: ClassForm::share(|c| Share { part: c.tn, whole: c.actual_others() }, Reason::AlwaysOccurs),
};

pub(crate) const PRECISION: ClassStatistic = ClassStatistic {
    name: "precision",
    title: "Precision (positive predictive value)",
    formula: "TP / (TP + FP)",
    source: "Altman and Bland 1994, BMJ 309",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["PPV"],
    form: ClassForm::share(|c| Share { part: c.tp, whole: c.predicted() }, Reason::NeverPredicted),
};

pub(crate) const NEGATIVE_PREDICTIVE_VALUE: ClassStatistic = ClassStatistic {
    name: "negative_predictive_value",
    title: "Negative predictive value",
    formula: "TN / (TN + FN)",
    source: "Altman and Bland 1994, BMJ 309",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["NPV"],
    form: ClassForm::share(|c| Share { part: c.tn, whole: c.predicted_others() }, Reason::AlwaysPredicted),
};

pub(crate) const FALSE_NEGATIVE_RATE: ClassStatistic = ClassStatistic {
    name: "false_negative_rate",
    title: "False negative rate (miss rate)",
    formula: "FN / (TP + FN)",
    source: "Yerushalmy 1947, Public Health Reports 62",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["FNR"],
    form: ClassForm::share(|c| Share { part: c.fn_, whole: c.actual() }, Reason::NeverOccurs),
};

pub(crate) const FALSE_POSITIVE_RATE: ClassStatistic = ClassStatistic {
    name: "false_positive_rate",
    title: "False positive rate (fall-out)",
    formula: "FP / (TN + FP)",
    source: "Yerushalmy 1947, Public Health Reports 62",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["FPR"],
    form: ClassForm::share(|c| Share { part: c.fp, whole: c.actual_others() }, Reason::AlwaysOccurs),
};

pub(crate) const FALSE_DISCOVERY_RATE: ClassStatistic = ClassStatistic {
    name: "false_discovery_rate",
    title: "False discovery rate",
    formula: "FP / (TP + FP)",
    source: "Benjamini and Hochberg 1995, JRSS B 57",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["FDR"],
    form: ClassForm::share(|c| Share { part: c.fp, whole: c.predicted() }, Reason::NeverPredicted),
};

pub(crate) const FALSE_OMISSION_RATE: ClassStatistic = ClassStatistic {
    name: "false_omission_rate",
    title: "False omission rate",
    formula: "FN / (TN + FN)",
    source: "Altman and Bland 1994, BMJ 309",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["FOR"],
    form: ClassForm::share(|c| Share { part: c.fn_, whole: c.predicted_others() }, Reason::AlwaysPredicted),
};

pub(crate) const ACCURACY: ClassStatistic = ClassStatistic {
    name: "accuracy",
    title: "Accuracy of the class against all others",
    formula: "(TP + TN) / N",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["ACC"],
    form: ClassForm::share(|c| Share { part: c.tp + c.tn, whole: c.total() }, Reason::NoRows),
};

pub(crate) const ERROR_RATE: ClassStatistic = ClassStatistic {
    name: "error_rate",
    title: "Error rate of the class against all others",
    formula: "(FP + FN) / N",
    source: "Kohavi and Provost 1998, Machine Learning 30",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["ERR"],
    form: ClassForm::share(|c| Share { part: c.fp + c.fn_, whole: c.total() }, Reason::NoRows),
};

pub(crate) const PREVALENCE: ClassStatistic = ClassStatistic {
    name: "prevalence",
    title: "Prevalence",
    formula: "(TP + FN) / N",
    source: "Altman and Bland 1994, BMJ 309",
    direction: Direction::Neither,
    range: Range::SHARE,
    pycm: &["PRE", "PR"],
    form: ClassForm::share(|c| Share { part: c.actual(), whole: c.total() }, Reason::NoRows),
};

pub(crate) const DETECTION_PREVALENCE: ClassStatistic = ClassStatistic {
    name: "detection_prevalence",
    title: "Detection prevalence (share of the predictions)",
    formula: "(TP + FP) / N",
    source: "Kuhn 2008, Journal of Statistical Software 28",
    direction: Direction::Neither,
    range: Range::SHARE,
    pycm: &["TOPR"],
    form: ClassForm::share(|c| Share { part: c.predicted(), whole: c.total() }, Reason::NoRows),
};

pub(crate) const DETECTION_RATE: ClassStatistic = ClassStatistic {
    name: "detection_rate",
    title: "Detection rate",
    formula: "TP / N",
    source: "Kuhn 2008, Journal of Statistical Software 28",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    form: ClassForm::share(|c| Share { part: c.tp, whole: c.total() }, Reason::NoRows),
};
