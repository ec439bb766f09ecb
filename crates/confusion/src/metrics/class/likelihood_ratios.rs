//! What a prediction does to the odds of the class.

use super::formula;
use crate::Reason;
use crate::metrics::class_cells::{ClassCells, ratio};
use crate::metrics::number::Number;
use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Range};
use std::f64::consts::PI;

/// Both axes need rows of the class and rows of others.
pub(super) fn both_occur<T: Number>(class: &ClassCells<T>) -> Result<(), Reason> {
    if class.actual().value() == 0.0 {
        Err(Reason::NeverOccurs)
    } else if class.actual_others().value() == 0.0 {
        Err(Reason::AlwaysOccurs)
    } else {
        Ok(())
    }
}

formula! {
    /// Recall / false positive rate
    PositiveLikelihoodRatio(class) {
        both_occur(class)?;
        ratio(class.tp * class.actual_others(), class.fp * class.actual(), Reason::NoFalsePositives)
    }
}

formula! {
    /// False negative rate / specificity
    NegativeLikelihoodRatio(class) {
        both_occur(class)?;
        ratio(class.fn_ * class.actual_others(), class.tn * class.actual(), Reason::NoTrueNegatives)
    }
}

formula! {
    /// TP TN / (FP FN)
    DiagnosticOddsRatio(class) {
        both_occur(class)?;
        ratio(class.tp * class.tn, class.fp, Reason::NoFalsePositives)
            .and_then(|odds| ratio(odds, class.fn_, Reason::NoFalseNegatives))
    }
}

formula! {
    /// √3/π · ln(TP TN / (FP FN))
    DiscriminantPower(class) {
        both_occur(class)?;
        if [class.tp, class.tn, class.fp, class.fn_].iter().any(|cell| cell.value() == 0.0) {
            return Err(Reason::CertainRate);
        }
        Ok(((class.tp / class.fn_).ln() + (class.tn / class.fp).ln()) * (3f64.sqrt() / PI))
    }
}

formula! {
    /// Precision / prevalence
    Lift(class) {
        ratio(class.tp, class.actual(), Reason::NeverOccurs)
            .and_then(|recall| ratio(recall * class.total(), class.predicted(), Reason::NeverPredicted))
    }
}

formula! {
    /// log₂(precision / prevalence)
    InformationScore(class) {
        if class.tp.value() == 0.0 {
            return Err(Reason::NoTruePositives);
        }
        let chance = class.actual() * class.predicted();
        // TP·N − (TP + FN)(TP + FP) is the determinant: near 1 the quotient's logarithm is in its digits, far from 1 not.
        let excess = class.determinant() / chance;
        let log = if excess.value().abs() < 0.5 { excess.ln_1p() } else { (class.tp * class.total() / chance).ln() };
        Ok(log / std::f64::consts::LN_2)
    }
}

pub(crate) const POSITIVE_LIKELIHOOD_RATIO: ClassStatistic = ClassStatistic {
    name: "positive_likelihood_ratio",
    title: "Positive likelihood ratio (LR+)",
    formula: "recall / false_positive_rate",
    source: "Deeks and Altman 2004, BMJ 329",
    direction: Direction::Higher,
    range: Range::POSITIVE,
    pycm: &["PLR"],
    form: ClassForm::smooth::<PositiveLikelihoodRatio>(),
};

pub(crate) const NEGATIVE_LIKELIHOOD_RATIO: ClassStatistic = ClassStatistic {
    name: "negative_likelihood_ratio",
    title: "Negative likelihood ratio (LR−)",
    formula: "false_negative_rate / specificity",
    source: "Deeks and Altman 2004, BMJ 329",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["NLR"],
    form: ClassForm::smooth::<NegativeLikelihoodRatio>(),
};

pub(crate) const DIAGNOSTIC_ODDS_RATIO: ClassStatistic = ClassStatistic {
    name: "diagnostic_odds_ratio",
    title: "Diagnostic odds ratio",
    formula: "TP·TN / (FP·FN)",
    source: "Glas et al. 2003, Journal of Clinical Epidemiology 56",
    direction: Direction::Higher,
    range: Range::POSITIVE,
    pycm: &["DOR"],
    form: ClassForm::smooth::<DiagnosticOddsRatio>(),
};

pub(crate) const DISCRIMINANT_POWER: ClassStatistic = ClassStatistic {
    name: "discriminant_power",
    title: "Discriminant power",
    formula: "√3/π · ln(TP·TN / (FP·FN))",
    source: "Hasselblad and Hedges 1995, Psychological Bulletin 117; Blakeley and Oddone 1995",
    direction: Direction::Higher,
    range: Range::ANY,
    pycm: &["DP"],
    form: ClassForm::smooth::<DiscriminantPower>(),
};

pub(crate) const LIFT: ClassStatistic = ClassStatistic {
    name: "lift",
    title: "Lift",
    formula: "precision / prevalence",
    source: "Brin, Motwani, Ullman and Tsur 1997, SIGMOD",
    direction: Direction::Higher,
    range: Range::POSITIVE,
    pycm: &["LS"],
    form: ClassForm::smooth::<Lift>(),
};

pub(crate) const INFORMATION_SCORE: ClassStatistic = ClassStatistic {
    name: "information_score",
    title: "Information score",
    formula: "log₂(precision / prevalence)",
    source: "Kononenko and Bratko 1991, Machine Learning 6",
    direction: Direction::Higher,
    range: Range::ANY,
    pycm: &["IS"],
    form: ClassForm::smooth::<InformationScore>(),
};
