//! The beta distribution, and with it the tails of the binomial.

use super::continued_fraction::lentz;
use super::deviance::{ln_1p_less, ln_binomial};

/// The beta distribution with both parameters positive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beta {
    a: f64,
    b: f64,
}

/// The logarithms of both tails at one place. The smaller one has full relative precision, and the larger one then has too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tails {
    pub(crate) ln_below: f64,
    pub(crate) ln_above: f64,
}

impl Beta {
    pub(crate) fn new(a: f64, b: f64) -> Self {
        debug_assert!(a > 0.0 && b > 0.0, "{a} {b}");
        Self { a, b }
    }

    /// Both tails at `x`, given with `y = 1 − x` so that neither loses its digits next to 1.
    pub(crate) fn tails(&self, x: f64, y: f64) -> Tails {
        if x <= 0.0 {
            return Tails { ln_below: f64::NEG_INFINITY, ln_above: 0.0 };
        }
        if y <= 0.0 {
            return Tails { ln_below: 0.0, ln_above: f64::NEG_INFINITY };
        }
        let excess = self.excess(x, y);
        if excess < 0.0 {
            let ln_below = ln_lower_tail(self.a, self.b, x, y, excess).min(0.0);
            Tails { ln_below, ln_above: ln_complement(ln_below) }
        } else {
            let ln_above = ln_lower_tail(self.b, self.a, y, x, -excess).min(0.0);
            Tails { ln_below: ln_complement(ln_above), ln_above }
        }
    }

    /// `(a + b) x − a`, to the last digit of `x`: the tails near the mean depend on this difference alone.
    fn excess(&self, x: f64, y: f64) -> f64 {
        let (a, b) = (self.a, self.b);
        let n = a + b;
        let (large, small) = if a > b { (a, b) } else { (b, a) };
        let lost = small - (n - large);
        if x <= y { n.mul_add(x, -a) + lost * x } else { -(n.mul_add(y, -b) + lost * y) }
    }

    /// `ln` of the density at `x`, times `xy`.
    fn ln_density(&self, x: f64, y: f64) -> f64 {
        ln_binomial(self.a, self.b, x, y, self.excess(x, y)) + ln_half_harmonic(self.a, self.b)
    }

    /// The place below which lies the share `p`.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        if p <= 0.0 {
            return 0.0;
        }
        if p >= 1.0 {
            return 1.0;
        }
        // Newton's method for the logarithm of the smaller tail as a function of ln(x / y), kept between known bounds. Both are smooth
        // where x itself may have to be found between 0 and 10⁻³⁰⁰.
        let lower = p <= 0.5;
        let target = if lower { p.ln() } else { (1.0 - p).ln() };
        let (mut low, mut high) = (-745.0_f64, 745.0_f64);
        let mut logit = (self.a / self.b).ln().clamp(-700.0, 700.0);
        for _ in 0..200 {
            let (x, y) = (1.0 / (1.0 + (-logit).exp()), 1.0 / (1.0 + logit.exp()));
            let tails = self.tails(x, y);
            let (found, sign) = if lower { (tails.ln_below, 1.0) } else { (tails.ln_above, -1.0) };
            let off = sign * (found - target);
            if off > 0.0 {
                high = high.min(logit)
            } else {
                low = low.max(logit)
            }
            let step = off / (self.ln_density(x, y) - found).exp();
            let next = logit - step;
            if !(low < next && next < high) {
                let middle = low + (high - low) / 2.0;
                if middle == logit || high - low <= 4.0 * f64::EPSILON * logit.abs() {
                    break;
                }
                logit = middle;
            } else {
                logit = next;
                if step.abs() <= 2.0 * f64::EPSILON * logit.abs() {
                    break;
                }
            }
        }
        1.0 / (1.0 + (-logit).exp())
    }
}

