//! `lstm`: gates `i, f, g, o` from `W [x, h] + b`; `c = f c₋₁ + i g`, `h = o tanh c`; the output is every `h`.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    InputForgetSwapped: Gates, "writes the gradients of the input and the forget gate in each other's place", [];
    OrderOfOtherLibrary: Gates, "takes the order of the gates for i, f, o, g", [];
    CellCarryDropped: TimeStep, "does not carry the cell's gradient back", [Term];
    StateCarryDropped: TimeStep, "does not carry the hidden state's gradient back", [Term];
    ForgetForgotten: Term, "carries the cell's gradient back without the forget gate", [TimeStep, Gates];
    CellNotSquashed: Term, "has c for tanh c in the output gate's gradient", [Gates];
    CandidateSlope: Gates, "takes the slope of a sigmoid for the candidate's tanh", [Term];
    StaleCell: Cache, "multiplies with cₜ where cₜ₋₁ belongs in the forget gate's gradient", [Gates, Term];
    WeightOverwritten: Accumulation, "keeps the first step's gradient of the weight", [TimeStep];
    BiasOfLastStep: TimeStep, "takes the bias's gradient from the last step", [NotAccumulated, Broadcast];
    FirstStepDropped: TimeStep, "stops before the first step", [Mask];
    OutputDetached: Detached, "sends nothing back through the output gate", [Gates, Mask, Unwritten];
    WeightTransposed: Transpose, "writes the weight's gradient as its transpose", [];
    CellInPlace: Alias, "writes the input gate's gradient over the cell's before the cell's is carried on", [TimeStep, Term, Gates];
}

/// A long short-term memory over one sequence, from zero states.
#[derive(Clone, Debug)]
pub struct Lstm {
    steps: usize,
    inputs: usize,
    hidden: usize,
}

/// What the backward pass needs of a step: `[x, h₋₁]`, the gates one after the other, `c₋₁` and `c`.
struct Step<S> {
    seen: Vec<S>,
    gates: Vec<S>,
    before: Vec<S>,
    cell: Vec<S>,
}

impl Lstm {
    fn run<S: Scalar>(&self, x: &[&[S]]) -> (Vec<Step<S>>, Vec<S>) {
        let (d, width) = (self.hidden, self.inputs + self.hidden);
        let (mut state, mut cell) = (vec![S::ZERO; d], vec![S::ZERO; d]);
        let (mut steps, mut outputs) = (Vec::new(), Vec::new());
        for input in x[0].chunks(self.inputs) {
            let seen = [input, &state].concat();
            let gates: Vec<S> = (0..4 * d)
                .map(|r| {
                    let sum = x[1][r * width..].iter().zip(&seen).map(|(&w, &v)| w * v).sum::<S>() + x[2][r];
                    if r / d == 2 { sum.tanh() } else { sum.sigmoid() }
                })
                .collect();
            let before = cell.clone();
            cell = (0..d).map(|k| gates[d + k] * before[k] + gates[k] * gates[2 * d + k]).collect();
            state = (0..d).map(|k| gates[3 * d + k] * cell[k].tanh()).collect();
            outputs.extend(state.iter().copied());
            steps.push(Step { seen, gates, before, cell: cell.clone() });
        }
        (steps, outputs)
    }
}

impl Operation for Lstm {
    type Mistake = Mistake;
    const NAME: &'static str = "lstm";

    fn cases() -> Vec<Self> {
        [(3, 2, 3), (4, 3, 2)].map(|(steps, inputs, hidden)| Self { steps, inputs, hidden }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        let width = self.inputs + self.hidden;
        vec![
            input("x", &[self.steps, self.inputs]),
            parameter("weight", &[4 * self.hidden, width]),
            parameter("bias", &[4 * self.hidden]),
        ]
    }

    fn outputs(&self) -> usize {
        self.steps * self.hidden
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.steps, self.hidden].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.run(x).1
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, d, width) = (|m| wrong == Some(m), self.hidden, self.inputs + self.hidden);
        let [mut dx, mut dw, mut db] = [x[0], x[1], x[2]].map(|x| vec![S::ZERO; x.len()]);
        let (mut dstate, mut dcell) = (vec![S::ZERO; d], vec![S::ZERO; d]);
        for (t, Step { seen, gates, before, cell }) in self.run(x).0.iter().enumerate().rev() {
            if is(Mistake::FirstStepDropped) && t == 0 {
                break;
            }
            let mut a = vec![S::ZERO; 4 * d];
            for k in 0..d {
                let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[gate * d + k]);
                let (dh, squashed) = (dy[t * d + k] + dstate[k], cell[k].tanh());
                let dc = dcell[k] + dh * o * (S::ONE - squashed * squashed);
                let slope = |s: S| s * (S::ONE - s);
                a[k] = dc * g * slope(i);
                a[d + k] = dc * if is(Mistake::StaleCell) { cell[k] } else { before[k] } * slope(f);
                a[2 * d + k] = dc * i * if is(Mistake::CandidateSlope) { slope(g) } else { S::ONE - g * g };
                a[3 * d + k] = dh * if is(Mistake::CellNotSquashed) { cell[k] } else { squashed } * slope(o);
                match wrong {
                    Some(Mistake::InputForgetSwapped) => a.swap(k, d + k),
                    Some(Mistake::OrderOfOtherLibrary) => a.swap(2 * d + k, 3 * d + k),
                    Some(Mistake::OutputDetached) => a[3 * d + k] = S::ZERO,
                    _ => {}
                }
                dcell[k] = dc * if is(Mistake::ForgetForgotten) { S::ONE } else { f };
                if is(Mistake::CellInPlace) {
                    dcell[k] = a[k] * f;
                }
                if is(Mistake::CellCarryDropped) {
                    dcell[k] = S::ZERO;
                }
            }
            let mut dseen = vec![S::ZERO; width];
            for r in 0..4 * d {
                for c in 0..width {
                    dseen[c] += a[r] * x[1][r * width + c];
                    let at = if is(Mistake::WeightTransposed) { c * 4 * d + r } else { r * width + c };
                    if is(Mistake::WeightOverwritten) {
                        dw[at] = S::ZERO;
                    }
                    dw[at] += a[r] * seen[c];
                }
                if !is(Mistake::BiasOfLastStep) || t + 1 == self.steps {
                    db[r] += a[r];
                }
            }
            dx[t * self.inputs..][..self.inputs].copy_from_slice(&dseen[..self.inputs]);
            dstate.copy_from_slice(&dseen[self.inputs..]);
            if is(Mistake::StateCarryDropped) {
                dstate.fill(S::ZERO);
            }
        }
        vec![dx, dw, db]
    }
}
