//! What statistics are computed from.

use crate::{Counts, Reason};
use std::sync::OnceLock;

/// The cells of a matrix that are not zero, and their margins, as numbers: rows, or sums of weights.
///
/// A statistic is a function of these alone, so that the same code serves counts, weights, and the replicates of a bootstrap, which
/// [`refill`](Self::refill) the same places with other numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Cells {
    places: Vec<(u32, u32)>,
    mass: Vec<f64>,
    actual: Vec<f64>,
    predicted: Vec<f64>,
    hits: Vec<f64>,
    total: f64,
    effective: f64,
    whole: bool,
    known: Known,
}

/// Sums over all cells that several statistics are made of, once one has asked for them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    pub(crate) chi_squared: OnceLock<Result<f64, Reason>>,
    pub(crate) mutual_information: OnceLock<Result<f64, Reason>>,
}

// What is known of cells is no part of what they are.
impl PartialEq for Known {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Cells {
    /// The cells of counts: numbers of rows, or sums of weights where there are weights.
    pub fn new(counts: &Counts) -> Self {
        let mass = |actual, predicted, rows| match counts.is_weighted() {
            true => counts.weights(actual, predicted).sum(),
            false => rows as f64,
        };
        let (places, mass): (Vec<_>, Vec<_>) =
            (counts.nonzero()).map(|(i, j, rows)| ((i as u32, j as u32), mass(i, j, rows))).unzip();
        let classes = counts.classes();
        let mut cells = Self {
            places,
            mass: Vec::new(),
            actual: vec![0.0; classes],
            predicted: vec![0.0; classes],
            hits: vec![0.0; classes],
            total: 0.0,
            effective: 0.0,
            whole: true,
            known: Known::default(),
        };
        cells.refill(&mass);
        if counts.is_weighted() {
            cells.effective = counts.total_weights().effective_rows();
        }
        cells
    }

    /// Other numbers in the same places, each row of weight one.
    ///
    /// # Panics
    /// Where there are not as many numbers as [`Self::cells`] gives.
    pub fn refill(&mut self, mass: &[f64]) {
        assert_eq!(mass.len(), self.places.len(), "one number for each cell");
        self.mass.clear();
        self.mass.extend_from_slice(mass);
        for margin in [&mut self.actual, &mut self.predicted, &mut self.hits] {
            margin.fill(0.0);
        }
        self.total = 0.0;
        let mut whole = true;
        for (&(actual, predicted), &mass) in self.places.iter().zip(&self.mass) {
            self.actual[actual as usize] += mass;
            self.predicted[predicted as usize] += mass;
            if actual == predicted {
                self.hits[actual as usize] += mass;
            }
            self.total += mass;
            // Not by `fract`, which is a function call on some processors.
            whole &= mass == mass as i64 as f64;
        }
        self.whole = whole && self.total < 2f64.powi(53);
        self.known = Known::default();
        self.effective = self.total;
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.actual.len()
    }

    /// (actual, predicted, number) of every cell that was not zero at first, in the order of actual, then predicted classes.
    pub fn cells(&self) -> impl ExactSizeIterator<Item = (usize, usize, f64)> + '_ {
        self.places
            .iter()
            .zip(&self.mass)
            .map(|(&(actual, predicted), &mass)| (actual as usize, predicted as usize, mass))
    }

    /// The sum of the rows of each actual class.
    pub fn actual(&self) -> &[f64] {
        &self.actual
    }

    /// The sum of the predictions of each class.
    pub fn predicted(&self) -> &[f64] {
        &self.predicted
    }

    /// The diagonal.
    pub fn hits(&self) -> &[f64] {
        &self.hits
    }

    /// The sum of all cells.
    pub fn total(&self) -> f64 {
        self.total
    }

    /// The number of rows of equal weight that would tell as much: `(Σw)² / Σw²`, without weights the rows themselves.
    pub fn effective_rows(&self) -> f64 {
        self.effective
    }

    pub(crate) fn known(&self) -> &Known {
        &self.known
    }

    /// Whether all are whole numbers below 2⁵³ together, so that sums and differences of them are exact.
    pub(crate) fn are_whole(&self) -> bool {
        self.whole
    }
}
