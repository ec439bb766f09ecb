//! `l2_normalize`: `y = x / ‖x‖` for each row; `dx = (dy − y ⟨y, dy⟩) / ‖x‖`.

use crate::matrix::dot;
use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    ProjectionDropped: Term, "takes the norm for a constant", [Coupling];
    ProjectionSign: Sign, "adds the projection", [Term, Coupling];
    ProjectionDoubled: Factor, "takes the projection twice, from the derivative of the squared norm", [Term, Coupling];
    NormForgotten: Term, "forgets to divide by the norm", [Broadcast];
    RawRow: Cache, "projects onto x, whose buffer should have held y", [Term, Coupling];
    FirstNorm: Broadcast, "divides every row by the norm of the first", [StaleCache];
    UpstreamOnes: Upstream, "takes the upstream gradient for all ones", [];
    NormRounded: Layout, "rounds the norm to 1/64", [Factor];
}

/// Rows scaled to length one.
#[derive(Clone, Debug)]
pub struct L2Normalize {
    rows: usize,
    size: usize,
}

impl Operation for L2Normalize {
    type Mistake = Mistake;
    const NAME: &'static str = "l2_normalize";

    fn cases() -> Vec<Self> {
        [(3, 5), (4, 2)].map(|(rows, size)| Self { rows, size }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.size])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.size
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.size].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].chunks(self.size).flat_map(|row| row.iter().map(|&v| v / dot(row, row).sqrt())).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let first = dot(&x[0][..self.size], &x[0][..self.size]).sqrt();
        let rows = x[0].chunks(self.size).zip(dy.chunks(self.size)).flat_map(|(row, dy)| {
            let mut norm = dot(row, row).sqrt();
            let dy = if wrong == Some(Mistake::UpstreamOnes) { vec![S::ONE; dy.len()] } else { dy.to_vec() };
            let mut y: Vec<S> = row.iter().map(|&v| v / norm).collect();
            let mut along = dot(&y, &dy);
            match wrong {
                Some(Mistake::ProjectionDropped) => along = S::ZERO,
                Some(Mistake::ProjectionSign) => along = -along,
                Some(Mistake::ProjectionDoubled) => along = along + along,
                Some(Mistake::NormForgotten) => norm = S::ONE,
                Some(Mistake::RawRow) => y = row.to_vec(),
                Some(Mistake::FirstNorm) => norm = first,
                Some(Mistake::NormRounded) => norm = S::of((norm.value() * 64.0).round() / 64.0),
                _ => {}
            }
            dy.iter().zip(y).map(|(&g, y)| (g - y * along) / norm).collect::<Vec<S>>()
        });
        vec![rows.collect()]
    }
}
