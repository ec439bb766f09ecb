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
