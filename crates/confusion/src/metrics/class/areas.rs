//! Rates added up: areas under curves of a single point, and distances to the perfect one.

use super::formula;
use super::likelihood_ratios::both_occur;
use super::rates::{FalseNegativeRate, FalsePositiveRate, NegativePredictiveValue, Precision, Recall, Specificity};
use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Range};

formula! {
    /// (Recall + specificity) / 2
    Auc(class) { Ok((Recall::at(class)? + Specificity::at(class)?) / 2.0) }
}

formula! {
    /// (Recall + precision) / 2
    Aupr(class) { Ok((Recall::at(class)? + Precision::at(class)?) / 2.0) }
}

formula! {
    /// Recall + specificity − 1
    Informedness(class) {
        both_occur(class)?;
        Ok(class.determinant() / (class.actual() * class.actual_others()))
    }
}

formula! {
    /// Precision + negative predictive value − 1
    Markedness(class) {
        Precision::at(class)?;
        NegativePredictiveValue::at(class)?;
        Ok(class.determinant() / (class.predicted() * class.predicted_others()))
    }
}

formula! {
    /// Precision + recall − 1
    ClassificationSuccessIndex(class) { Ok(Recall::at(class)? + Precision::at(class)? - 1.0) }
}

formula! {
    /// √(FPR² + FNR²)
    DistanceIndex(class) {
        let (misses, alarms) = (FalseNegativeRate::at(class)?, FalsePositiveRate::at(class)?);
        Ok((misses * misses + alarms * alarms).sqrt())
    }
}

formula! {
    /// 1 − √(FPR² + FNR²) / √2
    SimilarityIndex(class) { Ok(-(DistanceIndex::at(class)? / 2f64.sqrt() - 1.0)) }
}

pub(crate) const AUC: ClassStatistic = ClassStatistic {
    name: "auc",
    title: "Area under the ROC curve of this one point (balanced accuracy)",
    formula: "(recall + specificity) / 2",
    source: "Sokolova and Lapalme 2009, Information Processing and Management 45",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["AUC"],
    form: ClassForm::smooth::<Auc>(),
};

pub(crate) const AUPR: ClassStatistic = ClassStatistic {
    name: "aupr",
    title: "Area under the precision-recall curve of this one point",
    formula: "(recall + precision) / 2",
    source: "Davis and Goadrich 2006, ICML",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["AUPR"],
    form: ClassForm::smooth::<Aupr>(),
};

pub(crate) const INFORMEDNESS: ClassStatistic = ClassStatistic {
    name: "informedness",
    title: "Informedness (Youden’s J, Gini index of one point, true skill statistic)",
    formula: "recall + specificity − 1",
    source: "Youden 1950, Cancer 3; Powers 2011, Journal of Machine Learning Technologies 2",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["BM", "Y", "GI"],
    form: ClassForm::smooth::<Informedness>(),
};

pub(crate) const MARKEDNESS: ClassStatistic = ClassStatistic {
    name: "markedness",
    title: "Markedness (ΔP)",
    formula: "precision + negative_predictive_value − 1",
    source: "Powers 2011, Journal of Machine Learning Technologies 2",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["MK"],
    form: ClassForm::smooth::<Markedness>(),
};

pub(crate) const CLASSIFICATION_SUCCESS_INDEX: ClassStatistic = ClassStatistic {
    name: "individual_classification_success_index",
    title: "Individual classification success index",
    formula: "precision + recall − 1",
    source: "Labatut and Cherifi 2012, arXiv:1207.3790",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["ICSI"],
    form: ClassForm::smooth::<ClassificationSuccessIndex>(),
};

pub(crate) const DISTANCE_INDEX: ClassStatistic = ClassStatistic {
    name: "distance_index",
    title: "Distance to the perfect corner of ROC space",
    formula: "√(false_positive_rate² + false_negative_rate²)",
    source: "Perkins and Schisterman 2006, American Journal of Epidemiology 163",
    direction: Direction::Lower,
    range: Range { low: 0.0, high: std::f64::consts::SQRT_2 },
    pycm: &["dInd"],
    form: ClassForm::smooth::<DistanceIndex>(),
};

pub(crate) const SIMILARITY_INDEX: ClassStatistic = ClassStatistic {
    name: "similarity_index",
    title: "Nearness to the perfect corner of ROC space",
    formula: "1 − distance_index / √2",
    source: "Perkins and Schisterman 2006, American Journal of Epidemiology 163",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["sInd"],
    form: ClassForm::smooth::<SimilarityIndex>(),
};
