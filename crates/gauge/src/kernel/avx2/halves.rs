//! The passes of the 16-bit types with 256-bit vectors.

use core::arch::x86_64::*;

use half::{bf16, f16};

use super::counter::Counter;
use super::{padded, total, within};
use crate::kernel::{Extrema, NormPass, Pass};

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
    ($pass:ident, $norm:ident, $window:ident, $type:ty, $widen:ident) => {
        /// The facts of a block of up to 4096 values.
        #[target_feature(enable = "avx2,fma,f16c")]
        pub fn $pass(block: &[$type], pass: &mut Pass) {
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
            *pass = Pass {
                sum: total(sum.total),
                l1: total(l1.total),
                squares: total(squares.total),
                extrema: Extrema {
                    signed: i64::from(elements!(signed, i16, 16).into_iter().fold(i16::MIN, i16::max)),
                    unsigned: u64::from(elements!(unsigned, u16, 16).into_iter().fold(0, u16::max)),
                    magnitude: u64::from(elements!(doubled, u16, 16).into_iter().fold(u16::MAX, u16::min) / 2),
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
        pub fn $window(block: &[$type], base: usize) -> [u16; 64] {
            let mut counter = Counter::<32>::new();
            let base = _mm256_set1_epi32(base as i32);
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
                        let [now, next] = $widen(bits);
                        waiting = Some(within(next, base));
                        within(now, base)
                    }
                });
            }
            for chunk in rest.chunks(16) {
                let bits = padded::<_, 16>(chunk, <$type>::from_bits(0));
                // SAFETY: sixteen values.
                for v in $widen(unsafe { _mm256_loadu_si256(bits.as_ptr().cast()) }) {
                    counter.single(within(v, base));
                }
            }
            counter.finish()
        }

        /// Sum of squares and largest magnitude of a block of up to 4096 values.
        #[target_feature(enable = "avx2,fma,f16c")]
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

halves!(pass_f16, norm_f16, window_f16, f16, widen_f16);
halves!(pass_bf16, norm_bf16, window_bf16, bf16, widen_bf16);
