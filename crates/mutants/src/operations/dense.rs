//! `dense`: `y = x Wᵀ + b`, of `x` (batch, inputs), `W` (outputs, inputs) and `b` (outputs).

use crate::matrix::{product, transposed};
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    WeightUntransposed: Transpose, "reads the weight as if it lay the other way round", [];
    GradientTransposed: Transpose, "writes the gradient of the weight as (inputs, outputs)", [];
    UpstreamTransposed: Transpose, "reads the upstream gradient as (outputs, batch)", [];
    BiasOfFirstRow: Broadcast, "takes the gradient of the bias from the first row alone", [NotAccumulated];
    BiasWrongAxis: Broadcast, "sums the gradient of the bias along the wrong axis", [Transposed];
    BiasMean: MeanOrSum, "averages the gradient of the bias over the batch", [Factor];
    WeightOfLastRow: Accumulation, "keeps the last row's gradient of the weight", [Broadcast, TimeStep];
    WeightSign: Sign, "subtracts the gradient of the weight", [];
    InputDetached: Detached, "sends nothing back to the input", [];
    BatchOfOne: Layout, "leaves the input's gradient zero for a batch of one", [Detached];
    UpstreamOnes: Upstream, "takes the upstream gradient for all ones", [];
}

/// `y[n, o] = Σᵢ x[n, i] W[o, i] + b[o]`.
#[derive(Clone, Debug)]
pub struct Dense {
    batch: usize,
    inputs: usize,
    outputs: usize,
}

impl Operation for Dense {
    type Mistake = Mistake;
    const NAME: &'static str = "dense";

    fn cases() -> Vec<Self> {
        [(3, 5, 4), (1, 7, 2), (6, 2, 3)].map(|(batch, inputs, outputs)| Self { batch, inputs, outputs }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.batch, self.inputs]),
            parameter("weight", &[self.outputs, self.inputs]),
            parameter("bias", &[self.outputs]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch * self.outputs
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.outputs].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut y = product(x[0], &transposed(x[1], self.outputs, self.inputs), self.batch, self.inputs, self.outputs);
        y.iter_mut().enumerate().for_each(|(k, y)| *y += x[2][k % self.outputs]);
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { batch, inputs, outputs }) = (|m| wrong == Some(m), self);
        let mut dy = dy.to_vec();
        if is(Mistake::UpstreamTransposed) {
            dy = transposed(&dy, outputs, batch);
        }
        if is(Mistake::UpstreamOnes) {
            dy.fill(S::ONE);
        }
        let weight = if is(Mistake::WeightUntransposed) { transposed(x[1], inputs, outputs) } else { x[1].to_vec() };
        let mut dx = product(&dy, &weight, batch, outputs, inputs);
        if is(Mistake::InputDetached) || is(Mistake::BatchOfOne) && batch == 1 {
            dx.fill(S::ZERO);
        }
        let first = if is(Mistake::WeightOfLastRow) { batch - 1 } else { 0 };
        let dy_t = transposed(&dy[first * outputs..], batch - first, outputs);
        let mut dw = product(&dy_t, &x[0][first * inputs..], outputs, batch - first, inputs);
        if is(Mistake::GradientTransposed) {
            dw = transposed(&dw, outputs, inputs);
        }
        if is(Mistake::WeightSign) {
            dw.iter_mut().for_each(|g| *g = -*g);
        }
        let mut db = vec![S::ZERO; outputs];
        for (k, &g) in dy.iter().enumerate() {
            if is(Mistake::BiasOfFirstRow) && k >= outputs {
                continue;
            }
            let g = if is(Mistake::BiasMean) { g / S::of(batch as f64) } else { g };
            db[if is(Mistake::BiasWrongAxis) { k / batch } else { k % outputs }] += g;
        }
        vec![dx, dw, db]
    }
}
