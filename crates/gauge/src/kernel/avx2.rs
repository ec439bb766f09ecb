//! The passes with 256-bit vectors.

use core::arch::x86_64::*;

use half::{bf16, f16};

use super::csa::add_sixteen;
use super::{Extrema, NormPass, Pass};

/// Counts lanes with one bit set by the position of that bit. `LANE` is the number of bits in a lane: 32 or 64.
struct Counter<const LANE: usize> {
    /// Partial counts, one bit for each lane and position, weighing 1, 2, 4 and 8.
    ones: __m256i,
    twos: __m256i,
    fours: __m256i,
    eights: __m256i,
    /// Full groups of sixteen vectors: in `[k]`, for each byte of a lane, how often its bit `k` was set.
    sixteens: [__m256i; 8],
    /// Vectors counted one at a time, likewise.
    singles: [__m256i; 8],
}

#[inline]
#[target_feature(enable = "avx2")]
fn csa(a: __m256i, b: __m256i, c: __m256i) -> (__m256i, __m256i) {
    let u = _mm256_xor_si256(a, b);
    (_mm256_xor_si256(u, c), _mm256_or_si256(_mm256_and_si256(a, b), _mm256_and_si256(u, c)))
}

/// Adds the bits of `bits`, `weight` each, to the bytes they are in.
#[inline]
#[target_feature(enable = "avx2")]
fn spread(bits: __m256i, to: &mut [__m256i; 8]) {
    let lowest = _mm256_set1_epi8(1);
    macro_rules! add {
        ($($k:literal)*) => {
            $(to[$k] = _mm256_add_epi8(to[$k], _mm256_and_si256(_mm256_srli_epi64::<$k>(bits), lowest));)*
        };
    }
    add!(0 1 2 3 4 5 6 7);
}

impl<const LANE: usize> Counter<LANE> {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        let zero = _mm256_setzero_si256();
        Self { ones: zero, twos: zero, fours: zero, eights: zero, sixteens: [zero; 8], singles: [zero; 8] }
    }

    /// Counts sixteen vectors. At most 32 times.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn group(&mut self, mut next: impl FnMut() -> __m256i) {
        let carry = add_sixteen!(csa, self.ones, self.twos, self.fours, self.eights, next());
        spread(carry, &mut self.sixteens);
    }

    /// Counts one vector. At most 16 times.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn single(&mut self, bits: __m256i) {
        spread(bits, &mut self.singles);
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn finish(&self) -> [u16; 64] {
        let mut few = [_mm256_setzero_si256(); 8];
        for level in [self.eights, self.fours, self.twos, self.ones] {
            for n in &mut few {
                *n = _mm256_add_epi8(*n, *n);
            }
            spread(level, &mut few);
        }
        let mut counts = [0; 64];
        for k in 0..8 {
            let (mut low, mut high) = ([0u8; 32], [0u8; 32]);
            // SAFETY: both arrays have 32 bytes.
            unsafe {
                _mm256_storeu_si256(low.as_mut_ptr().cast(), _mm256_add_epi8(few[k], self.singles[k]));
                _mm256_storeu_si256(high.as_mut_ptr().cast(), self.sixteens[k]);
            }
            for byte in 0..LANE / 8 {
                let at = (byte..32).step_by(LANE / 8);
                counts[8 * byte + k] = at.map(|i| u16::from(low[i]) + 16 * u16::from(high[i])).sum();
            }
        }
        counts
    }
}

/// The elements of a vector.
macro_rules! elements {
    ($v:expr, $type:ty, $n:literal) => {{
        let mut elements = [<$type>::default(); $n];
        // SAFETY: the array is as large as a vector.
        unsafe { _mm256_storeu_si256(elements.as_mut_ptr().cast(), $v) };
        elements
    }};
}

#[inline]
#[target_feature(enable = "avx2")]
fn total([a, b]: [__m256d; 2]) -> f64 {
    let [a, b, c, d] = elements!(_mm256_castpd_si256(_mm256_add_pd(a, b)), f64, 4);
    (a + b) + (c + d)
}

/// A vector's worth of values, the missing ones being `pad`.
#[inline(always)]
fn padded<T: Copy, const N: usize>(chunk: &[T], pad: T) -> [T; N] {
    let mut values = [pad; N];
    values[..chunk.len()].copy_from_slice(chunk);
    values
}

