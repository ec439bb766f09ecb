//! What the cells would be if actual and predicted classes had nothing to do with each other.

use crate::Cells;
use crate::metrics::number::Number;
use crate::metrics::twofold::Margins;

/// A cell beside its expectation `rᵢ cⱼ / N`.
pub(super) struct Cell {
    pub(super) observed: f64,
    pub(super) expected: f64,
    /// `observed − expected`, to the last digits also where they are nearly the same.
    pub(super) excess: f64,
}

/// The cells in which there is a place for rows.
pub(super) fn filled<'a>(cells: &'a Cells, margins: &'a Margins) -> impl Iterator<Item = Cell> + 'a {
    let total = cells.total();
    cells.cells().map(move |(actual, predicted, observed)| {
        let [row, column, neither] = margins.around(actual, predicted, observed);
        Cell {
            observed,
            expected: cells.actual()[actual] * cells.predicted()[predicted] / total,
            excess: f64::determinant(observed, row, column, neither) / total,
        }
    })
}

/// The sum of the expectations of all other cells, without going through all K² of them.
pub(super) fn expected_in_empty(cells: &Cells, margins: &Margins) -> f64 {
    let columns = margins.predicted_in_no_cell_with(cells);
    columns.iter().zip(cells.actual()).map(|(columns, rows)| columns * (rows / cells.total())).sum()
}
