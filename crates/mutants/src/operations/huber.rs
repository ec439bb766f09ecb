//! `huber`: `½ e²` where the error `|e| ≤ δ`, and `δ (|e| − ½ δ)` beyond.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    Quadratic: Mask, "takes the quadratic branch everywhere", [Term];
    Linear: Mask, "takes the linear branch everywhere", [Term];
    BoundaryDoubled: Tie, "switches at 2 δ", [Mask, Term];
    SignLost: Sign, "has δ for δ sign(e) in the linear branch", [Mask, Term];
    DeltaForgotten: Factor, "has sign(e) for δ sign(e)", [Mask, Scale];
    ZeroBeyond: Tie, "sends nothing back beyond δ, as a clamp would", [Mask];
    TargetDetached: Detached, "takes the target for a constant", [];
    Averaged: MeanOrSum, "averages over the entries where the forward pass sums", [];
}

const DELTA: f64 = 0.8;

/// Huber's loss of each row, summed over its entries.
#[derive(Clone, Debug)]
pub struct Huber {
    rows: usize,
    width: usize,
    /// Whether points lie a hundred-millionth from the boundary.
    near_boundary: bool,
}

impl Operation for Huber {
    type Mistake = Mistake;
    const NAME: &'static str = "huber";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        [(3, 6, false), (2, 7, true)].map(|(rows, width, near_boundary)| Self { rows, width, near_boundary }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("prediction", &[self.rows, self.width]), input("target", &[self.rows, self.width])]
    }

    fn outputs(&self) -> usize {
        self.rows
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let count = self.rows * self.width;
        let (mut prediction, target) = (random.uniforms(count, -2.5, 2.5), random.uniforms(count, -0.5, 0.5));
        if self.near_boundary {
            (0..count).step_by(3).for_each(|k| prediction[k] = target[k] + DELTA + 1e-8 * random.normal());
        }
        vec![prediction, target]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let loss = |k: usize| {
            let (e, delta) = ((x[0][k] - x[1][k]).abs(), S::of(DELTA));
            if e <= delta { e * e * S::of(0.5) } else { delta * (e - S::of(0.5) * delta) }
        };
        (0..self.rows).map(|n| (n * self.width..(n + 1) * self.width).map(loss).sum()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let entry = |k: usize| {
            let (e, delta) = (x[0][k] - x[1][k], S::of(DELTA));
            let sign = if e < S::ZERO { -S::ONE } else { S::ONE };
            let inside = match wrong {
                Some(Mistake::Quadratic) => true,
                Some(Mistake::Linear) => false,
                Some(Mistake::BoundaryDoubled) => e.abs() <= delta + delta,
                _ => e.abs() <= delta,
            };
            let slope = match wrong {
                _ if inside => e,
                Some(Mistake::SignLost) => delta,
                Some(Mistake::DeltaForgotten) => sign,
                Some(Mistake::ZeroBeyond) => S::ZERO,
                _ => delta * sign,
            };
            let divisor = if is(Mistake::Averaged) { self.width as f64 } else { 1.0 };
            dy[k / self.width] * slope / S::of(divisor)
        };
        let prediction: Vec<S> = (0..x[0].len()).map(entry).collect();
        let detached = is(Mistake::TargetDetached);
        let target = prediction.iter().map(|&g| if detached { S::ZERO } else { -g }).collect();
        vec![prediction, target]
    }
}
