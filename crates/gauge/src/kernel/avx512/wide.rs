//! The passes of f64 and f32 with 512-bit vectors.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::counter::Counter;
use super::few::{FEW, few_f32};
use super::fields::{Fields, Room};
use super::{bottom_f32, smallest_f32, upper, widen_f32};
use crate::kernel::{Extrema, NormPass, Pass, SAFE_IN_F32};

/// Running sums and extrema of f64 values.
struct Lanes64 {
    sum: __m512d,
    l1: __m512d,
    squares: __m512d,
    signed: __m512i,
    unsigned: __m512i,
    magnitude: __m512i,
}

/// The facts of a block of up to 2048 values.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
pub fn pass_f64(block: &[f64], pass: &mut Pass) {
    if block[..block.len().min(64)].contains(&0.0) {
        pass_f64_with::<true>(block, pass)
    } else {
        pass_f64_with::<false>(block, pass)
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
fn pass_f64_with<const ZEROS_APART: bool>(block: &[f64], pass: &mut Pass) {
    let mut counter = Counter::<64>::new();
    let mut l = Lanes64 {
        sum: _mm512_setzero_pd(),
        l1: _mm512_setzero_pd(),
        squares: _mm512_setzero_pd(),
        signed: _mm512_set1_epi64(i64::MIN),
        unsigned: _mm512_setzero_si512(),
        magnitude: _mm512_set1_epi64(-1),
    };
    let one = _mm512_set1_epi64(1);
    let mut step = |v: __m512d, mask: __mmask8| {
        let magnitude = _mm512_abs_pd(v);
        let (bits, unsigned) = (_mm512_castpd_si512(v), _mm512_castpd_si512(magnitude));
        l.sum = _mm512_add_pd(l.sum, v);
        l.l1 = _mm512_add_pd(l.l1, magnitude);
        l.squares = _mm512_fmadd_pd(v, v, l.squares);
        l.signed = _mm512_mask_max_epi64(l.signed, mask, l.signed, bits);
        l.unsigned = _mm512_mask_max_epu64(l.unsigned, mask, l.unsigned, bits);
        let (seen, one) = if ZEROS_APART {
            (_mm512_sub_epi64(unsigned, one), _mm512_min_epu64(unsigned, one))
        } else {
            (unsigned, one)
        };
        l.magnitude = _mm512_mask_min_epu64(l.magnitude, mask, l.magnitude, seen);
        _mm512_maskz_rolv_epi64(mask, one, _mm512_srli_epi64::<52>(bits))
    };
    let (groups, rest) = block.as_chunks::<128>();
    for group in groups {
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for eight of the group's 128 values each.
            let v = unsafe {
                let v = _mm512_loadu_pd(at);
                at = at.add(8);
                v
            };
            step(v, !0)
        });
    }
    for chunk in rest.chunks(8) {
        let mask = !0 >> (8 - chunk.len());
        // SAFETY: the mask lets only the chunk's values be read.
        let v = unsafe { _mm512_maskz_loadu_pd(mask, chunk.as_ptr()) };
        counter.single(step(v, mask));
    }
    pass.counts = counter.finish();
    pass.sum = _mm512_reduce_add_pd(l.sum);
    pass.l1 = _mm512_reduce_add_pd(l.l1);
    pass.squares = _mm512_reduce_add_pd(l.squares);
    pass.extrema = Extrema {
        signed: _mm512_reduce_max_epi64(l.signed),
        unsigned: _mm512_reduce_max_epu64(l.unsigned),
        magnitude: _mm512_reduce_min_epu64(l.magnitude).saturating_add(u64::from(ZEROS_APART)),
    };
    pass.first = None;
    pass.zeros = if ZEROS_APART { block.len() as u64 - counter.total() } else { 0 };
}

/// The facts of a block of up to 4096 values.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
pub fn pass_f32(block: &[f32], pass: &mut Pass) {
    if block.len() <= FEW && few_f32(block, pass) {
        return;
    }
    // Zeros and values of one sign, which few are likelier to be, make the smallest magnitude be asked for.
    if block.len() <= 128 || begins_with_zeros(block) {
        pass_f32_with::<true>(block, pass)
    } else {
        pass_f32_with::<false>(block, pass)
    }
}

/// Whether there are zeros among the first 64 of more values.
#[inline]
#[target_feature(enable = "avx512f")]
fn begins_with_zeros(block: &[f32]) -> bool {
    let Some(first) = block.first_chunk::<64>() else { return false };
    let zeros = |i| {
        // SAFETY: sixteen values each.
        let v = unsafe { _mm512_loadu_ps(first.as_ptr().add(i)) };
        _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(v, _mm512_setzero_ps())
    };
    zeros(0) | zeros(16) | zeros(32) | zeros(48) != 0
}

