//! The passes with 512-bit vectors.

use core::arch::x86_64::*;

use half::{bf16, f16};

use super::csa::add_sixteen;
use super::{Extrema, NormPass, Pass};

/// Counts lanes with one bit set by the position of that bit. `LANE` is the number of bits in a lane: 32 or 64.
struct Counter<const LANE: usize> {
    /// Partial counts, one bit for each lane and position, weighing 1, 2, 4 and 8.
    ones: __m512i,
    twos: __m512i,
    fours: __m512i,
    eights: __m512i,
    /// Bytes: full groups of sixteen vectors, by position.
    sixteens: __m512i,
    /// Bytes: vectors counted one at a time, by position.
    singles: __m512i,
}

/// Which byte of a vector goes where so that bytes of the same weight of eight neighbouring lanes stand together.
const fn gather(lane: usize) -> [u8; 64] {
    let bytes = lane / 8;
    let mut index = [0; 64];
    let mut i = 0;
    while i < 64 {
        // A lane has `bytes` bytes; each of them takes 64/bytes places, in octets.
        let (byte, which) = (i / (64 / bytes), i % (64 / bytes));
        index[i] = (which * bytes + byte) as u8;
        i += 1;
    }
    index
}

#[inline]
#[target_feature(enable = "avx512f")]
fn csa(a: __m512i, b: __m512i, c: __m512i) -> (__m512i, __m512i) {
    (_mm512_ternarylogic_epi64::<0x96>(a, b, c), _mm512_ternarylogic_epi64::<0xe8>(a, b, c))
}

impl<const LANE: usize> Counter<LANE> {
    const GATHER: [u8; 64] = gather(LANE);

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        let zero = _mm512_setzero_si512();
        Self { ones: zero, twos: zero, fours: zero, eights: zero, sixteens: zero, singles: zero }
    }

    /// Bytes: how many lanes have each bit, for every octet of lanes apart.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    fn positions(bits: __m512i) -> __m512i {
        // SAFETY: the array has 64 bytes.
        let gather = unsafe { _mm512_loadu_si512(Self::GATHER.as_ptr().cast()) };
        // Transposes each 8×8 matrix of bits (with the lanes reversed, which does not matter to a count).
        let diagonal = _mm512_set1_epi64(0x8040_2010_0804_0201_u64 as i64);
        let octets = _mm512_permutexvar_epi8(gather, bits);
        _mm512_popcnt_epi8(_mm512_gf2p8affine_epi64_epi8::<0>(diagonal, octets))
    }

    /// Counts sixteen vectors. At most 16 times: bytes of up to 8 × 16 are added.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    fn group(&mut self, mut next: impl FnMut() -> __m512i) {
        let carry = add_sixteen!(csa, self.ones, self.twos, self.fours, self.eights, next());
        self.sixteens = _mm512_add_epi8(self.sixteens, Self::positions(carry));
    }

    /// Counts one vector. At most 16 times.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    fn single(&mut self, bits: __m512i) {
        self.singles = _mm512_add_epi8(self.singles, Self::positions(bits));
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    fn finish(&self) -> [u16; 64] {
        // Bytes of at most 15 × 8 + 16 × 8.
        let mut few = self.singles;
        few = _mm512_add_epi8(few, Self::positions(self.ones));
        let mut more = Self::positions(self.eights);
        more = _mm512_add_epi8(_mm512_add_epi8(more, more), Self::positions(self.fours));
        more = _mm512_add_epi8(_mm512_add_epi8(more, more), Self::positions(self.twos));
        few = _mm512_add_epi8(few, _mm512_add_epi8(more, more));
        let (mut low, mut high) = ([0u8; 64], [0u8; 64]);
        // SAFETY: both arrays have 64 bytes.
        unsafe {
            _mm512_storeu_si512(low.as_mut_ptr().cast(), few);
            _mm512_storeu_si512(high.as_mut_ptr().cast(), self.sixteens);
        }
        let mut counts = [0; 64];
        let octets = 64 / LANE;
        for octet in 0..8 {
            for bit in 0..8 {
                let i = 8 * octet + bit;
                counts[8 * (octet / octets) + bit] += u16::from(low[i]) + 16 * u16::from(high[i]);
            }
        }
        counts
    }
}

