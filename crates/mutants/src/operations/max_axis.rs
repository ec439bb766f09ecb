//! `max_axis`: the largest of each row; and of rows with equal entries, at which any one of them may take the gradient, but
//! not each of them.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    EachTied: Tie, "sends the whole gradient to each entry that ties", [Factor, Mask];
    NeverTied: Tie, "sends nothing back where entries tie", [Detached, Mask];
    Second: Tie, "sends the gradient to the runner-up", [Mask, Geometry];
    Spread: MeanOrSum, "spreads the gradient over the row", [Mask, Tie];
    IndexOfFirstRow: Cache, "uses the index saved of the first row for all", [Tie, Mask, Geometry];
    Negated: Sign, "subtracts", [];
    UpstreamIgnored: Upstream, "does not multiply with the upstream gradient", [];
}

/// Maximum of each row.
#[derive(Clone, Debug)]
pub struct MaxAxis {
    rows: usize,
    width: usize,
    tied: bool,
}

impl Operation for MaxAxis {
    type Mistake = Mistake;
    const NAME: &'static str = "max_axis";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        [(4, 5, false), (3, 6, true), (5, 3, false)].map(|(rows, width, tied)| Self { rows, width, tied }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.width])]
    }

    fn outputs(&self) -> usize {
        self.rows
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let mut x = random.normals(self.rows * self.width);
        if self.tied {
            // Exactly representable in single precision too.
            x.chunks_mut(self.width).enumerate().for_each(|(n, row)| {
                row[n % 3] = 3.5;
                row[n % 3 + 2] = 3.5;
            });
        }
        vec![x]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].chunks(self.width).map(|row| row.iter().copied().fold(row[0], Scalar::max)).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let largest = |row: &[S], except: Option<usize>| {
            let others = (0..row.len()).filter(|&k| Some(k) != except);
            others.reduce(|best, k| if row[k] > row[best] { k } else { best }).unwrap_or(0)
        };
        let first = largest(&x[0][..self.width], None);
        let mut dx = Vec::new();
        for (row, &g) in x[0].chunks(self.width).zip(dy) {
            let winner = largest(row, None);
            let ties = row.iter().filter(|&&v| v == row[winner]).count();
            dx.extend((0..row.len()).map(|k| match wrong {
                Some(Mistake::EachTied) if row[k] == row[winner] => g,
                Some(Mistake::NeverTied) if ties > 1 => S::ZERO,
                Some(Mistake::Second) if k == largest(row, Some(winner)) => g,
                Some(Mistake::Second) => S::ZERO,
                Some(Mistake::Spread) => g / S::of(row.len() as f64),
                Some(Mistake::IndexOfFirstRow) if k == first => g,
                Some(Mistake::IndexOfFirstRow) => S::ZERO,
                Some(Mistake::Negated) if k == winner => -g,
                Some(Mistake::UpstreamIgnored) if k == winner => S::ONE,
                _ if k == winner => g,
                _ => S::ZERO,
            }));
        }
        vec![dx]
    }
}
