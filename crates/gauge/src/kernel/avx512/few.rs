//! The pass of a few values, where nothing is gained from bytes and the whole call waits for one result after the other:
//! one-bit numbers of the values themselves are counted before their range is known.

use core::arch::x86_64::*;

use half::bf16;

use super::counter::Counter;
use super::widen_f32;
use crate::element::Layout;
use crate::kernel::{Extrema, Pass};

/// Up to so many values are a few (measured); at most 256, what a [`Counter`] counts singly.
pub(super) const FEW: usize = 48;

macro_rules! few {
    ($name:ident, $type:ty, $below:literal, $load:expr) => {
        /// Writes the facts of up to [`FEW`] values; whether it could tell their exponent fields apart.
        #[inline]
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
        pub(super) fn $name(block: &[$type], pass: &mut Pass) -> bool {
            let mut counter = Counter::<32>::new();
            let (mut sum, mut l1, mut squares) = (_mm512_setzero_pd(), _mm512_setzero_pd(), _mm512_setzero_pd());
            let mut signed = _mm512_set1_epi32(i32::MIN);
            let mut unsigned = _mm512_setzero_si512();
            let mut doubled = _mm512_set1_epi32(-1);
            let one = _mm512_set1_epi32(1);
            for chunk in block.chunks(16) {
                let mask: __mmask16 = !0 >> (16 - chunk.len());
                // SAFETY: the mask lets only the chunk's values be read.
                let bits = unsafe { $load(mask, chunk.as_ptr().cast()) };
                for v in widen_f32(_mm512_castsi512_ps(bits)) {
                    sum = _mm512_add_pd(sum, v);
                    l1 = _mm512_add_pd(l1, _mm512_abs_pd(v));
                    squares = _mm512_fmadd_pd(v, v, squares);
                }
                signed = _mm512_mask_max_epi32(signed, mask, signed, bits);
                unsigned = _mm512_max_epu32(unsigned, bits);
                // Zeros get no bit and become the largest.
                let twice = _mm512_add_epi32(bits, bits);
                doubled = _mm512_min_epu32(doubled, _mm512_sub_epi32(twice, one));
                counter.single(_mm512_rolv_epi32(_mm512_min_epu32(twice, one), _mm512_srli_epi32::<23>(bits)));
            }
            pass.counts = counter.finish();
            (pass.sum, pass.l1) = (_mm512_reduce_add_pd(sum), _mm512_reduce_add_pd(l1));
            pass.squares = _mm512_reduce_add_pd(squares);
            pass.extrema = Extrema {
                signed: i64::from(_mm512_reduce_max_epi32(signed) >> $below),
                unsigned: u64::from(_mm512_reduce_max_epu32(unsigned) >> $below),
                magnitude: (u64::from(_mm512_reduce_min_epu32(doubled) / 2) + 1) >> $below,
            };
            (pass.first, pass.zeros) = (None, block.len() as u64 - counter.total());
            let Extrema { signed, unsigned, magnitude } = pass.extrema;
            let largest = (signed.max(0) as u64).max(if unsigned > <$type>::MAGNITUDE {
                unsigned & <$type>::MAGNITUDE
            } else {
                0
            });
            <$type>::field(largest) < <$type>::field(magnitude) + <$type>::MODULUS
        }
    };
}

/// Sixteen values as f32, the missing ones being zeros.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
unsafe fn load_bf16(mask: __mmask16, at: *const i16) -> __m512i {
    // SAFETY: the caller's mask lets only values be read.
    _mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(unsafe { _mm256_maskz_loadu_epi16(mask, at) }))
}

few!(few_f32, f32, 0, _mm512_maskz_loadu_epi32);
few!(few_bf16, bf16, 16, load_bf16);
