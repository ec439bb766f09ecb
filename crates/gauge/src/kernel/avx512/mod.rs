//! The passes with 512-bit vectors.

mod counter;
mod few;
mod fields;
mod halves;
mod wide;

use core::arch::x86_64::*;

use half::{bf16, f16};

pub use halves::*;
pub use wide::*;

// Wider vectors would not be faster: the difference is written and read again.
pub use super::avx2::minus_f16;
// Never needed: the passes here tell all fields of these types apart.
pub use super::avx2::{window_bf16, window_f16, window_f32};

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn widen_f32(v: __m512) -> [__m512d; 2] {
    [_mm512_cvtps_pd(_mm512_castps512_ps256(v)), _mm512_cvtps_pd(_mm512_extractf32x8_ps::<1>(v))]
}

/// The upper 16 bits of each lane of both.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn upper(a: __m512, b: __m512) -> __m512i {
    const ODD: [u16; 32] = {
        let mut odd = [0; 32];
        let mut i = 0;
        while i < 32 {
            odd[i] = 2 * i as u16 + 1;
            i += 1;
        }
        odd
    };
    // SAFETY: 64 bytes.
    let odd = unsafe { _mm512_loadu_si512(ODD.as_ptr().cast()) };
    _mm512_permutex2var_epi16(_mm512_castps_si512(a), odd, _mm512_castps_si512(b))
}

macro_rules! smallest {
    ($($name:ident, $type:ty;)*) => {$(
        /// The smallest magnitude but 0; more than any where there is none.
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
        fn $name(block: &[$type]) -> u64 {
            super::portable::$name(block)
        }
    )*};
}
smallest! {
    smallest_f32, f32;
    smallest_f16, f16;
    smallest_bf16, bf16;
}

autovectorized! {
    "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni":
    f64, bottom_f64, minus_f64;
    f32, bottom_f32, minus_f32;
    f16, bottom_f16;
    bf16, bottom_bf16, minus_bf16;
}
