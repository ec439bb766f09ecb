//! The difference of paired scores, with its interval and p-value.

use gradiometer_diagnose::statistics::student_tail;
use serde::{Deserialize, Serialize};

/// How much one side of pairs is above the other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The lower end of the 95 % interval of the mean.
    pub low: f64,
    /// The mean of the differences.
    pub mean: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// How often a mean as far from 0, to either side, would come about if there were no difference.
    pub p_value: f64,
}

impl Difference {
    /// Student's paired t-test (1908): `t = mean / (s/√n)` with `n − 1` degrees of freedom, two-sided; the interval is
    /// `mean ± t₀.₉₇₅·s/√n`.
    ///
    /// `resolution` is what one row more or less makes of a score: no spread is believed that is smaller, since scores that
    /// are all the same, as when every training gets every row right, would otherwise be known without any error. Where there
    /// is none (0) and all differences are the same, the sign test speaks, whose p-value is `2^(1 − n)`.
    ///
    /// `None` for fewer than two differences, or one that is not finite.
    pub fn of(differences: &[f64], resolution: f64) -> Option<Self> {
        let n = differences.len() as f64;
        if differences.len() < 2 || differences.iter().any(|d| !d.is_finite()) {
            return None;
        }
        let mean = differences.iter().sum::<f64>() / n;
        let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
        let standard_error = (squares / (n - 1.0)).sqrt().max(resolution) / n.sqrt();
        // Sums of equal numbers may differ in their last digits.
        if standard_error <= 1e-12 * mean.abs() || standard_error == 0.0 {
            let p_value = if mean == 0.0 { 1.0 } else { 2f64.powf(1.0 - n) };
            return Some(Self { low: mean, mean, high: mean, p_value });
        }
        let margin = quantile_of_a_fortieth(n - 1.0) * standard_error;
        let p_value = 2.0 * student_tail((mean / standard_error).abs(), n - 1.0);
        Some(Self { low: mean - margin, mean, high: mean + margin, p_value })
    }
}

/// The t that Student's distribution exceeds in 2.5 % of all cases, by bisection.
fn quantile_of_a_fortieth(degrees_of_freedom: f64) -> f64 {
    // 12.7 for one degree of freedom, the largest there is.
    let (mut low, mut high) = (0.0, 16.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if student_tail(middle, degrees_of_freedom) > 0.025 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_s_own_ten_patients() {
        // Additional hours of sleep, one drug after the other (Student 1908, table II): t = 4.06, and R's t.test gives
        // p = 0.002833 and the interval 0.70 to 2.46.
        let hours = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];
        let difference = Difference::of(&hours, 0.0).unwrap();
        assert!((difference.mean - 1.58).abs() < 1e-12);
        assert!((difference.p_value - 0.002833).abs() < 1e-6, "{difference:?}");
        assert!(
            (difference.low - 0.7001142).abs() < 1e-6 && (difference.high - 2.4598858).abs() < 1e-6,
            "{difference:?}"
        );
    }

    #[test]
    fn the_other_way_round_it_is_the_same_with_the_sign_turned() {
        let there = Difference::of(&[0.1, 0.3, 0.25, 0.05], 0.0).unwrap();
        let back = Difference::of(&[-0.1, -0.3, -0.25, -0.05], 0.0).unwrap();
        assert!((there.low + back.high).abs() < 1e-12 && (there.p_value - back.p_value).abs() < 1e-12);
    }

    #[test]
    fn equal_differences_are_judged_by_their_signs_or_by_a_row() {
        assert_eq!(Difference::of(&[0.5; 5], 0.0).unwrap().p_value, 0.0625);
        assert_eq!(Difference::of(&[0.1; 6], 0.0).unwrap().p_value, 0.03125);
        assert_eq!(
            Difference::of(&[0.0; 5], 0.0).unwrap(),
            Difference { low: 0.0, mean: 0.0, high: 0.0, p_value: 1.0 }
        );
        // A hundred rows: fifty more right in every pair are no chance, half a row more is.
        assert!(Difference::of(&[0.5; 5], 0.01).unwrap().p_value < 1e-6);
        let half_a_row = Difference::of(&[0.005; 5], 0.01).unwrap();
        assert!(half_a_row.p_value > 0.3 && half_a_row.low < 0.0, "{half_a_row:?}");
        assert_eq!(Difference::of(&[0.0; 5], 0.01).unwrap().p_value, 1.0);
    }

    #[test]
    fn nothing_is_said_of_one_pair_or_of_what_is_not_a_number() {
        assert_eq!(Difference::of(&[0.5], 0.0), None);
        assert_eq!(Difference::of(&[0.5, f64::NAN, 0.1], 0.0), None);
    }
}
