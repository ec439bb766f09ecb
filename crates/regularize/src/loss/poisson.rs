use gradiometer_kernels::elementary;

use super::binomial::entropy;
use super::{Loss, Row, sum_rows};

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

    fn weighted(&self, y: &[f64], weights: &[f64], eta: &[f64], gradient: &mut [f64]) -> f64 {
        sum_rows(Weighted, y, weights, eta, gradient)
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

/// Loss and gradient of many rows.
struct Weighted;

impl Row for Weighted {
    #[inline(always)]
    fn at<const FMA: bool>(&self, y: f64, w: f64, eta: f64) -> (f64, f64) {
        let mean = elementary::exp::<FMA>(eta);
        if w > 0.0 { (w * (mean - y * eta), w * (mean - y)) } else { (0.0, 0.0) }
    }
}
