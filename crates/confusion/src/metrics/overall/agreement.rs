//! Agreement of actual and predicted classes beyond chance.

use super::rates;
use crate::estimate::Z;
use crate::metrics::class_cells::{ClassCells, ratio};
use crate::metrics::number::Number;
use crate::metrics::statistic::{Direction, OverallStatistic, Range, Uncertainty};
use crate::metrics::sums::{self, Sums};
use crate::{Cells, Reason};

/// (Σ nₖₖ N − Σ rₖ cₖ) / (N² − Σ rₖ cₖ), both by classes, where nothing cancels.
struct Kappa;

impl Sums<2> for Kappa {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 2], Reason> {
        Ok([class.determinant(), class.actual() * class.predicted_others()])
    }

    fn combine<T: Number>([agreement, chance]: [T; 2], _: f64) -> Result<T, Reason> {
        ratio(agreement, chance, Reason::OneClassThroughout)
    }
}

/// What the rows and the predictions of a class, taken together, are of all, with what others are.
fn pooled<T: Number>(class: &ClassCells<T>) -> (T, T) {
    (class.actual() + class.predicted(), class.actual_others() + class.predicted_others())
}

/// N nₖₖ − ((rₖ + cₖ) / 2)², of which the products cancel.
fn pooled_agreement<T: Number>(class: &ClassCells<T>) -> T {
    let asymmetry = class.fn_ - class.fp;
    class.determinant() - asymmetry * asymmetry / 4.0
}

/// (Σ nₖₖ/N − Σ mₖ²) / (1 − Σ mₖ²) with mₖ = (rₖ + cₖ) / 2N.
struct ScottPi;

impl Sums<2> for ScottPi {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 2], Reason> {
        let (of_class, others) = pooled(class);
        Ok([pooled_agreement(class), of_class * others / 4.0])
    }

    fn combine<T: Number>([agreement, chance]: [T; 2], _: f64) -> Result<T, Reason> {
        ratio(agreement, chance, Reason::OneClassThroughout)
    }
}

/// 1 − (1 − 1/2N)(1 − accuracy) / (1 − Σ mₖ²).
struct KrippendorffAlpha;

impl Sums<3> for KrippendorffAlpha {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 3], Reason> {
        let (of_class, others) = pooled(class);
        Ok([pooled_agreement(class), of_class * others / 4.0, class.fn_])
    }

    fn combine<T: Number>([agreement, chance, wrong]: [T; 3], _: f64) -> Result<T, Reason> {
        // As Scott’s pi, with the share 1/2N of the disagreement given back.
        ratio(agreement + wrong / 2.0, chance, Reason::OneClassThroughout)
    }
}

/// (accuracy − e) / (1 − e) with e = Σ mₖ (1 − mₖ) / (K − 1), mₖ = (rₖ + cₖ) / 2N.
struct GwetAc1;

impl Sums<2> for GwetAc1 {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 2], Reason> {
        let (of_class, others) = pooled(class);
        let total = class.total();
        Ok([class.tp / total, of_class * others / (total * total * 4.0)])
    }

    fn combine<T: Number>([accuracy, spread]: [T; 2], classes: f64) -> Result<T, Reason> {
        if classes < 2.0 {
            return Err(Reason::OnlyOneClass);
        }
        let chance = spread / (classes - 1.0);
        Ok((accuracy - chance) / -(chance - 1.0))
    }
}

/// (K · accuracy − 1) / (K − 1).
struct BennettS;

impl Sums<1> for BennettS {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 1], Reason> {
        Ok([class.tp / class.total()])
    }

    fn combine<T: Number>([accuracy]: [T; 1], classes: f64) -> Result<T, Reason> {
        if classes < 2.0 {
            return Err(Reason::OnlyOneClass);
        }
        Ok((accuracy * classes - 1.0) / (classes - 1.0))
    }
}

/// 2 accuracy − 1.
struct KappaNoPrevalence;

impl Sums<1> for KappaNoPrevalence {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 1], Reason> {
        Ok([class.tp / class.total()])
    }

    fn combine<T: Number>([accuracy]: [T; 1], _: f64) -> Result<T, Reason> {
        Ok(accuracy * 2.0 - 1.0)
    }
}

/// Σ (nₖₖ N − rₖ cₖ) / √(Σ rₖ (N − rₖ) · Σ cₖ (N − cₖ)), by classes, where nothing cancels.
struct Mcc;

