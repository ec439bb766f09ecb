//! `embedding`: rows of a table picked by index; an index may occur several times, and a row never.

use crate::operation::{Argument, Operation, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    LastWins: Duplicates, "overwrites the row of an index that occurs again", [TimeStep, Broadcast];
    FirstWins: Duplicates, "skips an index that it has seen already", [TimeStep, Broadcast];
    Divided: Duplicates, "divides by how often the index occurs, as a frequency scale", [Reduction, Factor];
    NextRow: Layout, "writes to the row after the index's", [Geometry, Transposed, Mask];
    RowTransposed: Transpose, "writes the table's gradient as (features, rows)", [];
    FirstRowSkipped: Mask, "takes index 0 for padding", [];
    TailDropped: TimeStep, "stops before the last index", [Mask, NotAccumulated, Broadcast];
    Negated: Sign, "subtracts", [];
}

/// A lookup of `indices` in a table of rows.
#[derive(Clone, Debug)]
pub struct Embedding {
    rows: usize,
    features: usize,
    indices: Vec<usize>,
}

impl Operation for Embedding {
    type Mistake = Mistake;
    const NAME: &'static str = "embedding";

    fn cases() -> Vec<Self> {
        vec![
            Self { rows: 5, features: 3, indices: vec![1, 4, 1, 0, 1, 4, 2] },
            Self { rows: 3, features: 4, indices: vec![2, 0, 2, 2, 0] },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![parameter("table", &[self.rows, self.features])]
    }

    fn outputs(&self) -> usize {
        self.indices.len() * self.features
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.indices.len(), self.features].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.indices.iter().flat_map(|&row| x[0][row * self.features..][..self.features].iter().copied()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, d) = (|m| wrong == Some(m), self.features);
        let mut dx = vec![S::ZERO; x[0].len()];
        for (n, &row) in self.indices.iter().enumerate() {
            let skipped = is(Mistake::FirstWins) && self.indices[..n].contains(&row)
                || is(Mistake::FirstRowSkipped) && row == 0
                || is(Mistake::TailDropped) && n + 1 == self.indices.len();
            if skipped {
                continue;
            }
            let occurrences = self.indices.iter().filter(|&&other| other == row).count();
            let row = if is(Mistake::NextRow) { (row + 1) % self.rows } else { row };
            for f in 0..d {
                let g = dy[n * d + f];
                let at = if is(Mistake::RowTransposed) { f * self.rows + row } else { row * d + f };
                match wrong {
                    Some(Mistake::LastWins) => dx[at] = g,
                    Some(Mistake::Divided) => dx[at] += g / S::of(occurrences as f64),
                    Some(Mistake::Negated) => dx[at] -= g,
                    _ => dx[at] += g,
                }
            }
        }
        vec![dx]
    }
}
