//! `gelu`: `y = ½ x (1 + tanh u)` with `u = √(2/π) (x + 0.044715 x³)`.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    ProductRule: Term, "leaves out x · d tanh/dx", [];
    CubicDropped: Term, "differentiates u without its cubic term", [];
    CubicPower: Factor, "takes 1 for the 3 of the cubic term", [Term];
    OtherFormula: Scale, "uses the logistic approximation, x σ(1.702 x)", [Term];
    Constant: Scale, "has 0.44715 for 0.044715", [Term];
    HalfForgotten: Factor, "forgets the ½ of the second term", [Term];
    FromOutput: Cache, "takes x from a buffer that the output has overwritten", [Term];
    UpstreamIgnored: Upstream, "does not multiply with the upstream gradient", [];
}

/// Gaussian error linear unit, in its tanh form.
#[derive(Clone, Debug)]
pub struct Gelu {
    shape: [usize; 2],
}

impl Operation for Gelu {
    type Mistake = Mistake;
    const NAME: &'static str = "gelu";

    fn cases() -> Vec<Self> {
        [[3, 5], [2, 9]].map(|shape| Self { shape }).into()
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
        let half = S::of(0.5);
        x[0].iter().map(|&v| half * v * (S::ONE + (S::of(ROOT) * (v + S::of(CUBIC) * v * v * v)).tanh())).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let saved = if wrong == Some(Mistake::FromOutput) { self.forward(x) } else { x[0].to_vec() };
        let slope = |v: S| {
            if wrong == Some(Mistake::OtherFormula) {
                let s = (S::of(1.702) * v).sigmoid();
                return s + S::of(1.702) * v * s * (S::ONE - s);
            }
            let cubic = S::of(if wrong == Some(Mistake::Constant) { 0.44715 } else { CUBIC });
            let tanh = (S::of(ROOT) * (v + cubic * v * v * v)).tanh();
            let three = match wrong {
                Some(Mistake::CubicDropped) => 0.0,
                Some(Mistake::CubicPower) => 1.0,
                _ => 3.0,
            };
            let inner = S::of(ROOT) * (S::ONE + S::of(three) * cubic * v * v);
            let half = match wrong {
                Some(Mistake::ProductRule) => 0.0,
                Some(Mistake::HalfForgotten) => 1.0,
                _ => 0.5,
            };
            S::of(0.5) * (S::ONE + tanh) + S::of(half) * v * (S::ONE - tanh * tanh) * inner
        };
        let upstream = |g| if wrong == Some(Mistake::UpstreamIgnored) { S::ONE } else { g };
        vec![saved.iter().zip(dy).map(|(&v, &g)| upstream(g) * slope(v)).collect()]
    }
}

/// √(2/π).
const ROOT: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;
