//! `shifted_batch_norm`: a dense layer with a bias, then batch normalization, which subtracts the bias again.
//!
//! The derivative by the bias is zero, and every computed one is round-off: nothing may be made of its digits.

use crate::matrix::{product, transposed};
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    MeanPathDropped: Normalization, "drops the path through the mean, so that the bias receives a gradient", [Term];
    VariancePathDropped: Normalization, "drops the path through the variance", [Term];
    WeightUnnormalized: Normalization, "takes the normalization for the identity on the way to the weight", [Term];
    WeightTransposed: Transpose, "writes the weight's gradient as (outputs, inputs)", [];
    InputSign: Sign, "subtracts the input's gradient", [];
    DeviationForgotten: Term, "forgets to divide by the deviation", [Broadcast, Coupling];
    WeightOfLastRow: Accumulation, "keeps the last row's gradient of the weight", [Broadcast, TimeStep];
}

const EPSILON: f64 = 1e-3;

/// `BN(x W + b)` with `x` (batch, inputs), `W` (inputs, outputs).
#[derive(Clone, Debug)]
pub struct ShiftedBatchNorm {
    batch: usize,
    inputs: usize,
    outputs: usize,
}

impl ShiftedBatchNorm {
    /// x̂ and the deviation of each output.
    fn standardized<S: Scalar>(&self, x: &[&[S]]) -> (Vec<S>, Vec<S>) {
        let (count, d) = (S::of(self.batch as f64), self.outputs);
        let mut y = product(x[0], x[1], self.batch, self.inputs, d);
        y.iter_mut().enumerate().for_each(|(k, y)| *y += x[2][k % d]);
        let column = |values: &[S], f: usize| values.iter().skip(f).step_by(d).copied().collect::<Vec<S>>();
        let means: Vec<S> = (0..d).map(|f| column(&y, f).into_iter().sum::<S>() / count).collect();
        y.iter_mut().enumerate().for_each(|(k, y)| *y -= means[k % d]);
        let variance = |f: usize| column(&y, f).into_iter().map(|v| v * v).sum::<S>() / count;
        let deviations: Vec<S> = (0..d).map(|f| (variance(f) + S::of(EPSILON)).sqrt()).collect();
        (y.iter().enumerate().map(|(k, &v)| v / deviations[k % d]).collect(), deviations)
    }
}

impl Operation for ShiftedBatchNorm {
    type Mistake = Mistake;
    const NAME: &'static str = "shifted_batch_norm";

    fn cases() -> Vec<Self> {
        [(5, 2, 3), (4, 3, 2)].map(|(batch, inputs, outputs)| Self { batch, inputs, outputs }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.batch, self.inputs]),
            parameter("weight", &[self.inputs, self.outputs]),
            parameter("bias", &[self.outputs]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch * self.outputs
    }

    fn output_shape(&self) -> Vec<usize> {
        vec![self.batch, self.outputs]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.standardized(x).0
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { batch, inputs, outputs: d }) = (|m| wrong == Some(m), self);
        let (hat, deviations) = self.standardized(x);
        let (mut sum, mut sum_hat) = (vec![S::ZERO; d], vec![S::ZERO; d]);
        for (k, &g) in dy.iter().enumerate() {
            sum[k % d] += g;
            sum_hat[k % d] += g * hat[k];
        }
        let count = S::of(batch as f64);
        let through = |(k, &g): (usize, &S)| {
            let mean = if is(Mistake::MeanPathDropped) { S::ZERO } else { sum[k % d] / count };
            let spread = if is(Mistake::VariancePathDropped) { S::ZERO } else { hat[k] * sum_hat[k % d] / count };
            let deviation = if is(Mistake::DeviationForgotten) { S::ONE } else { deviations[k % d] };
            (g - mean - spread) / deviation
        };
        let g: Vec<S> = dy.iter().enumerate().map(through).collect();
        let mut dx = product(&g, &transposed(x[1], inputs, d), batch, d, inputs);
        if is(Mistake::InputSign) {
            dx.iter_mut().for_each(|g| *g = -*g);
        }
        let received = if is(Mistake::WeightUnnormalized) { dy } else { &g };
        let first = if is(Mistake::WeightOfLastRow) { batch - 1 } else { 0 };
        let seen = transposed(&x[0][first * inputs..], batch - first, inputs);
        let mut dw = product(&seen, &received[first * d..], inputs, batch - first, d);
        if is(Mistake::WeightTransposed) {
            dw = transposed(&dw, inputs, d);
        }
        let db = (0..d).map(|f| g.iter().skip(f).step_by(d).copied().sum()).collect();
        vec![dx, dw, db]
    }
}
