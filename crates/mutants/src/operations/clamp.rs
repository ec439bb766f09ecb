//! `clamp`: `y = scale · min(max(x, low), high)`; some points lie a billionth inside or outside the bounds.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    NoClamp: Tie, "passes the gradient through everywhere, a straight-through estimate", [Mask];
    UpperForgotten: Tie, "forgets the upper bound", [Mask];
    LowerOff: Tie, "has the lower bound off by a half", [Mask];
    Inverted: Mask, "passes the gradient through outside the bounds", [];
    OfOutput: Tie, "compares the scaled output with the bounds", [Mask, StaleCache];
    ScaleOfInput: Cache, "multiplies the scale's gradient with x, not with the clamped value", [Term, Mask];
    ScaleUnsummed: Broadcast, "takes the scale's gradient from the first row", [TimeStep, NotAccumulated];
    ScaleForgotten: Term, "forgets the scale", [Broadcast];
}

const LOW: f64 = -0.75;
const HIGH: f64 = 0.5;

/// Clamp to fixed bounds, with a scale for each column.
#[derive(Clone, Debug)]
pub struct Clamp {
    rows: usize,
    columns: usize,
    near_bounds: bool,
}

impl Operation for Clamp {
    type Mistake = Mistake;
    const NAME: &'static str = "clamp";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        [(4, 3, false), (3, 5, true)].map(|(rows, columns, near_bounds)| Self { rows, columns, near_bounds }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.columns]), parameter("scale", &[self.columns])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.columns
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.columns].to_vec()
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let mut x = random.uniforms(self.outputs(), -1.5, 1.5);
        if self.near_bounds {
            x.iter_mut().step_by(2).for_each(|v| *v = if *v < 0.0 { LOW } else { HIGH } + 1e-9 * random.normal());
        }
        vec![x, random.uniforms(self.columns, 1.5, 2.5)]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].iter().enumerate().map(|(k, &v)| x[1][k % self.columns] * clamped(v)).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let (low, high) = (S::of(LOW), S::of(HIGH));
        let (mut dx, mut dscale) = (Vec::new(), vec![S::ZERO; self.columns]);
        for (k, (&v, &g)) in x[0].iter().zip(dy).enumerate() {
            let scale = x[1][k % self.columns];
            let passes = match wrong {
                Some(Mistake::NoClamp) => true,
                Some(Mistake::UpperForgotten) => v >= low,
                Some(Mistake::LowerOff) => v >= low - S::of(0.5) && v <= high,
                Some(Mistake::Inverted) => v < low || v > high,
                Some(Mistake::OfOutput) => v * scale >= low && v * scale <= high,
                _ => v >= low && v <= high,
            };
            let scale = if is(Mistake::ScaleForgotten) { S::ONE } else { scale };
            dx.push(if passes { g * scale } else { S::ZERO });
            if !is(Mistake::ScaleUnsummed) || k < self.columns {
                dscale[k % self.columns] += g * if is(Mistake::ScaleOfInput) { v } else { clamped(v) };
            }
        }
        vec![dx, dscale]
    }
}

fn clamped<S: Scalar>(v: S) -> S {
    if v < S::of(LOW) {
        S::of(LOW)
    } else if v > S::of(HIGH) {
        S::of(HIGH)
    } else {
        v
    }
}
