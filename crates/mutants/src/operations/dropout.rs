//! `dropout`: `y = m x / (1 − p)` with a mask fixed by the seed, then squared.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    ScaleForgotten: Mask, "forgets 1 / (1 − p)", [Factor];
    ScaleByRate: Mask, "divides by p", [Factor];
    FreshMask: Mask, "draws another mask", [StaleCache, UpstreamIgnored];
    MaskForgotten: Mask, "sends the gradient through dropped entries", [Factor];
    MaskInverted: Mask, "keeps what was dropped", [Detached];
    MaskShifted: Mask, "reads the mask one place off", [Geometry, StaleCache];
    MaskOfFirstRow: Mask, "uses the first row's mask for all rows", [Broadcast, StaleCache];
    SquareHalved: Factor, "forgets the 2 of the square", [];
    Negated: Sign, "subtracts", [];
    ScaleRounded: Scale, "has 1.4 for 1 / 0.7", [];
}

const RATE: f64 = 0.3;

/// Dropout in training.
#[derive(Clone, Debug)]
pub struct Dropout {
    rows: usize,
    width: usize,
}

impl Dropout {
    fn mask(&self, seed: u64) -> Vec<bool> {
        let mut random = Random::new(seed);
        (0..self.rows * self.width).map(|_| random.uniform(0.0, 1.0) >= RATE).collect()
    }
}

impl Operation for Dropout {
    type Mistake = Mistake;
    const NAME: &'static str = "dropout";

    fn cases() -> Vec<Self> {
        [(4, 5), (3, 8)].map(|(rows, width)| Self { rows, width }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.width])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.width
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.width].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let kept = S::of(1.0 / (1.0 - RATE));
        x[0].iter().zip(self.mask(7)).map(|(&v, m)| if m { kept * v * kept * v } else { S::ZERO }).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let mask = self.mask(if wrong == Some(Mistake::FreshMask) { 8 } else { 7 });
        let kept = S::of(1.0 / (1.0 - RATE));
        let outer = match wrong {
            Some(Mistake::ScaleForgotten) => S::ONE,
            Some(Mistake::ScaleByRate) => S::of(1.0 / RATE),
            Some(Mistake::ScaleRounded) => S::of(1.4),
            _ => kept,
        };
        let entry = |(k, &v): (usize, &S)| {
            let passes = match wrong {
                Some(Mistake::MaskForgotten) => true,
                Some(Mistake::MaskInverted) => !mask[k],
                Some(Mistake::MaskShifted) => mask[(k + 1) % mask.len()],
                Some(Mistake::MaskOfFirstRow) => mask[k % self.width],
                _ => mask[k],
            };
            let g = match wrong {
                Some(Mistake::SquareHalved) => kept * outer * v * dy[k],
                Some(Mistake::Negated) => -S::of(2.0) * kept * outer * v * dy[k],
                _ => S::of(2.0) * kept * outer * v * dy[k],
            };
            if passes { g } else { S::ZERO }
        };
        vec![x[0].iter().enumerate().map(entry).collect()]
    }
}