/// Running sums and extrema of f64 values.
struct Lanes64 {
    sum: __m512d,
    l1: __m512d,
    squares: __m512d,
    signed: __m512i,
    unsigned: __m512i,
    magnitude: __m512i,
}

/// The facts of a block of up to 2048 values.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
pub fn pass_f64(block: &[f64]) -> Pass {
    let mut counter = Counter::<64>::new();
    let mut l = Lanes64 {
        sum: _mm512_setzero_pd(),
        l1: _mm512_setzero_pd(),
        squares: _mm512_setzero_pd(),
        signed: _mm512_set1_epi64(i64::MIN),
        unsigned: _mm512_setzero_si512(),
        magnitude: _mm512_set1_epi64(-1),
    };
    let one = _mm512_set1_epi64(1);
    let mut step = |v: __m512d, mask: __mmask8| {
        let magnitude = _mm512_abs_pd(v);
        let (bits, unsigned) = (_mm512_castpd_si512(v), _mm512_castpd_si512(magnitude));
        l.sum = _mm512_add_pd(l.sum, v);
        l.l1 = _mm512_add_pd(l.l1, magnitude);
        l.squares = _mm512_fmadd_pd(v, v, l.squares);
        l.signed = _mm512_mask_max_epi64(l.signed, mask, l.signed, bits);
        l.unsigned = _mm512_mask_max_epu64(l.unsigned, mask, l.unsigned, bits);
        l.magnitude = _mm512_mask_min_epu64(l.magnitude, mask, l.magnitude, unsigned);
        _mm512_maskz_rolv_epi64(mask, one, _mm512_srli_epi64::<52>(bits))
    };
    let (groups, rest) = block.as_chunks::<128>();
    for group in groups {
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for eight of the group's 128 values each.
            let v = unsafe {
                let v = _mm512_loadu_pd(at);
                at = at.add(8);
                v
            };
            step(v, !0)
        });
    }
    for chunk in rest.chunks(8) {
        let mask = !0 >> (8 - chunk.len());
        // SAFETY: the mask lets only the chunk's values be read.
        let v = unsafe { _mm512_maskz_loadu_pd(mask, chunk.as_ptr()) };
        counter.single(step(v, mask));
    }
    Pass {
        sum: _mm512_reduce_add_pd(l.sum),
        l1: _mm512_reduce_add_pd(l.l1),
        squares: _mm512_reduce_add_pd(l.squares),
        extrema: Extrema {
            signed: _mm512_reduce_max_epi64(l.signed),
            unsigned: _mm512_reduce_max_epu64(l.unsigned),
            magnitude: _mm512_reduce_min_epu64(l.magnitude),
        },
        counts: counter.finish(),
    }
}

