//! The passes of f64 and f32 with 256-bit vectors.

use core::arch::x86_64::*;

use super::counter::Counter;
use super::{abs_pd, padded, total, within};
use crate::kernel::{Extrema, NormPass, Pass};

/// The facts of a block of up to 2048 values.
#[target_feature(enable = "avx2,fma,f16c")]
pub fn pass_f64(block: &[f64], pass: &mut Pass) {
    let mut counter = Counter::<64>::new();
    let (mut sum, mut l1, mut squares) = (_mm256_setzero_pd(), _mm256_setzero_pd(), _mm256_setzero_pd());
    let mut max = _mm256_set1_pd(f64::NEG_INFINITY);
    let mut min = _mm256_set1_pd(f64::INFINITY);
    let mut magnitude = min;
    let one = _mm256_set1_epi64x(1);
    // `same` is `v` but for a padding that does not change extrema.
    let mut step = |v: __m256d, same: __m256d| {
        let positive = abs_pd(v);
        sum = _mm256_add_pd(sum, v);
        l1 = _mm256_add_pd(l1, positive);
        squares = _mm256_fmadd_pd(v, v, squares);
        max = _mm256_max_pd(same, max);
        min = _mm256_min_pd(same, min);
        magnitude = _mm256_min_pd(abs_pd(same), magnitude);
        let field = _mm256_srli_epi64::<52>(_mm256_castpd_si256(v));
        _mm256_sllv_epi64(one, _mm256_and_si256(field, _mm256_set1_epi64x(63)))
    };
    let (groups, rest) = block.as_chunks::<64>();
    for group in groups {
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for four of the group's 64 values each.
            let v = unsafe {
                let v = _mm256_loadu_pd(at);
                at = at.add(4);
                v
            };
            step(v, v)
        });
    }
    let mut missing = 0;
    for chunk in rest.chunks(4) {
        let (v, same) = (padded::<_, 4>(chunk, 0.0), padded::<_, 4>(chunk, chunk[0]));
        // SAFETY: both have four values.
        let (v, same) = unsafe { (_mm256_loadu_pd(v.as_ptr()), _mm256_loadu_pd(same.as_ptr())) };
        counter.single(step(v, same));
        missing = 4 - chunk.len() as u16;
    }
    let mut counts = counter.finish();
    counts[0] -= missing;
    let zero = _mm256_setzero_pd();
    let l1 = total([l1, zero]);
    let max = elements!(_mm256_castpd_si256(max), f64, 4).into_iter().fold(f64::NEG_INFINITY, f64::max);
    let min = elements!(_mm256_castpd_si256(min), f64, 4).into_iter().fold(f64::INFINITY, f64::min);
    let magnitude = elements!(_mm256_castpd_si256(magnitude), f64, 4).into_iter().fold(f64::INFINITY, f64::min);
    *pass = Pass {
        sum: total([sum, zero]),
        l1,
        squares: total([squares, zero]),
        extrema: Extrema {
            // The comparisons passed over NaN, the sum did not.
            signed: if l1.is_nan() {
                i64::MAX
            } else if max >= 0.0 {
                max.abs().to_bits() as i64
            } else {
                -1
            },
            unsigned: if min < 0.0 { min.to_bits() } else { 0 },
            magnitude: magnitude.to_bits(),
        },
        counts,
        first: None,
        beyond: None,
        zeros: 0,
        ahead: pass.ahead,
    };
}

