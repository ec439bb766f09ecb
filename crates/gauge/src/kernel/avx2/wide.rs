//! The passes of f64 and f32 with 256-bit vectors.

use core::arch::x86_64::*;
use core::hint::black_box;

use super::counter::Counter;
use super::{abs_pd, padded, total, within};
use crate::kernel::{Extrema, NormPass, Pass, SAFE_IN_F32};

/// Lines of the values that come next, fetched for each group of the second look: while it counts, nothing is read.
const AHEAD: usize = 4;

/// The facts of a block of up to 2048 values.
#[target_feature(enable = "avx2,fma,f16c")]
pub fn pass_f64(block: &[f64], pass: &mut Pass) {
    let [sum, l1, squares] = sums_f64(block);
    let mut counter = Counter::<64>::new();
    let mut max = _mm256_set1_pd(f64::NEG_INFINITY);
    let mut min = _mm256_set1_pd(f64::INFINITY);
    let mut magnitude = min;
    let one = _mm256_set1_epi64x(1);
    // `same` is `v` but for a padding that does not change extrema.
    let mut step = |v: __m256d, same: __m256d| {
        max = _mm256_max_pd(same, max);
        min = _mm256_min_pd(same, min);
        magnitude = _mm256_min_pd(abs_pd(same), magnitude);
        let field = _mm256_srli_epi64::<52>(_mm256_castpd_si256(v));
        _mm256_sllv_epi64(one, _mm256_and_si256(field, _mm256_set1_epi64x(63)))
    };
    let (groups, rest) = block.as_chunks::<64>();
    let mut ahead = pass.ahead;
    for group in groups {
        fetch(&mut ahead);
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
    let max = elements!(_mm256_castpd_si256(max), f64, 4).into_iter().fold(f64::NEG_INFINITY, f64::max);
    let min = elements!(_mm256_castpd_si256(min), f64, 4).into_iter().fold(f64::INFINITY, f64::min);
    let magnitude = elements!(_mm256_castpd_si256(magnitude), f64, 4).into_iter().fold(f64::INFINITY, f64::min);
    *pass = Pass {
        sum,
        l1,
        squares,
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
    let [sum, l1, squares] = sums_f32(block);
    let mut counter = Counter::<32>::new();
    let mut signed = _mm256_set1_epi32(i32::MIN);
    let mut unsigned = _mm256_setzero_si256();
    let mut doubled = _mm256_set1_epi32(-1);
    let one = _mm256_set1_epi32(1);
    // `same` is `v` but for a padding that does not change extrema.
    let mut step = |v: __m256i, same: __m256i| {
        signed = _mm256_max_epi32(signed, same);
        unsigned = _mm256_max_epu32(unsigned, same);
        doubled = _mm256_min_epu32(doubled, _mm256_add_epi32(same, same));
        _mm256_sllv_epi32(one, _mm256_and_si256(_mm256_srli_epi32::<23>(v), _mm256_set1_epi32(31)))
    };
    let (groups, rest) = block.as_chunks::<128>();
    let mut ahead = pass.ahead;
    for group in groups {
        fetch(&mut ahead);
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for eight of the group's 128 values each.
            let v = unsafe {
                let v = _mm256_loadu_si256(at.cast());
                at = at.add(8);
                v
            };
            step(v, v)
        });
    }
    let mut missing = 0;
    for chunk in rest.chunks(8) {
        let (v, same) = (padded::<_, 8>(chunk, 0.0), padded::<_, 8>(chunk, chunk[0]));
        // SAFETY: both have eight values.
        let [v, same] = unsafe { [v.as_ptr(), same.as_ptr()].map(|at| _mm256_loadu_si256(at.cast())) };
        counter.single(step(v, same));
        missing = 8 - chunk.len() as u16;
    }
    let mut counts = counter.finish();
    counts[0] -= missing;
    *pass = Pass {
        sum,
        l1,
        squares,
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

/// Fetches some more of what will be looked at next.
#[inline]
#[target_feature(enable = "avx2")]
fn fetch(ahead: &mut [*const u8; 2]) {
    for at in ahead.iter_mut().filter(|at| !at.is_null()) {
        for _ in 0..AHEAD {
            _mm_prefetch::<_MM_HINT_T0>((*at).cast());
            *at = at.wrapping_add(64);
        }
    }
}

/// Sum, sum of magnitudes and sum of squares.
#[inline(never)]
#[target_feature(enable = "avx2,fma,f16c")]
fn sums_f64(block: &[f64]) -> [f64; 3] {
    // Four of each: an addition waits for the one before it.
    let mut sums = [[_mm256_setzero_pd(); 4]; 3];
    let mut step = |i: usize, v: __m256d| {
        sums[0][i] = _mm256_add_pd(sums[0][i], v);
        sums[1][i] = _mm256_add_pd(sums[1][i], abs_pd(v));
        sums[2][i] = _mm256_fmadd_pd(v, v, sums[2][i]);
    };
    let (groups, rest) = block.as_chunks::<16>();
    for group in groups {
        for (i, at) in group.as_chunks::<4>().0.iter().enumerate() {
            // SAFETY: four values.
            step(i, unsafe { _mm256_loadu_pd(at.as_ptr()) });
        }
    }
    for (i, chunk) in rest.chunks(4).enumerate() {
        // SAFETY: four values.
        step(i, unsafe { _mm256_loadu_pd(padded::<_, 4>(chunk, 0.0).as_ptr()) });
    }
    sums.map(|[a, b, c, d]| total([_mm256_add_pd(a, b), _mm256_add_pd(c, d)]))
}

/// Sum, sum of magnitudes and sum of squares.
///
/// A look of its own, and no part of another function: all that a pass adds to does not fit sixteen registers, and a sum in memory
/// waits at every vector for its own store.
#[inline(never)]
#[target_feature(enable = "avx2,fma,f16c")]
fn sums_f32(block: &[f32]) -> [f64; 3] {
    // Twice as many sums as a vector has halves: an addition waits for the one before it.
    let mut sums = [[_mm256_setzero_pd(); 4]; 3];
    // A product with 1, since additions and conversions wait for the same two pipes of the processor and products do not. The
    // compiler is not to know that it is 1.
    let one = black_box(_mm256_set1_pd(1.0));
    let mut step = |i: usize, v: __m256| {
        let halves = [_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v)];
        for (half, i) in halves.into_iter().zip([2 * i, 2 * i + 1]) {
            let v = _mm256_cvtps_pd(half);
            sums[0][i] = _mm256_add_pd(sums[0][i], v);
            sums[1][i] = _mm256_fmadd_pd(abs_pd(v), one, sums[1][i]);
            sums[2][i] = _mm256_fmadd_pd(v, v, sums[2][i]);
        }
    };
    let (groups, rest) = block.as_chunks::<16>();
    for group in groups {
        for (i, at) in group.as_chunks::<8>().0.iter().enumerate() {
            // SAFETY: eight values.
            step(i, unsafe { _mm256_loadu_ps(at.as_ptr()) });
        }
    }
    for (i, chunk) in rest.chunks(8).enumerate() {
        // SAFETY: eight values.
        step(i, unsafe { _mm256_loadu_ps(padded::<_, 8>(chunk, 0.0).as_ptr()) });
    }
    sums.map(|[a, b, c, d]| total([_mm256_add_pd(a, b), _mm256_add_pd(c, d)]))
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
    let pass = norm_f32_narrow(block);
    if SAFE_IN_F32.contains(&(pass.magnitude >> 23)) { pass } else { norm_f32_wide(block) }
}

/// In lanes of f32, without a conversion of each value; a lane takes at most 16 squares before it is emptied into f64.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn norm_f32_narrow(block: &[f32]) -> NormPass {
    let mut total4 = [_mm256_setzero_pd(); 4];
    let mut doubled = [_mm256_setzero_si256(); 4];
    for part in block.chunks(16 * 32) {
        let mut squares = [_mm256_setzero_ps(); 4];
        let mut step = |i: usize, v: __m256| {
            squares[i] = _mm256_fmadd_ps(v, v, squares[i]);
            let bits = _mm256_castps_si256(v);
            doubled[i] = _mm256_max_epu32(doubled[i], _mm256_add_epi32(bits, bits));
        };
        let (groups, rest) = part.as_chunks::<32>();
        for group in groups {
            for (i, at) in group.as_chunks::<8>().0.iter().enumerate() {
                // SAFETY: eight values.
                step(i, unsafe { _mm256_loadu_ps(at.as_ptr()) });
            }
        }
        for (i, chunk) in rest.chunks(8).enumerate() {
            // SAFETY: eight values.
            step(i, unsafe { _mm256_loadu_ps(padded::<_, 8>(chunk, 0.0).as_ptr()) });
        }
        for (total, squares) in total4.iter_mut().zip(squares) {
            let halves = [_mm256_castps256_ps128(squares), _mm256_extractf128_ps::<1>(squares)];
            let [low, high] = halves.map(|half| _mm256_cvtps_pd(half));
            *total = _mm256_add_pd(*total, _mm256_add_pd(low, high));
        }
    }
    let [a, b, c, d] = doubled;
    let doubled = _mm256_max_epu32(_mm256_max_epu32(a, b), _mm256_max_epu32(c, d));
    let magnitude = elements!(doubled, u32, 8).into_iter().fold(0, u32::max) / 2;
    let [a, b, c, d] = total4;
    NormPass { squares: total([_mm256_add_pd(a, b), _mm256_add_pd(c, d)]), magnitude: u64::from(magnitude) }
}

/// In lanes of f64, which no square of an f32 leaves.
#[cold]
#[target_feature(enable = "avx2,fma,f16c")]
fn norm_f32_wide(block: &[f32]) -> NormPass {
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
