//! Recall averaged over the classes that occur.

use crate::metrics::statistic::{Direction, OverallStatistic, Range, Share, Uncertainty};
use crate::{Cells, Confidence, Estimate, Interval, Reason};

/// The recalls of the classes that occur; a class that never occurs has no recall and no part in the average.
fn recalls(cells: &Cells) -> impl Iterator<Item = Share> + Clone {
    let occurring = cells.hits().iter().zip(cells.actual()).filter(|(_, rows)| **rows > 0.0);
    occurring.map(|(hits, rows)| Share { part: *hits, whole: *rows })
}

fn mean(recalls: impl Iterator<Item = f64>) -> Result<f64, Reason> {
    let (mut sum, mut classes) = (0.0, 0.0);
    for recall in recalls {
        sum += recall;
        classes += 1.0;
    }
    if classes == 0.0 { Err(Reason::NoRows) } else { Ok(sum / classes) }
}

fn balanced_accuracy(cells: &Cells) -> Result<f64, Reason> {
    mean(recalls(cells).map(|recall| recall.part / recall.whole))
}

/// Combines the limits `l`, `u` of the recalls `r` of the `m` classes: `mean ± √Σ(r − l)² / m` below, and with `u` above.
fn balanced_accuracy_estimate(cells: &Cells, confidence: Confidence) -> Estimate {
    let (mut classes, mut sum, mut below, mut above) = (0.0, 0.0, 0.0, 0.0);
    for recall in recalls(cells) {
        let recall = recall.estimate(Reason::NoRows, cells.effective_rows() / cells.total(), confidence);
        if let Estimate::Known { value, interval: Some(Interval { low, high }) } = recall {
            classes += 1.0;
            sum += value;
            below += (value - low).powi(2);
            above += (high - value).powi(2);
        }
    }
    if classes == 0.0 {
        return Estimate::Undefined { reason: Reason::NoRows };
    }
    let value = sum / classes;
    let low = (value - below.sqrt() / classes).max(0.0);
    let high = (value + above.sqrt() / classes).min(1.0);
    Estimate::Known { value, interval: Some(Interval { low, high }) }
}

/// By logarithms, since a thousand small recalls have no product; 0 where one is.
fn geometric_mean(cells: &Cells) -> Result<f64, Reason> {
    mean(recalls(cells).map(|recall| (recall.part / recall.whole).ln())).map(f64::exp)
}

/// The balanced accuracy that guessing leaves to gain, of which this much is gained.
fn adjusted_balanced_accuracy(cells: &Cells) -> Result<f64, Reason> {
    let classes = recalls(cells).count() as f64;
    let balanced = balanced_accuracy(cells)?;
    if classes == 1.0 { Err(Reason::OneActualClass) } else { Ok((balanced * classes - 1.0) / (classes - 1.0)) }
}

pub(crate) const BALANCED_ACCURACY: OverallStatistic = OverallStatistic {
    name: "balanced_accuracy",
    title: "Balanced accuracy: recall averaged over the classes that occur",
    formula: "Σ recallₖ / m over the m classes that occur",
    source: "Brodersen et al. 2010, ICPR; its interval: Zou and Donner 2008, Statistics in Medicine 27",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: balanced_accuracy,
    uncertainty: Uncertainty::Own(balanced_accuracy_estimate),
};

pub(crate) const ADJUSTED_BALANCED_ACCURACY: OverallStatistic = OverallStatistic {
    name: "adjusted_balanced_accuracy",
    title: "Balanced accuracy beyond guessing",
    formula: "(balanced_accuracy − 1/m) / (1 − 1/m) with m classes that occur",
    source: "Pedregosa et al. 2011, JMLR 12",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &[],
    value: adjusted_balanced_accuracy,
    uncertainty: Uncertainty::None,
};

pub(crate) const GEOMETRIC_MEAN: OverallStatistic = OverallStatistic {
    name: "geometric_mean",
    title: "Geometric mean of the recalls (G-mean)",
    formula: "(Π recallₖ)^(1/m) over the m classes that occur",
    source: "Sun, Kamel and Wang 2006, ICDM",
    direction: Direction::Higher,
    range: Range::SHARE,
    pycm: &[],
    value: geometric_mean,
    uncertainty: Uncertainty::None,
};
