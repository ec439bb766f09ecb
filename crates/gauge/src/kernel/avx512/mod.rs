//! The passes with 512-bit vectors.

mod counter;
mod halves;
mod wide;

use core::arch::x86_64::*;

use half::{bf16, f16};

pub use halves::*;
pub use wide::*;

// Wider vectors would not be faster: the difference is written and read again.
pub use super::avx2::minus_f16;

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn widen_f32(v: __m512) -> [__m512d; 2] {
    [_mm512_cvtps_pd(_mm512_castps512_ps256(v)), _mm512_cvtps_pd(_mm512_extractf32x8_ps::<1>(v))]
}

/// The bit of each lane's exponent field less `base`; none if that is not from 0 to 31.
#[inline]
#[target_feature(enable = "avx512f")]
fn within(v: __m512, base: __m512i) -> __m512i {
    let bits = _mm512_castps_si512(v);
    let field = _mm512_srli_epi32::<24>(_mm512_add_epi32(bits, bits));
    _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_sub_epi32(field, base))
}

autovectorized! {
    "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni":
    f64, bottom_f64, minus_f64;
    f32, bottom_f32, minus_f32;
    f16, bottom_f16;
    bf16, bottom_bf16, minus_bf16;
}
