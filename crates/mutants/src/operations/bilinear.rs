//! `bilinear`: `y[n, o] = Σᵢⱼ x[n, i] A[o, i, j] z[n, j]`, a layer with two inputs.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    InputsSwapped: Transpose, "reads the weight as (outputs, right, left) for the left input", [];
    RightDetached: Detached, "sends nothing back to the right input", [];
    RightSign: Sign, "subtracts the gradient of the right input", [];
    WeightHalved: Factor, "halves the weight's gradient, as of a quadratic form", [];
    WeightOverwritten: Accumulation, "keeps the last sample's gradient of the weight", [Broadcast, TimeStep];
    WeightMean: MeanOrSum, "averages the weight's gradient over the batch", [Factor];
    LeftFromFirstOutput: Broadcast, "does not sum the left gradient over the outputs", [TimeStep, NotAccumulated];
    UpstreamOnes: Upstream, "takes the upstream gradient of the right input for all ones", [];
}

/// A bilinear form for each output.
#[derive(Clone, Debug)]
pub struct Bilinear {
    batch: usize,
    left: usize,
    right: usize,
    outputs: usize,
}

impl Operation for Bilinear {
    type Mistake = Mistake;
    const NAME: &'static str = "bilinear";

    fn cases() -> Vec<Self> {
        [(3, 4, 2, 3), (2, 3, 5, 2)].map(|(batch, left, right, outputs)| Self { batch, left, right, outputs }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("left", &[self.batch, self.left]),
            input("right", &[self.batch, self.right]),
            parameter("weight", &[self.outputs, self.left, self.right]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch * self.outputs
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.outputs].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut y = vec![S::ZERO; self.outputs()];
        for (n, o, i, j) in self.indices() {
            let weight = x[2][(o * self.left + i) * self.right + j];
            y[n * self.outputs + o] += x[0][n * self.left + i] * weight * x[1][n * self.right + j];
        }
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let [mut dl, mut dr, mut dw] = [x[0], x[1], x[2]].map(|x| vec![S::ZERO; x.len()]);
        for (n, o, i, j) in self.indices() {
            let (left, right, g) = (x[0][n * self.left + i], x[1][n * self.right + j], dy[n * self.outputs + o]);
            let at = (o * self.left + i) * self.right + j;
            let swapped = (o * self.right + j) * self.left + i;
            if !is(Mistake::LeftFromFirstOutput) || o == 0 {
                dl[n * self.left + i] += g * x[2][if is(Mistake::InputsSwapped) { swapped } else { at }] * right;
            }
            if !is(Mistake::RightDetached) {
                let g = if is(Mistake::UpstreamOnes) { S::ONE } else { g };
                let g = if is(Mistake::RightSign) { -g } else { g };
                dr[n * self.right + j] += g * x[2][at] * left;
            }
            if is(Mistake::WeightOverwritten) {
                dw[at] = S::ZERO;
            }
            let divisor = match wrong {
                Some(Mistake::WeightHalved) => 2.0,
                Some(Mistake::WeightMean) => self.batch as f64,
                _ => 1.0,
            };
            dw[at] += g * left * right / S::of(divisor);
        }
        vec![dl, dr, dw]
    }
}

impl Bilinear {
    fn indices(&self) -> impl Iterator<Item = (usize, usize, usize, usize)> {
        let &Self { batch, left, right, outputs } = self;
        (0..batch * outputs * left * right)
            .map(move |k| (k / (outputs * left * right), k / (left * right) % outputs, k / right % left, k % right))
    }
}