/// The facts of a block; `SMALLEST`: the smallest magnitude but 0 is sought at once, since zeros make it be asked for.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
fn pass_f32_with<const SMALLEST: bool>(block: &[f32], pass: &mut Pass) {
    let mut room: Room = [MaybeUninit::uninit(); _];
    let mut fields = Fields::new(&mut room);
    let zero = _mm512_setzero_pd();
    let (mut sum, mut l1, mut squares) = ([zero; 2], [zero; 2], [zero; 2]);
    let mut signed = _mm512_set1_epi32(i32::MIN);
    let mut unsigned = _mm512_setzero_si512();
    let mut doubled = _mm512_set1_epi32(-1);
    let mut step = |v: __m512, mask: __mmask16| {
        let bits = _mm512_castps_si512(v);
        for (i, v) in widen_f32(v).into_iter().enumerate() {
            sum[i] = _mm512_add_pd(sum[i], v);
            l1[i] = _mm512_add_pd(l1[i], _mm512_abs_pd(v));
            squares[i] = _mm512_fmadd_pd(v, v, squares[i]);
        }
        signed = _mm512_mask_max_epi32(signed, mask, signed, bits);
        unsigned = _mm512_mask_max_epu32(unsigned, mask, unsigned, bits);
        if SMALLEST {
            // 0 becomes the largest.
            let seen = _mm512_sub_epi32(_mm512_add_epi32(bits, bits), _mm512_set1_epi32(1));
            doubled = _mm512_mask_min_epu32(doubled, mask, doubled, seen);
        }
    };
    let (groups, rest) = block.as_chunks::<64>();
    for group in groups {
        // SAFETY: sixteen values each.
        let v = [0, 16, 32, 48].map(|i| unsafe { _mm512_loadu_ps(group.as_ptr().add(i)) });
        for v in v {
            step(v, !0);
        }
        fields.add([upper(v[0], v[1]), upper(v[2], v[3])]);
    }
    if !rest.is_empty() {
        let mut v = [_mm512_setzero_ps(); 4];
        for (v, chunk) in v.iter_mut().zip(rest.chunks(16)) {
            let mask = !0 >> (16 - chunk.len());
            // SAFETY: the mask lets only the chunk's values be read.
            *v = unsafe { _mm512_maskz_loadu_ps(mask, chunk.as_ptr()) };
            step(*v, mask);
        }
        fields.add([upper(v[0], v[1]), upper(v[2], v[3])]);
    }
    let total = |[a, b]: [__m512d; 2]| _mm512_reduce_add_pd(_mm512_add_pd(a, b));
    (pass.sum, pass.l1, pass.squares) = (total(sum), total(l1), total(squares));
    pass.extrema.signed = i64::from(_mm512_reduce_max_epi32(signed));
    pass.extrema.unsigned = u64::from(_mm512_reduce_max_epu32(unsigned));
    fields.facts(
        block,
        pass,
        |block| {
            if SMALLEST { u64::from(_mm512_reduce_min_epu32(doubled) / 2) + 1 } else { smallest_f32(block) }
        },
        |block| bottom_f32(block),
    )
}

/// How many values have the exponent fields `base`, `base + 1`, ….
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
pub fn window_f64(block: &[f64], base: usize) -> [u16; 64] {
    let mut counter = Counter::<64>::new();
    let base = _mm512_set1_epi64(base as i64);
    let within = |v: __m512d| {
        let bits = _mm512_castpd_si512(v);
        let field = _mm512_srli_epi64::<53>(_mm512_add_epi64(bits, bits));
        _mm512_sllv_epi64(_mm512_set1_epi64(1), _mm512_sub_epi64(field, base))
    };
    let (groups, rest) = block.as_chunks::<128>();
    for group in groups {
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for eight of the group's 128 values each.
            let v = unsafe {
                let v = _mm512_loadu_pd(at);
                at = at.add(8);
                v
            };
            within(v)
        });
    }
    for chunk in rest.chunks(8) {
        // SAFETY: the mask lets only the chunk's values be read.
        let v = unsafe { _mm512_maskz_loadu_pd(!0 >> (8 - chunk.len()), chunk.as_ptr()) };
        counter.single(within(v));
    }
    counter.finish()
}

