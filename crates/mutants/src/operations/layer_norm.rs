//! `layer_norm`: `y = γ x̂ + β`, `x̂ = (x − μ) / √(σ² + ε)` over the features of each row.
//!
//! Backwards, with `g = γ dy`: `dx = (g − mean(g) − x̂ mean(g x̂)) / √(σ² + ε)`.

use crate::matrix::dot;
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    MeanPathDropped: Normalization, "drops the path through the mean", [Term];
    VariancePathDropped: Normalization, "drops the path through the variance", [Term];
    EpsilonOutside: Normalization, "adds ε to σ instead of to σ²", [Term, Factor, Scale];
    ScaleAfter: Normalization, "multiplies with γ after the means instead of before", [Term];
    WrongCount: Count, "divides the means by the number of rows", [Coupling];
    ScaleUnsummed: Broadcast, "takes the gradient of γ from the last row", [TimeStep, NotAccumulated];
    ShiftMean: MeanOrSum, "averages the gradient of β over the rows", [Factor];
    StaleRow: Cache, "uses the deviation saved of the first row for all", [Term];
    ShiftDoubled: Factor, "counts the gradient of β twice", [];
    OddTail: Layout, "leaves the last feature out of the means where their number is odd", [Coupling];
    InPlace: Alias, "takes the means after dy was overwritten with γ dy twice", [Term, Coupling];
}

const EPSILON: f64 = 1e-2;

/// Standardization of each row.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    rows: usize,
    features: usize,
}

/// x̂ and `√(σ² + ε)` of one row.
fn standardized<S: Scalar>(row: &[S]) -> (Vec<S>, S) {
    let count = S::of(row.len() as f64);
    let mean = row.iter().copied().sum::<S>() / count;
    let centred: Vec<S> = row.iter().map(|&v| v - mean).collect();
    let deviation = (dot(&centred, &centred) / count + S::of(EPSILON)).sqrt();
    (centred.iter().map(|&v| v / deviation).collect(), deviation)
}

impl Operation for LayerNorm {
    type Mistake = Mistake;
    const NAME: &'static str = "layer_norm";

    fn cases() -> Vec<Self> {
        [(3, 5), (2, 8), (4, 3)].map(|(rows, features)| Self { rows, features }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.rows, self.features]),
            parameter("scale", &[self.features]),
            parameter("shift", &[self.features]),
        ]
    }

    fn outputs(&self) -> usize {
        self.rows * self.features
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.features].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.features).flat_map(|row| standardized(row).0);
        rows.enumerate().map(|(k, v)| x[1][k % self.features] * v + x[2][k % self.features]).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { rows, features }) = (|m| wrong == Some(m), self);
        let [mut dx, mut dscale, mut dshift] = [x[0], x[1], x[2]].map(|x| vec![S::ZERO; x.len()]);
        let (_, first) = standardized(&x[0][..features]);
        for (n, (row, dy)) in x[0].chunks(features).zip(dy.chunks(features)).enumerate() {
            let (hat, mut deviation) = standardized(row);
            match wrong {
                Some(Mistake::StaleRow) => deviation = first,
                Some(Mistake::EpsilonOutside) => {
                    deviation = (deviation * deviation - S::of(EPSILON)).sqrt() + S::of(EPSILON);
                }
                _ => {}
            }
            let scaled: Vec<S> = dy.iter().zip(x[1]).map(|(&g, &scale)| g * scale).collect();
            let mut averaged = if is(Mistake::ScaleAfter) { dy.to_vec() } else { scaled.clone() };
            if is(Mistake::InPlace) {
                averaged = scaled.iter().zip(x[1]).map(|(&g, &scale)| g * scale).collect();
            }
            if is(Mistake::OddTail) && features % 2 == 1 {
                averaged[features - 1] = S::ZERO;
            }
            let count = S::of(if is(Mistake::WrongCount) { rows } else { features } as f64);
            let (mut mean, mut mean_hat) = (averaged.iter().copied().sum::<S>() / count, dot(&averaged, &hat) / count);
            match wrong {
                Some(Mistake::MeanPathDropped) => mean = S::ZERO,
                Some(Mistake::VariancePathDropped) => mean_hat = S::ZERO,
                _ => {}
            }
            for f in 0..features {
                let last = if is(Mistake::ScaleAfter) { x[1][f] } else { S::ONE };
                dx[n * features + f] = (scaled[f] - last * (mean + hat[f] * mean_hat)) / deviation;
                if is(Mistake::ScaleUnsummed) {
                    dscale[f] = S::ZERO;
                }
                dscale[f] += dy[f] * hat[f];
                dshift[f] += match wrong {
                    Some(Mistake::ShiftMean) => dy[f] / S::of(rows as f64),
                    Some(Mistake::ShiftDoubled) => dy[f] + dy[f],
                    _ => dy[f],
                };
            }
        }
        vec![dx, dscale, dshift]
    }
}
