//! Averages over the classes.

use super::rates::right;
use crate::Reason;
use crate::metrics::class::areas::{Auc, ClassificationSuccessIndex};
use crate::metrics::class::f_measures::F1Score;
use crate::metrics::class::rates::{
    Accuracy, FalseNegativeRate, FalsePositiveRate, NegativePredictiveValue, Precision, Recall, Specificity,
};
use crate::metrics::class::similarity::{BraunBlanquet, Jaccard};
use crate::metrics::class_cells::ClassCells;
use crate::metrics::number::Number;
use crate::metrics::statistic::{Direction, Formula, OverallStatistic, Range, Uncertainty};
use crate::metrics::sums::{self, Macro, Sums, Weighted};

/// Σ rₖ aucₖ / N, undefined where any class has no area, be its weight 0 or not: the measure is one of problems in which all occur.
struct Aunp;

impl Sums<1> for Aunp {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 1], Reason> {
        Ok([Auc::at(class)? * class.actual() / class.total()])
    }

    fn combine<T: Number>([sum]: [T; 1], _: f64) -> Result<T, Reason> {
        Ok(sum)
    }
}

/// Σ Jₖ
struct JaccardSum;

impl Sums<1> for JaccardSum {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 1], Reason> {
        Ok([Jaccard::at(class)?])
    }

    fn combine<T: Number>([sum]: [T; 1], _: f64) -> Result<T, Reason> {
        Ok(sum)
    }
}

pub(crate) const PRECISION_MACRO: OverallStatistic = OverallStatistic {
    name: "precision_macro",
    title: "Macro-averaged precision",
    formula: "Σ precisionₖ / K",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["PPV Macro"],
    value: sums::value::<Macro<Precision>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<Precision>, 1>),
};

pub(crate) const RECALL_MACRO: OverallStatistic = OverallStatistic {
    name: "recall_macro",
    title: "Macro-averaged recall",
    formula: "Σ recallₖ / K",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["TPR Macro"],
    value: sums::value::<Macro<Recall>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<Recall>, 1>),
};

pub(crate) const F1_MACRO: OverallStatistic = OverallStatistic {
    name: "f1_macro",
    title: "Macro-averaged F1",
    formula: "Σ f1ₖ / K",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["F1 Macro"],
    value: sums::value::<Macro<F1Score>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<F1Score>, 1>),
};

pub(crate) const SPECIFICITY_MACRO: OverallStatistic = OverallStatistic {
    name: "specificity_macro",
    title: "Macro-averaged specificity",
    formula: "Σ specificityₖ / K",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["TNR Macro"],
    value: sums::value::<Macro<Specificity>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<Specificity>, 1>),
};

pub(crate) const NEGATIVE_PREDICTIVE_VALUE_MACRO: OverallStatistic = OverallStatistic {
    name: "negative_predictive_value_macro",
    title: "Macro-averaged negative predictive value",
    formula: "Σ negative_predictive_valueₖ / K",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["NPV Macro"],
    value: sums::value::<Macro<NegativePredictiveValue>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<NegativePredictiveValue>, 1>),
};

pub(crate) const FALSE_POSITIVE_RATE_MACRO: OverallStatistic = OverallStatistic {
    name: "false_positive_rate_macro",
    title: "Macro-averaged false positive rate",
    formula: "Σ false_positive_rateₖ / K",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["FPR Macro"],
    value: sums::value::<Macro<FalsePositiveRate>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<FalsePositiveRate>, 1>),
};

pub(crate) const FALSE_NEGATIVE_RATE_MACRO: OverallStatistic = OverallStatistic {
    name: "false_negative_rate_macro",
    title: "Macro-averaged false negative rate",
    formula: "Σ false_negative_rateₖ / K",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Lower,
    range: Range::SHARE,
    pycm: &["FNR Macro"],
    value: sums::value::<Macro<FalseNegativeRate>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<FalseNegativeRate>, 1>),
};

pub(crate) const ACCURACY_MACRO: OverallStatistic = OverallStatistic {
    name: "accuracy_macro",
    title: "Macro-averaged accuracy of a class against all others",
    formula: "Σ accuracyₖ / K",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["ACC Macro"],
    value: sums::value::<Macro<Accuracy>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<Accuracy>, 1>),
};

