//! `silu`: `y = x σ(β x)` with β learnt.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    ProductRule: Term, "leaves out x σ′", [];
    BetaForgotten: Term, "forgets β in the inner derivative", [];
    BetaMean: MeanOrSum, "averages the gradient of β", [Factor];
    BetaOfOne: Broadcast, "takes the gradient of β from the first element", [TimeStep, NotAccumulated];
    BetaSquare: Term, "has x for x² in the gradient of β", [Factor];
    SquareForSlope: Term, "has s² for s (1 − s)", [];
    SlopeSign: Sign, "subtracts x σ′", [Term];
    UpstreamIgnored: Upstream, "does not multiply with the upstream gradient", [];
    OverwrittenInput: Alias, "reads x where the output was written in place", [Term];
}

/// Sigmoid linear unit with a learnt steepness.
#[derive(Clone, Debug)]
pub struct Silu {
    shape: [usize; 2],
}

impl Operation for Silu {
    type Mistake = Mistake;
    const NAME: &'static str = "silu";

    fn cases() -> Vec<Self> {
        [[3, 4], [1, 7]].map(|shape| Self { shape }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &self.shape), parameter("beta", &[1])]
    }

    fn outputs(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    fn output_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].iter().map(|&v| v * (x[1][0] * v).sigmoid()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let (mut dx, mut dbeta) = (Vec::new(), S::ZERO);
        for (k, (&v, &g)) in x[0].iter().zip(dy).enumerate() {
            let g = if is(Mistake::UpstreamIgnored) { S::ONE } else { g };
            let v = if is(Mistake::OverwrittenInput) { v * (x[1][0] * v).sigmoid() } else { v };
            let s = (x[1][0] * v).sigmoid();
            let slope = if is(Mistake::SquareForSlope) { s * s } else { s * (S::ONE - s) };
            let beta = if is(Mistake::BetaForgotten) { S::ONE } else { x[1][0] };
            let second = match wrong {
                Some(Mistake::ProductRule) => S::ZERO,
                Some(Mistake::SlopeSign) => -(v * beta * slope),
                _ => v * beta * slope,
            };
            dx.push(g * (s + second));
            if !is(Mistake::BetaOfOne) || k == 0 {
                dbeta += g * slope * if is(Mistake::BetaSquare) { v } else { v * v };
            }
        }
        if is(Mistake::BetaMean) {
            dbeta = dbeta / S::of(x[0].len() as f64);
        }
        vec![dx, vec![dbeta]]
    }
}
