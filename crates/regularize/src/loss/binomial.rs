use super::Loss;

/// The negative log-likelihood of a yes or no with log-odds `η`: `ln(1 + e^η) − y η`, where `y` is 0, 1, or the share of ones
/// in a row that stands for many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Binomial;

/// `1 / (1 + e^−η)`, without overflow.
fn probability(eta: f64) -> f64 {
    if eta >= 0.0 {
        1.0 / (1.0 + (-eta).exp())
    } else {
        let e = eta.exp();
        e / (1.0 + e)
    }
}

/// `x ln x`, and 0 at 0.
pub(crate) fn entropy(x: f64) -> f64 {
    if x > 0.0 { x * x.ln() } else { 0.0 }
}

impl Loss for Binomial {
    fn value(&self, y: f64, eta: f64) -> f64 {
        // ln(1 + e^η) = max(η, 0) + ln(1 + e^−|η|)
        eta.max(0.0) + (-eta.abs()).exp().ln_1p() - y * eta
    }

    fn derivative(&self, y: f64, eta: f64) -> f64 {
        // Of a sure answer that is right, 1 − p would lose all digits.
        if y == 1.0 { -probability(-eta) } else { probability(eta) - y }
    }

    fn value_and_derivative(&self, y: f64, eta: f64) -> (f64, f64) {
        let e = (-eta.abs()).exp();
        let (large, small) = (1.0 / (1.0 + e), e / (1.0 + e));
        let (p, q) = if eta >= 0.0 { (large, small) } else { (small, large) };
        // ln(1 + e) is off by 1e-16 at most where e is small, which beside a mean loss is nothing, and is half the work of ln_1p.
        (eta.max(0.0) + (1.0 + e).ln() - y * eta, if y == 1.0 { -q } else { p - y })
    }

    fn curvature(&self, _: f64, eta: f64) -> f64 {
        probability(eta) * probability(-eta)
    }

    fn curvature_after(&self, y: f64, _: f64, derivative: f64) -> f64 {
        // p and 1 − p, of which one has all its digits where the other is near one.
        (derivative + y) * (1.0 - y - derivative)
    }

    fn conjugate(&self, y: f64, u: f64) -> f64 {
        let p = (u + y).clamp(0.0, 1.0);
        let q = if y == 1.0 { (-u).clamp(0.0, 1.0) } else { 1.0 - p };
        entropy(p) + entropy(q)
    }

    fn domain(&self, y: f64) -> (f64, f64) {
        (-y, 1.0 - y)
    }

    fn saturated(&self, y: f64) -> f64 {
        -(entropy(y) + entropy(1.0 - y))
    }

    fn mean(&self, eta: f64) -> f64 {
        probability(eta)
    }

    fn predictor(&self, mean: f64) -> Option<f64> {
        Some((mean / (1.0 - mean)).ln())
    }

    fn refuses(&self, y: f64) -> Option<&'static str> {
        (!(0.0..=1.0).contains(&y)).then_some("a binomial response is 0, 1 or a share between them")
    }
}
