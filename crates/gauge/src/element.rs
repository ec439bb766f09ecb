//! The four types of numbers that can be summarized, and how their bits are laid out.
//!
//! Not for arithmetic: a value is widened to `f64`, which holds every value of each of them exactly.

use half::{bf16, f16};

/// A type whose slices can be summarized: `f64`, `f32`, [`half::f16`], [`half::bf16`].
///
/// Sealed: the passes over memory are written for these four layouts.
pub trait Element: Layout {
    /// The value, widened without loss.
    fn to_f64(self) -> f64;
    /// The smallest positive normal value of this type; smaller non-zero magnitudes are subnormal.
    const MIN_POSITIVE: f64;
}

/// No type has more values in a block.
pub const MAX_BLOCK: usize = 4096;

/// The bits of an IEEE 754 binary format (or of bfloat16, the upper half of one).
pub trait Layout: crate::kernel::Kernel + Copy + PartialEq + Send + Sync + 'static {
    /// Number of bits.
    const BITS: u32;
    /// Stored bits of the significand.
    const MANTISSA: u32;
    /// What [`Self::field`] of 1.0 is.
    const BIAS: i32;
    /// Values in a block of the pass: at most 16 KiB, so that a second look finds them in the first-level cache.
    const BLOCK: usize = if Self::BITS == 64 { 2048 } else { MAX_BLOCK };
    /// A pass tells exponent fields apart modulo this.
    const MODULUS: usize;
    /// Binary exponents of a block's largest magnitude for which the pass's sum of squares is accurate.
    const SAFE: std::ops::RangeInclusive<i32>;
    /// The bits of the smallest magnitude with a [`Self::field`] other than 0.
    const LOWEST: u64 = 1 << Self::MANTISSA;
    /// Positive zero.
    const ZERO: Self;
    /// The bits of +∞, which are above those of every finite magnitude and below those of every NaN.
    const INFINITE: u64 = ((1 << (Self::BITS - 1 - Self::MANTISSA)) - 1) << Self::MANTISSA;
    /// The binary exponent of the smallest normal magnitude.
    const MIN_EXPONENT: i32;
    /// All bits but the sign.
    const MAGNITUDE: u64 = (1 << (Self::BITS - 1)) - 1;

    /// The bits, zero-extended.
    fn bits(self) -> u64;
    /// The value of these bits.
    fn of_bits(bits: u64) -> Self;
    /// The value, widened; of an infinity or NaN, anything.
    fn widen_finite(self) -> f64;
    /// `self − other`, rounded to this type.
    fn minus(self, other: Self) -> Self;

    /// The binary exponent that a field other than 0 stands for.
    #[inline(always)]
    fn exponent(field: usize) -> i32 {
        field as i32 - Self::BIAS
    }

    /// The exponent field of the magnitude with these bits, 0 for zeros and what counts as such; of an [`f16`], that of
    /// the f32 that equals it.
    #[inline(always)]
    fn field(magnitude: u64) -> usize {
        (magnitude >> Self::MANTISSA) as usize
    }

    /// [`Self::field`] of the value's magnitude, modulo [`Self::MODULUS`].
    #[inline(always)]
    fn residue(self) -> usize {
        (self.bits() >> Self::MANTISSA) as usize % Self::MODULUS
    }
}

impl Element for f64 {
    #[inline]
    fn to_f64(self) -> f64 {
        self
    }
    const MIN_POSITIVE: f64 = f64::MIN_POSITIVE;
}

impl Layout for f64 {
    const MIN_EXPONENT: i32 = -1022;
    const BITS: u32 = 64;
    const MANTISSA: u32 = 52;
    const BIAS: i32 = 1023;
    const MODULUS: usize = 64;
    // Squares of 2^480, 2^11 of them, stay below 2^1024; of a block whose largest magnitude is 2^-450, the squares
    // that underflow (below 2^-1022) are less than 2^-110 of the sum.
    const SAFE: std::ops::RangeInclusive<i32> = -450..=480;
    const ZERO: Self = 0.0;

    #[inline(always)]
    fn bits(self) -> u64 {
        self.to_bits()
    }
    #[inline(always)]
    fn of_bits(bits: u64) -> Self {
        f64::from_bits(bits)
    }
    #[inline(always)]
    fn widen_finite(self) -> f64 {
        self
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self - other
    }
}

impl Element for f32 {
    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    const MIN_POSITIVE: f64 = f32::MIN_POSITIVE as f64;
}

