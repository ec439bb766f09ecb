//! What is computed from the cells alone: the catalogue of statistics, and those that every report shows.

pub mod catalogue;
mod class;
mod class_cells;
pub(crate) mod delta;
mod interpretation;
mod lookup;
mod number;
pub(crate) mod overall;
mod statistic;
mod sums;
mod twofold;

pub use class_cells::ClassCells;
pub use interpretation::{INTERPRETATIONS, Interpretation};
pub use lookup::UnknownStatistic;
pub use statistic::{ClassStatistic, Direction, OverallStatistic, Range};

use crate::{Cells, Estimate, Matrix, Reason};
use serde::{Deserialize, Serialize};

/// The metrics of the whole matrix.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// See [`Matrix::accuracy`].
    pub accuracy: Estimate,
    /// See [`Matrix::balanced_accuracy`].
    pub balanced_accuracy: Estimate,
    /// See [`Matrix::no_information_rate`].
    pub no_information_rate: Estimate,
    /// See [`Matrix::mcc`].
    pub mcc: Estimate,
}

/// The metrics of one class against all others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMetrics {
    /// How often the class occurs.
    pub actual: u64,
    /// How often it is predicted.
    pub predicted: u64,
    /// The share of its predictions that are right: TP / (TP + FP), with the Wilson interval.
    pub precision: Estimate,
    /// The share of its rows that are found: TP / (TP + FN), with the Wilson interval.
    pub recall: Estimate,
    /// The harmonic mean of both: 2 TP / (2 TP + FP + FN).
    ///
    /// With `J = TP / (TP + FP + FN)`, a proportion, `F1 = 2J / (1 + J)` increases with `J`; the interval is the Wilson
    /// interval of `J` carried through.
    pub f1: Estimate,
}

impl Matrix {
    /// The share of rows predicted right, with the Wilson interval.
    pub fn accuracy(&self) -> Estimate {
        Estimate::proportion(self.counts().correct(), self.counts().total(), Reason::NoRows)
    }

    /// The mean of the recalls of the classes that occur; a class that never occurs has no recall and no part in it.
    ///
    /// The interval combines the Wilson limits `l`, `u` of the recalls `r` of the `m` classes:
    /// `mean ± √Σ(r − l)² / m` below, and with `u` above (Zou and Donner 2008, Statistics in Medicine 27, MOVER).
    pub fn balanced_accuracy(&self) -> Estimate {
        overall::balanced::BALANCED_ACCURACY.estimate(&Cells::new(self.counts()))
    }

    /// What always answering the most frequent class would score: its share of the rows.
    pub fn no_information_rate(&self) -> Estimate {
        match self.counts().actual_totals().into_iter().max() {
            Some(rows) if self.counts().total() > 0 => Estimate::exact(rows as f64 / self.counts().total() as f64),
            _ => Estimate::Undefined { reason: Reason::NoRows },
        }
    }

    /// Matthews' correlation coefficient, for any number of classes: the correlation `R_K` between actual and
    /// predicted (Gorodkin 2004, Computational Biology and Chemistry 28).
    ///
    /// With cell shares `p`, row shares `r` and column shares `s`: `(Σ pₖₖ − Σ rₖsₖ) / √((1 − Σ rₖ²)(1 − Σ sₖ²))`.
    /// The interval is the delta method's on the multinomial cells, on Fisher's `atanh` scale; it needs some tens of
    /// rows to be worth its name, and there is none at ±1.
    pub fn mcc(&self) -> Estimate {
        overall::agreement::MCC.estimate(&Cells::new(self.counts()))
    }

    /// The metrics of one class against all others.
    ///
    /// # Panics
    /// Where `class` is not below the number of classes, as a slice does.
    pub fn class(&self, class: usize) -> ClassMetrics {
        let predicted = (0..self.counts().classes()).map(|i| self.counts().get(i, class)).sum();
        class_metrics(self.counts().get(class, class), self.counts().row(class).iter().sum(), predicted)
    }

    /// The metrics of every class, in the order of the labels.
    pub fn classes(&self) -> Vec<ClassMetrics> {
        let (actual, predicted) = (self.counts().actual_totals(), self.counts().predicted_totals());
        (0..self.counts().classes()).map(|i| class_metrics(self.counts().get(i, i), actual[i], predicted[i])).collect()
    }

    /// The metrics of the whole matrix.
    pub fn metrics(&self) -> Metrics {
        Metrics {
            accuracy: self.accuracy(),
            balanced_accuracy: self.balanced_accuracy(),
            no_information_rate: self.no_information_rate(),
            mcc: self.mcc(),
        }
    }
}

