//! `product`: of each row; each entry's derivative is the product of the others, and one entry is zero.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    ZeroDetached: Mask, "sends nothing back to rows that hold a zero", [Detached];
    Divided: Unwritten, "divides the product by the entry, which is 0 / 0 at a zero", [];
    OwnNotLeftOut: Term, "multiplies with the entry itself too", [Mask];
    LastLeftOut: Layout, "leaves the last entry out of the product", [Term];
    Doubled: Factor, "doubles", [];
    NeighboursOnly: Term, "takes the product of the entries before alone, as of a cumulative product", [TimeStep];
    FirstRow: Broadcast, "multiplies with the first row's upstream gradient", [UpstreamIgnored, StaleCache, Factor];
}

/// Product of each row.
#[derive(Clone, Debug)]
pub struct Product {
    rows: usize,
    width: usize,
}

impl Operation for Product {
    type Mistake = Mistake;
    const NAME: &'static str = "product";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 5)].map(|(rows, width)| Self { rows, width }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.width])]
    }

    fn outputs(&self) -> usize {
        self.rows
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let mut x = random.uniforms(self.rows * self.width, 0.5, 2.0);
        x[self.width + 1] = 0.0;
        vec![x]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].chunks(self.width).map(|row| row.iter().fold(S::ONE, |p, &v| p * v)).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let mut dx = Vec::new();
        for (row, &g) in x[0].chunks(self.width).zip(dy) {
            let all = row.iter().fold(S::ONE, |p, &v| p * v);
            let but = |left_out: usize, end: usize| (0..end).filter(|&k| k != left_out).fold(S::ONE, |p, k| p * row[k]);
            dx.extend((0..row.len()).map(|k| match wrong {
                Some(Mistake::ZeroDetached) if all == S::ZERO => S::ZERO,
                Some(Mistake::Divided) => g * all / row[k],
                Some(Mistake::OwnNotLeftOut) => g * all,
                Some(Mistake::LastLeftOut) => g * but(k, row.len() - 1),
                Some(Mistake::Doubled) => S::of(2.0) * g * but(k, row.len()),
                Some(Mistake::NeighboursOnly) => g * but(k, k),
                Some(Mistake::FirstRow) => dy[0] * but(k, row.len()),
                _ => g * but(k, row.len()),
            }));
        }
        vec![dx]
    }
}
