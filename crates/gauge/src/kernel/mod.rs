//! The passes over memory, one file for each instruction set, and the choice between them.
//!
//! A pass looks at one block that fits the first-level cache and returns raw facts, [`Pass`]; what they mean
//! (zeros, subnormals, values that are not finite, ranges too wide for the pass) is decided by the caller in
//! `tally.rs`, which is the same for all instruction sets.

/// The passes that the compiler vectorizes well by itself, once more with these features.
#[cfg(target_arch = "x86_64")]
macro_rules! autovectorized {
    ($features:literal: $($type:ty, $bottom:ident $(, $minus:ident)?;)*) => {$(
        /// What a block of finite values holds at the lowest end of its type's range.
        #[target_feature(enable = $features)]
        pub fn $bottom(block: &[$type]) -> super::Bottom {
            super::portable::$bottom(block)
        }
        $(
            /// Writes `after − before`.
            #[target_feature(enable = $features)]
            pub fn $minus(after: &[$type], before: &[$type], difference: &mut [core::mem::MaybeUninit<$type>]) {
                super::portable::minus_all(after, before, difference)
            }
        )?
    )*};
}

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "x86_64")]
mod csa;
mod level;
mod portable;

pub use level::{Level, Set};
pub use portable::sums;

use std::mem::MaybeUninit;

use crate::element::Layout;
use half::{bf16, f16};

/// The raw facts of one block. Of a block with a value that is not finite, only the extrema mean anything.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Sum of the values.
    pub sum: f64,
    /// Sum of the magnitudes.
    pub l1: f64,
    /// Sum of the squares; accurate only if the largest magnitude is in [`Layout::SAFE`].
    pub squares: f64,
    /// The bits and magnitudes from which the extrema follow.
    pub extrema: Extrema,
    /// How many values have each exponent field: see [`Self::first`].
    pub counts: [u16; 64],
    /// The smallest exponent field but 0. If it is told, the counts are of this field, the next, …; otherwise they are
    /// by field modulo [`Layout::MODULUS`].
    pub first: Option<usize>,
    /// Counts of the fields from `first + 64` on, where that is told and there are some. Apart, since they are rare and
    /// small tensors would notice how long it takes to zero them and to hand them on.
    pub beyond: Option<Box<[u16; 192]>>,
    /// Zeros that are in none of the counts. Where there are some, [`Extrema::magnitude`] is of the other values.
    pub zeros: u64,
    /// Told to the pass: where the values that will be looked at next begin, or null; it may have them fetched. Never
    /// read from.
    pub ahead: [*const u8; 2],
}

impl Pass {
    /// Room for facts. They are written where they are read: a copy of counts that were just stored waits for them.
    #[inline]
    pub fn new(ahead: [*const u8; 2]) -> Self {
        let extrema = Extrema { signed: 0, unsigned: 0, magnitude: 0 };
        let (counts, first, beyond) = ([0; 64], None, None);
        Self { sum: 0.0, l1: 0.0, squares: 0.0, extrema, counts, first, beyond, zeros: 0, ahead }
    }
}

/// Extrema of a block's bits, read as integers: this orders floating-point numbers but for the sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extrema {
    /// The largest, read as two's complement and sign-extended: the largest value, if any has a positive sign.
    pub signed: i64,
    /// The largest, read as unsigned: the smallest value, if any has a negative sign.
    pub unsigned: u64,
    /// The smallest magnitude; more than any where there is none. Of a block with a [`Pass::first`] and values of both
    /// signs, all of them with a field other than 0, nobody needs it, and it is any of that kind.
    pub magnitude: u64,
}

/// The exponent field of the largest magnitude of a block of f32 whose squares may be summed in f32, sixteen at a time: no such sum
/// overflows, and what underflows is too small to matter.
#[cfg(target_arch = "x86_64")]
const SAFE_IN_F32: std::ops::Range<u64> = 127 - 50..127 + 60;

