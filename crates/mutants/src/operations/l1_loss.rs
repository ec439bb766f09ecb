//! `l1_loss`: the mean of `|a − b|` of each row, some of the differences a billionth from zero.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    SignOfFirst: Sign, "takes the sign of a for that of a − b", [Mask];
    SignLost: Sign, "has 1 for sign(a − b)", [Mask];
    Difference: Term, "has a − b for its sign, as of a square", [];
    Summed: MeanOrSum, "does not divide by the width", [Factor];
    AllCounted: Count, "divides by all entries instead of a row's", [Factor];
    SmallIgnored: Tie, "sends nothing back where the difference is below 0.3", [Mask];
    SecondDetached: Detached, "sends nothing back to b", [];
}

/// Mean absolute difference of each row.
#[derive(Clone, Debug)]
pub struct L1Loss {
    rows: usize,
    width: usize,
    near_kink: bool,
}

impl Operation for L1Loss {
    type Mistake = Mistake;
    const NAME: &'static str = "l1_loss";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        [(3, 5, false), (2, 7, true)].map(|(rows, width, near_kink)| Self { rows, width, near_kink }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("a", &[self.rows, self.width]), input("b", &[self.rows, self.width])]
    }

    fn outputs(&self) -> usize {
        self.rows
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let count = self.rows * self.width;
        let (mut a, b) = (random.uniforms(count, -1.0, 1.0), random.uniforms(count, -1.0, 1.0));
        if self.near_kink {
            (0..count).step_by(4).for_each(|k| a[k] = b[k] + 1e-9 * random.normal());
        }
        vec![a, b]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.width).zip(x[1].chunks(self.width));
        rows.map(|(a, b)| a.iter().zip(b).map(|(&a, &b)| (a - b).abs()).sum::<S>() / S::of(self.width as f64)).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let count = match wrong {
            Some(Mistake::Summed) => 1,
            Some(Mistake::AllCounted) => self.rows * self.width,
            _ => self.width,
        };
        let entry = |k: usize| {
            let (a, e) = (x[0][k], x[0][k] - x[1][k]);
            let sign = |v: S| if v < S::ZERO { -S::ONE } else { S::ONE };
            let slope = match wrong {
                Some(Mistake::SignOfFirst) => sign(a),
                Some(Mistake::SignLost) => S::ONE,
                Some(Mistake::Difference) => e,
                Some(Mistake::SmallIgnored) if e.abs() < S::of(0.3) => S::ZERO,
                _ => sign(e),
            };
            dy[k / self.width] * slope / S::of(count as f64)
        };
        let first: Vec<S> = (0..x[0].len()).map(entry).collect();
        let detached = wrong == Some(Mistake::SecondDetached);
        let second = first.iter().map(|&g| if detached { S::ZERO } else { -g }).collect();
        vec![first, second]
    }
}