/// The facts of a block of up to 4096 values.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
pub fn pass_f32(block: &[f32]) -> Pass {
    let mut counter = Counter::<32>::new();
    let zero = _mm512_setzero_pd();
    let (mut sum, mut l1, mut squares) = ([zero; 2], [zero; 2], [zero; 2]);
    let mut signed = _mm512_set1_epi32(i32::MIN);
    let mut unsigned = _mm512_setzero_si512();
    let mut doubled = _mm512_set1_epi32(-1);
    let one = _mm512_set1_epi32(1);
    let mut step = |v: __m512, mask: __mmask16| {
        let bits = _mm512_castps_si512(v);
        for (i, v) in widen_f32(v).into_iter().enumerate() {
            sum[i] = _mm512_add_pd(sum[i], v);
            l1[i] = _mm512_add_pd(l1[i], _mm512_abs_pd(v));
            squares[i] = _mm512_fmadd_pd(v, v, squares[i]);
        }
        signed = _mm512_mask_max_epi32(signed, mask, signed, bits);
        unsigned = _mm512_mask_max_epu32(unsigned, mask, unsigned, bits);
        doubled = _mm512_mask_min_epu32(doubled, mask, doubled, _mm512_add_epi32(bits, bits));
        _mm512_maskz_rolv_epi32(mask, one, _mm512_srli_epi32::<23>(bits))
    };
    let (groups, rest) = block.as_chunks::<256>();
    for group in groups {
        let mut at = group.as_ptr();
        counter.group(|| {
            // SAFETY: called sixteen times, for sixteen of the group's 256 values each.
            let v = unsafe {
                let v = _mm512_loadu_ps(at);
                at = at.add(16);
                v
            };
            step(v, !0)
        });
    }
    for chunk in rest.chunks(16) {
        let mask = !0 >> (16 - chunk.len());
        // SAFETY: the mask lets only the chunk's values be read.
        let v = unsafe { _mm512_maskz_loadu_ps(mask, chunk.as_ptr()) };
        counter.single(step(v, mask));
    }
    let total = |[a, b]: [__m512d; 2]| _mm512_reduce_add_pd(_mm512_add_pd(a, b));
    Pass {
        sum: total(sum),
        l1: total(l1),
        squares: total(squares),
        extrema: Extrema {
            signed: i64::from(_mm512_reduce_max_epi32(signed)),
            unsigned: u64::from(_mm512_reduce_max_epu32(unsigned)),
            magnitude: u64::from(_mm512_reduce_min_epu32(doubled) / 2),
        },
        counts: counter.finish(),
    }
}

/// Sums of f32 lanes, emptied into f64 before more than eight were added to any.
struct Sums32 {
    parts: [__m512; 2],
    total: __m512d,
}

impl Sums32 {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        Self { parts: [_mm512_setzero_ps(); 2], total: _mm512_setzero_pd() }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn empty(&mut self) {
        let sum = _mm512_add_ps(self.parts[0], self.parts[1]);
        let [low, high] = widen_f32(sum);
        self.total = _mm512_add_pd(self.total, _mm512_add_pd(low, high));
        self.parts = [_mm512_setzero_ps(); 2];
    }
}

