//! `softplus`: `y = ln(1 + e^{βx}) / β`, computed so that nothing overflows.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    BetaTwice: Scale, "multiplies with β, which cancels", [Factor];
    BetaForgotten: Term, "has σ(x) for σ(βx)", [];
    OneMinus: Sign, "has σ(−βx), the wrong side", [Term];
    Linear: Mask, "takes the slope for 1 above zero", [Term];
    SecondDerivative: Term, "has σ′ for σ", [];
    UpstreamSquared: Upstream, "multiplies with the upstream gradient twice", [];
    Half: Factor, "halves it", [];
    FixedPoint: Layout, "goes through a fixed-point type with steps of 1/64", [Factor, UpstreamIgnored];
}

const BETA: f64 = 1.3;

/// Smooth rectifier.
#[derive(Clone, Debug)]
pub struct Softplus {
    shape: [usize; 2],
}

impl Operation for Softplus {
    type Mistake = Mistake;
    const NAME: &'static str = "softplus";

    fn cases() -> Vec<Self> {
        [[2, 6], [5, 3]].map(|shape| Self { shape }).into()
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

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].iter().map(|&v| (S::of(BETA) * v).softplus() / S::of(BETA)).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let slope = |v: S, g: S| {
            let s = (S::of(BETA) * v).sigmoid();
            match wrong {
                Some(Mistake::BetaTwice) => g * s * S::of(BETA),
                Some(Mistake::BetaForgotten) => g * v.sigmoid(),
                Some(Mistake::OneMinus) => g * (S::ONE - s),
                Some(Mistake::Linear) if v > S::ZERO => g,
                Some(Mistake::SecondDerivative) => g * s * (S::ONE - s),
                Some(Mistake::UpstreamSquared) => g * g * s,
                Some(Mistake::Half) => g * s / S::of(2.0),
                Some(Mistake::FixedPoint) => S::of((g * s).value().mul_add(64.0, 0.5).floor() / 64.0),
                _ => g * s,
            }
        };
        vec![x[0].iter().zip(dy).map(|(&v, &g)| slope(v, g)).collect()]
    }
}
