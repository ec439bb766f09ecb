//! `log_sum_exp`: `ln Σ w eˣ` of each row with weights w; `dx = w eˣ / Σ`.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    NotNormalized: Softmax, "forgets to divide by the sum", [Term, Broadcast];
    SumOfAll: Softmax, "divides by the sum over all rows", [Broadcast, Term];
    HardMaximum: Tie, "sends all to the largest", [Mask, Coupling, Term];
    WeightForgotten: Term, "forgets w in x's gradient", [Broadcast];
    WeightTwice: Term, "has w eˣ / Σ for w's gradient too", [Broadcast];
    WeightUnsummed: Broadcast, "takes w's gradient from the first row", [TimeStep, NotAccumulated];
    FasterExponential: Scale, "has a sum 5 % too large, from a faster exponential", [Factor];
    MeanOfClasses: MeanOrSum, "divides by the number of classes", [];
}

/// Weighted log-sum-exp of each row.
#[derive(Clone, Debug)]
pub struct LogSumExp {
    rows: usize,
    classes: usize,
}

impl LogSumExp {
    fn sum<S: Scalar>(row: &[S], weights: &[S]) -> S {
        row.iter().zip(weights).map(|(&v, &w)| w * v.exp()).sum()
    }
}

impl Operation for LogSumExp {
    type Mistake = Mistake;
    const NAME: &'static str = "log_sum_exp";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 7)].map(|(rows, classes)| Self { rows, classes }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.classes]), parameter("weight", &[self.classes])]
    }

    fn outputs(&self) -> usize {
        self.rows
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        vec![random.normals(self.rows * self.classes), random.uniforms(self.classes, 0.5, 2.0)]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        x[0].chunks(self.classes).map(|row| Self::sum(row, x[1]).ln()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let all: S = x[0].chunks(self.classes).map(|row| Self::sum(row, x[1])).sum();
        let (mut dx, mut dw) = (Vec::new(), vec![S::ZERO; self.classes]);
        for (n, (row, &g)) in x[0].chunks(self.classes).zip(dy).enumerate() {
            let sum = match wrong {
                Some(Mistake::NotNormalized) => S::ONE,
                Some(Mistake::SumOfAll) => all,
                Some(Mistake::FasterExponential) => Self::sum(row, x[1]) * S::of(1.05),
                Some(Mistake::MeanOfClasses) => Self::sum(row, x[1]) * S::of(self.classes as f64),
                _ => Self::sum(row, x[1]),
            };
            let largest = row.iter().copied().fold(row[0], Scalar::max);
            for (c, (&v, &w)) in row.iter().zip(x[1]).enumerate() {
                let share = g * v.exp() / sum;
                dx.push(match wrong {
                    Some(Mistake::HardMaximum) if v == largest => g,
                    Some(Mistake::HardMaximum) => S::ZERO,
                    Some(Mistake::WeightForgotten) => share,
                    _ => share * w,
                });
                if !is(Mistake::WeightUnsummed) || n == 0 {
                    dw[c] += if is(Mistake::WeightTwice) { share * w } else { share };
                }
            }
        }
        vec![dx, dw]
    }
}
