//! The passes in plain Rust, for every target; loops over independent lanes, which compilers vectorize.

use std::mem::MaybeUninit;

use half::{bf16, f16};

use super::{Bottom, Extrema, NormPass, Pass};
use crate::element::Layout;

/// Independent sums, so that neither their latency nor one long chain of roundings matters.
const LANES: usize = 8;

/// The facts of a block of 1 to [`Layout::BLOCK`] values.
#[inline(always)]
pub fn pass<T: Layout>(block: &[T], pass: &mut Pass) {
    let (mut sum, mut l1, mut squares) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let mut extrema = [Extrema { signed: i64::MIN, unsigned: 0, magnitude: u64::MAX }; LANES];
    // Four tables: neighbours often share an exponent, and incrementing one counter twice in a row waits for memory.
    let mut tables = [[0u16; 64]; 4];
    let mut one = |lane: usize, v: T| {
        let x = v.widen_finite();
        sum[lane] += x;
        l1[lane] += x.abs();
        squares[lane] += x * x;
        let bits = v.bits();
        let e = &mut extrema[lane];
        e.signed = e.signed.max((bits as i64) << (64 - T::BITS) >> (64 - T::BITS));
        e.unsigned = e.unsigned.max(bits);
        e.magnitude = e.magnitude.min(bits & T::MAGNITUDE);
        tables[lane % 4][v.residue()] += 1;
    };
    let mut chunks = block.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, &v) in chunk.iter().enumerate() {
            one(lane, v);
        }
    }
    for (lane, &v) in chunks.remainder().iter().enumerate() {
        one(lane, v);
    }
    let extrema = extrema.into_iter().fold(extrema[0], |a, b| Extrema {
        signed: a.signed.max(b.signed),
        unsigned: a.unsigned.max(b.unsigned),
        magnitude: a.magnitude.min(b.magnitude),
    });
    let mut counts = [0; 64];
    for table in tables {
        for (n, m) in counts.iter_mut().zip(table) {
            *n += m;
        }
    }
    *pass = Pass {
        sum: total(sum),
        l1: total(l1),
        squares: total(squares),
        extrema,
        counts,
        first: None,
        beyond: None,
        zeros: 0,
        ahead: pass.ahead,
    };
}

/// Sums of the values, magnitudes and squares of a block in f64, where no square of the narrower types leaves the range.
pub fn sums<T: Layout>(block: &[T]) -> [f64; 3] {
    let mut sums = [[0.0; LANES]; 3];
    for chunk in block.chunks(LANES) {
        for (lane, v) in chunk.iter().enumerate() {
            let x = v.widen_finite();
            sums[0][lane] += x;
            sums[1][lane] += x.abs();
            sums[2][lane] += x * x;
        }
    }
    sums.map(total)
}

/// How many values have the exponent fields `base`, `base + 1`, ….
pub fn window<T: Layout>(block: &[T], base: usize) -> [u16; 64] {
    let mut counts = [0; 64];
    for v in block {
        let place = T::field(v.bits() & T::MAGNITUDE).wrapping_sub(base);
        if place < T::MODULUS {
            counts[place] += 1;
        }
    }
    counts
}

/// Sum of squares and largest magnitude of a block.
#[inline(always)]
pub fn norm<T: Layout>(block: &[T]) -> NormPass {
    let (mut squares, mut magnitude) = ([0.0; LANES], [0; LANES]);
    let mut one = |lane: usize, v: T| {
        let x = v.widen_finite();
        squares[lane] += x * x;
        magnitude[lane] = magnitude[lane].max(v.bits() & T::MAGNITUDE);
    };
    let mut chunks = block.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, &v) in chunk.iter().enumerate() {
            one(lane, v);
        }
    }
    for (lane, &v) in chunks.remainder().iter().enumerate() {
        one(lane, v);
    }
    NormPass { squares: total(squares), magnitude: magnitude.into_iter().fold(0, u64::max) }
}

/// Sum of the lanes, pairwise.
#[inline(always)]
fn total(lanes: [f64; LANES]) -> f64 {
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + e) + (b + f)) + ((c + g) + (d + h))
}

macro_rules! bottom {
    ($($name:ident, $type:ty, $word:ty;)*) => {$(
        /// What a block of finite values holds at the lowest end of its type's range.
        #[inline(always)]
        pub fn $name(block: &[$type]) -> Bottom {
            const LOWEST: $word = <$type as Layout>::LOWEST as $word;
            // Counters as wide as the values, so that as many fit a vector; no block is long enough to overflow one.
            let (mut zeros, mut below, mut above): ($word, $word, $word) = (0, 0, <$word>::MAX);
            for v in block {
                let magnitude = v.to_bits() & <$type as Layout>::MAGNITUDE as $word;
                zeros += <$word>::from(magnitude == 0);
                below += <$word>::from(magnitude < LOWEST);
                above = above.min(magnitude.wrapping_sub(LOWEST));
            }
            Bottom {
                zeros: u64::from(zeros),
                below: u64::from(below - zeros),
                lowest: u64::from(above.wrapping_add(LOWEST)),
            }
        }
    )*};
}
bottom! {
    bottom_f64, f64, u64;
    bottom_f32, f32, u32;
    bottom_f16, f16, u16;
    bottom_bf16, bf16, u16;
}

macro_rules! smallest {
    ($($name:ident, $type:ty, $word:ty;)*) => {$(
        /// The smallest magnitude but 0; more than any where there is none.
        #[inline(always)]
        #[cfg(target_arch = "x86_64")]
        pub fn $name(block: &[$type]) -> u64 {
            // 0 becomes the largest.
            let magnitude = |v: &$type| v.to_bits() & <$type as Layout>::MAGNITUDE as $word;
            u64::from(block.iter().fold(<$word>::MAX, |a, v| a.min(magnitude(v).wrapping_sub(1)))) + 1
        }
    )*};
}
smallest! {
    smallest_f32, f32, u32;
    smallest_f16, f16, u16;
    smallest_bf16, bf16, u16;
}

/// Writes `after − before`.
#[inline(always)]
pub fn minus_all<T: Layout>(after: &[T], before: &[T], difference: &mut [MaybeUninit<T>]) {
    for ((d, &a), &b) in difference.iter_mut().zip(after).zip(before) {
        d.write(a.minus(b));
    }
}
