//! `rms_norm`: `y = γ x / r` with `r = √(mean(x²) + ε)` of each row; `dx = γ dy / r − x · mean(γ dy x) / r³`.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    RootDetached: Normalization, "takes r for a constant", [Term];
    RootSquared: Normalization, "divides the path through r by r² instead of r³", [Term];
    RootSign: Sign, "adds the path through r", [Term, Coupling];
    SumForMean: MeanOrSum, "sums where the path through r has a mean", [Coupling, Term];
    ScaleOfFirstRow: Broadcast, "takes the gradient of γ from the first row", [TimeStep, NotAccumulated];
    EpsilonForgotten: Normalization, "recomputes r without ε", [Term, Factor, Scale];
    UpstreamOnes: Upstream, "takes the upstream gradient for all ones", [];
    ScaleTwice: Term, "multiplies the first term with γ twice", [Broadcast];
}

const EPSILON: f64 = 1e-2;

/// Root-mean-square normalization of each row.
#[derive(Clone, Debug)]
pub struct RmsNorm {
    rows: usize,
    features: usize,
}

impl Operation for RmsNorm {
    type Mistake = Mistake;
    const NAME: &'static str = "rms_norm";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 7)].map(|(rows, features)| Self { rows, features }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.features]), parameter("scale", &[self.features])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.features
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.features].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.features);
        rows.flat_map(|row| row.iter().zip(x[1]).map(move |(&v, &scale)| scale * v / root(row, EPSILON))).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, features) = (|m| wrong == Some(m), self.features);
        let (mut dx, mut dscale) = (vec![S::ZERO; x[0].len()], vec![S::ZERO; features]);
        for (n, (row, dy)) in x[0].chunks(features).zip(dy.chunks(features)).enumerate() {
            let dy = if is(Mistake::UpstreamOnes) { vec![S::ONE; features] } else { dy.to_vec() };
            let r = root(row, if is(Mistake::EpsilonForgotten) { 0.0 } else { EPSILON });
            let sum: S = (0..features).map(|f| x[1][f] * dy[f] * row[f]).sum();
            let mut path = sum / S::of(features as f64) / (r * r * r);
            match wrong {
                Some(Mistake::RootDetached) => path = S::ZERO,
                Some(Mistake::RootSquared) => path = path * r,
                Some(Mistake::RootSign) => path = -path,
                Some(Mistake::SumForMean) => path = path * S::of(features as f64),
                _ => {}
            }
            for f in 0..features {
                let scale = if is(Mistake::ScaleTwice) { x[1][f] * x[1][f] } else { x[1][f] };
                dx[n * features + f] = scale * dy[f] / r - row[f] * path;
                if !is(Mistake::ScaleOfFirstRow) || n == 0 {
                    dscale[f] += dy[f] * row[f] / r;
                }
            }
        }
        vec![dx, dscale]
    }
}

fn root<S: Scalar>(row: &[S], epsilon: f64) -> S {
    (row.iter().map(|&v| v * v).sum::<S>() / S::of(row.len() as f64) + S::of(epsilon)).sqrt()
}
