//! What the cells would be if actual and predicted classes had nothing to do with each other.

use crate::metrics::number::Number;
use crate::{Cells, Reason};

/// The expectation `rᵢ cⱼ / N` of every cell, without going through all K² of them.
pub(super) struct Independence {
    /// Summed over the cells in which there is no place for a row.
    pub(super) expected_in_empty: f64,
}

/// A cell beside its expectation.
pub(super) struct FilledCell {
    pub(super) observed: f64,
    pub(super) expected: f64,
    /// `observed − expected`, to the last digits also where they are nearly the same.
    pub(super) excess: f64,
}

impl Independence {
    /// Undefined where a class never occurs or is never predicted: nothing is expected in its cells.
    pub(super) fn of(cells: &Cells) -> Result<Self, Reason> {
        if cells.total() == 0.0 {
            return Err(Reason::NoRows);
        }
        if cells.actual().contains(&0.0) {
            return Err(Reason::SomeClassNeverOccurs);
        }
        if cells.predicted().contains(&0.0) {
            return Err(Reason::SomeClassNeverPredicted);
        }
        Ok(Self { expected_in_empty: expected_in_empty(cells) })
    }

    /// The cells in which there is a place for rows.
    pub(super) fn filled(&self, cells: &Cells) -> impl Iterator<Item = FilledCell> {
        filled(cells)
    }
}

/// See [`Independence::filled`]; also where classes are missing from an axis, whose cells are empty.
pub(super) fn filled(cells: &Cells) -> impl Iterator<Item = FilledCell> {
    let total = cells.total();
    cells.cells().map(move |(actual, predicted, observed)| {
        let (rows, predictions) = (cells.actual()[actual], cells.predicted()[predicted]);
        FilledCell {
            observed,
            expected: rows * predictions / total,
            excess: f64::determinant(observed, rows, predictions, total) / total,
        }
    })
}

/// Per row, what the other columns hold: differences of whole numbers are exact, differences of expectations are not.
pub(super) fn expected_in_empty(cells: &Cells) -> f64 {
    let mut in_empty_columns = vec![cells.total(); cells.classes()];
    for (actual, predicted, _) in cells.cells() {
        in_empty_columns[actual] -= cells.predicted()[predicted];
    }
    let by_row = in_empty_columns.iter().zip(cells.actual());
    by_row.map(|(columns, rows)| columns.max(0.0) * (rows / cells.total())).sum()
}
