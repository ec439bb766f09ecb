//! The pieces of a binomial or Poisson probability that keep their digits however large the counts.
//!
//! Differences of `ln Γ` lose 9 of 16 digits at counts of 10⁹. Loader (2000, *Fast and accurate computation of binomial
//! probabilities*) writes the probability with Stirling's error and a deviance instead, neither of which cancels.

use std::f64::consts::TAU;

/// `ln(1 + u) − u`, without cancellation about 0.
pub(super) fn ln_1p_less(u: f64) -> f64 {
    if !(-0.3..0.4).contains(&u) {
        return u.ln_1p() - u;
    }
    // ln(1 + u) = 2 atanh r with r = u / (2 + u), and 2r − u = −ru.
    let r = u / (2.0 + u);
    let square = r * r;
    let (mut power, mut sum, mut odd) = (square, square / 3.0, 3.0);
    loop {
        power *= square;
        odd += 2.0;
        let next = sum + power / odd;
        if next == sum {
            return r * (2.0 * sum - u);
        }
        sum = next;
    }
}

/// Stirling's error `ln Γ(n + 1) − (n + ½) ln n + n − ½ ln 2π` for `n > 0`.
pub(super) fn stirling_error(n: f64) -> f64 {
    // The series is good to the last digit from 16 on; below, one step up adds (n + ½) ln(1 + 1/n) − 1.
    let (mut n, mut below) = (n, 0.0);
    while n < 16.0 {
        below += (n + 0.5) * (1.0 / n).ln_1p() - 1.0;
        n += 1.0;
    }
    let s = 1.0 / (n * n);
    let tail = 1.0 / 1260.0 - s * (1.0 / 1680.0 - s * (1.0 / 1188.0 - s * (691.0 / 360_360.0 - s / 156.0)));
    below + (1.0 / 12.0 - s * (1.0 / 360.0 - s * tail)) / n
}

/// `x ln(x / m) + m − x`, given `x > 0`, `m` and the excess `m − x`, which the caller may know to more digits than `m`.
fn deviance(x: f64, m: f64, excess: f64) -> f64 {
    let relative = excess / x;
    if (-0.3..0.4).contains(&relative) { -x * ln_1p_less(relative) } else { x * (x / m).ln() + excess }
}

/// `ln` of the Poisson probability of `x > 0` (not only whole) where `mean` is expected.
pub(super) fn ln_poisson(x: f64, mean: f64) -> f64 {
    -0.5 * (TAU * x).ln() - stirling_error(x) - deviance(x, mean, mean - x)
}

/// `ln` of `Γ(a+b+1) / (Γ(a+1) Γ(b+1)) · xᵃ yᵇ`, with `x + y = 1` and `excess = (a + b) x − a`.
pub(super) fn ln_binomial(a: f64, b: f64, x: f64, y: f64, excess: f64) -> f64 {
    let n = a + b;
    // In this order neither the quotient nor the product leaves the range.
    let scale = -0.5 * (TAU * a * (b / n)).ln();
    let errors = stirling_error(n) - stirling_error(a) - stirling_error(b);
    scale + errors - deviance(a, n * x, excess) - deviance(b, n * y, -excess)
}
