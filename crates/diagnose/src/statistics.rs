//! The few tests that rules rest on: Student's t, a straight-line fit, Mann–Kendall, and their distributions.
//!
//! Not a statistics library: each function is here because a rule calls it.

/// Complementary error function, relative error below 1e-12.
///
/// Maclaurin series of `erf` for |x| < 2.5 (DLMF 7.6.2), else Lentz's continued fraction (DLMF 7.9.1).
pub(crate) fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x < 2.5 {
        // erf(x) = 2/√π e^{-x²} Σ 2ⁿ x^{2n+1} / (2n+1)!!, all terms positive: nothing cancels.
        let mut term = x;
        let mut sum = x;
        let mut n = 0.0;
        while term > 1e-17 * sum {
            n += 1.0;
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
        }
        return 1.0 - std::f64::consts::FRAC_2_SQRT_PI * (-x * x).exp() * sum;
    }
    let mut fraction = x;
    for k in (1..=60).rev() {
        fraction = x + 0.5 * f64::from(k) / fraction;
    }
    (-x * x).exp() / (std::f64::consts::PI.sqrt() * fraction)
}

/// Probability that Student's t with `dof` degrees of freedom exceeds `t`.
///
/// By the regularized incomplete beta function: `P(T > t) = I_{ν/(ν+t²)}(ν/2, 1/2) / 2` for t ≥ 0 (DLMF 8.17).
pub fn student_tail(t: f64, dof: f64) -> f64 {
    if t.is_nan() || dof <= 0.0 {
        return 0.5;
    }
    if t < 0.0 {
        return 1.0 - student_tail(-t, dof);
    }
    if t.is_infinite() {
        return 0.0;
    }
    0.5 * incomplete_beta(dof / 2.0, 0.5, dof / (dof + t * t))
}

/// Regularized incomplete beta function `I_x(a, b)` by its continued fraction (DLMF 8.17.22, Lentz's evaluation).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front = (a * x.ln() + b * (1.0 - x).ln() - (ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b))).exp() / a;
    let tiny = 1e-300;
    let guard = |v: f64| if v.abs() < tiny { tiny } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let factor = d * c;
        value *= factor;
        if (factor - 1.0).abs() < 1e-14 {
            break;
        }
    }
    front * value
}

/// ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) after shifting the argument above 10.
fn ln_gamma(x: f64) -> f64 {
    let mut shift = 0.0;
    let mut x = x;
    while x < 10.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    shift + (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

/// A straight line through points, with the uncertainty of its slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    pub slope: f64,
    pub standard_error: f64,
    pub degrees_of_freedom: f64,
}

impl Line {
    /// One-sided probability of a slope at least this large where there is none.
    pub fn p_rising(&self) -> f64 {
        if self.standard_error <= 0.0 {
            return if self.slope > 0.0 { 0.0 } else { 1.0 };
        }
        student_tail(self.slope / self.standard_error, self.degrees_of_freedom)
    }

    /// One-sided probability of a slope at least this negative where there is none.
    pub fn p_falling(&self) -> f64 {
        Self { slope: -self.slope, ..*self }.p_rising()
    }
}

/// Ordinary least squares with independent errors; none with fewer than three distinct points.
pub(crate) fn least_squares(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<Line> {
    let (mut n, mut sx, mut sy) = (0.0, 0.0, 0.0);
    for (x, y) in points.clone() {
        n += 1.0;
        sx += x;
        sy += y;
    }
    if n < 3.0 {
        return None;
    }
    let (mx, my) = (sx / n, sy / n);
    let (mut sxx, mut sxy, mut syy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        sxx += (x - mx) * (x - mx);
        sxy += (x - mx) * (y - my);
        syy += (y - my) * (y - my);
    }
    if sxx <= 0.0 {
        return None;
    }
    let slope = sxy / sxx;
    let residual = (syy - slope * sxy).max(0.0);
    let degrees_of_freedom = n - 2.0;
    Some(Line { slope, standard_error: (residual / degrees_of_freedom / sxx).sqrt(), degrees_of_freedom })
}

/// The Mann–Kendall statistic of a series, standardized: negative for a falling series, N(0, 1) where the values are
/// exchangeable (Mann 1945, Kendall 1975; with the continuity correction and the variance without ties).
/// None below 8 values, where the normal approximation is poor.
pub(crate) fn mann_kendall(values: &[f64]) -> Option<f64> {
    let n = values.len();
    if n < 8 {
        return None;
    }
    let mut s = 0i64;
    for (i, a) in values.iter().enumerate() {
        for b in &values[i + 1..] {
            s += i64::from(b > a) - i64::from(b < a);
        }
    }
    let n = n as f64;
    let variance = n * (n - 1.0) * (2.0 * n + 5.0) / 18.0;
    let s = s as f64;
    Some((s - s.signum()) / variance.sqrt())
}

/// Median of `values`, which it reorders; none where there is none.
pub(crate) fn median(values: &mut [f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let (_, value, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_match_printed_tables() {
        // Two-sided 5 % points: t(1) = 12.706, t(10) = 2.228, t(30) = 2.042; normal 1.960.
        for (t, dof) in [(12.7062, 1.0), (2.22814, 10.0), (2.04227, 30.0)] {
            assert!((student_tail(t, dof) - 0.025).abs() < 1e-6, "{t} {dof}: {}", student_tail(t, dof));
        }
        // erfc(1) and erfc(−1/2) to ten digits (Abramowitz and Stegun, table 7.1).
        assert!((erfc(1.0) - 0.157_299_207_05).abs() < 1e-10);
        assert!((erfc(-0.5) - 1.520_499_877_81).abs() < 1e-10);
        assert!((erfc(3.0) / 2.209049699858544e-5 - 1.0).abs() < 1e-10);
        assert!((erfc(2.4999999) / erfc(2.5000001) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_line_with_noise_has_the_textbook_standard_error() {
        let y = [1.0, 2.2, 2.9, 4.1, 5.0];
        let line = least_squares(y.iter().enumerate().map(|(i, y)| (i as f64, *y))).unwrap();
        assert!((line.slope - 0.99).abs() < 1e-12);
        assert!((line.standard_error - (0.051f64 / 3.0 / 10.0).sqrt()).abs() < 1e-9, "{line:?}");
    }

    #[test]
    fn mann_kendall_tells_a_falling_series_from_a_flat_one() {
        let falling: Vec<f64> = (0..20).map(|i| 20.0 - f64::from(i)).collect();
        assert!(mann_kendall(&falling).unwrap() < -5.0);
        let flat: Vec<f64> = (0..20).map(|i| (f64::from(i) - 9.3).abs()).collect();
        assert!(mann_kendall(&flat).unwrap().abs() < 1.5);
        assert_eq!(mann_kendall(&falling[..7]), None);
    }
}
