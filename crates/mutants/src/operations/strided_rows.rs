//! `strided_rows`: the squares of a view: `width` entries of each row of a buffer whose rows are `stride` apart, from `offset`.
//!
//! What lies between the rows belongs to somebody else, and its gradient is zero.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    Contiguous: Layout, "writes the gradient as if the rows lay end to end", [Geometry, Transposed, Mask];
    ReadContiguous: Layout, "reads the buffer as if the rows lay end to end", [StaleCache, Geometry, Term];
    OffsetForgotten: Layout, "forgets the offset", [Geometry, Transposed];
    GapFilled: Mask, "writes the gap after each row too", [];
    LastRowUnwritten: Unwritten, "leaves the last row unwritten", [Mask, TimeStep];
    Negated: Sign, "subtracts", [];
    TwoForgotten: Factor, "forgets the 2", [];
    UpstreamTransposed: Transpose, "reads the upstream gradient column by column", [UpstreamIgnored];
}

/// Squares of a view that is not contiguous.
#[derive(Clone, Debug)]
pub struct StridedRows {
    rows: usize,
    width: usize,
    stride: usize,
    offset: usize,
}

impl Operation for StridedRows {
    type Mistake = Mistake;
    const NAME: &'static str = "strided_rows";

    fn cases() -> Vec<Self> {
        [(3, 4, 7, 2), (4, 3, 5, 1)].map(|(rows, width, stride, offset)| Self { rows, width, stride, offset }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("buffer", &[self.rows, self.stride])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.width
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.width].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let at = |k: usize| k / self.width * self.stride + self.offset + k % self.width;
        (0..self.outputs()).map(|k| x[0][at(k)] * x[0][at(k)]).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { rows, width, stride, offset }) = (|m| wrong == Some(m), self);
        let mut dx = vec![S::ZERO; x[0].len()];
        for (row, column) in (0..rows * width).map(|k| (k / width, k % width)) {
            if is(Mistake::LastRowUnwritten) && row + 1 == rows {
                continue;
            }
            let end_to_end = row * width + column;
            let at = row * stride + offset + column;
            let g = dy[if is(Mistake::UpstreamTransposed) { column * rows + row } else { end_to_end }];
            let value = x[0][if is(Mistake::ReadContiguous) { end_to_end } else { at }];
            let gradient = match wrong {
                Some(Mistake::Negated) => -S::of(2.0) * value * g,
                Some(Mistake::TwoForgotten) => value * g,
                _ => S::of(2.0) * value * g,
            };
            let into = match wrong {
                Some(Mistake::Contiguous) => end_to_end,
                Some(Mistake::OffsetForgotten) => row * stride + column,
                _ => at,
            };
            dx[into] = gradient;
            if is(Mistake::GapFilled) && column + 1 == width {
                dx[at + 1] = gradient;
            }
        }
        vec![dx]
    }
}
