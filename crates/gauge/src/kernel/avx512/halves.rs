//! The passes of the 16-bit types with 512-bit vectors.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use half::{bf16, f16};

use super::few::{FEW, few_bf16};
use super::fields::{Fields, Room};
use super::{bottom_bf16, bottom_f16, smallest_bf16, smallest_f16, upper, widen_f32};
use crate::element::Layout;
use crate::kernel::{NormPass, Pass};

/// Sums of f32 lanes, emptied into f64 before more than sixteen were added to any.
struct Sums32 {
    parts: [__m512; 2],
    total: __m512d,
}

impl Sums32 {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        Self { parts: [_mm512_setzero_ps(); 2], total: _mm512_setzero_pd() }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn empty<const PARTS: usize>(&mut self) {
        let sum = if PARTS == 1 { self.parts[0] } else { _mm512_add_ps(self.parts[0], self.parts[1]) };
        let [low, high] = widen_f32(sum);
        self.total = _mm512_add_pd(self.total, _mm512_add_pd(low, high));
        self.parts = [_mm512_setzero_ps(); 2];
    }
}

/// Blocks of up to so many values are asked for their smallest magnitude at once: values of one sign, which make it
/// be asked for, are likelier there, and another look costs more than that.
const SHORT: usize = 128;

/// Whether there are zeros among the first 64 of more values.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn begins_with_zeros<T: Layout>(block: &[T]) -> bool {
    const { assert!(size_of::<T>() == 2) };
    let Some(first) = block.first_chunk::<64>() else { return false };
    // SAFETY: 32 values each.
    let zeros = |i| unsafe {
        let bits = _mm512_loadu_si512(first.as_ptr().add(i).cast());
        _mm512_testn_epi16_mask(bits, _mm512_set1_epi16(0x7fff))
    };
    zeros(0) | zeros(32) != 0
}

