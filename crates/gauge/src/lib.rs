//! One-pass, mergeable summary of a tensor's values.
//!
//! [`Summary`] is the only measurement that the other rooms exchange: counts of what is not a number, of zeros and
//! subnormals, mean, RMS, L1, extrema, and the histogram of binary exponents.

/// A type whose slices can be summarized: `f64`, `f32`, [`half::f16`], [`half::bf16`].
pub trait Element: Copy + Send + Sync + 'static {
    /// The value, widened without loss.
    fn to_f64(self) -> f64;
    /// The smallest positive normal value of this type; smaller non-zero magnitudes are subnormal.
    const MIN_POSITIVE: f64;
}
impl Element for f64 {
    fn to_f64(self) -> f64 {
        self
    }
    const MIN_POSITIVE: f64 = f64::MIN_POSITIVE;
}
impl Element for f32 {
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    const MIN_POSITIVE: f64 = f32::MIN_POSITIVE as f64;
}

impl Element for half::f16 {
    fn to_f64(self) -> f64 {
        half::f16::to_f64(self)
    }
    const MIN_POSITIVE: f64 = 6.103515625e-5;
}
impl Element for half::bf16 {
    fn to_f64(self) -> f64 {
        half::bf16::to_f64(self)
    }
    const MIN_POSITIVE: f64 = f32::MIN_POSITIVE as f64;
}

/// What one pass over a slice of numbers finds. Merging is commutative; counts are exact in any order.
///
/// Mean, RMS, L1, minimum and maximum are over the finite values; NaN and infinities are counted apart.
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

/// Counts of finite non-zero values by binary exponent `⌊log2 |x|⌋`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exponents {
    /// The exponent of `counts[0]`.
    pub first: i32,
    /// Counts for the exponents `first`, `first + 1`, …; neither end is zero; empty when there is no such value.
    pub counts: Vec<u64>,
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

impl Summary {
    /// Summary of `values`.
    pub fn of<T: Element>(values: &[T]) -> Self {
        let mut p = Parts { count: values.len() as u64, ..Parts::default() };
        let mut counts = std::collections::BTreeMap::<i32, u64>::new();
        let (mut squares, mut finite) = (0.0, 0u64);
        for v in values {
            let x = v.to_f64();
            if x.is_nan() {
                p.nan += 1;
                continue;
            }
            if x == f64::INFINITY {
                p.positive_infinite += 1;
                continue;
            }
            if x == f64::NEG_INFINITY {
                p.negative_infinite += 1;
                continue;
            }
            finite += 1;
            p.sum += x;
            p.l1 += x.abs();
            squares += x * x;
            p.min = p.min.min(x);
            p.max = p.max.max(x);
            if x == 0.0 {
                p.zeros += 1;
            } else {
                if x.abs() < T::MIN_POSITIVE {
                    p.subnormals += 1;
                }
                *counts.entry(x.abs().log2().floor() as i32).or_default() += 1;
            }
        }
        if finite > 0 {
            p.rms = (squares / finite as f64).sqrt();
        }
        if let (Some((&first, _)), Some((&last, _))) = (counts.first_key_value(), counts.last_key_value()) {
            p.exponents =
                Exponents { first, counts: (first..=last).map(|e| counts.get(&e).copied().unwrap_or(0)).collect() };
        }
        Self { parts: p }
    }

    /// The summary that these fields describe.
    pub fn from_parts(parts: Parts) -> Self {
        Self { parts }
    }

    /// The fields, for writing them down.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Adds what `other` has seen.
    pub fn merge(&mut self, _other: &Self) {
        todo!("the gauge room's work")
    }

    /// Number of values seen.
    pub fn count(&self) -> u64 {
        self.parts.count
    }

    /// Number of values that are neither NaN nor infinite.
    pub fn finite(&self) -> u64 {
        let p = &self.parts;
        p.count - p.nan - p.positive_infinite - p.negative_infinite
    }

    /// Whether every value is finite.
    pub fn is_finite(&self) -> bool {
        self.finite() == self.parts.count
    }

    /// Mean of the finite values; none where there is none.
    pub fn mean(&self) -> Option<f64> {
        (self.finite() > 0).then(|| self.parts.sum / self.finite() as f64)
    }

    /// Root mean square of the finite values; none where there is none.
    pub fn rms(&self) -> Option<f64> {
        (self.finite() > 0).then_some(self.parts.rms)
    }
}
