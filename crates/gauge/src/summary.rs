//! [`Summary`]: everything that one pass over a tensor finds, and the sum of any two of them.

use crate::element::Element;
use crate::exponents::Exponents;
use crate::format::Format;
use crate::kernel::Level;
use crate::squares::pooled_rms;
use crate::tally;

/// What one pass over a slice of numbers finds. Merging is commutative; counts are exact in any order.
///
/// Mean, RMS, L1, minimum and maximum are over the finite values; NaN and infinities are counted apart. Sums are taken
/// in f64 (of the 16-bit types: in f32 over at most 17 values, then in f64), so that they are accurate to about
/// 10⁻¹⁵ (16-bit types: 10⁻⁶) of [`Summary::l1`], and to rounding the same for every way to split the values and
/// every order to merge. Squares neither overflow nor underflow; a sum or L1 beyond the largest f64 does, and
/// then it and what follows from it are not finite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The stored form; every accessor derives from it.
    parts: Parts,
}

/// The fields of a [`Summary`], for writing it down and reading it back without loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// Number of values seen, of any kind.
    pub count: u64,
    /// Values that are NaN.
    pub nan: u64,
    /// Values that are +∞.
    pub positive_infinite: u64,
    /// Values that are −∞.
    pub negative_infinite: u64,
    /// Values that are exactly zero (of either sign).
    pub zeros: u64,
    /// Non-zero values below the smallest normal number of their own type.
    pub subnormals: u64,
    /// Sum of the finite values.
    pub sum: f64,
    /// Sum of the magnitudes of the finite values.
    pub l1: f64,
    /// Root of the mean of the squares of the finite values; 0 when there is none.
    pub rms: f64,
    /// Smallest finite value; `+∞` when there is none.
    pub min: f64,
    /// Largest finite value; `−∞` when there is none.
    pub max: f64,
    /// Counts of finite non-zero values by binary exponent.
    pub exponents: Exponents,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            count: 0,
            nan: 0,
            positive_infinite: 0,
            negative_infinite: 0,
            zeros: 0,
            subnormals: 0,
            sum: 0.0,
            l1: 0.0,
            rms: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            exponents: Exponents::default(),
        }
    }
}

impl Parts {
    fn finite(&self) -> u64 {
        self.count
            .saturating_sub(self.nan)
            .saturating_sub(self.positive_infinite)
            .saturating_sub(self.negative_infinite)
    }
}

impl Summary {
    /// Summary of `values`.
    #[inline]
    pub fn of<T: Element>(values: &[T]) -> Self {
        Self { parts: tally::of(Level::best(), values) }
    }

    /// Summary of the differences `after[i] − before[i]`, each rounded to the type of the values: what a step changed.
    /// Nothing is allocated for the differences.
    ///
    /// # Errors
    /// [`LengthMismatch`] if the two are not equally long.
    pub fn of_difference<T: Element>(after: &[T], before: &[T]) -> Result<Self, LengthMismatch> {
        if after.len() != before.len() {
            return Err(LengthMismatch { after: after.len(), before: before.len() });
        }
        Ok(Self { parts: tally::of_difference(Level::best(), after, before) })
    }

    /// The summary that these fields describe.
    pub fn from_parts(parts: Parts) -> Self {
        Self { parts }
    }

    /// The fields, for writing them down.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The fields, for keeping them.
    pub fn into_parts(self) -> Parts {
        self.parts
    }

    /// Adds `values`.
    pub fn update<T: Element>(&mut self, values: &[T]) {
        self.merge(&Self::of(values));
    }

