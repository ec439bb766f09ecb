//! Scores of all labels together.

use super::MultiLabelCounts;
use crate::metrics::{Range, delta};
use crate::{Confidence, Estimate, IntervalMethod, Level, Reason};

/// Precision, recall, F1 and the Jaccard index of a label, or of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelScores {
    /// `TP / (TP + FP)`
    pub precision: Estimate,
    /// `TP / (TP + FN)`
    pub recall: Estimate,
    /// `2 TP / (2 TP + FP + FN)`
    pub f1: Estimate,
    /// `TP / (TP + FP + FN)`
    pub jaccard: Estimate,
}

/// What an average is over (Tsoumakas, Katakis and Vlahavas 2010, *Data Mining and Knowledge Discovery Handbook*, ch. 34).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Averaging {
    /// Over all pairs of a row and a label: the tables of the labels added up.
    Micro,
    /// Over labels; undefined where that of any label is.
    Macro,
    /// Over labels, by the rows that have them; undefined where that of a label that occurs is.
    Weighted,
    /// Over rows, each judged by its own labels. Rows that have no value, see [`EmptyRows`](super::EmptyRows), are not averaged.
    Samples,
}

impl Averaging {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Micro, Self::Macro, Self::Weighted, Self::Samples];

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Micro => "micro",
            Self::Macro => "macro",
            Self::Weighted => "weighted",
            Self::Samples => "samples",
        }
    }
}

/// Of a row that has, is given, and has of those given so many labels: the numerator and the denominator of its score.
type Ratio = fn([f64; 3]) -> [f64; 2];

const PRECISION: Ratio = |[_, predicted, hits]| [hits, predicted];
const RECALL: Ratio = |[actual, _, hits]| [hits, actual];
const F1: Ratio = |[actual, predicted, hits]| [2.0 * hits, actual + predicted];
const JACCARD: Ratio = |[actual, predicted, hits]| [hits, actual + predicted - hits];

impl MultiLabelCounts {
    /// An average of the scores. Rows are independent of each other and labels of a row are not; so micro averages, which are ratios
    /// of sums over rows, have the interval of such a ratio (Cochran 1977, *Sampling Techniques*, ch. 6.4), and averages over rows that
    /// of a mean. Averages over labels have none: it would take the counts of all pairs of labels.
    pub fn average(&self, averaging: Averaging, level: Level) -> LabelScores {
        let (nothing, none) = (Reason::NothingPredicted, Reason::NothingOccurs);
        let over_rows = |of: fn(&Self, Ratio, Reason, Level) -> Estimate| LabelScores {
            precision: of(self, PRECISION, nothing, level),
            recall: of(self, RECALL, none, level),
            f1: of(self, F1, Reason::NoLabels, level),
            jaccard: of(self, JACCARD, Reason::NoLabels, level),
        };
        match averaging {
            Averaging::Micro => over_rows(Self::ratio_of_sums),
            Averaging::Samples => over_rows(Self::mean_of_ratios),
            Averaging::Macro => self.over_labels(|_| 1.0),
            Averaging::Weighted => self.over_labels(|[_, fn_, tp]| (fn_ + tp) as f64),
        }
    }

    /// The share of rows right in all labels, with the Wilson interval.
    pub fn subset_accuracy(&self, level: Level) -> Estimate {
        self.subset_accuracy_by(Confidence { level, ..Confidence::default() })
    }

    /// The same with the interval asked for.
    pub fn subset_accuracy_by(&self, confidence: Confidence) -> Estimate {
        let right: u64 = self.shapes.iter().filter(|([a, p, hits], _)| a == hits && p == hits).map(|(_, n)| n).sum();
        let Confidence { method, level } = confidence;
        Estimate::proportion_by(method, level, right as f64, self.rows as f64, Reason::NoRows)
    }

    /// The share of (row, label) that is wrong, with the interval of a mean over rows: the labels of a row are not independent of each
    /// other.
    pub fn hamming_loss(&self, level: Level) -> Estimate {
        let labels = self.tables.len() as f64;
        if labels == 0.0 {
            return Estimate::Undefined { reason: if self.rows == 0 { Reason::NoRows } else { Reason::NoLabels } };
        }
        self.mean(|[actual, predicted, hits]| Some((actual + predicted - 2.0 * hits) / labels), Reason::NoRows, level)
    }

