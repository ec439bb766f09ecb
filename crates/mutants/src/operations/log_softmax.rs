//! `log_softmax`: `y = x − ln Σ eˣ` over each row; `dx = dy − p Σ dy`.

use super::softmax::probabilities;
use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    CrossTermsDropped: Softmax, "has dy (1 − p) for dy − p Σ dy", [Term];
    SumAssumedOne: Softmax, "takes Σ dy for 1, as it is under one-hot targets", [Term, UpstreamIgnored];
    SumForgotten: Softmax, "passes dy on", [Term];
    MeanOfUpstream: MeanOrSum, "has the mean of dy for its sum", [Coupling];
    LogForProbability: Cache, "takes the saved output, ln p, for p", [Term, Coupling];
    PathSign: Sign, "adds p Σ dy", [Term, Coupling];
    SumOverAll: Broadcast, "sums dy over all rows", [Coupling];
    SumOverwritten: Accumulation, "keeps the last class's dy for the sum", [Coupling];
}

/// Logarithms of the probabilities of each row.
#[derive(Clone, Debug)]
pub struct LogSoftmax {
    rows: usize,
    classes: usize,
}

impl Operation for LogSoftmax {
    type Mistake = Mistake;
    const NAME: &'static str = "log_softmax";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 6)].map(|(rows, classes)| Self { rows, classes }).into()
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
        let rows = x[0].chunks(self.classes);
        rows.flat_map(|row| {
            let largest = row.iter().copied().fold(row[0], Scalar::max);
            let log_sum = largest + row.iter().map(|&v| (v - largest).exp()).sum::<S>().ln();
            row.iter().map(move |&v| v - log_sum)
        })
        .collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let total: S = dy.iter().copied().sum();
        let rows = x[0].chunks(self.classes).zip(dy.chunks(self.classes)).flat_map(|(row, dy)| {
            let mut p = probabilities(row, 1.0);
            if wrong == Some(Mistake::LogForProbability) {
                p.iter_mut().for_each(|p| *p = p.ln());
            }
            let sum: S = dy.iter().copied().sum();
            let class = move |(&p, &g): (&S, &S)| {
                let sum = match wrong {
                    Some(Mistake::CrossTermsDropped) => g,
                    Some(Mistake::SumAssumedOne) => S::ONE,
                    Some(Mistake::SumForgotten) => S::ZERO,
                    Some(Mistake::MeanOfUpstream) => sum / S::of(dy.len() as f64),
                    Some(Mistake::PathSign) => -sum,
                    Some(Mistake::SumOverAll) => total,
                    Some(Mistake::SumOverwritten) => dy[dy.len() - 1],
                    _ => sum,
                };
                g - p * sum
            };
            p.iter().zip(dy).map(class).collect::<Vec<S>>()
        });
        vec![rows.collect()]
    }
}