impl Sums<3> for Mcc {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 3], Reason> {
        let spread = [class.actual() * class.actual_others(), class.predicted() * class.predicted_others()];
        Ok([class.determinant(), spread[0], spread[1]])
    }

    fn combine<T: Number>([agreement, actual, predicted]: [T; 3], _: f64) -> Result<T, Reason> {
        if actual.value() == 0.0 {
            return Err(Reason::OneActualClass);
        }
        ratio(agreement, (actual * predicted).sqrt(), Reason::OnePredictedClass)
    }
}

/// Σ rₖ cₖ / N².
struct RandomAccuracy;

impl Sums<1> for RandomAccuracy {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 1], Reason> {
        let total = class.total();
        Ok([class.actual() * class.predicted() / (total * total)])
    }

    fn combine<T: Number>([sum]: [T; 1], _: f64) -> Result<T, Reason> {
        Ok(sum)
    }
}

/// Σ ((rₖ + cₖ) / 2N)².
struct RandomAccuracyUnbiased;

impl Sums<1> for RandomAccuracyUnbiased {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 1], Reason> {
        let share = (class.actual() + class.predicted()) / (class.total() * 2.0);
        Ok([share * share])
    }

    fn combine<T: Number>([sum]: [T; 1], _: f64) -> Result<T, Reason> {
        Ok(sum)
    }
}

/// Σ nₖₖ² / Σ rₖ cₖ.
struct BangdiwalaB;

impl Sums<2> for BangdiwalaB {
    fn terms<T: Number>(class: &ClassCells<T>) -> Result<[T; 2], Reason> {
        Ok([class.tp * class.tp, class.actual() * class.predicted()])
    }

    fn combine<T: Number>([hits, chance]: [T; 2], _: f64) -> Result<T, Reason> {
        ratio(hits, chance, Reason::NoClassOnBothAxes)
    }
}

/// With the agreement by chance taken as known.
fn kappa_standard_error(cells: &Cells) -> Result<f64, Reason> {
    let accuracy = rates::standard_error(cells)?;
    let beyond_chance = |class: &ClassCells| class.actual() * class.predicted_others();
    let room = ClassCells::all(cells).iter().map(beyond_chance).sum::<f64>() / cells.total().powi(2);
    ratio(accuracy, room, Reason::OneClassThroughout)
}

pub(crate) const MCC: OverallStatistic = OverallStatistic {
    name: "mcc",
    title: "Matthews correlation coefficient (R_K)",
    formula: "(N·Σ nₖₖ − Σ rₖ·cₖ) / √((N² − Σ rₖ²)(N² − Σ cₖ²))",
    source: "Gorodkin 2004, Computational Biology and Chemistry 28",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["Overall MCC"],
    value: sums::value::<Mcc, 3>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Mcc, 3>),
};

pub(crate) const KAPPA: OverallStatistic = OverallStatistic {
    name: "kappa",
    title: "Cohen’s kappa",
    formula: "(accuracy − random_accuracy) / (1 − random_accuracy)",
    source: "Cohen 1960, Educational and Psychological Measurement 20; its interval: Fleiss, Cohen and Everitt 1969, Psychological Bulletin 72",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["Kappa"],
    value: sums::value::<Kappa, 2>,
    uncertainty: Uncertainty::Delta(sums::gradient::<Kappa, 2>),
};

pub(crate) const SCOTT_PI: OverallStatistic = OverallStatistic {
    name: "scott_pi",
    title: "Scott’s pi (unbiased kappa)",
    formula: "(accuracy − random_accuracy_unbiased) / (1 − random_accuracy_unbiased)",
    source: "Scott 1955, Public Opinion Quarterly 19",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["Scott PI", "Kappa Unbiased"],
    value: sums::value::<ScottPi, 2>,
    uncertainty: Uncertainty::Delta(sums::gradient::<ScottPi, 2>),
};

pub(crate) const KRIPPENDORFF_ALPHA: OverallStatistic = OverallStatistic {
    name: "krippendorff_alpha",
    title: "Krippendorff’s alpha, nominal",
    formula: "1 − (1 − 1/(2N))·(1 − accuracy) / (1 − random_accuracy_unbiased)",
    source: "Krippendorff 1970, Educational and Psychological Measurement 30",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["Krippendorff Alpha"],
    value: sums::value::<KrippendorffAlpha, 3>,
    uncertainty: Uncertainty::Delta(sums::gradient::<KrippendorffAlpha, 3>),
};

pub(crate) const GWET_AC1: OverallStatistic = OverallStatistic {
    name: "gwet_ac1",
    title: "Gwet’s AC1",
    formula: "(accuracy − e) / (1 − e) with e = Σ mₖ(1 − mₖ) / (K − 1), mₖ = (rₖ + cₖ) / 2N",
    source: "Gwet 2008, British Journal of Mathematical and Statistical Psychology 61",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["Gwet AC1"],
    value: sums::value::<GwetAc1, 2>,
    uncertainty: Uncertainty::Delta(sums::gradient::<GwetAc1, 2>),
};

