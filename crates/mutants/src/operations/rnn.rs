//! `rnn`: `hₜ = tanh(W xₜ + U hₜ₋₁ + b)`, the outputs being all hidden states.
//!
//! Backwards through time: `aₜ = (dyₜ + Uᵀ aₜ₊₁) (1 − hₜ²)`, and each parameter's gradient is a sum over the steps.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    Truncated: TimeStep, "carries the gradient back over one step alone", [Term, Detached];
    NoCarry: TimeStep, "sends nothing from a step to the one before", [Term, Detached];
    FirstStepDropped: TimeStep, "leaves out the first step", [Mask];
    LastStepDropped: TimeStep, "leaves out the last step", [Mask];
    RecurrentTransposed: Transpose, "carries back with U where Uᵀ belongs", [];
    RecurrentGradient: Transpose, "writes the gradient of U as its transpose", [];
    StaleState: Cache, "multiplies with hₜ where hₜ₋₁ belongs", [Term];
    WeightOverwritten: Accumulation, "keeps the first step's gradient of W", [TimeStep];
    BiasMean: MeanOrSum, "averages the gradient of b over the steps", [];
    SlopeForgotten: Term, "forgets 1 − h²", [];
    StateDetached: Detached, "sends nothing back to the initial state", [];
    OneStep: Layout, "takes the slope for 1 at a single step", [Term];
    FasterTanh: Scale, "has the slope of a cheaper tanh, 2 % off", [TimeStep, Term];
}

/// A recurrent layer over one sequence.
#[derive(Clone, Debug)]
pub struct Rnn {
    steps: usize,
    inputs: usize,
    hidden: usize,
}

impl Rnn {
    /// All states, the initial one first.
    fn states<S: Scalar>(&self, x: &[&[S]]) -> Vec<Vec<S>> {
        let mut states = vec![x[1].to_vec()];
        for input in x[0].chunks(self.inputs) {
            let last = &states[states.len() - 1];
            let unit = |i: usize| {
                let w = x[2][i * self.inputs..].iter().zip(input).map(|(&w, &v)| w * v).sum::<S>();
                let u = x[3][i * self.hidden..].iter().zip(last).map(|(&u, &h)| u * h).sum::<S>();
                (w + u + x[4][i]).tanh()
            };
            states.push((0..self.hidden).map(unit).collect());
        }
        states
    }
}

impl Operation for Rnn {
    type Mistake = Mistake;
    const NAME: &'static str = "rnn";

    fn cases() -> Vec<Self> {
        [(4, 3, 2), (5, 2, 3), (1, 2, 3)].map(|(steps, inputs, hidden)| Self { steps, inputs, hidden }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.steps, self.inputs]),
            input("state", &[self.hidden]),
            parameter("weight", &[self.hidden, self.inputs]),
            parameter("recurrent", &[self.hidden, self.hidden]),
            parameter("bias", &[self.hidden]),
        ]
    }

    fn outputs(&self) -> usize {
        self.steps * self.hidden
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.steps, self.hidden].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.states(x)[1..].concat()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { steps, inputs, hidden }) = (|m| wrong == Some(m), self);
        let states = self.states(x);
        let mut gradients: Vec<Vec<S>> = x.iter().map(|x| vec![S::ZERO; x.len()]).collect();
        let mut carried = vec![S::ZERO; hidden];
        for t in (0..steps).rev() {
            let dropped = is(Mistake::FirstStepDropped) && t == 0 || is(Mistake::LastStepDropped) && t + 1 == steps;
            if dropped && steps > 1 {
                continue;
            }
            let slope = |h: S| {
                let flat = is(Mistake::SlopeForgotten) || is(Mistake::OneStep) && steps == 1;
                if flat {
                    S::ONE
                } else if is(Mistake::FasterTanh) {
                    S::of(1.02) * (S::ONE - h * h)
                } else {
                    S::ONE - h * h
                }
            };
            let state = &states[t + 1];
            let own: Vec<S> = (0..hidden).map(|i| dy[t * hidden + i] * slope(state[i])).collect();
            let a: Vec<S> = (0..hidden).map(|i| own[i] + carried[i] * slope(state[i])).collect();
            let before = if is(Mistake::StaleState) { state } else { &states[t] };
            carried = vec![S::ZERO; hidden];
            for i in 0..hidden {
                for j in 0..inputs {
                    gradients[0][t * inputs + j] += a[i] * x[2][i * inputs + j];
                    if is(Mistake::WeightOverwritten) {
                        gradients[2][i * inputs + j] = S::ZERO;
                    }
                    gradients[2][i * inputs + j] += a[i] * x[0][t * inputs + j];
                }
                for j in 0..hidden {
                    let (at, transposed) = (i * hidden + j, j * hidden + i);
                    gradients[3][if is(Mistake::RecurrentGradient) { transposed } else { at }] += a[i] * before[j];
                    let sent = if is(Mistake::Truncated) { own[i] } else { a[i] };
                    carried[j] += sent * x[3][if is(Mistake::RecurrentTransposed) { transposed } else { at }];
                }
                let divisor = if is(Mistake::BiasMean) { steps as f64 } else { 1.0 };
                gradients[4][i] += a[i] / S::of(divisor);
            }
            if t == 0 && !is(Mistake::StateDetached) {
                gradients[1] = carried.clone();
            }
            if is(Mistake::NoCarry) {
                carried.fill(S::ZERO);
            }
        }
        gradients
    }
}