#[inline]
#[target_feature(enable = "avx2")]
fn abs_pd(v: __m256d) -> __m256d {
    _mm256_andnot_pd(_mm256_set1_pd(-0.0), v)
}

/// The facts of a block of up to 2048 values.
#[target_feature(enable = "avx2,fma,f16c,popcnt")]
pub fn pass_f64(block: &[f64]) -> Pass {
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
    Pass {
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
    }
}

/// The facts of a block of up to 4096 values.
#[target_feature(enable = "avx2,fma,f16c,popcnt")]
pub fn pass_f32(block: &[f32]) -> Pass {
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
    Pass {
        sum: total(sum),
        l1: total(l1),
        squares: total(squares),
        extrema: Extrema {
            signed: i64::from(elements!(signed, i32, 8).into_iter().fold(i32::MIN, i32::max)),
            unsigned: u64::from(elements!(unsigned, u32, 8).into_iter().fold(0, u32::max)),
            magnitude: u64::from(elements!(doubled, u32, 8).into_iter().fold(u32::MAX, u32::min) / 2),
        },
        counts,
    }
}

/// Sums of f32 lanes, emptied into f64 before more than eight were added to any.
struct Sums32 {
    parts: [__m256; 2],
    total: [__m256d; 2],
}

impl Sums32 {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        Self { parts: [_mm256_setzero_ps(); 2], total: [_mm256_setzero_pd(); 2] }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn empty(&mut self) {
        let sum = _mm256_add_ps(self.parts[0], self.parts[1]);
        self.total[0] = _mm256_add_pd(self.total[0], _mm256_cvtps_pd(_mm256_castps256_ps128(sum)));
        self.total[1] = _mm256_add_pd(self.total[1], _mm256_cvtps_pd(_mm256_extractf128_ps::<1>(sum)));
        self.parts = [_mm256_setzero_ps(); 2];
    }
}

