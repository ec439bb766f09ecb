//! `gru`: `r, z` from `[x, h]`, candidate `n = tanh(Wₙ x + r (Uₙ h))`, `h = (1 − z) n + z h₋₁`; the output is the last `h`.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    UpdateInverted: Gates, "has z n + (1 − z) h₋₁ in mind", [Term];
    ResetUpdateSwapped: Gates, "swaps the gradients of reset and update gate", [];
    ResetForgotten: Gates, "forgets the reset gate on the way back to the state", [Term];
    ResetDetached: Detached, "sends nothing back through the reset gate", [Gates, Mask, Unwritten];
    DirectPathDropped: TimeStep, "does not carry z dh back to the state before", [Term];
    StepDropped: TimeStep, "stops before the first step", [Mask];
    WeightOverwritten: Accumulation, "keeps the first step's gradient of U", [TimeStep];
    CandidateSlope: Term, "forgets 1 − n²", [Gates];
    StaleState: Cache, "takes the state after the step for the one before it", [Term];
    UpdateSign: Sign, "has n − h₋₁ for h₋₁ − n", [Gates];
    RecurrentUntransposed: Transpose, "carries the candidate back with U where Uᵀ belongs", [];
    StateInPlace: Alias, "writes the candidate's gradient over the state's before z dh is carried on", [TimeStep, Term];
}

/// A gated recurrent unit over one sequence; `W` is (3 hidden, inputs) and `U` (3 hidden, hidden), gates in order r, z, n.
#[derive(Clone, Debug)]
pub struct Gru {
    steps: usize,
    inputs: usize,
    hidden: usize,
}

/// What the backward pass needs of a step.
struct Step<S> {
    before: Vec<S>,
    /// `r, z, n`, then `Uₙ h`.
    gates: Vec<S>,
    after: Vec<S>,
}

impl Gru {
    fn run<S: Scalar>(&self, x: &[&[S]]) -> Vec<Step<S>> {
        let d = self.hidden;
        let mut state = x[1].to_vec();
        let step = |input: &[S]| {
            let from_input = |r: usize| x[2][r * self.inputs..].iter().zip(input).map(|(&w, &v)| w * v).sum::<S>();
            let from_state = |r: usize| x[3][r * d..].iter().zip(&state).map(|(&u, &h)| u * h).sum::<S>();
            let mut gates: Vec<S> = (0..2 * d).map(|r| (from_input(r) + from_state(r)).sigmoid()).collect();
            let recurrent: Vec<S> = (2 * d..3 * d).map(from_state).collect();
            let candidate: Vec<S> = (0..d).map(|k| (from_input(2 * d + k) + gates[k] * recurrent[k]).tanh()).collect();
            let after: Vec<S> =
                (0..d).map(|k| (S::ONE - gates[d + k]) * candidate[k] + gates[d + k] * state[k]).collect();
            gates.extend(candidate);
            gates.extend(recurrent);
            let before = std::mem::replace(&mut state, after.clone());
            Step { before, gates, after }
        };
        x[0].chunks(self.inputs).map(step).collect()
    }
}

impl Operation for Gru {
    type Mistake = Mistake;
    const NAME: &'static str = "gru";

    fn cases() -> Vec<Self> {
        [(3, 2, 3), (4, 3, 2)].map(|(steps, inputs, hidden)| Self { steps, inputs, hidden }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.steps, self.inputs]),
            input("state", &[self.hidden]),
            parameter("weight", &[3 * self.hidden, self.inputs]),
            parameter("recurrent", &[3 * self.hidden, self.hidden]),
        ]
    }

    fn outputs(&self) -> usize {
        self.hidden
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.run(x).pop().map(|last| last.after).unwrap_or_default()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, d, inputs) = (|m| wrong == Some(m), self.hidden, self.inputs);
        let mut gradients: Vec<Vec<S>> = x.iter().map(|x| vec![S::ZERO; x.len()]).collect();
        let mut dh = dy.to_vec();
        for (t, Step { before, gates, after }) in self.run(x).iter().enumerate().rev() {
            if is(Mistake::StepDropped) && t == 0 {
                break;
            }
            let state = if is(Mistake::StaleState) { after } else { before };
            // Gradients of the pre-activations: on the side of x, and of Uₙ h, where r comes between.
            let mut a = vec![S::ZERO; 3 * d];
            let mut recurrent = vec![S::ZERO; d];
            let mut carried = vec![S::ZERO; d];
            for k in 0..d {
                let [r, z, n, un] = [0, 1, 2, 3].map(|gate| gates[gate * d + k]);
                let kept = if is(Mistake::UpdateInverted) { S::ONE - z } else { z };
                let slope = if is(Mistake::CandidateSlope) { S::ONE } else { S::ONE - n * n };
                let dn = dh[k] * (S::ONE - kept) * slope;
                let difference = if is(Mistake::UpdateSign) { n - state[k] } else { state[k] - n };
                a[2 * d + k] = dn;
                a[d + k] = dh[k] * difference * z * (S::ONE - z);
                a[k] = if is(Mistake::ResetDetached) { S::ZERO } else { dn * un * r * (S::ONE - r) };
                if is(Mistake::ResetUpdateSwapped) {
                    a.swap(k, d + k);
                }
                recurrent[k] = if is(Mistake::ResetForgotten) { dn } else { dn * r };
                carried[k] = match wrong {
                    Some(Mistake::DirectPathDropped) => S::ZERO,
                    Some(Mistake::StateInPlace) => dn * kept,
                    _ => dh[k] * kept,
                };
            }
            for row in 0..3 * d {
                for j in 0..inputs {
                    gradients[0][t * inputs + j] += a[row] * x[2][row * inputs + j];
                    gradients[2][row * inputs + j] += a[row] * x[0][t * inputs + j];
                }
                let own = if row < 2 * d { a[row] } else { recurrent[row - 2 * d] };
                for j in 0..d {
                    let swapped = is(Mistake::RecurrentUntransposed) && row >= 2 * d;
                    let read = if swapped { (2 * d + j) * d + row - 2 * d } else { row * d + j };
                    carried[j] += own * x[3][read];
                    if is(Mistake::WeightOverwritten) {
                        gradients[3][row * d + j] = S::ZERO;
                    }
                    gradients[3][row * d + j] += own * state[j];
                }
            }
            dh = carried;
        }
        if !is(Mistake::StepDropped) {
            gradients[1] = dh;
        }
        gradients
    }
}
