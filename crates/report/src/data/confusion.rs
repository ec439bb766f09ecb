//! The confusion matrix as the page gets it.

use gradiometer_confusion::{ClassMetrics, Matrix, Metrics};
use serde::Serialize;

/// Most pairs in the list of confused classes.
const MOST_PAIRS: usize = 10;

/// Only the cells that are not zero: with a hundred classes most are.
#[derive(Serialize)]
pub(super) struct Confusion<'a> {
    labels: &'a [String],
    /// (actual, predicted, count).
    cells: Vec<(usize, usize, u64)>,
    total: u64,
    metrics: Metrics,
    classes: Vec<ClassMetrics>,
    most_confused: Vec<(usize, usize, u64)>,
}

impl<'a> Confusion<'a> {
    pub(super) fn of(matrix: &'a Matrix) -> Self {
        let counts = matrix.counts();
        Self {
            labels: matrix.labels(),
            cells: counts.nonzero().collect(),
            total: counts.total(),
            metrics: matrix.metrics(),
            classes: matrix.classes(),
            most_confused: matrix
                .most_confused(MOST_PAIRS)
                .into_iter()
                .map(|pair| (pair.actual, pair.predicted, pair.count))
                .collect(),
        }
    }
}
