//! `shifted_softmax`: `softmax(s x + b)` of each row, with one bias `b` added to all logits, which changes nothing, and a scale.
//!
//! The derivative by the bias is zero, and every computed one is round-off: nothing may be made of its digits.

use super::softmax::probabilities;
use crate::matrix::dot;
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    CrossTermsDropped: Softmax, "keeps the diagonal p (1 − p) alone, so that the bias receives a gradient", [Term];
    DiagonalOnly: Softmax, "takes softmax for an elementwise function", [Term];
    ScaleUnsummed: Broadcast, "takes the scale's gradient from the first row", [NotAccumulated, TimeStep];
    ScaleForgotten: Term, "forgets the scale", [Factor, Scale];
    ScaleMean: MeanOrSum, "averages the scale's gradient over the rows", [];
    Negated: Sign, "subtracts", [];
}

/// Probabilities of scaled and shifted rows.
#[derive(Clone, Debug)]
pub struct ShiftedSoftmax {
    rows: usize,
    classes: usize,
}

impl ShiftedSoftmax {
    fn rows<S: Scalar>(&self, x: &[&[S]]) -> Vec<Vec<S>> {
        let logits = |row: &[S]| row.iter().map(|&v| x[1][0] * v + x[2][0]).collect::<Vec<S>>();
        x[0].chunks(self.classes).map(|row| probabilities(&logits(row), 1.0)).collect()
    }
}

impl Operation for ShiftedSoftmax {
    type Mistake = Mistake;
    const NAME: &'static str = "shifted_softmax";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 5)].map(|(rows, classes)| Self { rows, classes }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.classes]), parameter("scale", &[1]), parameter("bias", &[1])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.classes
    }

    fn output_shape(&self) -> Vec<usize> {
        vec![self.rows, self.classes]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.rows(x).concat()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let (mut dx, mut dscale, mut dbias) = (Vec::new(), S::ZERO, S::ZERO);
        for (n, p) in self.rows(x).iter().enumerate() {
            let dp = &dy[n * self.classes..][..self.classes];
            for c in 0..self.classes {
                let sum = match wrong {
                    Some(Mistake::CrossTermsDropped) => p[c] * dp[c],
                    Some(Mistake::DiagonalOnly) => S::ZERO,
                    _ => dot(p, dp),
                };
                let g = p[c] * (dp[c] - sum);
                let g = if is(Mistake::Negated) { -g } else { g };
                dx.push(if is(Mistake::ScaleForgotten) { g } else { g * x[1][0] });
                let rows = if is(Mistake::ScaleMean) { self.rows } else { 1 };
                if !is(Mistake::ScaleUnsummed) || n == 0 {
                    dscale += g * x[0][n * self.classes + c] / S::of(rows as f64);
                }
                dbias += g;
            }
        }
        vec![dx, vec![dscale], vec![dbias]]
    }
}
