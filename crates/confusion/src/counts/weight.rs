//! Sums of weights.

use crate::Error;

/// `Σw` and `Σw²` of some rows.
///
/// Both are kept to about 32 digits, twice those of an `f64`. Since no weight is negative nothing cancels, so that the order of
/// adding and merging changes neither by more than one unit in the last place, and hardly ever by that.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    sum: Twofold,
    squares: Twofold,
}

impl Weights {
    /// Those of a single row of weight `weight`.
    ///
    /// # Errors
    /// [`Error::Weight`] where it is negative, NaN, infinite, or neither 0 nor between 1e-100 and 1e100: its square, or a sum of
    /// squares, would leave the range of numbers.
    pub fn of(weight: f64) -> Result<Self, Error> {
        if weight == 0.0 || (1e-100..=1e100).contains(&weight) {
            Ok(Self { sum: Twofold::from(weight), squares: Twofold::from(weight * weight) })
        } else {
            Err(Error::Weight { weight: weight.to_string() })
        }
    }

    /// From sums that were written down.
    pub(super) fn from_sums(sum: f64, squares: f64) -> Result<Self, Error> {
        for value in [sum, squares] {
            if !value.is_finite() || value < 0.0 {
                return Err(Error::Weight { weight: value.to_string() });
            }
        }
        Ok(Self { sum: Twofold::from(sum), squares: Twofold::from(squares) })
    }

    /// Those of `rows` rows of weight 1.
    pub(super) fn ones(rows: u64) -> Self {
        // A u64 has more digits than an f64: its upper and lower half are each exact.
        let (high, low) = (rows >> 32 << 32, rows & u64::from(u32::MAX));
        let sum = Twofold::from(high as f64).plus(Twofold::from(low as f64));
        Self { sum, squares: sum }
    }

    /// Those of the rows of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { sum: self.sum.plus(other.sum), squares: self.squares.plus(other.squares) }
    }

    /// `Σw`.
    pub fn sum(&self) -> f64 {
        self.sum.high
    }

    /// `Σw²`.
    pub fn squares(&self) -> f64 {
        self.squares.high
    }

    /// The number of rows of equal weight that would tell as much: `(Σw)² / Σw²` (Kish 1965, *Survey Sampling*); 0 of no rows.
    pub fn effective_rows(&self) -> f64 {
        if self.squares() == 0.0 { 0.0 } else { self.sum() * (self.sum() / self.squares()) }
    }
}

/// A number as the sum of two, of which the second is less than half a unit in the last place of the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Twofold {
    high: f64,
    low: f64,
}

impl From<f64> for Twofold {
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Twofold {
    /// Knuth's sum without error of the high parts (The Art of Computer Programming 2, 4.2.2), and what was lost carried below.
    fn plus(self, other: Self) -> Self {
        let high = self.high + other.high;
        let part = high - self.high;
        let lost = (self.high - (high - part)) + (other.high - part);
        let low = lost + (self.low + other.low);
        let sum = high + low;
        Self { high: sum, low: low - (sum - high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_tenths_add_up_in_any_grouping() {
        let tenth = Weights::of(0.1).unwrap();
        let one_by_one = (0..1_000_000).fold(Weights::default(), |sum, _| sum.plus(tenth));
        let thousand = (0..1000).fold(Weights::default(), |sum, _| sum.plus(tenth));
        let grouped = (0..1000).fold(Weights::default(), |sum, _| sum.plus(thousand));
        assert_eq!(one_by_one.sum(), 100_000.0);
        assert_eq!(one_by_one.sum(), grouped.sum());
        assert_eq!(one_by_one.squares(), grouped.squares());
        assert!((one_by_one.effective_rows() - 1e6).abs() < 1e-6);
    }

    #[test]
    fn a_weight_that_is_no_weight_is_refused() {
        for weight in [-1.0, f64::NAN, f64::INFINITY, 1e-200, 1e200] {
            let error = Weights::of(weight).unwrap_err().to_string();
            assert!(error.starts_with(&format!("the weight {weight} ")), "{error}");
        }
        assert_eq!(Weights::of(0.0).unwrap().effective_rows(), 0.0);
    }

    #[test]
    fn rows_beyond_the_digits_of_an_f64_are_not_lost() {
        let rows = (1 << 53) + 1;
        let sum = Weights::ones(rows).plus(Weights::ones(1)).sum;
        assert_eq!((sum.high, sum.low), (9_007_199_254_740_994.0, 0.0));
    }
}