fn class_metrics(hits: u64, actual: u64, predicted: u64) -> ClassMetrics {
    // hits is a part of both, so the sum without it stays in range.
    let either = actual - hits + predicted;
    ClassMetrics {
        actual,
        predicted,
        precision: Estimate::proportion(hits, predicted, Reason::NeverPredicted),
        recall: Estimate::proportion(hits, actual, Reason::NeverOccurs),
        f1: Estimate::proportion(hits, either, Reason::NeitherOccursNorPredicted)
            .map_increasing(|j| 2.0 * j / (1.0 + j)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Counts, Level};

    fn matrix(rows: &[Vec<u64>]) -> Matrix {
        let labels = (0..rows.len()).map(|i| i.to_string()).collect();
        Matrix::new(labels, Counts::from_rows(rows).unwrap()).unwrap()
    }

    #[test]
    fn a_model_that_always_says_no_has_an_undefined_mcc_and_precision() {
        let always_no = matrix(&[vec![999, 0], vec![1, 0]]);
        assert_eq!(always_no.accuracy().value(), Some(0.999));
        assert_eq!(always_no.no_information_rate().value(), Some(0.999));
        assert_eq!(always_no.balanced_accuracy().value(), Some(0.5));
        assert_eq!(always_no.mcc(), Estimate::Undefined { reason: Reason::OnePredictedClass });
        assert_eq!(always_no.class(1).precision, Estimate::Undefined { reason: Reason::NeverPredicted });
    }

    #[test]
    fn a_class_that_is_only_predicted_has_no_recall_and_no_part_in_balanced_accuracy() {
        let m = matrix(&[vec![8, 0, 2], vec![0, 10, 0], vec![0, 0, 0]]);
        assert_eq!(m.class(2).recall, Estimate::Undefined { reason: Reason::NeverOccurs });
        assert_eq!(m.class(2).precision.value(), Some(0.0));
        assert_eq!(m.balanced_accuracy().value(), Some(0.9));
    }

    #[test]
    fn an_empty_matrix_is_undefined_throughout() {
        for m in [matrix(&[]), matrix(&[vec![0, 0], vec![0, 0]])] {
            let undefined = Estimate::Undefined { reason: Reason::NoRows };
            let all = m.metrics();
            assert_eq!([all.accuracy, all.balanced_accuracy, all.no_information_rate, all.mcc], [undefined; 4]);
        }
    }

    #[test]
    fn perfect_and_reversed_predictions_correlate_by_plus_and_minus_one() {
        assert_eq!(matrix(&[vec![7, 0], vec![0, 3]]).mcc(), Estimate::exact(1.0));
        assert!((matrix(&[vec![0, 5], vec![5, 0]]).mcc().value().unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_correlation_at_the_edge_keeps_its_interval_and_its_digits() {
        // All were found by the property tests.
        let nearly_reversed = matrix(&[vec![0, 548_507], vec![24, 0]]).mcc();
        let (value, i) = (nearly_reversed.value().unwrap(), nearly_reversed.interval());
        assert!(i.is_none_or(|i| i.low <= value && value <= i.high), "{nearly_reversed:?}");
        let [one, other] = [[[0, 39], [2, 191_095]], [[191_095, 2], [39, 0]]];
        let [one, other] = [one, other].map(|m| matrix(&m.map(|row| row.to_vec())).mcc().interval().unwrap());
        assert!((one.low - other.low).abs() < 1e-14 && (one.high - other.high).abs() < 1e-14, "{one:?} {other:?}");
        // Right throughout is 1, however rare the second class.
        assert_eq!(matrix(&[vec![1, 0], vec![0, u64::MAX - 1]]).mcc(), Estimate::exact(1.0));
    }

    #[test]
    fn the_interval_of_two_by_two_mcc_is_that_of_the_phi_coefficient() {
        // The delta method for phi in closed form (Bishop, Fienberg and Holland 1975, ch. 11.4, eq. 11.4-6):
        // n·var = 1 − φ² + φ(1 + φ²/2)(p1+ − p2+)(p+1 − p+2)/√(p1+p2+p+1p+2)
        //         − ¾φ²[(p1+ − p2+)²/(p1+p2+) + (p+1 − p+2)²/(p+1p+2)].
        let (n11, n12, n21, n22) = (40.0, 9.0, 6.0, 25.0);
        let n: f64 = n11 + n12 + n21 + n22;
        let (r1, r2, c1, c2) = ((n11 + n12) / n, (n21 + n22) / n, (n11 + n21) / n, (n12 + n22) / n);
        let phi = (n11 * n22 - n12 * n21) / (n * n) / (r1 * r2 * c1 * c2).sqrt();
        let (dr, dc) = (r1 - r2, c1 - c2);
        let variance = (1.0 - phi * phi + phi * (1.0 + phi * phi / 2.0) * dr * dc / (r1 * r2 * c1 * c2).sqrt()
            - 0.75 * phi * phi * (dr * dr / (r1 * r2) + dc * dc / (c1 * c2)))
            / n;
        let expected = delta::estimate(phi, variance.sqrt(), Range::CORRELATION, Level::default());
        let found = matrix(&[vec![40, 9], vec![6, 25]]).mcc();
        let (e, f) = (expected.interval().unwrap(), found.interval().unwrap());
        assert!((expected.value().unwrap() - found.value().unwrap()).abs() < 1e-12);
        assert!((e.low - f.low).abs() < 1e-10 && (e.high - f.high).abs() < 1e-10, "{e:?} {f:?}");
    }
}
