//! Cells as shares of their row, their column, or everything.

use crate::{Confidence, Counts, Estimate, Interval, Matrix, Reason, Weights};

/// What a cell is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalize {
    /// The rows of its actual class: the shares of a class add up to 1, and the diagonal is recall.
    Actual,
    /// The predictions of its predicted class: the diagonal is precision.
    Predicted,
    /// All rows: the diagonal adds up to accuracy.
    All,
}

/// The cells of a matrix as shares, see [`Matrix::shares`].
#[derive(Clone, Debug)]
pub struct Shares<'a> {
    counts: &'a Counts,
    normalize: Normalize,
    /// One for each class, or a single one for all rows.
    wholes: Vec<Whole>,
    confidence: Option<Confidence>,
}

/// `Σw` and `Σw²` of the rows that a cell is a share of.
#[derive(Clone, Copy, Debug, Default)]
struct Whole {
    sum: f64,
    squares: f64,
}

impl Matrix {
    /// Each cell's share `n_ij / Σ n` of the rows that `normalize` names, of weights `Σw_ij / Σw`.
    ///
    /// A cell of a class without rows on that axis is a share of nothing, and undefined. Without intervals, which
    /// [`Shares::with_intervals`] adds.
    pub fn shares(&self, normalize: Normalize) -> Shares<'_> {
        let counts = self.counts();
        let len = if normalize == Normalize::All { 1 } else { counts.classes() };
        let mut shares = Shares { counts, normalize, wholes: vec![Whole::default(); len], confidence: None };
        for (actual, predicted, _) in counts.nonzero() {
            let (cell, place) = (counts.weights(actual, predicted), shares.place(actual, predicted));
            let whole = &mut shares.wholes[place];
            whole.sum += cell.sum();
            whole.squares += cell.squares();
        }
        shares
    }
}

impl Shares<'_> {
    /// The same shares with intervals of the method and level asked for: by default Wilson's, of 95 %. Under weights the number of
    /// trials is `(Σw)² / Σw²`, as for any proportion here.
    pub fn with_intervals(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// The share of one cell.
    ///
    /// # Panics
    /// Where an index is not below the number of classes, as a slice does.
    pub fn get(&self, actual: usize, predicted: usize) -> Estimate {
        self.estimate(self.counts.weights(actual, predicted), self.place(actual, predicted))
    }

    /// (actual, predicted, share) of every cell that has rows, in the order of actual, then predicted classes.
    ///
    /// All are defined, but for classes whose rows all have weight 0.
    pub fn nonzero(&self) -> impl Iterator<Item = (usize, usize, Estimate)> + '_ {
        self.counts.nonzero().map(|(actual, predicted, _)| (actual, predicted, self.get(actual, predicted)))
    }

    fn place(&self, actual: usize, predicted: usize) -> usize {
        match self.normalize {
            Normalize::Actual => actual,
            Normalize::Predicted => predicted,
            Normalize::All => 0,
        }
    }

    fn estimate(&self, cell: Weights, place: usize) -> Estimate {
        let whole = self.wholes[place];
        if whole.sum == 0.0 {
            let reason = match self.normalize {
                Normalize::Actual => Reason::NeverOccurs,
                Normalize::Predicted => Reason::NeverPredicted,
                Normalize::All => Reason::NoRows,
            };
            return Estimate::Undefined { reason };
        }
        let value = cell.sum() / whole.sum;
        let interval = self.confidence.map(|Confidence { method, level }| {
            let trials = whole.sum * (whole.sum / whole.squares);
            // Its own quotient may differ from the value in the last digit, and an interval holds its value.
            let Interval { low, high } = method.interval(value * trials, trials, level);
            Interval { low: low.min(value), high: high.max(value) }
        });
        Estimate::Known { value, interval }
    }
}
