//! `batch_norm`: training mode, `y = γ x̂ + β` with `x̂ = (x − μ) / √(σ² + ε)` over the batch, of `x` (batch, features).
//!
//! Backwards `dx = γ / √(σ² + ε) · (dy − mean(dy) − x̂ mean(dy x̂))`: the second term is the path through the mean, the third the one
//! through the variance.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    MeanPathDropped: Normalization, "drops the path through the mean", [Term];
    VariancePathDropped: Normalization, "drops the path through the variance", [Term];
    BothDropped: Normalization, "takes mean and variance for constants, as in evaluation", [Term];
    WrongEpsilon: Normalization, "has another ε than the forward pass", [Term, Factor, Scale];
    Unbiased: Normalization, "divides the variance path by the batch size less one", [Term, Factor, Scale];
    RawInput: Cache, "uses x where the cache should hold x̂", [Term, Coupling];
    ScaleMean: MeanOrSum, "averages the gradient of γ over the batch", [Factor];
    ShiftOfFirstRow: Broadcast, "takes the gradient of β from the first row", [NotAccumulated];
    ScaleForgotten: Term, "forgets γ in the input's gradient", [Broadcast];
    VariancePathSign: Sign, "adds the variance path", [Term, Coupling];
    RowMeans: Broadcast, "takes the means over the features instead of the batch", [Transposed, Coupling];
    ScaleDetached: Detached, "sends nothing back to γ", [];
    OverwrittenHat: Alias, "multiplies x̂ with dy in place for the gradient of γ, and reads it again", [Term, Coupling, UpstreamIgnored];
}

const EPSILON: f64 = 1e-3;

/// Standardization of each feature over the batch.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    batch: usize,
    features: usize,
}

impl BatchNorm {
    /// x̂ and, for each feature, `√(σ² + ε)`.
    fn standardized<S: Scalar>(&self, x: &[S], epsilon: f64) -> (Vec<S>, Vec<S>) {
        let (batch, features) = (S::of(self.batch as f64), self.features);
        let mean: Vec<S> =
            (0..features).map(|f| x.iter().skip(f).step_by(features).copied().sum::<S>() / batch).collect();
        let centred: Vec<S> = x.iter().enumerate().map(|(k, &v)| v - mean[k % features]).collect();
        let deviation: Vec<S> = (0..features)
            .map(|f| centred.iter().skip(f).step_by(features).map(|&v| v * v).sum::<S>() / batch + S::of(epsilon))
            .map(Scalar::sqrt)
            .collect();
        (centred.iter().enumerate().map(|(k, &v)| v / deviation[k % features]).collect(), deviation)
    }
}

impl Operation for BatchNorm {
    type Mistake = Mistake;
    const NAME: &'static str = "batch_norm";

    fn cases() -> Vec<Self> {
        [(5, 3), (4, 6), (7, 2)].map(|(batch, features)| Self { batch, features }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.batch, self.features]),
            parameter("scale", &[self.features]),
            parameter("shift", &[self.features]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch * self.features
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.features].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let (hat, _) = self.standardized(x[0], EPSILON);
        hat.iter().enumerate().map(|(k, &v)| x[1][k % self.features] * v + x[2][k % self.features]).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { batch, features }) = (|m| wrong == Some(m), self);
        let (mut hat, deviation) = self.standardized(x[0], if is(Mistake::WrongEpsilon) { 0.1 } else { EPSILON });
        if is(Mistake::RawInput) {
            hat = x[0].to_vec();
        }
        let (mut sum, mut sum_hat) = (vec![S::ZERO; features], vec![S::ZERO; features]);
        for (k, &g) in dy.iter().enumerate() {
            let feature = if is(Mistake::RowMeans) { k / features % features } else { k % features };
            sum[feature] += g;
            sum_hat[feature] += g * hat[k];
        }
        let (mean, variance) = match wrong {
            Some(Mistake::MeanPathDropped) => (0.0, 1.0),
            Some(Mistake::VariancePathDropped) => (1.0, 0.0),
            Some(Mistake::BothDropped) => (0.0, 0.0),
            Some(Mistake::VariancePathSign) => (1.0, -1.0),
            Some(Mistake::Unbiased) => (1.0, batch as f64 / (batch - 1) as f64),
            _ => (1.0, 1.0),
        };
        let count = S::of(batch as f64);
        let dx = dy.iter().enumerate().map(|(k, &g)| {
            let f = k % features;
            let hat_k = if is(Mistake::OverwrittenHat) { g * hat[k] } else { hat[k] };
            let paths = S::of(mean) * sum[f] / count + S::of(variance) * hat_k * sum_hat[f] / count;
            let scale = if is(Mistake::ScaleForgotten) { S::ONE } else { x[1][f] };
            scale / deviation[f] * (g - paths)
        });
        let dx = dx.collect();
        let mut dscale = vec![S::ZERO; features];
        let mut dshift = vec![S::ZERO; features];
        for (k, &g) in dy.iter().enumerate() {
            let divisor = if is(Mistake::ScaleMean) { count } else { S::ONE };
            if !is(Mistake::ScaleDetached) {
                dscale[k % features] += g * hat[k] / divisor;
            }
            if !is(Mistake::ShiftOfFirstRow) || k < features {
                dshift[k % features] += g;
            }
        }
        vec![dx, dscale, dshift]
    }
}
