//! `variance`: of each row, unbiased: `Σ (x − μ)² / (n − 1)`; `dx = 2 (x − μ) / (n − 1)`.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    Biased: Count, "divides by n instead of n − 1", [Factor, Scale];
    Uncentred: Normalization, "has x for x − μ", [Term];
    TwoForgotten: Factor, "forgets the 2", [];
    Summed: MeanOrSum, "does not divide", [Factor];
    MeanOfFirstRow: Cache, "uses the mean saved of the first row", [Term, Broadcast, Coupling];
    MeanOfAll: Broadcast, "subtracts the mean over all rows", [Term, Coupling];
    Deviation: Term, "divides by the deviation, as if for the root", [Broadcast, Factor];
    Negated: Sign, "has μ − x", [];
}

/// Variance of each row.
#[derive(Clone, Debug)]
pub struct Variance {
    rows: usize,
    width: usize,
}

impl Operation for Variance {
    type Mistake = Mistake;
    const NAME: &'static str = "variance";

    fn cases() -> Vec<Self> {
        [(3, 5), (2, 8)].map(|(rows, width)| Self { rows, width }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.width])]
    }

    fn outputs(&self) -> usize {
        self.rows
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let variance = |row: &[S]| {
            let mean = mean(row);
            row.iter().map(|&v| (v - mean) * (v - mean)).sum::<S>() / S::of(row.len() as f64 - 1.0)
        };
        x[0].chunks(self.width).map(variance).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let variances = self.forward(x);
        let mut dx = Vec::new();
        for ((row, &g), variance) in x[0].chunks(self.width).zip(dy).zip(variances) {
            let count = row.len() as f64;
            let mean = match wrong {
                Some(Mistake::Uncentred) => S::ZERO,
                Some(Mistake::MeanOfFirstRow) => mean(&x[0][..self.width]),
                Some(Mistake::MeanOfAll) => mean(x[0]),
                _ => mean(row),
            };
            let factor = match wrong {
                Some(Mistake::Biased) => S::of(2.0 / count),
                Some(Mistake::TwoForgotten) => S::of(1.0 / (count - 1.0)),
                Some(Mistake::Summed) => S::of(2.0),
                Some(Mistake::Deviation) => S::of(2.0 / (count - 1.0)) / variance.sqrt(),
                Some(Mistake::Negated) => S::of(-2.0 / (count - 1.0)),
                _ => S::of(2.0 / (count - 1.0)),
            };
            dx.extend(row.iter().map(|&v| g * factor * (v - mean)));
        }
        vec![dx]
    }
}

fn mean<S: Scalar>(values: &[S]) -> S {
    values.iter().copied().sum::<S>() / S::of(values.len() as f64)
}
