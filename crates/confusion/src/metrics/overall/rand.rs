//! Agreement of actual and predicted classes as two partitions of the rows, whatever the classes are called.

use crate::metrics::class_cells::ratio;
use crate::metrics::number::Number;
use crate::metrics::statistic::{Direction, OverallStatistic, Range, Uncertainty};
use crate::metrics::twofold::Margins;
use crate::{Cells, Reason};

/// 2 (a d − b c) / ((a + b)(b + d) + (a + c)(c + d)), where pairs of rows are of the same class on both axes (a), on the actual one
/// alone (b), on the predicted one alone (c), or on neither (d): Hubert and Arabie's index without its differences.
fn adjusted_rand_index(cells: &Cells) -> Result<f64, Reason> {
    if cells.total() == 0.0 {
        return Err(Reason::NoRows);
    }
    let (mut a, mut b, mut c, mut d) = (0.0, 0.0, 0.0, 0.0);
    let margins = Margins::of(cells);
    // Each pair is met twice.
    for (actual, predicted, n) in cells.cells() {
        let [row, column, neither] = margins.around(actual, predicted, n);
        a += n * (n - 1.0);
        b += n * row;
        c += n * column;
        d += n * neither;
    }
    ratio(2.0 * f64::determinant(a, b, c, d), (a + b) * (b + d) + (a + c) * (c + d), Reason::PairsAllAlike)
}

pub(crate) const ADJUSTED_RAND_INDEX: OverallStatistic = OverallStatistic {
    name: "adjusted_rand_index",
    title: "Adjusted Rand index",
    formula: "(Σ C(nᵢⱼ, 2) − e) / ((Σ C(rᵢ, 2) + Σ C(cⱼ, 2)) / 2 − e) with e = Σ C(rᵢ, 2)·Σ C(cⱼ, 2) / C(N, 2)",
    source: "Hubert and Arabie 1985, Journal of Classification 2; Steinley 2004, Psychological Methods 9",
    direction: Direction::Higher,
    range: Range::CORRELATION,
    pycm: &["ARI"],
    value: adjusted_rand_index,
    uncertainty: Uncertainty::None,
};