/// The pass of a 16-bit type; `$widen(bits)` gives its values as two vectors of f32, of which the exponents are counted.
macro_rules! halves {
    ($pass:ident, $norm:ident, $type:ty, $widen:ident) => {
        /// The facts of a block of up to 8192 values.
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
        pub fn $pass(block: &[$type]) -> Pass {
            let mut counter = Counter::<32>::new();
            let mut sums = [Sums32::new(), Sums32::new(), Sums32::new()];
            let mut signed = _mm512_set1_epi16(i16::MIN);
            let mut unsigned = _mm512_setzero_si512();
            let mut doubled = _mm512_set1_epi16(-1);
            let one = _mm512_set1_epi32(1);
            let mut step = |[sum, l1, squares]: &mut [Sums32; 3], bits: __m512i, mask: __mmask32| {
                signed = _mm512_mask_max_epi16(signed, mask, signed, bits);
                unsigned = _mm512_mask_max_epu16(unsigned, mask, unsigned, bits);
                doubled = _mm512_mask_min_epu16(doubled, mask, doubled, _mm512_add_epi16(bits, bits));
                let widened = $widen(bits);
                for (i, v) in widened.into_iter().enumerate() {
                    sum.parts[i] = _mm512_add_ps(sum.parts[i], v);
                    l1.parts[i] = _mm512_add_ps(l1.parts[i], _mm512_abs_ps(v));
                    squares.parts[i] = _mm512_fmadd_ps(v, v, squares.parts[i]);
                }
                let field = |v| _mm512_srli_epi32::<23>(_mm512_castps_si512(v));
                [_mm512_rolv_epi32(one, field(widened[0])), _mm512_rolv_epi32(one, field(widened[1]))]
            };
            let mut padded = 0;
            let (groups, rest) = block.as_chunks::<256>();
            for group in groups {
                let mut at = group.as_ptr();
                let mut waiting = None;
                counter.group(|| match waiting.take() {
                    Some(bits) => bits,
                    None => {
                        // SAFETY: reached at every other one of sixteen calls, for 32 of the group's 256 values each.
                        let bits = unsafe {
                            let bits = _mm512_loadu_si512(at.cast());
                            at = at.add(32);
                            bits
                        };
                        let [now, next] = step(&mut sums, bits, !0);
                        waiting = Some(next);
                        now
                    }
                });
                sums.iter_mut().for_each(|s| s.empty());
            }
            for chunk in rest.chunks(32) {
                let mask = !0 >> (32 - chunk.len());
                // SAFETY: the mask lets only the chunk's values be read.
                let bits = unsafe { _mm512_maskz_loadu_epi16(mask, chunk.as_ptr().cast()) };
                for bits in step(&mut sums, bits, mask) {
                    counter.single(bits);
                }
                padded = 32 - chunk.len() as u16;
            }
            sums.iter_mut().for_each(|s| s.empty());
            let mut counts = counter.finish();
            let [sum, l1, squares] = sums;
            // What the mask kept out was counted as zeros.
            counts[0] -= padded;
            let high = _mm512_max_epi16(signed, _mm512_rol_epi32::<16>(signed));
            let signed = _mm512_reduce_max_epi32(_mm512_srai_epi32::<16>(high));
            let high = _mm512_max_epu16(unsigned, _mm512_rol_epi32::<16>(unsigned));
            let unsigned = _mm512_reduce_max_epu32(_mm512_srli_epi32::<16>(high));
            let low = _mm512_min_epu16(doubled, _mm512_rol_epi32::<16>(doubled));
            let doubled = _mm512_reduce_min_epu32(_mm512_srli_epi32::<16>(low));
            Pass {
                sum: _mm512_reduce_add_pd(sum.total),
                l1: _mm512_reduce_add_pd(l1.total),
                squares: _mm512_reduce_add_pd(squares.total),
                extrema: Extrema {
                    signed: i64::from(signed),
                    unsigned: u64::from(unsigned),
                    magnitude: u64::from(doubled / 2),
                },
                counts,
            }
        }

        /// Sum of squares and largest magnitude of a block of up to 8192 values.
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
        pub fn $norm(block: &[$type]) -> NormPass {
            let mut squares = Sums32::new();
            let mut doubled = _mm512_setzero_si512();
            let mut step = |squares: &mut Sums32, bits: __m512i| {
                for (i, v) in $widen(bits).into_iter().enumerate() {
                    squares.parts[i] = _mm512_fmadd_ps(v, v, squares.parts[i]);
                }
                doubled = _mm512_max_epu16(doubled, _mm512_add_epi16(bits, bits));
            };
            let (groups, rest) = block.as_chunks::<256>();
            for group in groups {
                for at in group.as_chunks::<32>().0 {
                    // SAFETY: 32 values.
                    step(&mut squares, unsafe { _mm512_loadu_si512(at.as_ptr().cast()) });
                }
                squares.empty();
            }
            for chunk in rest.chunks(32) {
                let mask = !0 >> (32 - chunk.len());
                // SAFETY: the mask lets only the chunk's values be read.
                step(&mut squares, unsafe { _mm512_maskz_loadu_epi16(mask, chunk.as_ptr().cast()) });
            }
            squares.empty();
            let high = _mm512_max_epu16(doubled, _mm512_rol_epi32::<16>(doubled));
            let doubled = _mm512_reduce_max_epu32(_mm512_srli_epi32::<16>(high));
            NormPass { squares: _mm512_reduce_add_pd(squares.total), magnitude: u64::from(doubled / 2) }
        }
    };
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn widen_f32(v: __m512) -> [__m512d; 2] {
    [_mm512_cvtps_pd(_mm512_castps512_ps256(v)), _mm512_cvtps_pd(_mm512_extractf32x8_ps::<1>(v))]
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn widen_f16(bits: __m512i) -> [__m512; 2] {
    [_mm512_cvtph_ps(_mm512_castsi512_si256(bits)), _mm512_cvtph_ps(_mm512_extracti64x4_epi64::<1>(bits))]
}

/// The even values, then the odd ones: the order does not matter.
#[inline]
#[target_feature(enable = "avx512f")]
fn widen_bf16(bits: __m512i) -> [__m512; 2] {
    [
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits)),
        _mm512_castsi512_ps(_mm512_and_si512(bits, _mm512_set1_epi32(0xffff_0000_u32 as i32))),
    ]
}