/// The facts of a block of up to 4096 values.
#[target_feature(enable = "avx2,fma,f16c")]
pub fn pass_f32(block: &[f32], pass: &mut Pass) {
    let mut counter = Counter::<32>::new();
    let zero = _mm256_setzero_pd();
    let (mut sum, mut l1, mut squares) = ([zero; 2], [zero; 2], [zero; 2]);
    let mut signed = _mm256_set1_epi32(i32::MIN);
    let mut unsigned = _mm256_setzero_si256();
    let mut doubled = _mm256_set1_epi32(-1);
    let one = _mm256_set1_epi32(1);
    // `same` is `v` but for a padding that does not change extrema.
    let mut step = |v: __m256, same: __m256i| {
        let halves = [_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v)];
        for (i, half) in halves.into_iter().enumerate() {
            let v = _mm256_cvtps_pd(half);
            sum[i] = _mm256_add_pd(sum[i], v);
            l1[i] = _mm256_add_pd(l1[i], abs_pd(v));
            squares[i] = _mm256_fmadd_pd(v, v, squares[i]);
        }
        signed = _mm256_max_epi32(signed, same);
        unsigned = _mm256_max_epu32(unsigned, same);
        doubled = _mm256_min_epu32(doubled, _mm256_add_epi32(same, same));
        let field = _mm256_srli_epi32::<23>(_mm256_castps_si256(v));
        _mm256_sllv_epi32(one, _mm256_and_si256(field, _mm256_set1_epi32(31)))
    };
    let (groups, rest) = block.as_chunks::<128>();
    for group in groups {
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for eight of the group's 128 values each.
            let v = unsafe {
                let v = _mm256_loadu_ps(at);
                at = at.add(8);
                v
            };
            step(v, _mm256_castps_si256(v))
        });
    }
    let mut missing = 0;
    for chunk in rest.chunks(8) {
        let (v, same) = (padded::<_, 8>(chunk, 0.0), padded::<_, 8>(chunk, chunk[0]));
        // SAFETY: both have eight values.
        let (v, same) = unsafe { (_mm256_loadu_ps(v.as_ptr()), _mm256_loadu_ps(same.as_ptr())) };
        counter.single(step(v, _mm256_castps_si256(same)));
        missing = 8 - chunk.len() as u16;
    }
    let mut counts = counter.finish();
    counts[0] -= missing;
    *pass = Pass {
        sum: total(sum),
        l1: total(l1),
        squares: total(squares),
        extrema: Extrema {
            signed: i64::from(elements!(signed, i32, 8).into_iter().fold(i32::MIN, i32::max)),
            unsigned: u64::from(elements!(unsigned, u32, 8).into_iter().fold(0, u32::max)),
            magnitude: u64::from(elements!(doubled, u32, 8).into_iter().fold(u32::MAX, u32::min) / 2),
        },
        counts,
        first: None,
        beyond: None,
        zeros: 0,
        ahead: pass.ahead,
    };
}

/// How many values have the exponent fields `base`, `base + 1`, ….
#[target_feature(enable = "avx2,fma,f16c")]
pub fn window_f32(block: &[f32], base: usize) -> [u16; 64] {
    let mut counter = Counter::<32>::new();
    let base = _mm256_set1_epi32(base as i32);
    let (groups, rest) = block.as_chunks::<128>();
    for group in groups {
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for eight of the group's 128 values each.
            let v = unsafe {
                let v = _mm256_loadu_ps(at);
                at = at.add(8);
                v
            };
            within(v, base)
        });
    }
    for chunk in rest.chunks(8) {
        let v = padded::<_, 8>(chunk, 0.0);
        // SAFETY: eight values.
        counter.single(within(unsafe { _mm256_loadu_ps(v.as_ptr()) }, base));
    }
    counter.finish()
}

/// How many values have the exponent fields `base`, `base + 1`, ….
#[target_feature(enable = "avx2,fma,f16c")]
pub fn window_f64(block: &[f64], base: usize) -> [u16; 64] {
    let mut counter = Counter::<64>::new();
    let base = _mm256_set1_epi64x(base as i64);
    let within = |v: __m256d| {
        let bits = _mm256_castpd_si256(v);
        let field = _mm256_srli_epi64::<53>(_mm256_add_epi64(bits, bits));
        _mm256_sllv_epi64(_mm256_set1_epi64x(1), _mm256_sub_epi64(field, base))
    };
    let (groups, rest) = block.as_chunks::<64>();
    for group in groups {
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for four of the group's 64 values each.
            let v = unsafe {
                let v = _mm256_loadu_pd(at);
                at = at.add(4);
                v
            };
            within(v)
        });
    }
    for chunk in rest.chunks(4) {
        let v = padded::<_, 4>(chunk, 0.0);
        // SAFETY: four values.
        counter.single(within(unsafe { _mm256_loadu_pd(v.as_ptr()) }));
    }
    counter.finish()
}

