use super::Loss;

/// Squared error: `½ (y − η)²`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaussian;

impl Loss for Gaussian {
    fn value(&self, y: f64, eta: f64) -> f64 {
        0.5 * (y - eta) * (y - eta)
    }

    fn derivative(&self, y: f64, eta: f64) -> f64 {
        eta - y
    }

    fn curvature(&self, _: f64, _: f64) -> f64 {
        1.0
    }

    fn is_parabola(&self) -> bool {
        true
    }

    fn conjugate(&self, y: f64, u: f64) -> f64 {
        u * (0.5 * u + y)
    }

    fn domain(&self, _: f64) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    fn saturated(&self, _: f64) -> f64 {
        0.0
    }

    fn mean(&self, eta: f64) -> f64 {
        eta
    }

    fn predictor(&self, mean: f64) -> Option<f64> {
        Some(mean)
    }

    fn refuses(&self, y: f64) -> Option<&'static str> {
        (!y.is_finite()).then_some("a finite number is needed")
    }
}
