use super::Loss;

/// The check loss, whose minimizer is the `tau`-quantile: with `r = y − η`, `τ r` where `r ≥ 0` and `(τ − 1) r` elsewhere; `τ = ½` is
/// half the absolute error, the L1 loss.
///
/// It is made smooth over a width `ε` around zero, where a parabola touches both lines; `ε = 0` is the loss itself. The derivative
/// of the smooth one is in the domain of the true one, so that it proves a gap of the true one.
///
/// Source: Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// `τ`, between 0 and 1.
    pub tau: f64,
    /// `ε ≥ 0`, in the unit of the response.
    pub smoothing: f64,
}

impl Loss for Quantile {
    fn value(&self, y: f64, eta: f64) -> f64 {
        // ρ(r) = |r|/2 + (τ − ½) r, and of |r| the smooth form of Huber.
        let (r, e) = (y - eta, self.smoothing);
        let absolute = if r.abs() >= e { r.abs() } else { 0.5 * (r * r / e + e) };
        0.5 * absolute + (self.tau - 0.5) * r
    }

    fn derivative(&self, y: f64, eta: f64) -> f64 {
        let (r, e) = (y - eta, self.smoothing);
        let slope = if r.abs() >= e { if r == 0.0 { 0.0 } else { r.signum() } } else { r / e };
        -(0.5 * slope + self.tau - 0.5)
    }

    fn curvature(&self, y: f64, eta: f64) -> f64 {
        0.5 / (y - eta).abs().max(self.smoothing).max(f64::MIN_POSITIVE)
    }

    fn conjugate(&self, y: f64, u: f64) -> f64 {
        // Of the true loss; the smooth one's is larger by ε/4 ((2 (u + τ − ½))² − 1).
        let v = 2.0 * (u + self.tau - 0.5);
        u * y + 0.25 * self.smoothing * (v * v - 1.0)
    }

    fn domain(&self, _: f64) -> (f64, f64) {
        (-self.tau, 1.0 - self.tau)
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
