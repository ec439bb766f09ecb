//! The passes with 256-bit vectors.

/// The elements of a vector.
macro_rules! elements {
    ($v:expr, $type:ty, $n:literal) => {{
        let mut elements = [<$type>::default(); $n];
        // SAFETY: the array is as large as a vector.
        unsafe { _mm256_storeu_si256(elements.as_mut_ptr().cast(), $v) };
        elements
    }};
}

mod counter;
mod halves;
mod wide;

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use half::{bf16, f16};

pub use halves::*;
pub use wide::*;

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
/// The bit of each lane's exponent field less `base`; none if that is not from 0 to 31.
#[inline]
#[target_feature(enable = "avx2")]
fn within(v: __m256, base: __m256i) -> __m256i {
    let bits = _mm256_castps_si256(v);
    let field = _mm256_srli_epi32::<24>(_mm256_add_epi32(bits, bits));
    _mm256_sllv_epi32(_mm256_set1_epi32(1), _mm256_sub_epi32(field, base))
}

/// Writes `after − before`, by the conversions of the CPU.
#[target_feature(enable = "avx2,fma,f16c")]
pub fn minus_f16(after: &[f16], before: &[f16], difference: &mut [MaybeUninit<f16>]) {
    let minus = |a: &[f16; 8], b: &[f16; 8]| {
        // SAFETY: eight values each.
        let (a, b) = unsafe { (_mm_loadu_si128(a.as_ptr().cast()), _mm_loadu_si128(b.as_ptr().cast())) };
        let rounded =
            _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(_mm256_sub_ps(_mm256_cvtph_ps(a), _mm256_cvtph_ps(b)));
        let mut values = [f16::ZERO; 8];
        // SAFETY: eight values.
        unsafe { _mm_storeu_si128(values.as_mut_ptr().cast(), rounded) };
        values
    };
    let ((a, a_rest), (b, b_rest), (d, d_rest)) = (after.as_chunks(), before.as_chunks(), difference.as_chunks_mut());
    for ((a, b), d) in a.iter().zip(b).zip(d) {
        *d = minus(a, b).map(MaybeUninit::new);
    }
    let rest = minus(&padded(a_rest, f16::ZERO), &padded(b_rest, f16::ZERO));
    d_rest.write_copy_of_slice(&rest[..d_rest.len()]);
}

autovectorized! {
    "avx2,fma,f16c":
    f64, bottom_f64, minus_f64;
    f32, bottom_f32, minus_f32;
    f16, bottom_f16;
    bf16, bottom_bf16, minus_bf16;
}
