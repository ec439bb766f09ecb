//! `quadratic_form`: `y[n] = xₙᵀ A xₙ` with `A` not symmetric, so that `dx = (A + Aᵀ) x`.

use crate::matrix::dot;
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    SymmetryAssumed: Transpose, "takes 2 A x for (A + Aᵀ) x, as if A were symmetric", [];
    OneSide: Term, "leaves out Aᵀ x, half of the product rule", [];
    MatrixDoubled: Factor, "doubles the gradient of A", [];
    MatrixOverwritten: Accumulation, "keeps the last sample's gradient of A", [Broadcast, TimeStep];
    TransposeSign: Sign, "subtracts Aᵀ x where it is added", [Term];
    LowerOnly: Unwritten, "writes the lower triangle of the gradient of A alone", [Mask];
    MatrixScaled: Scale, "is 3 % too large in the gradient of A", [Factor];
}

/// A quadratic form of each row of `x`.
#[derive(Clone, Debug)]
pub struct QuadraticForm {
    batch: usize,
    size: usize,
}

impl Operation for QuadraticForm {
    type Mistake = Mistake;
    const NAME: &'static str = "quadratic_form";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 5)].map(|(batch, size)| Self { batch, size }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.batch, self.size]), parameter("matrix", &[self.size, self.size])]
    }

    fn outputs(&self) -> usize {
        self.batch
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.size);
        rows.map(|row| row.iter().zip(x[1].chunks(self.size)).map(|(&v, a)| v * dot(a, row)).sum()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, d) = (|m| wrong == Some(m), self.size);
        let (mut dx, mut da) = (vec![S::ZERO; x[0].len()], vec![S::ZERO; x[1].len()]);
        for (n, row) in x[0].chunks(d).enumerate() {
            for (i, j) in (0..d * d).map(|k| (k / d, k % d)) {
                let (a, transpose) = (x[1][i * d + j], x[1][j * d + i]);
                let sum = match wrong {
                    Some(Mistake::SymmetryAssumed) => a + a,
                    Some(Mistake::OneSide) => a,
                    Some(Mistake::TransposeSign) => a - transpose,
                    _ => a + transpose,
                };
                dx[n * d + i] += dy[n] * sum * row[j];
                if is(Mistake::LowerOnly) && j > i {
                    continue;
                }
                if is(Mistake::MatrixOverwritten) {
                    da[i * d + j] = S::ZERO;
                }
                let factor = match wrong {
                    Some(Mistake::MatrixDoubled) => 2.0,
                    Some(Mistake::MatrixScaled) => 1.03,
                    _ => 1.0,
                };
                da[i * d + j] += dy[n] * row[i] * row[j] * S::of(factor);
            }
        }
        vec![dx, da]
    }
}
