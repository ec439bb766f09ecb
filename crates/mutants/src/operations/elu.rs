//! `elu`: `y = x` above zero and `a (eˣ − 1)` below; and `a = 0.7`, so that there is a kink at zero.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    FromOutput: Cache, "takes y for y + a where the derivative is computed from the output", [Term, Mask];
    AlphaForgotten: Factor, "forgets a below zero", [Term, Mask];
    MaskInverted: Mask, "swaps the two sides", [];
    Rectified: Mask, "sends nothing back below zero", [];
    BelowSign: Sign, "has the wrong sign below zero", [Term, Mask];
    NotANumber: Unwritten, "divides by zero for the largest entry", [];
    TailUnwritten: Layout, "works in blocks of four and leaves the rest unwritten", [Mask];
    AlphaMistyped: Scale, "has 0.67 for a below zero", [Mask];
}

const ALPHA: f64 = 0.7;

/// Exponential linear unit.
#[derive(Clone, Debug)]
pub struct Elu {
    shape: [usize; 2],
    near_kink: bool,
}

impl Operation for Elu {
    type Mistake = Mistake;
    const NAME: &'static str = "elu";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        vec![Self { shape: [3, 6], near_kink: false }, Self { shape: [2, 7], near_kink: true }]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &self.shape)]
    }

    fn outputs(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    fn output_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let mut x = random.normals(self.outputs());
        if self.near_kink {
            x.iter_mut().step_by(3).for_each(|v| *v *= 1e-8);
        }
        vec![x]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].iter().map(|&v| if v > S::ZERO { v } else { S::of(ALPHA) * (v.exp() - S::ONE) }).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let largest = x[0].iter().copied().fold(x[0][0], Scalar::max);
        let slope = |v: S| {
            let above = (v > S::ZERO) != is(Mistake::MaskInverted);
            match wrong {
                Some(Mistake::NotANumber) if v == largest => S::of(f64::NAN),
                _ if above => S::ONE,
                Some(Mistake::FromOutput) => S::of(ALPHA) * (v.exp() - S::ONE),
                Some(Mistake::AlphaForgotten) => v.exp(),
                Some(Mistake::AlphaMistyped) => S::of(0.67) * v.exp(),
                Some(Mistake::Rectified) => S::ZERO,
                Some(Mistake::BelowSign) => -S::of(ALPHA) * v.exp(),
                _ => S::of(ALPHA) * v.exp(),
            }
        };
        let mut dx: Vec<S> = x[0].iter().zip(dy).map(|(&v, &g)| g * slope(v)).collect();
        if is(Mistake::TailUnwritten) {
            let whole = dx.len() / 4 * 4;
            dx[whole..].fill(S::ZERO);
        }
        vec![dx]
    }
}
