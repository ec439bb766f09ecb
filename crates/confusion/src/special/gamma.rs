//! The incomplete gamma function, and with it the tail of χ².

use super::continued_fraction::lentz;
use super::deviance::ln_poisson;

/// `ln P(X > x)` for `X` of a χ² distribution with `freedom` degrees.
pub(crate) fn ln_chi_square_above(x: f64, freedom: f64) -> f64 {
    ln_upper(freedom / 2.0, x / 2.0)
}

/// `ln Q(a, x)`, the regularized upper incomplete gamma function.
pub(super) fn ln_upper(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    // xᵃ e⁻ˣ / Γ(a+1)
    let ln_term = ln_poisson(a, x);
    if x < a + 1.0 {
        // Σ xᵏ / ((a+1) … (a+k)), NIST DLMF 8.7.1.
        let (mut term, mut sum, mut k) = (1.0, 1.0, 1.0);
        while term > f64::EPSILON / 4.0 * sum {
            term *= x / (a + k);
            sum += term;
            k += 1.0;
        }
        return (-(ln_term.exp() * sum).min(1.0)).ln_1p();
    }
    // The continued fraction of NIST DLMF 8.9.2, contracted to its even part.
    let fraction = lentz(x + 1.0 - a, |k| {
        let k = k as f64;
        (-k * (k - a), x + 1.0 - a + 2.0 * k)
    });
    ln_term + (a / fraction).ln()
}
