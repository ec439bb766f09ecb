//! `linear_solve`: `x` with `A x = b`, for `A` (size, size) and `b` (size, columns). Backwards: `db = A⁻ᵀ dx` and `dA = −db xᵀ`.

use crate::matrix::{product, transposed};
use crate::operation::{Argument, Operation, mistakes, parameter};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    Untransposed: Transpose, "solves with A where Aᵀ belongs", [];
    MatrixSign: Sign, "forgets the minus of the gradient of A", [];
    MatrixTransposed: Transpose, "writes x dbᵀ, the gradient of Aᵀ", [];
    MatrixDetached: Detached, "takes A for a constant", [];
    OneColumn: Accumulation, "keeps the last column's gradient of A", [Broadcast, TimeStep];
    RightHandSide: Cache, "multiplies with b, which the solution has overwritten in the forward pass", [Term];
    UpstreamUnsolved: Term, "passes the upstream gradient on without solving", [];
}

/// Solution of a linear system, by elimination; the diagonal has to dominate.
#[derive(Clone, Debug)]
pub struct LinearSolve {
    size: usize,
    columns: usize,
}

impl Operation for LinearSolve {
    type Mistake = Mistake;
    const NAME: &'static str = "linear_solve";

    fn cases() -> Vec<Self> {
        [(4, 3), (5, 2)].map(|(size, columns)| Self { size, columns }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![parameter("a", &[self.size, self.size]), parameter("b", &[self.size, self.columns])]
    }

    fn outputs(&self) -> usize {
        self.size * self.columns
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.size, self.columns].to_vec()
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let mut a = random.uniforms(self.size * self.size, -1.0, 1.0);
        // Dominant diagonals, so that the system is well conditioned at every seed.
        (0..self.size).for_each(|i| a[i * self.size + i] += self.size as f64);
        vec![a, random.normals(self.size * self.columns)]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        solve(x[0], x[1], self.size, self.columns)
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { size, columns }) = (|m| wrong == Some(m), self);
        let y = if is(Mistake::RightHandSide) { x[1].to_vec() } else { self.forward(x) };
        let a_t = if is(Mistake::Untransposed) { x[0].to_vec() } else { transposed(x[0], size, size) };
        let db = if is(Mistake::UpstreamUnsolved) { dy.to_vec() } else { solve(&a_t, dy, size, columns) };
        let mut da = product(&db, &transposed(&y, size, columns), size, columns, size);
        if is(Mistake::OneColumn) {
            da = (0..size * size).map(|k| db[(k / size + 1) * columns - 1] * y[(k % size + 1) * columns - 1]).collect();
        }
        if is(Mistake::MatrixTransposed) {
            da = transposed(&da, size, size);
        }
        let sign = match wrong {
            Some(Mistake::MatrixSign) => S::ONE,
            Some(Mistake::MatrixDetached) => S::ZERO,
            _ => -S::ONE,
        };
        da.iter_mut().for_each(|g| *g = sign * *g);
        vec![da, db]
    }
}

fn solve<S: Scalar>(a: &[S], b: &[S], size: usize, columns: usize) -> Vec<S> {
    let (mut a, mut x) = (a.to_vec(), b.to_vec());
    for pivot in 0..size {
        for row in (0..size).filter(|&row| row != pivot) {
            let factor = a[row * size + pivot] / a[pivot * size + pivot];
            for k in pivot..size {
                let above = a[pivot * size + k];
                a[row * size + k] -= factor * above;
            }
            for k in 0..columns {
                let above = x[pivot * columns + k];
                x[row * columns + k] -= factor * above;
            }
        }
    }
    x.iter().enumerate().map(|(k, &v)| v / a[(k / columns) * (size + 1)]).collect()
}
