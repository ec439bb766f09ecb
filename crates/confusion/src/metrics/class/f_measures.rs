//! Precision and recall in one number.

use super::formula;
use crate::Reason;
use crate::metrics::class_cells::{ClassCells, ratio};
use crate::metrics::number::Number;
use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Range, Share};

/// (1 + β²) TP / ((1 + β²) TP + FP + β² FN): recall counts β times as much as precision.
fn f_beta<T: Number>(class: &ClassCells<T>, beta: f64) -> Result<T, Reason> {
    let hits = class.tp * (1.0 + beta * beta);
    ratio(hits, hits + class.fp + class.fn_ * (beta * beta), Reason::NeitherOccursNorPredicted)
}

formula! {
    /// 2 TP / (2 TP + FP + FN)
    F1Score(class) { f_beta(class, 1.0) }
}

formula! {
    /// F with β = 1/2
    FHalf(class) { f_beta(class, 0.5) }
}

formula! {
    /// F with β = 2
    FTwo(class) { f_beta(class, 2.0) }
}

formula! {
    /// √(F2 · F0.5 of the other classes)
    AdjustedF(class) {
        let others = FHalf::at(&class.complement()).map_err(|_| Reason::OneClassThroughout)?;
        Ok((FTwo::at(class)? * others).sqrt())
    }
}

pub(crate) const F1: ClassStatistic = ClassStatistic {
    name: "f1",
    title: "F1 score (Dice, Sørensen)",
    formula: "2·TP / (2·TP + FP + FN)",
    source: "van Rijsbergen 1979, Information Retrieval, ch. 7",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["F1"],
    form: ClassForm::Share {
        // With J = TP / (TP + FP + FN), a proportion, F1 = 2J / (1 + J) increases with J; so does its interval.
        of: |c| Share { part: c.tp, whole: c.tp + c.fp + c.fn_ },
        undefined: Reason::NeitherOccursNorPredicted,
        then: |j| 2.0 * j / (1.0 + j),
    },
};

pub(crate) const F_HALF: ClassStatistic = ClassStatistic {
    name: "f05",
    title: "F score with β = 0.5",
    formula: "1.25·TP / (1.25·TP + FP + 0.25·FN)",
    source: "van Rijsbergen 1979, Information Retrieval, ch. 7",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["F0.5"],
    form: ClassForm::smooth::<FHalf>(),
};

pub(crate) const F_2: ClassStatistic = ClassStatistic {
    name: "f2",
    title: "F score with β = 2",
    formula: "5·TP / (5·TP + FP + 4·FN)",
    source: "van Rijsbergen 1979, Information Retrieval, ch. 7",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["F2"],
    form: ClassForm::smooth::<FTwo>(),
};

pub(crate) const ADJUSTED_F: ClassStatistic = ClassStatistic {
    name: "adjusted_f",
    title: "Adjusted F score",
    formula: "√(F2 · F0.5 of the other classes)",
    source: "Maratea, Petrosino and Manzo 2014, Information Sciences 257",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &["AGF"],
    form: ClassForm::smooth::<AdjustedF>(),
};
