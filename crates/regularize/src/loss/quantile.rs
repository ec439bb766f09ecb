use super::Loss;

/// The check loss, whose minimizer is the `tau`-quantile: with `r = y − η`, `τ r` where `r ≥ 0` and `(τ − 1) r` elsewhere; `τ = ½` is
/// half the absolute error, the L1 loss.
///
/// Source: Koenker and Bassett, "Regression quantiles", Econometrica 46 (1978).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// `τ`, between 0 and 1.
    pub tau: f64,
}

impl Loss for Quantile {
    fn value(&self, y: f64, eta: f64) -> f64 {
        let r = y - eta;
        if r >= 0.0 { self.tau * r } else { (self.tau - 1.0) * r }
    }

    /// One of them where there are many: at `y`, of the line to the left.
    fn derivative(&self, y: f64, eta: f64) -> f64 {
        if y >= eta { -self.tau } else { 1.0 - self.tau }
    }

    /// That of Hunter and Lange's majorizer, "Quantile regression via an MM algorithm", Journal of Computational and Graphical Statistics 9 (2000).
    fn curvature(&self, y: f64, eta: f64) -> f64 {
        0.5 / (y - eta).abs().max(f64::EPSILON * y.abs().max(f64::MIN_POSITIVE))
    }

    fn conjugate(&self, y: f64, u: f64) -> f64 {
        u * y
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
