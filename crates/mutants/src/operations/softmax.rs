//! `softmax`: `p = e^{x/T} / Σ e^{x/T}` over each row; `dx = p (dp − ⟨p, dp⟩) / T`.

use crate::matrix::dot;
use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    CrossTermsDropped: Softmax, "keeps the diagonal p (1 − p) alone", [Term];
    NoProbability: Softmax, "forgets the p in front", [Term];
    UnweightedMean: Softmax, "subtracts the mean of dp instead of ⟨p, dp⟩", [Term];
    ProjectionSign: Sign, "adds ⟨p, dp⟩", [Term, Coupling];
    TemperatureForgotten: Factor, "forgets to divide by the temperature", [];
    WrongAxis: Broadcast, "sums over the rows", [Transposed, Coupling];
    FromLogits: Cache, "takes p from a buffer that still holds the logits", [Term, Coupling];
    DiagonalOnly: Softmax, "takes softmax for an elementwise function, p dp", [Term];
    UpstreamIgnored: Upstream, "uses the first row's upstream gradient for every row", [StaleCache, Broadcast];
    OverwrittenUpstream: Alias, "multiplies dp with p in place before the sum reads it", [Term, Coupling];
}

const TEMPERATURE: f64 = 2.0;

/// Probabilities over each row.
#[derive(Clone, Debug)]
pub struct Softmax {
    rows: usize,
    classes: usize,
}

impl Operation for Softmax {
    type Mistake = Mistake;
    const NAME: &'static str = "softmax";

    fn cases() -> Vec<Self> {
        [(3, 5), (2, 7), (4, 2)].map(|(rows, classes)| Self { rows, classes }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("logits", &[self.rows, self.classes])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.classes
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.classes].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].chunks(self.classes).flat_map(|row| probabilities(row, TEMPERATURE)).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, classes) = (|m| wrong == Some(m), self.classes);
        let p = if is(Mistake::FromLogits) { x[0].to_vec() } else { self.forward(x) };
        let columns: Vec<S> =
            (0..classes).map(|c| (0..self.rows).map(|n| p[n * classes + c] * dy[n * classes + c]).sum()).collect();
        let mut dx = Vec::new();
        for (n, p) in p.chunks(classes).enumerate() {
            let dp = &dy[if is(Mistake::UpstreamIgnored) { 0 } else { n } * classes..][..classes];
            for c in 0..classes {
                let sum = match wrong {
                    Some(Mistake::CrossTermsDropped) => p[c] * dp[c],
                    Some(Mistake::UnweightedMean) => dp.iter().copied().sum::<S>() / S::of(classes as f64),
                    Some(Mistake::ProjectionSign) => -dot(p, dp),
                    Some(Mistake::OverwrittenUpstream) => p.iter().zip(dp).map(|(&p, &g)| p * p * g).sum(),
                    Some(Mistake::WrongAxis) => columns[c],
                    Some(Mistake::DiagonalOnly) => S::ZERO,
                    _ => dot(p, dp),
                };
                let front = if is(Mistake::NoProbability) { S::ONE } else { p[c] };
                let temperature = if is(Mistake::TemperatureForgotten) { 1.0 } else { TEMPERATURE };
                dx.push(front * (dp[c] - sum) / S::of(temperature));
            }
        }
        vec![dx]
    }
}

/// Softmax of one row.
pub(super) fn probabilities<S: Scalar>(row: &[S], temperature: f64) -> Vec<S> {
    let largest = row.iter().copied().fold(row[0], Scalar::max);
    let exponentials: Vec<S> = row.iter().map(|&v| ((v - largest) / S::of(temperature)).exp()).collect();
    let sum: S = exponentials.iter().copied().sum();
    exponentials.iter().map(|&v| v / sum).collect()
}
