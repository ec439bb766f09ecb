//! A sum of squares that neither overflows nor underflows.

/// Squares of f64 values in three sums: those that would underflow are scaled up, those that would overflow down
/// (Blue 1978, "A portable Fortran program to find the Euclidean norm of a vector").
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Squares {
    /// Of magnitudes below 2^-450, times 2^1200.
    small: f64,
    /// Of those between.
    middle: f64,
    /// Of magnitudes of at least 2^481, times 2^-1200.
    big: f64,
}

/// 2^exponent.
const fn two_to(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

impl Squares {
    const SCALE: f64 = two_to(600);
    const UNSCALE: f64 = two_to(-600);

    /// Adds the square of a finite `x`.
    #[inline]
    pub(crate) fn add(&mut self, x: f64) {
        let magnitude = x.abs();
        if magnitude < const { two_to(-450) } {
            let scaled = x * Self::SCALE;
            self.small += scaled * scaled;
        } else if magnitude < const { two_to(481) } {
            self.middle += x * x;
        } else {
            let scaled = x * Self::UNSCALE;
            self.big += scaled * scaled;
        }
    }

    /// Adds a sum of squares of which each is between the limits, or negligible.
    #[inline(always)]
    pub(crate) fn add_sum(&mut self, squares: f64) {
        self.middle += squares;
    }

    /// Root of a `count`-th of the sum; 0 where `count` is 0.
    pub(crate) fn rms(&self, count: u64) -> f64 {
        if count == 0 {
            return 0.0;
        }
        let (sum, scale) = if self.big > 0.0 {
            (self.big + self.middle * Self::UNSCALE * Self::UNSCALE, Self::SCALE)
        } else if self.middle > 0.0 {
            (self.middle + self.small * Self::UNSCALE * Self::UNSCALE, 1.0)
        } else {
            (self.small, Self::UNSCALE)
        };
        (sum / count as f64).sqrt() * scale
    }
}

/// Root mean square of two sets of values together, from that of each and the number of values in each.
pub(crate) fn pooled_rms((a, m): (f64, u64), (b, n): (f64, u64)) -> f64 {
    if m == 0 || n == 0 {
        return if m == 0 { b } else { a };
    }
    let largest = a.max(b);
    if largest == 0.0 {
        return 0.0;
    }
    let (a, b, m, n) = (a / largest, b / largest, m as f64, n as f64);
    largest * ((a * a * m + b * b * n) / (m + n)).sqrt()
}