    /// Adds what `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        let (a, b) = (&mut self.parts, &other.parts);
        a.rms = pooled_rms((a.rms, a.finite()), (b.rms, b.finite()));
        a.count += b.count;
        a.nan += b.nan;
        a.positive_infinite += b.positive_infinite;
        a.negative_infinite += b.negative_infinite;
        a.zeros += b.zeros;
        a.subnormals += b.subnormals;
        a.sum += b.sum;
        a.l1 += b.l1;
        a.min = a.min.min(b.min);
        a.max = a.max.max(b.max);
        a.exponents.merge(&b.exponents);
    }

    /// Number of values seen, of any kind.
    pub fn count(&self) -> u64 {
        self.parts.count
    }

    /// Number of values that are neither NaN nor infinite.
    pub fn finite(&self) -> u64 {
        self.parts.finite()
    }

    /// Whether every value is finite.
    pub fn is_finite(&self) -> bool {
        self.finite() == self.parts.count
    }

    /// Number of values that are NaN.
    pub fn nan(&self) -> u64 {
        self.parts.nan
    }

    /// Number of values that are +∞.
    pub fn positive_infinite(&self) -> u64 {
        self.parts.positive_infinite
    }

    /// Number of values that are −∞.
    pub fn negative_infinite(&self) -> u64 {
        self.parts.negative_infinite
    }

    /// Number of values that are exactly zero, of either sign.
    pub fn zeros(&self) -> u64 {
        self.parts.zeros
    }

    /// Number of non-zero values below the smallest normal number of their own type.
    pub fn subnormals(&self) -> u64 {
        self.parts.subnormals
    }

    /// Mean of the finite values; none where there is none.
    pub fn mean(&self) -> Option<f64> {
        self.over_finite(|p, n| p.sum / n)
    }

    /// Root mean square `√(Σx²/n)` of the finite values; none where there is none.
    pub fn rms(&self) -> Option<f64> {
        self.over_finite(|p, _| p.rms)
    }

    /// Standard deviation `√(Σx²/n − (Σx/n)²)` of the finite values (of the population: divided by their number);
    /// none where there is none. Inaccurate where it is below 10⁻⁷ of the mean, since only the sums are kept.
    pub fn standard_deviation(&self) -> Option<f64> {
        self.over_finite(|p, n| {
            let mean = (p.sum / n).abs();
            // The factors, so that nothing is squared that might overflow.
            ((p.rms - mean).max(0.0)).sqrt() * (p.rms + mean).sqrt()
        })
    }

    /// Sum of the magnitudes `Σ|x|` of the finite values; 0 where there is none.
    pub fn l1(&self) -> f64 {
        self.parts.l1
    }

    /// Euclidean norm `√(Σx²)` of the finite values; 0 where there is none.
    pub fn l2(&self) -> f64 {
        self.parts.rms * (self.finite() as f64).sqrt()
    }

    /// Smallest finite value; none where there is none.
    pub fn min(&self) -> Option<f64> {
        self.over_finite(|p, _| p.min)
    }

    /// Largest finite value; none where there is none.
    pub fn max(&self) -> Option<f64> {
        self.over_finite(|p, _| p.max)
    }

    /// Largest magnitude of the finite values; none where there is none.
    pub fn max_abs(&self) -> Option<f64> {
        self.over_finite(|p, _| p.max.max(-p.min))
    }

    /// Counts of the finite non-zero values by binary exponent.
    pub fn exponents(&self) -> &Exponents {
        &self.parts.exponents
    }

    /// Share of the finite non-zero values that would become zero in `format`, from 0 to 1: those below half of its
    /// smallest subnormal, when rounded to nearest. None where there is no such value.
    ///
    /// (A magnitude of exactly half the smallest subnormal is rounded to zero too, but counted as kept: the
    /// histogram knows powers of two only.)
    pub fn lost_in(&self, format: Format) -> Option<f64> {
        self.parts.exponents.share_below(format.min_subnormal_exponent() - 1)
    }

    /// Share of the finite non-zero values that would be below the normal range of `format`, those that become zero
    /// included: they lose precision, and wherever subnormals are flushed they become zero. None where there is no such
    /// value.
    pub fn below_normal_in(&self, format: Format) -> Option<f64> {
        self.parts.exponents.share_below(format.min_normal_exponent())
    }

    /// Share of the finite non-zero values that would overflow in `format`: those of at least 2 to the power of its
    /// [`Format::max_exponent`] + 1. None where there is no such value.
    pub fn overflow_in(&self, format: Format) -> Option<f64> {
        self.parts.exponents.share_below(format.max_exponent() + 1).map(|share| 1.0 - share)
    }

    fn over_finite(&self, of: impl FnOnce(&Parts, f64) -> f64) -> Option<f64> {
        let finite = self.finite();
        (finite > 0).then(|| of(&self.parts, finite as f64))
    }
}

/// Two slices that had to be equally long are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the tensors to subtract have {after} values (after) and {before} values (before); both must be the same tensor, \
     of one length"
)]
pub struct LengthMismatch {
    /// Number of values after the step.
    pub after: usize,
    /// Number of values before the step.
    pub before: usize,
}
