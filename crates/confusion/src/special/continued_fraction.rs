//! The value of a continued fraction.

/// `b₀ + a₁ / (b₁ + a₂ / (b₂ + …))`, given `b₀` and `(aₖ, bₖ)` for `k = 1, 2, …`, by Lentz's method (Thompson and Barnett 1986, Journal of
/// Computational Physics 64).
pub(super) fn lentz(first: f64, terms: impl Fn(u64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |v: f64| if v == 0.0 { TINY } else { v };
    let mut value = away_from_zero(first);
    let (mut c, mut d, mut k, mut before) = (value, 0.0, 1, f64::INFINITY);
    loop {
        let (numerator, denominator) = terms(k);
        d = 1.0 / away_from_zero(denominator + numerator * d);
        c = away_from_zero(denominator + numerator / c);
        value *= c * d;
        let change = (c * d - 1.0).abs();
        // Rounding may keep c · d some last places from 1 for ever: when the change no longer shrinks it is all there is.
        if change <= f64::EPSILON || (change < 1e-14 && change >= before) || value.is_nan() {
            return value;
        }
        before = change;
        k += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_plus_one_over_two_over_two_is_the_root_of_two() {
        assert!((lentz(1.0, |_| (1.0, 2.0)) - 2f64.sqrt()).abs() < 1e-15);
    }
}