/// `ln P(X ≥ hits)` for `X` binomial with `trials` of probability `p = 1 − q` each.
pub(crate) fn ln_binomial_at_least(hits: f64, trials: f64, p: f64, q: f64) -> f64 {
    if hits <= 0.0 {
        return 0.0;
    }
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    Beta::new(hits, trials - hits + 1.0).tails(p, q).ln_below
}

/// `ln P(X ≤ hits)` for `X` binomial with `trials` of probability `p = 1 − q` each.
pub(crate) fn ln_binomial_at_most(hits: f64, trials: f64, p: f64, q: f64) -> f64 {
    if hits >= trials {
        return 0.0;
    }
    if q <= 0.0 {
        return f64::NEG_INFINITY;
    }
    Beta::new(hits + 1.0, trials - hits).tails(p, q).ln_above
}

/// `ln(ab / (a + b))`.
fn ln_half_harmonic(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    (small / (1.0 + small / large)).ln()
}

/// `ln(1 − eᵗ)` for `t ≤ 0`.
fn ln_complement(t: f64) -> f64 {
    if t > -std::f64::consts::LN_2 { (-t.exp_m1()).ln() } else { (-t.exp()).ln_1p() }
}

/// `ln I_x(a, b)` where `x` is below the mean, `excess = (a + b) x − a < 0` or next to it.
fn ln_lower_tail(a: f64, b: f64, x: f64, y: f64, excess: f64) -> f64 {
    let ln_density = ln_binomial(a, b, x, y, excess) + ln_half_harmonic(a, b);
    // The continued fraction takes some √max(a, b) steps next to the mean; where that is long, both parameters are large enough for the
    // density to be smooth, and a quadrature is as exact.
    let ln_rest = if a.min(b) >= 64.0 && a.max(b) >= 4096.0 {
        integral(a, b, x, y, excess).ln() - (x.ln() + y.ln())
    } else {
        continued_fraction(a, b, x).ln() - a.ln()
    };
    ln_density + ln_rest
}

/// `I_x(a, b) · a B(a, b) / (xᵃ yᵇ)` by the continued fraction of NIST DLMF 8.17.22.
fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    1.0 / lentz(1.0, |k| {
        let m = (k / 2) as f64;
        let numerator = if k % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        (numerator, 1.0)
    })
}

/// The positive nodes of Gauss-Legendre quadrature with 16 points, and their weights (Abramowitz and Stegun, table 25.4).
const GAUSS_LEGENDRE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_58),
    (0.458_016_777_657_227_37, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_8, 0.149_595_988_816_576_74),
    (0.755_404_408_355_003, 0.124_628_971_255_533_88),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_79),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_894),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_096),
];

/// `∫₀ˣ f(x − d) / f(x) dd` for the beta density `f`, both parameters large: panels of some standard deviations, from `x` into the
/// tail, until the last adds nothing.
fn integral(a: f64, b: f64, x: f64, y: f64, excess: f64) -> f64 {
    // ln f(x − d) / f(x) = (a−1) ln(1 − d/x) + (b−1) ln(1 + d/y), with the terms of first order gathered, as they cancel.
    let slope = (2.0 * x - 1.0 - excess) / (x * y);
    let ln_ratio = |d: f64| (a - 1.0) * ln_1p_less(-d / x) + (b - 1.0) * ln_1p_less(d / y) - slope * d;
    let curvature = ((a - 1.0) / x / x + (b - 1.0) / y / y).sqrt();
    let width = 2.0 / slope.abs().max(curvature);
    let (mut from, mut sum) = (0.0, 0.0);
    while from < x {
        let half = (width / 2.0).min((x - from) / 2.0);
        let middle = from + half;
        let panel: f64 = GAUSS_LEGENDRE
            .iter()
            .map(|&(node, weight)| {
                weight * (ln_ratio(middle - half * node).exp() + ln_ratio(middle + half * node).exp())
            })
            .sum();
        sum += half * panel;
        if half * panel <= 1e-18 * sum {
            break;
        }
        from += 2.0 * half;
    }
    sum
}