/// The pass of a 16-bit type; `$widen(bits)` gives its values as two vectors of f32, of which the exponents are counted.
macro_rules! halves {
    (
        $features:literal, $type:ty, $parts:literal, $widen:ident, $upper:ident, $add:ident, $add_square:ident,
        $few:expr, $smallest:ident, $bottom:ident, $pass:ident, $pass_with:ident, $norm:ident
    ) => {
        /// The facts of a block of up to 4096 values.
        #[target_feature(enable = $features)]
        pub fn $pass(block: &[$type], pass: &mut Pass) {
            // Zeros make the smallest magnitude be asked for, where there are subnormals to be told from them.
            if block.len() <= FEW / 2 && $few(block, pass) {
                return;
            }
            if block.len() <= SHORT || <$type>::LOWEST > 1 && begins_with_zeros(block) {
                $pass_with::<true>(block, pass)
            } else {
                $pass_with::<false>(block, pass)
            }
        }

        /// The facts of a block; `SMALLEST`: the smallest magnitude but 0 is sought at once.
        #[inline]
        #[target_feature(enable = $features)]
        fn $pass_with<const SMALLEST: bool>(block: &[$type], pass: &mut Pass) {
            let mut room: Room = [MaybeUninit::uninit(); _];
            let mut fields = Fields::new(&mut room);
            let mut sums = [Sums32::new(), Sums32::new(), Sums32::new()];
            let mut signed = _mm512_set1_epi16(i16::MIN);
            let mut unsigned = _mm512_setzero_si512();
            let mut doubled = _mm512_set1_epi16(-1);
            let mut step = |sums: &mut [Sums32; 3], bits: __m512i, mask: __mmask32| {
                signed = _mm512_mask_max_epi16(signed, mask, signed, bits);
                unsigned = _mm512_mask_max_epu16(unsigned, mask, unsigned, bits);
                if SMALLEST {
                    // 0 becomes the largest.
                    let seen = _mm512_sub_epi16(_mm512_add_epi16(bits, bits), _mm512_set1_epi16(1));
                    doubled = _mm512_mask_min_epu16(doubled, mask, doubled, seen);
                }
                let widened = $widen(bits);
                $add(sums, bits, widened);
                $upper(bits, widened)
            };
            let (groups, rest) = block.as_chunks::<256>();
            for group in groups {
                for at in group.as_chunks::<64>().0 {
                    // SAFETY: 32 values each.
                    let [a, b] = [0, 32].map(|i| unsafe { _mm512_loadu_si512(at.as_ptr().add(i).cast()) });
                    fields.add([step(&mut sums, a, !0), step(&mut sums, b, !0)]);
                }
                for s in &mut sums {
                    s.empty::<{ $parts }>();
                }
            }
            for chunk in rest.chunks(64) {
                let mut upper = [_mm512_setzero_si512(); 2];
                for (upper, chunk) in upper.iter_mut().zip(chunk.chunks(32)) {
                    let mask = !0 >> (32 - chunk.len());
                    // SAFETY: the mask lets only the chunk's values be read.
                    let bits = unsafe { _mm512_maskz_loadu_epi16(mask, chunk.as_ptr().cast()) };
                    *upper = step(&mut sums, bits, mask);
                }
                fields.add(upper);
            }
            for s in &mut sums {
                s.empty::<{ $parts }>();
            }
            let high = _mm512_max_epi16(signed, _mm512_rol_epi32::<16>(signed));
            let signed = _mm512_reduce_max_epi32(_mm512_srai_epi32::<16>(high));
            let high = _mm512_max_epu16(unsigned, _mm512_rol_epi32::<16>(unsigned));
            let unsigned = _mm512_reduce_max_epu32(_mm512_srli_epi32::<16>(high));
            let [sum, l1, squares] = &sums;
            pass.sum = _mm512_reduce_add_pd(sum.total);
            pass.l1 = _mm512_reduce_add_pd(l1.total);
            pass.squares = _mm512_reduce_add_pd(squares.total);
            (pass.extrema.signed, pass.extrema.unsigned) = (i64::from(signed), u64::from(unsigned));
            fields.facts(
                block,
                pass,
                |block| {
                    let low = _mm512_min_epu16(doubled, _mm512_rol_epi32::<16>(doubled));
                    let low = _mm512_reduce_min_epu32(_mm512_srli_epi32::<16>(low));
                    if SMALLEST { u64::from(low / 2) + 1 } else { $smallest(block) }
                },
                |block| $bottom(block),
            )
        }

        /// Sum of squares and largest magnitude of a block of up to 4096 values.
        #[target_feature(enable = $features)]
        pub fn $norm(block: &[$type]) -> NormPass {
            let mut squares = Sums32::new();
            let mut doubled = _mm512_setzero_si512();
            let mut step = |squares: &mut Sums32, bits: __m512i| {
                $add_square(squares, bits, $widen(bits));
                doubled = _mm512_max_epu16(doubled, _mm512_add_epi16(bits, bits));
            };
            let (groups, rest) = block.as_chunks::<256>();
            for group in groups {
                for at in group.as_chunks::<32>().0 {
                    // SAFETY: 32 values.
                    step(&mut squares, unsafe { _mm512_loadu_si512(at.as_ptr().cast()) });
                }
                squares.empty::<{ $parts }>();
            }
            for chunk in rest.chunks(32) {
                let mask = !0 >> (32 - chunk.len());
                // SAFETY: the mask lets only the chunk's values be read.
                step(&mut squares, unsafe { _mm512_maskz_loadu_epi16(mask, chunk.as_ptr().cast()) });
            }
            squares.empty::<{ $parts }>();
            let high = _mm512_max_epu16(doubled, _mm512_rol_epi32::<16>(doubled));
            let doubled = _mm512_reduce_max_epu32(_mm512_srli_epi32::<16>(high));
            NormPass { squares: _mm512_reduce_add_pd(squares.total), magnitude: u64::from(doubled / 2) }
        }
    };
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn widen_f16(bits: __m512i) -> [__m512; 2] {
    [_mm512_cvtph_ps(_mm512_castsi512_si256(bits)), _mm512_cvtph_ps(_mm512_extracti64x4_epi64::<1>(bits))]
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn upper_f16(_: __m512i, [a, b]: [__m512; 2]) -> __m512i {
    upper(a, b)
}

/// They are all there is.
#[inline(always)]
fn upper_bf16(bits: __m512i, _: [__m512; 2]) -> __m512i {
    bits
}

/// The even values, then the odd ones: the order does not matter.
#[inline]
#[target_feature(enable = "avx512f")]
fn widen_bf16(bits: __m512i) -> [__m512; 2] {
    [
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits)),
        _mm512_castsi512_ps(_mm512_and_si512(bits, _mm512_set1_epi32(0xffff_0000_u32 as i32))),
    ]
}

