//! How the mistakes of a class are spread over the other classes.

use crate::metrics::statistic::{ClassForm, ClassStatistic, Direction, Range};
use crate::{Cells, Reason};

/// For every class `−Σ p·log p` over the cells of its row and its column off the diagonal, to the base `2 (K − 1)`, as shares of
/// what `mass` gives for the class of (actual, predicted, hits).
pub(crate) fn entropies(cells: &Cells, mass: impl Fn(f64, f64, f64) -> f64) -> Vec<Result<f64, Reason>> {
    let classes = cells.classes();
    if classes < 2 {
        return vec![Err(Reason::OnlyOneClass); classes];
    }
    let base = (2.0 * (classes - 1) as f64).ln();
    let margins = cells.actual().iter().zip(cells.predicted()).zip(cells.hits());
    let whole: Vec<f64> = margins.map(|((actual, predicted), hits)| mass(*actual, *predicted, *hits)).collect();
    let mut sums = vec![0.0; classes];
    for (actual, predicted, n) in cells.cells() {
        if actual != predicted && n > 0.0 {
            for class in [actual, predicted] {
                let share = n / whole[class];
                sums[class] -= share * share.ln() / base;
            }
        }
    }
    let defined = |(sum, whole)| if whole == 0.0 { Err(Reason::NeitherOccursNorPredicted) } else { Ok(sum) };
    sums.into_iter().zip(whole).map(defined).collect()
}

/// The whole is all of the row and all of the column, so that a hit counts twice.
pub(crate) fn confusion_entropies(cells: &Cells) -> Vec<Result<f64, Reason>> {
    entropies(cells, |actual, predicted, _| actual + predicted)
}

/// A hit counts once.
pub(crate) fn modified_confusion_entropies(cells: &Cells) -> Vec<Result<f64, Reason>> {
    entropies(cells, |actual, predicted, hits| actual + predicted - hits)
}

pub(crate) const CONFUSION_ENTROPY: ClassStatistic = ClassStatistic {
    name: "confusion_entropy",
    title: "Confusion entropy",
    formula: "−Σ p·log p over the class’s mistakes of both kinds, to the base 2(K − 1), p = n / (2·TP + FP + FN)",
    source: "Wei, Yuan, Hu and Wang 2010, Expert Systems with Applications 37",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["CEN"],
    form: ClassForm::AllClasses(confusion_entropies),
};

pub(crate) const MODIFIED_CONFUSION_ENTROPY: ClassStatistic = ClassStatistic {
    name: "modified_confusion_entropy",
    title: "Modified confusion entropy",
    formula: "−Σ p·log p over the class’s mistakes of both kinds, to the base 2(K − 1), p = n / (TP + FP + FN)",
    source: "Delgado and Núñez-González 2019, PLOS ONE 14",
    direction: Direction::Lower,
    range: Range::POSITIVE,
    pycm: &["MCEN"],
    form: ClassForm::AllClasses(modified_confusion_entropies),
};