impl Layout for f32 {
    const MIN_EXPONENT: i32 = -126;
    const BITS: u32 = 32;
    const MANTISSA: u32 = 23;
    const BIAS: i32 = 127;
    const MODULUS: usize = 32;
    // Squares are taken in f64, where those of every f32 are exact.
    const SAFE: std::ops::RangeInclusive<i32> = -149..=127;
    const ZERO: Self = 0.0;

    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }
    #[inline(always)]
    fn of_bits(bits: u64) -> Self {
        f32::from_bits(bits as u32)
    }
    #[inline(always)]
    fn widen_finite(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self - other
    }
}

impl Element for bf16 {
    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(f32::from_bits(u32::from(self.to_bits()) << 16))
    }
    const MIN_POSITIVE: f64 = f32::MIN_POSITIVE as f64;
}

impl Layout for bf16 {
    const MIN_EXPONENT: i32 = -126;
    const BITS: u32 = 16;
    const MANTISSA: u32 = 7;
    const BIAS: i32 = 127;
    const MODULUS: usize = 32;
    // Squares may be taken in f32: of 2^50, 2^13 of them, they stay below 2^127; of a block whose largest magnitude
    // is 2^-40, those that underflow (below 2^-126) are less than 2^-33 of the sum.
    const SAFE: std::ops::RangeInclusive<i32> = -40..=50;
    const ZERO: Self = bf16::ZERO;

    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }
    #[inline(always)]
    fn of_bits(bits: u64) -> Self {
        bf16::from_bits(bits as u16)
    }
    #[inline(always)]
    fn widen_finite(self) -> f64 {
        f64::from(f32::from_bits(u32::from(self.to_bits()) << 16))
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        // Rounding the difference to f32 first is harmless: f32 has more than twice the bits of bf16 plus two.
        let d = f32::from_bits(u32::from(self.to_bits()) << 16) - f32::from_bits(u32::from(other.to_bits()) << 16);
        let b = d.to_bits();
        // Round to nearest, ties to even; a NaN keeps a bit of its payload in the upper half.
        let rounded = (b.wrapping_add(0x7fff + ((b >> 16) & 1)) >> 16) as u16;
        let nan = (b >> 16) as u16 | 0x40;
        bf16::from_bits(if d.is_nan() { nan } else { rounded })
    }
}

impl Element for f16 {
    #[inline]
    fn to_f64(self) -> f64 {
        let bits = self.bits();
        if bits & Self::MAGNITUDE >= Self::INFINITE {
            let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
            return if bits & Self::MAGNITUDE == Self::INFINITE { sign * f64::INFINITY } else { f64::NAN };
        }
        self.widen_finite()
    }
    const MIN_POSITIVE: f64 = 6.103515625e-5; // 2^-14
}

impl Layout for f16 {
    const MIN_EXPONENT: i32 = -14;
    const BITS: u32 = 16;
    const MANTISSA: u32 = 10;
    // The fields are those of f32, in which the subnormals of f16, frequent among gradients, are normal numbers.
    const BIAS: i32 = 127;
    const LOWEST: u64 = 1;
    const MODULUS: usize = 32;
    // Squares, from 2^-48 to 2^32, are normal numbers of f32.
    const SAFE: std::ops::RangeInclusive<i32> = -24..=15;
    const ZERO: Self = f16::ZERO;

    #[inline(always)]
    fn field(magnitude: u64) -> usize {
        ((Self::of_bits(magnitude).widen_finite().to_bits() >> 52) as usize).saturating_sub(1023 - 127)
    }
    #[inline(always)]
    fn residue(self) -> usize {
        // The biases of f64 and f32 differ by a multiple of the modulus.
        (self.widen_finite().to_bits() >> 52) as usize % Self::MODULUS
    }
    #[inline(always)]
    fn bits(self) -> u64 {
        u64::from(self.to_bits())
    }
    #[inline(always)]
    fn of_bits(bits: u64) -> Self {
        f16::from_bits(bits as u16)
    }
    #[inline(always)]
    fn widen_finite(self) -> f64 {
        // The fields moved to where f64 has them make a number that is too small by 2^(1023 - 15), subnormals included.
        let bits = u64::from(self.to_bits());
        let small = f64::from_bits((bits & Self::MAGNITUDE) << 42 | (bits >> 15) << 63);
        small * f64::from_bits((1023 + 1008) << 52)
    }
    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        // Exact in f64 and hence rounded once; exact in f32 too but for the widest apart, where rounding twice is
        // harmless for the same reason as with bf16.
        f16::from_f32((self.to_f64() - other.to_f64()) as f32)
    }
}
