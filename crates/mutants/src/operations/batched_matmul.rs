//! `batched_matmul`: `Cₙ = Aₙ B`, with `A` (batch, rows, inner) and one `B` (inner, columns) broadcast over the batch.

use crate::matrix::{add_to, product, transposed};
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    BroadcastFirst: Broadcast, "takes the gradient of the broadcast B from the first matrix alone", [TimeStep, NotAccumulated];
    BroadcastLast: Accumulation, "overwrites the gradient of B with each matrix of the batch", [Broadcast, TimeStep];
    BroadcastMean: MeanOrSum, "averages the gradient of B over the batch", [Factor];
    RightUntransposed: Transpose, "multiplies with B read as (columns, inner)", [];
    UpstreamTransposed: Transpose, "reads each upstream matrix as (columns, rows)", [];
    LeftSign: Sign, "subtracts the gradient of A", [];
    LastUnwritten: Unwritten, "leaves the last matrix's gradient of A unwritten", [Mask, TimeStep];
    StaleLeft: Cache, "multiplies with the A saved for the matrix before", [Term];
}

/// A batch of products with one right factor.
#[derive(Clone, Debug)]
pub struct BatchedMatmul {
    batch: usize,
    rows: usize,
    inner: usize,
    columns: usize,
}

impl Operation for BatchedMatmul {
    type Mistake = Mistake;
    const NAME: &'static str = "batched_matmul";

    fn cases() -> Vec<Self> {
        [(3, 2, 4, 5), (2, 3, 2, 4)].map(|(batch, rows, inner, columns)| Self { batch, rows, inner, columns }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("a", &[self.batch, self.rows, self.inner]), parameter("b", &[self.inner, self.columns])]
    }

    fn outputs(&self) -> usize {
        self.batch * self.rows * self.columns
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.rows, self.columns].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        product(x[0], x[1], self.batch * self.rows, self.inner, self.columns)
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { batch, rows, inner, columns }) = (|m| wrong == Some(m), self);
        let mut b_t = transposed(x[1], inner, columns);
        if is(Mistake::RightUntransposed) {
            b_t = x[1].to_vec();
        }
        let (mut da, mut db) = (Vec::new(), vec![S::ZERO; x[1].len()]);
        for n in 0..batch {
            let mut g = dy[n * rows * columns..][..rows * columns].to_vec();
            if is(Mistake::UpstreamTransposed) {
                g = transposed(&g, columns, rows);
            }
            let saved = if is(Mistake::StaleLeft) { n.saturating_sub(1) } else { n };
            let a_t = transposed(&x[0][saved * rows * inner..][..rows * inner], rows, inner);
            if is(Mistake::BroadcastLast) {
                db.fill(S::ZERO);
            }
            if !is(Mistake::BroadcastFirst) || n == 0 {
                add_to(&mut db, &product(&a_t, &g, inner, rows, columns));
            }
            let mut own = product(&g, &b_t, rows, columns, inner);
            if is(Mistake::LastUnwritten) && n + 1 == batch {
                own.fill(S::ZERO);
            }
            da.extend(own.into_iter().map(|g| if is(Mistake::LeftSign) { -g } else { g }));
        }
        if is(Mistake::BroadcastMean) {
            db.iter_mut().for_each(|g| *g = *g / S::of(batch as f64));
        }
        vec![da, db]
    }
}
