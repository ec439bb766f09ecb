//! `tanh_backward`: the backward pass of tanh as a function of its own, `g (1 − tanh² x)`: what a second derivative goes through.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    PointDetached: SecondOrder, "takes the saved output for a constant: right for first derivatives alone", [Detached];
    TwoForgotten: SecondOrder, "forgets the 2 in −2 tanh x (1 − tanh² x)", [Factor];
    SignForgotten: SecondOrder, "forgets the minus", [Sign];
    SlopeForgotten: SecondOrder, "has −2 tanh x for −2 tanh x (1 − tanh² x)", [Term];
    UpstreamForgotten: SecondOrder, "forgets the first upstream gradient", [UpstreamIgnored, Term];
    UpstreamDetached: SecondOrder, "sends nothing back to the first upstream gradient", [Detached];
    RawPoint: Cache, "takes x for tanh x", [Term];
}

/// The gradient of tanh, differentiated.
#[derive(Clone, Debug)]
pub struct TanhBackward {
    shape: [usize; 2],
}

impl Operation for TanhBackward {
    type Mistake = Mistake;
    const NAME: &'static str = "tanh_backward";

    fn cases() -> Vec<Self> {
        [[3, 4], [2, 7]].map(|shape| Self { shape }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &self.shape), input("upstream", &self.shape)]
    }

    fn outputs(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    fn output_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].iter().zip(x[1]).map(|(&v, &g)| g * (S::ONE - v.tanh() * v.tanh())).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (mut dx, mut dg) = (Vec::new(), Vec::new());
        for ((&v, &g), &c) in x[0].iter().zip(x[1]).zip(dy) {
            let y = if wrong == Some(Mistake::RawPoint) { v } else { v.tanh() };
            let slope = S::ONE - y * y;
            dx.push(match wrong {
                Some(Mistake::PointDetached) => S::ZERO,
                Some(Mistake::TwoForgotten) => -(c * g * y * slope),
                Some(Mistake::SignForgotten) => S::of(2.0) * c * g * y * slope,
                Some(Mistake::SlopeForgotten) => -S::of(2.0) * c * g * y,
                Some(Mistake::UpstreamForgotten) => -S::of(2.0) * c * y * slope,
                _ => -S::of(2.0) * c * g * y * slope,
            });
            dg.push(if wrong == Some(Mistake::UpstreamDetached) { S::ZERO } else { c * slope });
        }
        vec![dx, dg]
    }
}
