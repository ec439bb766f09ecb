use gradiometer_kernels::elementary;

use super::{Loss, Row, sum_rows};

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

    fn weighted(&self, y: &[f64], weights: &[f64], eta: &[f64], gradient: &mut [f64]) -> f64 {
        sum_rows(Weighted, y, weights, eta, gradient)
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

    fn weighted_conjugate(&self, y: &[f64], weights: &[f64], dual: &[f64], scale: f64) -> f64 {
        sum_rows(Conjugate { scale }, y, weights, dual, &mut [])
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

/// Loss and gradient of many rows.
struct Weighted;

impl Row for Weighted {
    #[inline(always)]
    fn at<const FMA: bool>(&self, y: f64, w: f64, eta: f64) -> (f64, f64) {
        let e = elementary::exp::<FMA>(-eta.abs());
        let large = 1.0 / (1.0 + e);
        let small = e * large;
        let (p, q) = if eta >= 0.0 { (large, small) } else { (small, large) };
        let derivative = if y == 1.0 { -q } else { p - y };
        let value = (if eta > 0.0 { eta } else { 0.0 }) + elementary::ln_1p::<FMA>(e) - y * eta;
        if w > 0.0 { (w * value, w * derivative) } else { (0.0, 0.0) }
    }
}

/// `x ln x`; what is below all normal numbers adds nothing to a sum.
#[inline(always)]
fn entropy_of_normal<const FMA: bool>(x: f64) -> f64 {
    let logarithm = elementary::ln::<FMA>(x);
    if x >= f64::MIN_POSITIVE { x * logarithm } else { 0.0 }
}

/// The conjugates of many rows at `c v / w`.
struct Conjugate {
    scale: f64,
}

impl Row for Conjugate {
    #[inline(always)]
    fn at<const FMA: bool>(&self, y: f64, w: f64, v: f64) -> (f64, f64) {
        let u = self.scale * v / w;
        let p = (u + y).clamp(0.0, 1.0);
        let q = if y == 1.0 { (-u).clamp(0.0, 1.0) } else { 1.0 - p };
        (if w > 0.0 { w * (entropy_of_normal::<FMA>(p) + entropy_of_normal::<FMA>(q)) } else { 0.0 }, 0.0)
    }
}
