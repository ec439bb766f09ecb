//! Counts of one-bit numbers in 256-bit vectors.

use core::arch::x86_64::*;

use crate::kernel::csa::add_sixteen;

/// Counts lanes with one bit set by the position of that bit. `LANE` is the number of bits in a lane: 32 or 64.
pub(super) struct Counter<const LANE: usize> {
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

/// The sums over the lanes of each of their numbers of 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn over_lanes<const LANE: usize>(v: __m256i) -> [u16; 4] {
    let v = _mm_add_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256::<1>(v));
    let v = _mm_add_epi16(v, _mm_unpackhi_epi64(v, v));
    let v = if LANE == 32 { _mm_add_epi16(v, _mm_srli_epi64::<32>(v)) } else { v };
    let bits = _mm_cvtsi128_si64(v) as u64;
    [bits as u16, (bits >> 16) as u16, (bits >> 32) as u16, (bits >> 48) as u16]
}

impl<const LANE: usize> Counter<LANE> {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn new() -> Self {
        let zero = _mm256_setzero_si256();
        Self { ones: zero, twos: zero, fours: zero, eights: zero, sixteens: [zero; 8], singles: [zero; 8] }
    }

    /// Counts sixteen vectors. At most 32 times.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn group(&mut self, mut next: impl FnMut() -> __m256i) {
        let carry = add_sixteen!(csa, self.ones, self.twos, self.fours, self.eights, next());
        spread(carry, &mut self.sixteens);
    }

    /// Counts one vector. At most 16 times.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn single(&mut self, bits: __m256i) {
        spread(bits, &mut self.singles);
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn finish(&self) -> [u16; 64] {
        let mut few = [_mm256_setzero_si256(); 8];
        for level in [self.eights, self.fours, self.twos, self.ones] {
            for n in &mut few {
                *n = _mm256_add_epi8(*n, *n);
            }
            spread(level, &mut few);
        }
        let mut counts = [0; 64];
        let even = _mm256_set1_epi16(0xff);
        for k in 0..8 {
            let (low, high) = (_mm256_add_epi8(few[k], self.singles[k]), self.sixteens[k]);
            // Of the even bytes of the lanes, and of the odd ones.
            let parts = [
                (_mm256_and_si256(low, even), _mm256_and_si256(high, even)),
                (_mm256_srli_epi16::<8>(low), _mm256_srli_epi16::<8>(high)),
            ];
            for (odd, (low, high)) in parts.into_iter().enumerate() {
                let sums = over_lanes::<LANE>(_mm256_add_epi16(low, _mm256_slli_epi16::<4>(high)));
                for (pair, n) in sums.into_iter().enumerate().take(LANE / 16) {
                    counts[8 * (2 * pair + odd) + k] = n;
                }
            }
        }
        counts
    }
}