/// The pass of a 16-bit type; `$widen(bits)` gives its values as two vectors of f32, of which the exponents are counted.
macro_rules! halves {
    ($pass:ident, $norm:ident, $type:ty, $widen:ident) => {
        /// The facts of a block of up to 4096 values.
        #[target_feature(enable = "avx2,fma,f16c,popcnt")]
        pub fn $pass(block: &[$type]) -> Pass {
            let mut counter = Counter::<32>::new();
            let mut sums = [Sums32::new(), Sums32::new(), Sums32::new()];
            let mut signed = _mm256_set1_epi16(i16::MIN);
            let mut unsigned = _mm256_setzero_si256();
            let mut doubled = _mm256_set1_epi16(-1);
            let (one, modulus) = (_mm256_set1_epi32(1), _mm256_set1_epi32(31));
            // `same` is `bits` but for a padding that does not change extrema.
            let mut step = |[sum, l1, squares]: &mut [Sums32; 3], bits: __m256i, same: __m256i| {
                signed = _mm256_max_epi16(signed, same);
                unsigned = _mm256_max_epu16(unsigned, same);
                doubled = _mm256_min_epu16(doubled, _mm256_add_epi16(same, same));
                let widened = $widen(bits);
                for (i, v) in widened.into_iter().enumerate() {
                    sum.parts[i] = _mm256_add_ps(sum.parts[i], v);
                    l1.parts[i] = _mm256_add_ps(l1.parts[i], _mm256_andnot_ps(_mm256_set1_ps(-0.0), v));
                    squares.parts[i] = _mm256_fmadd_ps(v, v, squares.parts[i]);
                }
                let field = |v| _mm256_and_si256(_mm256_srli_epi32::<23>(_mm256_castps_si256(v)), modulus);
                [_mm256_sllv_epi32(one, field(widened[0])), _mm256_sllv_epi32(one, field(widened[1]))]
            };
            let mut missing = 0;
            let (groups, rest) = block.as_chunks::<128>();
            for group in groups {
                let mut at = group.as_ptr();
                let mut waiting = None;
                counter.group(|| match waiting.take() {
                    Some(bits) => bits,
                    None => {
                        // SAFETY: reached at every other one of sixteen calls, for 16 of the group's 128 values each.
                        let bits = unsafe {
                            let bits = _mm256_loadu_si256(at.cast());
                            at = at.add(16);
                            bits
                        };
                        let [now, next] = step(&mut sums, bits, bits);
                        waiting = Some(next);
                        now
                    }
                });
                sums.iter_mut().for_each(|s| s.empty());
            }
            for chunk in rest.chunks(16) {
                let zeros = <$type>::from_bits(0);
                let (bits, same) = (padded::<_, 16>(chunk, zeros), padded::<_, 16>(chunk, chunk[0]));
                // SAFETY: sixteen values.
                let bits = unsafe { _mm256_loadu_si256(bits.as_ptr().cast()) };
                // SAFETY: sixteen values.
                let same = unsafe { _mm256_loadu_si256(same.as_ptr().cast()) };
                for bits in step(&mut sums, bits, same) {
                    counter.single(bits);
                }
                missing = 16 - chunk.len() as u16;
            }
            sums.iter_mut().for_each(|s| s.empty());
            let mut counts = counter.finish();
            let [sum, l1, squares] = sums;
            counts[0] -= missing;
            Pass {
                sum: total(sum.total),
                l1: total(l1.total),
                squares: total(squares.total),
                extrema: Extrema {
                    signed: i64::from(elements!(signed, i16, 16).into_iter().fold(i16::MIN, i16::max)),
                    unsigned: u64::from(elements!(unsigned, u16, 16).into_iter().fold(0, u16::max)),
                    magnitude: u64::from(elements!(doubled, u16, 16).into_iter().fold(u16::MAX, u16::min) / 2),
                },
                counts,
            }
        }

        /// Sum of squares and largest magnitude of a block of up to 4096 values.
        #[target_feature(enable = "avx2,fma,f16c,popcnt")]
        pub fn $norm(block: &[$type]) -> NormPass {
            let mut squares = Sums32::new();
            let mut doubled = _mm256_setzero_si256();
            let mut step = |squares: &mut Sums32, bits: __m256i| {
                for (i, v) in $widen(bits).into_iter().enumerate() {
                    squares.parts[i] = _mm256_fmadd_ps(v, v, squares.parts[i]);
                }
                doubled = _mm256_max_epu16(doubled, _mm256_add_epi16(bits, bits));
            };
            let (groups, rest) = block.as_chunks::<128>();
            for group in groups {
                for at in group.as_chunks::<16>().0 {
                    // SAFETY: sixteen values.
                    step(&mut squares, unsafe { _mm256_loadu_si256(at.as_ptr().cast()) });
                }
                squares.empty();
            }
            for chunk in rest.chunks(16) {
                let bits = padded::<_, 16>(chunk, <$type>::from_bits(0));
                // SAFETY: sixteen values.
                step(&mut squares, unsafe { _mm256_loadu_si256(bits.as_ptr().cast()) });
            }
            squares.empty();
            NormPass {
                squares: total(squares.total),
                magnitude: u64::from(elements!(doubled, u16, 16).into_iter().fold(0, u16::max) / 2),
            }
        }
    };
}

#[inline]
#[target_feature(enable = "avx2,f16c")]
fn widen_f16(bits: __m256i) -> [__m256; 2] {
    [_mm256_cvtph_ps(_mm256_castsi256_si128(bits)), _mm256_cvtph_ps(_mm256_extracti128_si256::<1>(bits))]
}

/// The even values, then the odd ones: the order does not matter.
#[inline]
#[target_feature(enable = "avx2")]
fn widen_bf16(bits: __m256i) -> [__m256; 2] {
    [
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(bits)),
        _mm256_castsi256_ps(_mm256_and_si256(bits, _mm256_set1_epi32(0xffff_0000_u32 as i32))),
    ]
}

halves!(pass_f16, norm_f16, f16, widen_f16);
halves!(pass_bf16, norm_bf16, bf16, widen_bf16);

/// Sum of squares and largest magnitude of a block of up to 2048 values.
#[target_feature(enable = "avx2,fma,f16c,popcnt")]
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
#[target_feature(enable = "avx2,fma,f16c,popcnt")]
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

autovectorized! {
    "avx2,fma,f16c,popcnt":
    f64, bottom_f64, minus_f64;
    f32, bottom_f32, minus_f32;
    f16, bottom_f16, minus_f16;
    bf16, bottom_bf16, minus_bf16;
}