/// Sum of squares and largest magnitude of a block of up to 2048 values.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn norm_f64(block: &[f64]) -> NormPass {
    let mut squares = [_mm512_setzero_pd(); 4];
    let mut magnitude = [_mm512_setzero_si512(); 4];
    let mut step = |i: usize, v: __m512d| {
        squares[i] = _mm512_fmadd_pd(v, v, squares[i]);
        magnitude[i] = _mm512_max_epu64(magnitude[i], _mm512_castpd_si512(_mm512_abs_pd(v)));
    };
    let (groups, rest) = block.as_chunks::<32>();
    for group in groups {
        for (i, at) in group.as_chunks::<8>().0.iter().enumerate() {
            // SAFETY: eight values.
            step(i, unsafe { _mm512_loadu_pd(at.as_ptr()) });
        }
    }
    for (i, chunk) in rest.chunks(8).enumerate() {
        // SAFETY: the mask lets only the chunk's values be read.
        step(i, unsafe { _mm512_maskz_loadu_pd(!0 >> (8 - chunk.len()), chunk.as_ptr()) });
    }
    let [a, b, c, d] = magnitude;
    NormPass {
        squares: total4(squares),
        magnitude: _mm512_reduce_max_epu64(_mm512_max_epu64(_mm512_max_epu64(a, b), _mm512_max_epu64(c, d))),
    }
}

/// Sum of squares and largest magnitude of a block of up to 4096 values.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn norm_f32(block: &[f32]) -> NormPass {
    let pass = norm_f32_narrow(block);
    if SAFE_IN_F32.contains(&(pass.magnitude >> 23)) { pass } else { norm_f32_wide(block) }
}

/// In lanes of f32, twice as fast as in f64; a lane takes at most 16 squares before it is emptied into f64.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn norm_f32_narrow(block: &[f32]) -> NormPass {
    let mut total = [_mm512_setzero_pd(); 4];
    let mut doubled = [_mm512_setzero_si512(); 4];
    for part in block.chunks(16 * 64) {
        let mut squares = [_mm512_setzero_ps(); 4];
        let mut step = |i: usize, v: __m512| {
            squares[i] = _mm512_fmadd_ps(v, v, squares[i]);
            let bits = _mm512_castps_si512(v);
            doubled[i] = _mm512_max_epu32(doubled[i], _mm512_add_epi32(bits, bits));
        };
        let (groups, rest) = part.as_chunks::<64>();
        for group in groups {
            for (i, at) in group.as_chunks::<16>().0.iter().enumerate() {
                // SAFETY: sixteen values.
                step(i, unsafe { _mm512_loadu_ps(at.as_ptr()) });
            }
        }
        for (i, chunk) in rest.chunks(16).enumerate() {
            // SAFETY: the mask lets only the chunk's values be read.
            step(i, unsafe { _mm512_maskz_loadu_ps(!0 >> (16 - chunk.len()), chunk.as_ptr()) });
        }
        for (total, squares) in total.iter_mut().zip(squares) {
            let [low, high] = widen_f32(squares);
            *total = _mm512_add_pd(*total, _mm512_add_pd(low, high));
        }
    }
    let [a, b, c, d] = doubled;
    let doubled = _mm512_max_epu32(_mm512_max_epu32(a, b), _mm512_max_epu32(c, d));
    NormPass { squares: total4(total), magnitude: u64::from(_mm512_reduce_max_epu32(doubled) / 2) }
}

/// In lanes of f64, which no square of an f32 leaves.
#[cold]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn norm_f32_wide(block: &[f32]) -> NormPass {
    let mut squares = [_mm512_setzero_pd(); 4];
    let mut doubled = [_mm512_setzero_si512(); 2];
    let mut step = |i: usize, v: __m512| {
        for (j, v) in widen_f32(v).into_iter().enumerate() {
            squares[2 * i + j] = _mm512_fmadd_pd(v, v, squares[2 * i + j]);
        }
        let bits = _mm512_castps_si512(v);
        doubled[i] = _mm512_max_epu32(doubled[i], _mm512_add_epi32(bits, bits));
    };
    let (groups, rest) = block.as_chunks::<32>();
    for group in groups {
        for (i, at) in group.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: sixteen values.
            step(i, unsafe { _mm512_loadu_ps(at.as_ptr()) });
        }
    }
    for (i, chunk) in rest.chunks(16).enumerate() {
        // SAFETY: the mask lets only the chunk's values be read.
        step(i, unsafe { _mm512_maskz_loadu_ps(!0 >> (16 - chunk.len()), chunk.as_ptr()) });
    }
    let [a, b] = doubled;
    NormPass { squares: total4(squares), magnitude: u64::from(_mm512_reduce_max_epu32(_mm512_max_epu32(a, b)) / 2) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn total4([a, b, c, d]: [__m512d; 4]) -> f64 {
    _mm512_reduce_add_pd(_mm512_add_pd(_mm512_add_pd(a, b), _mm512_add_pd(c, d)))
}