/// Adds to the sums of values, magnitudes and squares.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn add([sum, l1, squares]: &mut [Sums32; 3], bits: __m512i, widened: [__m512; 2]) {
    for (i, v) in widened.into_iter().enumerate() {
        sum.parts[i] = _mm512_add_ps(sum.parts[i], v);
        l1.parts[i] = _mm512_add_ps(l1.parts[i], _mm512_abs_ps(v));
    }
    add_square(squares, bits, widened);
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn add_square(squares: &mut Sums32, _: __m512i, widened: [__m512; 2]) {
    for (i, v) in widened.into_iter().enumerate() {
        squares.parts[i] = _mm512_fmadd_ps(v, v, squares.parts[i]);
    }
}

/// As [`add`], of bf16 by products of pairs with 1 and with themselves, two additions of f32 in one instruction.
///
/// The instruction takes subnormals for zeros: nothing is lost of a block within [`Layout::SAFE`](crate::element::Layout).
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512bf16")]
fn add_dot([sum, l1, squares]: &mut [Sums32; 3], bits: __m512i, widened: [__m512; 2]) {
    let ones = pairs(_mm512_set1_epi16(0x3f80));
    let magnitudes = pairs(_mm512_and_si512(bits, _mm512_set1_epi16(0x7fff)));
    sum.parts[0] = _mm512_dpbf16_ps(sum.parts[0], pairs(bits), ones);
    l1.parts[0] = _mm512_dpbf16_ps(l1.parts[0], magnitudes, ones);
    add_square_dot(squares, bits, widened);
}

#[inline]
#[target_feature(enable = "avx512f,avx512bf16")]
fn add_square_dot(squares: &mut Sums32, bits: __m512i, _: [__m512; 2]) {
    squares.parts[0] = _mm512_dpbf16_ps(squares.parts[0], pairs(bits), pairs(bits));
}

#[inline(always)]
fn pairs(bits: __m512i) -> __m512bh {
    // SAFETY: both are 64 bytes without invalid patterns.
    unsafe { core::mem::transmute(bits) }
}

halves!(
    "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni",
    f16,
    2,
    widen_f16,
    upper_f16,
    add,
    add_square,
    |_: &[f16], _: &mut Pass| false,
    smallest_f16,
    bottom_f16,
    pass_f16,
    pass_f16_with,
    norm_f16
);
halves!(
    "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni",
    bf16,
    2,
    widen_bf16,
    upper_bf16,
    add,
    add_square,
    few_bf16,
    smallest_bf16,
    bottom_bf16,
    pass_bf16,
    pass_bf16_with,
    norm_bf16
);
halves!(
    "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni,avx512bf16",
    bf16,
    1,
    widen_bf16,
    upper_bf16,
    add_dot,
    add_square_dot,
    few_bf16,
    smallest_bf16,
    bottom_bf16,
    pass_bf16_dot,
    pass_bf16_dot_with,
    norm_bf16_dot
);