/// Sum of squares and largest magnitude of a block of up to 2048 values.
#[target_feature(enable = "avx2,fma,f16c")]
pub fn norm_f64(block: &[f64]) -> NormPass {
    let mut squares = [_mm256_setzero_pd(); 4];
    let mut magnitude = [_mm256_setzero_pd(); 4];
    let (groups, rest) = block.as_chunks::<16>();
    let mut step = |i: usize, v: __m256d| {
        squares[i] = _mm256_fmadd_pd(v, v, squares[i]);
        magnitude[i] = _mm256_max_pd(abs_pd(v), magnitude[i]);
    };
    for group in groups {
        for (i, at) in group.as_chunks::<4>().0.iter().enumerate() {
            // SAFETY: four values.
            step(i, unsafe { _mm256_loadu_pd(at.as_ptr()) });
        }
    }
    for (i, chunk) in rest.chunks(4).enumerate() {
        let v = padded::<_, 4>(chunk, 0.0);
        // SAFETY: four values.
        step(i, unsafe { _mm256_loadu_pd(v.as_ptr()) });
    }
    let [a, b, c, d] = squares;
    let squares = total([_mm256_add_pd(a, b), _mm256_add_pd(c, d)]);
    let [a, b, c, d] = magnitude;
    let magnitude = _mm256_castpd_si256(_mm256_max_pd(_mm256_max_pd(a, b), _mm256_max_pd(c, d)));
    // The comparisons passed over NaN, the sum did not.
    let magnitude =
        if squares.is_nan() { f64::NAN } else { elements!(magnitude, f64, 4).into_iter().fold(0.0, f64::max) };
    NormPass { squares, magnitude: magnitude.abs().to_bits() }
}

/// Sum of squares and largest magnitude of a block of up to 4096 values.
#[target_feature(enable = "avx2,fma,f16c")]
pub fn norm_f32(block: &[f32]) -> NormPass {
    let mut squares = [_mm256_setzero_pd(); 4];
    let mut doubled = [_mm256_setzero_si256(); 2];
    let mut step = |i: usize, v: __m256| {
        let halves = [_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v)];
        for (j, half) in halves.into_iter().enumerate() {
            let v = _mm256_cvtps_pd(half);
            squares[2 * i + j] = _mm256_fmadd_pd(v, v, squares[2 * i + j]);
        }
        let bits = _mm256_castps_si256(v);
        doubled[i] = _mm256_max_epu32(doubled[i], _mm256_add_epi32(bits, bits));
    };
    let (groups, rest) = block.as_chunks::<16>();
    for group in groups {
        for (i, at) in group.as_chunks::<8>().0.iter().enumerate() {
            // SAFETY: eight values.
            step(i, unsafe { _mm256_loadu_ps(at.as_ptr()) });
        }
    }
    for (i, chunk) in rest.chunks(8).enumerate() {
        let v = padded::<_, 8>(chunk, 0.0);
        // SAFETY: eight values.
        step(i, unsafe { _mm256_loadu_ps(v.as_ptr()) });
    }
    let [a, b, c, d] = squares;
    let magnitude = elements!(_mm256_max_epu32(doubled[0], doubled[1]), u32, 8).into_iter().fold(0, u32::max) / 2;
    NormPass { squares: total([_mm256_add_pd(a, b), _mm256_add_pd(c, d)]), magnitude: u64::from(magnitude) }
}
