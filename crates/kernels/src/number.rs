//! The numbers that the loops are written for: f32 and f64.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::curves::ExpParts;
use crate::matrix::Job;

/// f32 or f64.
pub trait Number:
    Copy
    + Debug
    + Default
    + Send
    + Sync
    + PartialOrd
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + ExpParts
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Numbers in a vector of 256 bits.
    const LANES: usize;

    /// `self · b + c`, in one rounding where `FMA` says that the machine has the instruction.
    fn multiply_add<const FMA: bool>(self, b: Self, c: Self) -> Self;

    /// From f64, rounded.
    fn from_f64(value: f64) -> Self;

    /// To f64, exactly.
    fn to_f64(self) -> f64;

    /// Without its sign.
    fn magnitude(self) -> Self;

    /// With the sign of another, also of a zero.
    fn with_sign_of(self, other: Self) -> Self;

    #[doc(hidden)]
    fn transpose_block(from: &[Self], from_stride: usize, into: &mut [Self], into_stride: usize);

    // Here the length of a vector becomes a constant, which an associated one cannot be in the length of an array.
    #[doc(hidden)]
    fn multiply<const FMA: bool>(job: Job<'_, Self>);
}

macro_rules! number {
    ($type:ident, $lanes:literal, $transpose:path) => {
        impl Number for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const LANES: usize = $lanes;

            #[inline(always)]
            fn multiply_add<const FMA: bool>(self, b: Self, c: Self) -> Self {
                if FMA { self.mul_add(b, c) } else { self * b + c }
            }

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $type
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline(always)]
            fn magnitude(self) -> Self {
                self.abs()
            }

            #[inline(always)]
            fn with_sign_of(self, other: Self) -> Self {
                self.copysign(other)
            }

            fn transpose_block(from: &[Self], from_stride: usize, into: &mut [Self], into_stride: usize) {
                $transpose(from, from_stride, into, into_stride);
            }

            #[inline(always)]
            fn multiply<const FMA: bool>(job: Job<'_, Self>) {
                job.tiles::<FMA, $lanes>();
            }
        }
    };
}

number!(f32, 8, crate::transpose::block_of_f32);
number!(f64, 4, crate::transpose::block);
