//! Correlation and agreement beyond chance of one class against all others.

use super::formula;
use super::likelihood_ratios::both_occur;
use super::rates::{NegativePredictiveValue, Precision};
use crate::Reason;
use crate::metrics::class_cells::ratio;
use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Range};

formula! {
    /// (TP TN − FP FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN))
    Mcc(class) {
        both_occur(class)?;
        Precision::at(class)?;
        NegativePredictiveValue::at(class)?;
        let (actual, predicted) =
            (class.actual() * class.actual_others(), class.predicted() * class.predicted_others());
        Ok(class.determinant() / (actual * predicted).sqrt())
    }
}

formula! {
    /// 2 (TP TN − FP FN) / ((TP + FP)(FP + TN) + (TP + FN)(FN + TN))
    Kappa(class) {
        let chance = class.predicted() * class.actual_others() + class.actual() * class.predicted_others();
        ratio(class.determinant() * 2.0, chance, Reason::OneClassThroughout)
    }
}

formula! {
    /// (TP TN − FP FN) / (TP TN + FP FN)
    YuleQ(class) { ratio(class.determinant(), class.tp * class.tn + class.fp * class.fn_, Reason::NoOdds) }
}

formula! {
    /// (√(TP TN) − √(FP FN)) / (√(TP TN) + √(FP FN))
    YuleY(class) {
        let (right, wrong) = ((class.tp * class.tn).sqrt(), (class.fp * class.fn_).sqrt());
        ratio(right - wrong, right + wrong, Reason::NoOdds)
    }
}

pub(crate) const MCC: ClassStatistic = ClassStatistic {
    name: "mcc",
    title: "Matthews correlation coefficient (φ)",
    formula: "(TP·TN − FP·FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN))",
    source: "Matthews 1975, Biochimica et Biophysica Acta 405",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["MCC"],
    form: ClassForm::smooth::<Mcc>(),
};

pub(crate) const KAPPA: ClassStatistic = ClassStatistic {
    name: "kappa",
    title: "Cohen’s kappa of the class (Heidke skill score)",
    formula: "2·(TP·TN − FP·FN) / ((TP + FP)(FP + TN) + (TP + FN)(FN + TN))",
    source: "Cohen 1960, Educational and Psychological Measurement 20",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &[],
    form: ClassForm::smooth::<Kappa>(),
};

pub(crate) const YULE_Q: ClassStatistic = ClassStatistic {
    name: "yule_q",
    title: "Yule’s Q",
    formula: "(TP·TN − FP·FN) / (TP·TN + FP·FN)",
    source: "Yule 1900, Philosophical Transactions A 194",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["Q"],
    form: ClassForm::smooth::<YuleQ>(),
};

pub(crate) const YULE_Y: ClassStatistic = ClassStatistic {
    name: "yule_y",
    title: "Yule’s Y (coefficient of colligation)",
    formula: "(√(TP·TN) − √(FP·FN)) / (√(TP·TN) + √(FP·FN))",
    source: "Yule 1912, JRSS 75",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &[],
    form: ClassForm::smooth::<YuleY>(),
};
