use super::Loss;

/// Squared error near zero and absolute error beyond `delta`, for outliers: with `r = y − η`, `½ r²` where `|r| ≤ δ` and
/// `δ |r| − ½ δ²` elsewhere.
///
/// Source: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35 (1964).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// `δ > 0`, in the unit of the response.
    pub delta: f64,
}

impl Loss for Huber {
    fn value(&self, y: f64, eta: f64) -> f64 {
        let r = (y - eta).abs();
        if r <= self.delta { 0.5 * r * r } else { self.delta * (r - 0.5 * self.delta) }
    }

    fn derivative(&self, y: f64, eta: f64) -> f64 {
        (eta - y).clamp(-self.delta, self.delta)
    }

    fn curvature(&self, y: f64, eta: f64) -> f64 {
        // The parabola through both points of equal loss: it lies above the loss everywhere.
        (self.delta / (y - eta).abs()).min(1.0)
    }

    fn conjugate(&self, y: f64, u: f64) -> f64 {
        u * (0.5 * u + y)
    }

    fn domain(&self, _: f64) -> (f64, f64) {
        (-self.delta, self.delta)
    }

    fn saturated(&self, _: f64) -> f64 {
        0.0
    }

    fn mean(&self, eta: f64) -> f64 {
        eta
    }

    fn refuses(&self, y: f64) -> Option<&'static str> {
        (!y.is_finite()).then_some("a finite number is needed")
    }
}