pub(crate) const BENNETT_S: OverallStatistic = OverallStatistic {
    name: "bennett_s",
    title: "Bennett, Alpert and Goldstein’s S",
    formula: "(accuracy − 1/K) / (1 − 1/K)",
    source: "Bennett, Alpert and Goldstein 1954, Public Opinion Quarterly 18",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["Bennett S"],
    value: sums::value::<BennettS, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<BennettS, 1>),
};

pub(crate) const KAPPA_NO_PREVALENCE: OverallStatistic = OverallStatistic {
    name: "kappa_no_prevalence",
    title: "Kappa adjusted for prevalence and bias (PABAK)",
    formula: "2·accuracy − 1",
    source: "Byrt, Bishop and Carlin 1993, Journal of Clinical Epidemiology 46",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["Kappa No Prevalence"],
    value: sums::value::<KappaNoPrevalence, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<KappaNoPrevalence, 1>),
};

pub(crate) const RANDOM_ACCURACY: OverallStatistic = OverallStatistic {
    name: "random_accuracy",
    title: "Random accuracy",
    formula: "Σ rₖ·cₖ / N²",
    source: "Cohen 1960, Educational and Psychological Measurement 20",
    direction: Direction::Neither,
    range: Range::SHARE,
    pycm: &["Overall RACC"],
    value: sums::value::<RandomAccuracy, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<RandomAccuracy, 1>),
};

pub(crate) const RANDOM_ACCURACY_UNBIASED: OverallStatistic = OverallStatistic {
    name: "random_accuracy_unbiased",
    title: "Random accuracy of two raters with the same margins",
    formula: "Σ ((rₖ + cₖ) / 2N)²",
    source: "Scott 1955, Public Opinion Quarterly 19",
    direction: Direction::Neither,
    range: Range::SHARE,
    pycm: &["Overall RACCU"],
    value: sums::value::<RandomAccuracyUnbiased, 1>,
    uncertainty: Uncertainty::Delta(sums::gradient::<RandomAccuracyUnbiased, 1>),
};

pub(crate) const BANGDIWALA_B: OverallStatistic = OverallStatistic {
    name: "bangdiwala_b",
    title: "Bangdiwala’s B",
    formula: "Σ nₖₖ² / Σ rₖ·cₖ",
    source: "Bangdiwala 1985, 45th Session of the International Statistical Institute",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["Bangdiwala B"],
    value: sums::value::<BangdiwalaB, 2>,
    uncertainty: Uncertainty::Delta(sums::gradient::<BangdiwalaB, 2>),
};

pub(crate) const KAPPA_STANDARD_ERROR: OverallStatistic = OverallStatistic {
    name: "kappa_standard_error",
    title: "Standard error of kappa with chance taken as known",
    formula: "√(accuracy·(1 − accuracy) / N) / (1 − random_accuracy)",
    source: "Cohen 1960, Educational and Psychological Measurement 20",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["Kappa Standard Error"],
    value: kappa_standard_error,
    uncertainty: Uncertainty::None,
};

pub(crate) const KAPPA_WALD_LOW: OverallStatistic = OverallStatistic {
    name: "kappa_wald_low",
    title: "Lower end of the 95 % interval of kappa with chance taken as known (the interval of kappa itself has chance estimated)",
    formula: "kappa − z·kappa_standard_error, z = 1.95996…",
    source: "Cohen 1960, Educational and Psychological Measurement 20",
    direction: Direction::Neither,
    range: Range::ANY,
    pycm: &["Kappa 95% CI (low)"],
    value: |cells| Ok(sums::value::<Kappa, 2>(cells)? - Z * kappa_standard_error(cells)?),
    uncertainty: Uncertainty::None,
};

pub(crate) const KAPPA_WALD_HIGH: OverallStatistic = OverallStatistic {
    name: "kappa_wald_high",
    title: "Upper end of the 95 % interval of kappa with chance taken as known (the interval of kappa itself has chance estimated)",
    formula: "kappa + z·kappa_standard_error, z = 1.95996…",
    source: "Cohen 1960, Educational and Psychological Measurement 20",
    direction: Direction::Neither,
    range: Range::ANY,
    pycm: &["Kappa 95% CI (high)"],
    value: |cells| Ok(sums::value::<Kappa, 2>(cells)? + Z * kappa_standard_error(cells)?),
    uncertainty: Uncertainty::None,
};
