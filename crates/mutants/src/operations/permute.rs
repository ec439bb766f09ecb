//! `permute`: axes (0, 1, 2) to (2, 0, 1), not its own inverse, times a weight over the new last axis.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    ForwardPermutation: Transpose, "permutes backwards as it did forwards", [];
    LastTwoSwapped: Transpose, "swaps the last two axes instead", [];
    NotPermuted: Transpose, "does not permute back", [];
    Contiguous: Layout, "takes the permuted view for contiguous in the weight's gradient", [Transposed, Broadcast];
    WeightUnsummed: Broadcast, "takes the weight's gradient from the first slice", [TimeStep, NotAccumulated];
    WeightOverwritten: Accumulation, "keeps the last slice's gradient of the weight", [Broadcast, TimeStep];
    Negated: Sign, "subtracts", [];
}

/// `y[k, i, j] = x[i, j, k] w[j]`.
#[derive(Clone, Debug)]
pub struct Permute {
    shape: [usize; 3],
}

impl Operation for Permute {
    type Mistake = Mistake;
    const NAME: &'static str = "permute";

    fn cases() -> Vec<Self> {
        [[2, 3, 4], [3, 5, 2]].map(|shape| Self { shape }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &self.shape), parameter("weight", &[self.shape[1]])]
    }

    fn outputs(&self) -> usize {
        self.shape.iter().product()
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.shape[2], self.shape[0], self.shape[1]].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let [a, b, c] = self.shape;
        (0..self.outputs()).map(|at| x[0][at % (a * b) * c + at / (a * b)] * x[1][at % b]).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let [a, b, c] = self.shape;
        let (mut dx, mut dw) = (vec![S::ZERO; x[0].len()], vec![S::ZERO; b]);
        for (at, &g) in dy.iter().enumerate() {
            let (k, i, j) = (at / (a * b), at / b % a, at % b);
            let from = (i * b + j) * c + k;
            let into = match wrong {
                Some(Mistake::ForwardPermutation) => (j * c + k) * a + i,
                Some(Mistake::LastTwoSwapped) => (i * c + k) * b + j,
                Some(Mistake::NotPermuted) => at,
                _ => from,
            };
            dx[into] = if wrong == Some(Mistake::Negated) { -g * x[1][j] } else { g * x[1][j] };
            match wrong {
                Some(Mistake::Contiguous) => dw[j] += g * x[0][at],
                Some(Mistake::WeightUnsummed) if at >= b => {}
                Some(Mistake::WeightOverwritten) => dw[j] = g * x[0][from],
                _ => dw[j] += g * x[0][from],
            }
        }
        vec![dx, dw]
    }
}