halves!(pass_f16, norm_f16, f16, widen_f16);
halves!(pass_bf16, norm_bf16, bf16, widen_bf16);

/// Sum of squares and largest magnitude of a block of up to 2048 values.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn norm_f64(block: &[f64]) -> NormPass {
    let mut squares = [_mm512_setzero_pd(); 4];
    let mut magnitude = [_mm512_setzero_si512(); 4];
    let mut step = |i: usize, v: __m512d| {
        squares[i] = _mm512_fmadd_pd(v, v, squares[i]);
        magnitude[i] = _mm512_max_epu64(magnitude[i], _mm512_castpd_si512(_mm512_abs_pd(v)));
    };
    let (groups, rest) = block.as_chunks::<32>();
    for group in groups {
        for (i, at) in group.as_chunks::<8>().0.iter().enumerate() {
            // SAFETY: eight values.
            step(i, unsafe { _mm512_loadu_pd(at.as_ptr()) });
        }
    }
    for (i, chunk) in rest.chunks(8).enumerate() {
        // SAFETY: the mask lets only the chunk's values be read.
        step(i, unsafe { _mm512_maskz_loadu_pd(!0 >> (8 - chunk.len()), chunk.as_ptr()) });
    }
    let [a, b, c, d] = magnitude;
    NormPass {
        squares: total4(squares),
        magnitude: _mm512_reduce_max_epu64(_mm512_max_epu64(_mm512_max_epu64(a, b), _mm512_max_epu64(c, d))),
    }
}

/// Sum of squares and largest magnitude of a block of up to 4096 values.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
pub fn norm_f32(block: &[f32]) -> NormPass {
    let mut squares = [_mm512_setzero_pd(); 4];
    let mut doubled = [_mm512_setzero_si512(); 2];
    let mut step = |i: usize, v: __m512| {
        for (j, v) in widen_f32(v).into_iter().enumerate() {
            squares[2 * i + j] = _mm512_fmadd_pd(v, v, squares[2 * i + j]);
        }
        let bits = _mm512_castps_si512(v);
        doubled[i] = _mm512_max_epu32(doubled[i], _mm512_add_epi32(bits, bits));
    };
    let (groups, rest) = block.as_chunks::<32>();
    for group in groups {
        for (i, at) in group.as_chunks::<16>().0.iter().enumerate() {
            // SAFETY: sixteen values.
            step(i, unsafe { _mm512_loadu_ps(at.as_ptr()) });
        }
    }
    for (i, chunk) in rest.chunks(16).enumerate() {
        // SAFETY: the mask lets only the chunk's values be read.
        step(i, unsafe { _mm512_maskz_loadu_ps(!0 >> (16 - chunk.len()), chunk.as_ptr()) });
    }
    let [a, b] = doubled;
    NormPass { squares: total4(squares), magnitude: u64::from(_mm512_reduce_max_epu32(_mm512_max_epu32(a, b)) / 2) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn total4([a, b, c, d]: [__m512d; 4]) -> f64 {
    _mm512_reduce_add_pd(_mm512_add_pd(_mm512_add_pd(a, b), _mm512_add_pd(c, d)))
}

autovectorized! {
    "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni":
    f64, bottom_f64, minus_f64;
    f32, bottom_f32, minus_f32;
    f16, bottom_f16, minus_f16;
    bf16, bottom_bf16, minus_bf16;
}
