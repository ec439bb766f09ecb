//! `gradient_penalty`: `½ ‖∇ₓ f‖²` of the network `f = Σ vₖ tanh(wₖ x)`, differentiated by its parameters and by `x`.
//!
//! With `h = tanh(W x)` and `s = 1 − h²`, `∇ₓ f = Wᵀ (v s)`.

use crate::matrix::{dot, product, transposed};
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    SlopesDetached: SecondOrder, "takes the slopes 1 − h² for constants", [Detached, Term];
    OuterOnly: SecondOrder, "differentiates the slopes alone and not Wᵀ in front", [Term, Coupling];
    TwoForgotten: SecondOrder, "forgets the 2 in the derivative of h²", [Factor, Term];
    SlopeSign: SecondOrder, "forgets the minus in the derivative of 1 − h²", [Sign, Term];
    InnerSlope: SecondOrder, "forgets the tanh within the slope", [Term];
    NormDoubled: Factor, "forgets the ½", [];
    InputDetached: Detached, "sends nothing back to x", [];
    OutputSign: Sign, "subtracts v's gradient", [];
}

/// Half the squared norm of a network's input gradient.
#[derive(Clone, Debug)]
pub struct GradientPenalty {
    inputs: usize,
    units: usize,
}

impl Operation for GradientPenalty {
    type Mistake = Mistake;
    const NAME: &'static str = "gradient_penalty";

    fn cases() -> Vec<Self> {
        [(3, 4), (5, 2)].map(|(inputs, units)| Self { inputs, units }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.inputs]),
            parameter("weight", &[self.units, self.inputs]),
            parameter("output", &[self.units]),
        ]
    }

    fn outputs(&self) -> usize {
        1
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let gradient = self.input_gradient(x, &self.hidden(x));
        vec![dot(&gradient, &gradient) / S::of(2.0)]
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { inputs, units }) = (|m| wrong == Some(m), self);
        let hidden = self.hidden(x);
        let scale = if is(Mistake::NormDoubled) { dy[0] + dy[0] } else { dy[0] };
        // The gradient of ½ ‖γ‖² by γ is γ.
        let outer: Vec<S> = self.input_gradient(x, &hidden).iter().map(|&g| scale * g).collect();
        let mut dw = vec![S::ZERO; units * inputs];
        let (mut dv, mut dpre) = (Vec::new(), Vec::new());
        for (k, &h) in hidden.iter().enumerate() {
            let (v, slope) = (x[2][k], S::ONE - h * h);
            let along = dot(&x[1][k * inputs..][..inputs], &outer);
            dv.push(if is(Mistake::OutputSign) { -(along * slope) } else { along * slope });
            let bend = match wrong {
                Some(Mistake::SlopesDetached) => S::ZERO,
                Some(Mistake::TwoForgotten) => -(h * slope),
                Some(Mistake::SlopeSign) => S::of(2.0) * h * slope,
                Some(Mistake::InnerSlope) => -S::of(2.0) * h,
                _ => -S::of(2.0) * h * slope,
            };
            dpre.push(along * v * bend);
            for j in 0..inputs {
                let front = if is(Mistake::OuterOnly) { S::ZERO } else { v * slope * outer[j] };
                dw[k * inputs + j] = front + dpre[k] * x[0][j];
            }
        }
        let mut dx = product(&dpre, x[1], 1, units, inputs);
        if is(Mistake::InputDetached) {
            dx.fill(S::ZERO);
        }
        vec![dx, dw, dv]
    }
}

impl GradientPenalty {
    fn hidden<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        product(x[1], x[0], self.units, self.inputs, 1).into_iter().map(Scalar::tanh).collect()
    }

    fn input_gradient<S: Scalar>(&self, x: &[&[S]], hidden: &[S]) -> Vec<S> {
        let slopes: Vec<S> = hidden.iter().zip(x[2]).map(|(&h, &v)| v * (S::ONE - h * h)).collect();
        product(&transposed(x[1], self.units, self.inputs), &slopes, self.inputs, self.units, 1)
    }
}