/// Sum of squares and largest magnitude of one block.
#[derive(Clone, Copy, Debug)]
pub struct NormPass {
    /// Sum of the squares; accurate only if the largest magnitude is in [`Layout::SAFE`].
    pub squares: f64,
    /// The largest bits without the sign.
    pub magnitude: u64,
}

/// What a block holds at the lowest end of its type's range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bottom {
    /// Zeros of either sign.
    pub zeros: u64,
    /// Non-zero magnitudes below [`Layout::LOWEST`].
    pub below: u64,
    /// The smallest magnitude from there on; anything where there is none.
    pub lowest: u64,
}

/// A type for which the passes are written.
pub trait Kernel: Sized {
    /// Writes the facts of a block of 1 to [`Layout::BLOCK`] values; counts that are not asked for may stay.
    fn pass(level: Level, block: &[Self], pass: &mut Pass);
    /// Sum of squares and largest magnitude of a block of 1 to [`Layout::BLOCK`] values.
    fn norm(level: Level, block: &[Self]) -> NormPass;
    /// How many values of a block have the exponent fields `base` (not 0), `base + 1`, …, [`Layout::MODULUS`] of them.
    fn window(level: Level, block: &[Self], base: usize) -> [u16; 64];
    /// What a block of finite values holds at the lowest end of its type's range.
    fn bottom(level: Level, block: &[Self]) -> Bottom;
    /// Writes all of `after − before`, rounded to this type; the three are equally long.
    fn minus_all(level: Level, after: &[Self], before: &[Self], difference: &mut [MaybeUninit<Self>]);
}

/// Calls the pass of that name for this level.
macro_rules! dispatch {
    ($level:expr, $dot:ident | $simd:ident | $portable:expr; $($argument:expr),*) => {
        match $level.get() {
            // SAFETY: a level is only ever made after its features were detected on this CPU.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512Bf16 => unsafe { avx512::$dot($($argument),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512 => unsafe { avx512::$simd($($argument),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::$simd($($argument),*) },
            Set::Portable => $portable($($argument),*),
        }
    };
}

macro_rules! kernel {
    ($($type:ty, $pass:ident, $dot_pass:ident, $norm:ident, $dot_norm:ident, $window:ident, $bottom:ident, $minus:ident;)*) => {$(
        impl Kernel for $type {
            #[inline]
            fn pass(level: Level, block: &[Self], pass: &mut Pass) {
                debug_assert!(!block.is_empty() && block.len() <= Self::BLOCK);
                dispatch!(level, $dot_pass | $pass | portable::pass; block, pass)
            }
            #[inline]
            fn norm(level: Level, block: &[Self]) -> NormPass {
                debug_assert!(!block.is_empty() && block.len() <= Self::BLOCK);
                dispatch!(level, $dot_norm | $norm | portable::norm; block)
            }
            fn window(level: Level, block: &[Self], base: usize) -> [u16; 64] {
                debug_assert!(base > 0);
                dispatch!(level, $window | $window | portable::window; block, base)
            }
            fn bottom(level: Level, block: &[Self]) -> Bottom {
                dispatch!(level, $bottom | $bottom | portable::$bottom; block)
            }
            fn minus_all(level: Level, after: &[Self], before: &[Self], difference: &mut [MaybeUninit<Self>]) {
                dispatch!(level, $minus | $minus | portable::minus_all; after, before, difference)
            }
        }
    )*};
}
kernel! {
    f64, pass_f64, pass_f64, norm_f64, norm_f64, window_f64, bottom_f64, minus_f64;
    f32, pass_f32, pass_f32, norm_f32, norm_f32, window_f32, bottom_f32, minus_f32;
    f16, pass_f16, pass_f16, norm_f16, norm_f16, window_f16, bottom_f16, minus_f16;
    bf16, pass_bf16, pass_bf16_dot, norm_bf16, norm_bf16_dot, window_bf16, bottom_bf16, minus_bf16;
}