    /// Rows by numbers of labels, in one order whatever was merged first, so that sums are equal to the last bit.
    pub(super) fn sorted_shapes(&self) -> Vec<([f64; 3], f64)> {
        let mut shapes: Vec<_> = self.shapes.iter().map(|(&shape, &rows)| (shape, rows)).collect();
        shapes.sort_unstable();
        shapes.into_iter().map(|(shape, rows)| (shape.map(|n| n as f64), rows as f64)).collect()
    }

    fn ratio_of_sums(&self, ratio: Ratio, undefined: Reason, level: Level) -> Estimate {
        let terms: Vec<([f64; 2], f64)> =
            self.sorted_shapes().into_iter().map(|(shape, rows)| (ratio(shape), rows)).collect();
        let [part, whole] = [0, 1].map(|side| terms.iter().map(|(term, rows)| term[side] * rows).sum::<f64>());
        if whole == 0.0 {
            return self.undefined(undefined);
        }
        let value = part / whole;
        let squares: f64 = terms.iter().map(|([part, whole], rows)| rows * (part - value * whole).powi(2)).sum();
        with_error(value, squares.sqrt() / whole, level)
    }

    fn mean_of_ratios(&self, ratio: Ratio, undefined: Reason, level: Level) -> Estimate {
        let share = |shape| {
            let [part, whole] = ratio(shape);
            (whole > 0.0).then(|| part / whole)
        };
        self.mean(share, undefined, level)
    }

    fn mean(&self, of: impl Fn([f64; 3]) -> Option<f64>, undefined: Reason, level: Level) -> Estimate {
        let terms: Vec<(f64, f64)> =
            self.sorted_shapes().into_iter().filter_map(|(shape, rows)| Some((of(shape)?, rows))).collect();
        let rows: f64 = terms.iter().map(|(_, rows)| rows).sum();
        if rows == 0.0 {
            return self.undefined(undefined);
        }
        let mean = terms.iter().map(|(value, rows)| value * rows).sum::<f64>() / rows;
        let squares: f64 = terms.iter().map(|(value, rows)| rows * (value - mean).powi(2)).sum();
        with_error(mean, squares.sqrt() / rows, level)
    }

    fn over_labels(&self, weight: impl Fn([u64; 3]) -> f64) -> LabelScores {
        // The intervals of the labels are not used.
        let confidence = Confidence { method: IntervalMethod::Wilson, level: Level::default() };
        let scores: Vec<(f64, LabelScores)> = (0..self.labels())
            .map(|label| (weight(self.tables[label]), self.scores(label, confidence)))
            .filter(|(weight, _)| *weight > 0.0)
            .collect();
        let all: f64 = scores.iter().map(|(weight, _)| weight).sum();
        let mean = |of: fn(&LabelScores) -> Estimate| {
            if all == 0.0 {
                return self.undefined(if self.tables.is_empty() { Reason::NoLabels } else { Reason::NothingOccurs });
            }
            let mut sum = 0.0;
            for (weight, scores) in &scores {
                match of(scores) {
                    Estimate::Known { value, .. } => sum += weight * value,
                    Estimate::Undefined { reason } => return self.undefined(reason.of_some_class()),
                }
            }
            Estimate::exact(sum / all)
        };
        LabelScores {
            precision: mean(|scores| scores.precision),
            recall: mean(|scores| scores.recall),
            f1: mean(|scores| scores.f1),
            jaccard: mean(|scores| scores.jaccard),
        }
    }

    fn undefined(&self, reason: Reason) -> Estimate {
        Estimate::Undefined { reason: if self.rows == 0 { Reason::NoRows } else { reason } }
    }
}

/// A share with the interval of its standard error; none where all rows agree, which says nothing of the next.
fn with_error(value: f64, error: f64, level: Level) -> Estimate {
    if error > 0.0 { delta::estimate(value, error, Range::SHARE, level) } else { Estimate::exact(value) }
}
