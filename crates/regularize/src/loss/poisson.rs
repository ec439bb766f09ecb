use gradiometer_kernels::exp::exp;

use super::Loss;
use super::binomial::entropy;

/// Rows whose means are found together.
const BLOCK: usize = 512;

/// Sums that do not wait for each other.
const LANES: usize = 8;

/// The negative log-likelihood of a count of mean `e^η`, less `ln y!`: `e^η − y η`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Poisson;

impl Loss for Poisson {
    fn value(&self, y: f64, eta: f64) -> f64 {
        eta.exp() - y * eta
    }

    fn derivative(&self, y: f64, eta: f64) -> f64 {
        eta.exp() - y
    }

    fn value_and_derivative(&self, y: f64, eta: f64) -> (f64, f64) {
        let mean = eta.exp();
        (mean - y * eta, mean - y)
    }

    fn weighted(&self, y: &[f64], weights: &[f64], eta: &[f64], gradient: &mut [f64]) -> f64 {
        let mut means = [0.0; BLOCK];
        let mut sums = [0.0; LANES];
        for (first, gradient) in (0..).step_by(BLOCK).zip(gradient.chunks_mut(BLOCK)) {
            let rows = first..first + gradient.len();
            let (y, weights, eta) = (&y[rows.clone()], &weights[rows.clone()], &eta[rows]);
            let means = &mut means[..gradient.len()];
            exp(eta, means);
            for (at, out) in gradient.iter_mut().enumerate() {
                let (mean, w) = (means[at], weights[at]);
                let counts = w > 0.0;
                sums[at % LANES] += if counts { w * (mean - y[at] * eta[at]) } else { 0.0 };
                *out = if counts { w * (mean - y[at]) } else { 0.0 };
            }
        }
        sums.iter().sum()
    }

    fn curvature(&self, _: f64, eta: f64) -> f64 {
        eta.exp()
    }

    fn curvature_after(&self, y: f64, _: f64, derivative: f64) -> f64 {
        derivative + y
    }

    fn conjugate(&self, y: f64, u: f64) -> f64 {
        let mean = (u + y).max(0.0);
        entropy(mean) - mean
    }

    fn domain(&self, y: f64) -> (f64, f64) {
        (-y, f64::INFINITY)
    }

    fn saturated(&self, y: f64) -> f64 {
        y - entropy(y)
    }

    fn mean(&self, eta: f64) -> f64 {
        eta.exp()
    }

    fn predictor(&self, mean: f64) -> Option<f64> {
        Some(mean.ln())
    }

    fn refuses(&self, y: f64) -> Option<&'static str> {
        (!(y.is_finite() && y >= 0.0)).then_some("a count is finite and at least 0")
    }
}
