//! `binary_cross_entropy`: `Σ softplus(z) − t z` with logits z, labels t and a weight w on the positive ones.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    Negated: Sign, "has t − σ for σ − t", [];
    WeightForgotten: Factor, "forgets the weight of the positive ones", [Mask, Term];
    WeightOnNegatives: Mask, "puts the weight on the negative ones", [];
    SlopeOfSigmoid: Term, "multiplies with σ′, as if the loss were squared", [];
    LabelDropped: Term, "forgets the label", [];
    Averaged: MeanOrSum, "averages over the entries where the forward pass sums", [];
    HardDecision: Mask, "has the decision z > 0 for σ(z)", [Term];
    Clamped: Tie, "cuts probabilities off at 0.3 and 0.7", [Mask, Detached];
    LastUnwritten: Unwritten, "stops one entry early", [Mask];
}

const WEIGHT: f64 = 2.5;

/// Weighted logistic loss of each row, summed over its entries.
#[derive(Clone, Debug)]
pub struct BinaryCrossEntropy {
    rows: usize,
    width: usize,
}

impl BinaryCrossEntropy {
    fn label(k: usize) -> f64 {
        if k % 3 == 1 { 1.0 } else { 0.0 }
    }
}

impl Operation for BinaryCrossEntropy {
    type Mistake = Mistake;
    const NAME: &'static str = "binary_cross_entropy";

    fn cases() -> Vec<Self> {
        [(3, 5), (2, 8)].map(|(rows, width)| Self { rows, width }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("logits", &[self.rows, self.width])]
    }

    fn outputs(&self) -> usize {
        self.rows
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let loss = |k: usize, z: S| {
            let t = Self::label(k);
            S::of(WEIGHT * t) * (-z).softplus() + S::of(1.0 - t) * z.softplus()
        };
        let rows = x[0].chunks(self.width).enumerate();
        rows.map(|(n, row)| row.iter().enumerate().map(|(k, &z)| loss(n * self.width + k, z)).sum()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let entry = |(k, &z): (usize, &S)| {
            if is(Mistake::LastUnwritten) && k + 1 == x[0].len() {
                return S::ZERO;
            }
            let positive = Self::label(k) == 1.0;
            let weight = match wrong {
                Some(Mistake::WeightForgotten) => 1.0,
                Some(Mistake::WeightOnNegatives) if !positive => WEIGHT,
                Some(Mistake::WeightOnNegatives) => 1.0,
                _ if positive => WEIGHT,
                _ => 1.0,
            };
            let s = if is(Mistake::HardDecision) { S::of(f64::from(u8::from(z > S::ZERO))) } else { z.sigmoid() };
            let t = if positive && !is(Mistake::LabelDropped) { S::ONE } else { S::ZERO };
            let g = dy[k / self.width] * S::of(weight) * (s - t);
            match wrong {
                Some(Mistake::Negated) => -g,
                Some(Mistake::SlopeOfSigmoid) => g * s * (S::ONE - s),
                Some(Mistake::Averaged) => g / S::of(self.width as f64),
                Some(Mistake::Clamped) if (s - S::of(0.5)).abs() > S::of(0.2) => S::ZERO,
                _ => g,
            }
        };
        vec![x[0].iter().enumerate().map(entry).collect()]
    }
}