pub(crate) const JACCARD_MACRO: OverallStatistic = OverallStatistic {
    name: "jaccard_macro",
    title: "Macro-averaged Jaccard index",
    formula: "Σ jaccardₖ / K",
    source: "Jaccard 1912, New Phytologist 11",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["Overall J (mean)"],
    value: sums::value::<Macro<Jaccard>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<Jaccard>, 1>),
};

pub(crate) const PRECISION_WEIGHTED: OverallStatistic = OverallStatistic {
    name: "precision_weighted",
    title: "Precision weighted by support",
    formula: "Σ rₖ·precisionₖ / N",
    source: "Pedregosa et al. 2011, JMLR 12",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: sums::value::<Weighted<Precision>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Weighted<Precision>, 1>),
};

pub(crate) const F1_WEIGHTED: OverallStatistic = OverallStatistic {
    name: "f1_weighted",
    title: "F1 weighted by support",
    formula: "Σ rₖ·f1ₖ / N",
    source: "Pedregosa et al. 2011, JMLR 12",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: sums::value::<Weighted<F1Score>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Weighted<F1Score>, 1>),
};

pub(crate) const JACCARD_WEIGHTED: OverallStatistic = OverallStatistic {
    name: "jaccard_weighted",
    title: "Jaccard index weighted by support",
    formula: "Σ rₖ·jaccardₖ / N",
    source: "Pedregosa et al. 2011, JMLR 12",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: sums::value::<Weighted<Jaccard>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Weighted<Jaccard>, 1>),
};

pub(crate) const RECALL_WEIGHTED: OverallStatistic = OverallStatistic {
    name: "recall_weighted",
    title: "Recall weighted by support: accuracy",
    formula: "Σ rₖ·recallₖ / N = Σ nₖₖ / N",
    source: "Pedregosa et al. 2011, JMLR 12",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: |cells| right(cells).value(Reason::NoRows),
    uncertainty: Uncertainty::Share(right),
};

pub(crate) const AUNU: OverallStatistic = OverallStatistic {
    name: "aunu",
    title: "Mean area under the one-point ROC curve of each class against all others",
    formula: "Σ aucₖ / K",
    source: "Ferri, Hernández-Orallo and Modroiu 2009, Pattern Recognition Letters 30",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["AUNU"],
    value: sums::value::<Macro<Auc>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<Auc>, 1>),
};

pub(crate) const AUNP: OverallStatistic = OverallStatistic {
    name: "aunp",
    title: "Area under the one-point ROC curve of each class against all others, weighted by support",
    formula: "Σ rₖ·aucₖ / N",
    source: "Ferri, Hernández-Orallo and Modroiu 2009, Pattern Recognition Letters 30",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["AUNP"],
    value: sums::value::<Aunp, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Aunp, 1>),
};

pub(crate) const CLASSIFICATION_SUCCESS_INDEX: OverallStatistic = OverallStatistic {
    name: "classification_success_index",
    title: "Classification success index",
    formula: "Σ (precisionₖ + recallₖ − 1) / K",
    source: "Labatut and Cherifi 2012, arXiv:1207.3790",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["CSI"],
    value: sums::value::<Macro<ClassificationSuccessIndex>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<ClassificationSuccessIndex>, 1>),
};

pub(crate) const CLASS_BALANCE_ACCURACY: OverallStatistic = OverallStatistic {
    name: "class_balance_accuracy",
    title: "Class balance accuracy",
    formula: "Σ nₖₖ / max(rₖ, cₖ) / K",
    source: "Mosley 2013, Iowa State University dissertation 13537",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["CBA"],
    value: sums::value::<Macro<BraunBlanquet>, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Macro<BraunBlanquet>, 1>),
};

pub(crate) const JACCARD_SUM: OverallStatistic = OverallStatistic {
    name: "jaccard_sum",
    title: "Sum of the Jaccard indices",
    formula: "Σ jaccardₖ",
    source: "Jaccard 1912, New Phytologist 11",
    direction: Direction::Higher,
    range: Range::POSITIVE,
    pycm: &["Overall J (sum)"],
    value: sums::value::<JaccardSum, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<JaccardSum, 1>),
};
