//! Histogram of exponent fields of one byte: f32 and what is widened to it.
//!
//! The pass stores the field of each value as a byte, 64 in a vector; when it knows the range they span, each eight
//! fields cost one look at a sixteenth to a quarter of the block's memory: a table of 64 bytes in a register makes of
//! each field the bit of its place among the eight, and these are added as one-bit numbers (see `csa.rs`).

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use crate::element::{Layout, MAX_BLOCK};
use crate::kernel::csa::add_sixteen;
use crate::kernel::{Extrema, Pass};

/// Of which octet of fields a byte is, in any of 64 rotations: bit `k` where the index modulo 64 is `k`.
const PLACES: [u8; 128] = {
    let mut places = [0; 128];
    let mut k = 0;
    while k < 8 {
        (places[k], places[64 + k]) = (1 << k, 1 << k);
        k += 1;
    }
    places
};

/// How many lines of the next block are fetched for each 1024 fields of a look, while memory would idle. More at once
/// would wait for memory (measured, see `benchmarks/gauge/README.md`).
const AHEAD: usize = 4;

/// What has to be told apart from eight fields, since it is the same as one of them modulo 64: nothing, zeros, or other
/// fields too.
const NOTHING: u8 = 0;
const ZEROS: u8 = 1;
const OTHERS: u8 = 2;

/// Room for the fields of a block's values.
pub(super) type Room = [MaybeUninit<__m512i>; MAX_BLOCK / 64];

/// The fields of a block's values, as bytes in any order.
pub(super) struct Fields<'a> {
    /// The first `len` are written. Apart from the rest, which stays in registers.
    vectors: &'a mut Room,
    len: usize,
    /// The smallest and the largest of the fields less one, which makes 255 of 0.
    lowest: __m512i,
    highest: __m512i,
}

#[inline]
#[target_feature(enable = "avx512f")]
fn csa(a: __m512i, b: __m512i, c: __m512i) -> (__m512i, __m512i) {
    (_mm512_ternarylogic_epi64::<0x96>(a, b, c), _mm512_ternarylogic_epi64::<0xe8>(a, b, c))
}

/// Bytes: of each eight bytes, how many have the bit that is the place of the byte.
#[inline]
#[target_feature(enable = "avx512f,avx512bitalg,gfni")]
fn positions(bits: __m512i) -> __m512i {
    // Transposes each 8×8 matrix of bits (with the bytes reversed, which does not matter to a count).
    let diagonal = _mm512_set1_epi64(0x8040_2010_0804_0201_u64 as i64);
    _mm512_popcnt_epi8(_mm512_gf2p8affine_epi64_epi8::<0>(diagonal, bits))
}

/// Which byte goes where so that the bytes of one place stand together.
const TRANSPOSE: [u8; 64] = {
    let mut index = [0; 64];
    let mut i = 0;
    while i < 64 {
        index[i] = (i % 8 * 8 + i / 8) as u8;
        i += 1;
    }
    index
};

/// Sums over the eight octets of bytes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
fn over_octets(bytes: __m512i) -> __m128i {
    // SAFETY: the array has 64 bytes.
    let transpose = unsafe { _mm512_loadu_si512(TRANSPOSE.as_ptr().cast()) };
    let places = _mm512_permutexvar_epi8(transpose, bytes);
    _mm512_cvtepi64_epi16(_mm512_sad_epu8(places, _mm512_setzero_si512()))
}

#[cold]
fn beyond(pass: &mut Pass) -> &mut [u16; 192] {
    pass.beyond.get_or_insert_with(|| Box::new([0; 192]))
}

impl<'a> Fields<'a> {
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(super) fn new(vectors: &'a mut Room) -> Self {
        Self { vectors, len: 0, lowest: _mm512_set1_epi8(-1), highest: _mm512_setzero_si512() }
    }

    /// Adds the fields of 64 values, given their upper 16 bits as f32. Fields of 0 are never counted, so padding may
    /// be of zeros. At most 64 times.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub(super) fn add(&mut self, halves: [__m512i; 2]) {
        // Of each 64 bits, the bytes that begin at these bits; those of the other half go between.
        let at = _mm512_set1_epi64(0x3737_2727_1717_0707);
        let even = _mm512_multishift_epi64_epi8(at, halves[0]);
        let bytes = _mm512_mask_multishift_epi64_epi8(even, 0xaaaa_aaaa_aaaa_aaaa, at, halves[1]);
        let less = _mm512_sub_epi8(bytes, _mm512_set1_epi8(1));
        self.lowest = _mm512_min_epu8(self.lowest, less);
        self.highest = _mm512_max_epu8(self.highest, less);
        self.vectors[self.len].write(bytes);
        self.len += 1;
    }

    /// The smallest field but 0; 256 where there is none.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn first(&self) -> usize {
        let low = _mm256_min_epu8(_mm512_castsi512_si256(self.lowest), _mm512_extracti64x4_epi64::<1>(self.lowest));
        let low = _mm_min_epu8(_mm256_castsi256_si128(low), _mm256_extracti128_si256::<1>(low));
        let low = _mm_min_epu8(_mm_srli_epi16::<8>(low), _mm_and_si128(low, _mm_set1_epi16(255)));
        _mm_cvtsi128_si32(_mm_minpos_epu16(low)) as usize % (1 << 16) + 1
    }

    /// How many values have each of eight fields from each of the bases. `TELL` says what else is the same modulo 64;
    /// zeros are taken for `floor`, which must not be. What is `ahead` is fetched bit by bit.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
    fn octets<const N: usize, const TELL: u8>(
        &self,
        bases: [usize; N],
        floor: usize,
        ahead: &mut [*const u8; 2],
    ) -> [__m128i; N] {
        let floor = _mm512_set1_epi8(floor as i8);
        // SAFETY: 64 bytes from one of the first 64.
        let places =
            bases.map(|base| unsafe { _mm512_loadu_si512(PLACES.as_ptr().add(base.wrapping_neg() % 64).cast()) });
        let place = |fields: &MaybeUninit<__m512i>, n: usize| {
            // SAFETY: the first `len` are written, and only those are looked at.
            let fields = unsafe { fields.assume_init() };
            if TELL == NOTHING {
                return _mm512_permutexvar_epi8(fields, places[n]);
            }
            if TELL == ZEROS {
                return _mm512_permutexvar_epi8(_mm512_max_epu8(fields, floor), places[n]);
            }
            let near = _mm512_sub_epi8(fields, _mm512_set1_epi8(bases[n] as i8));
            let near = _mm512_cmplt_epu8_mask(near, _mm512_set1_epi8(8));
            _mm512_maskz_permutexvar_epi8(near, fields, places[n])
        };
        let zero = [_mm512_setzero_si512(); N];
        // Bytes of at most 8 for each of 15 and, after the groups, 15 times 8 more.
        let mut few = zero;
        let (groups, rest) = self.vectors[..self.len].as_chunks::<16>();
        for fields in rest {
            for (n, few) in few.iter_mut().enumerate() {
                *few = _mm512_add_epi8(*few, positions(place(fields, n)));
            }
        }
        if groups.is_empty() {
            return few.map(|few| over_octets(few));
        }
        let [mut ones, mut twos, mut fours, mut eights, mut sixteens] = [zero; 5];
        for group in groups {
            for at in ahead.iter_mut().filter(|at| !at.is_null()) {
                for _ in 0..AHEAD {
                    _mm_prefetch::<_MM_HINT_T0>((*at).cast());
                    *at = at.wrapping_add(64);
                }
            }
            for n in 0..N {
                let mut i = 0;
                let mut next = || {
                    i += 1;
                    place(&group[i - 1], n)
                };
                let carry = add_sixteen!(csa, ones[n], twos[n], fours[n], eights[n], next());
                sixteens[n] = _mm512_add_epi8(sixteens[n], positions(carry));
            }
        }
        core::array::from_fn(|n| {
            let few = _mm512_add_epi8(few[n], positions(ones[n]));
            let mut more = positions(eights[n]);
            more = _mm512_add_epi8(_mm512_add_epi8(more, more), positions(fours[n]));
            more = _mm512_add_epi8(_mm512_add_epi8(more, more), positions(twos[n]));
            let few = _mm512_add_epi8(few, _mm512_add_epi8(more, more));
            _mm_add_epi16(over_octets(few), _mm_slli_epi16::<4>(over_octets(sixteens[n])))
        })
    }

    /// Counts the values that have each field from the lowest but 0 to `last`; gives how many there are.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
    fn count(&self, last: usize, pass: &mut Pass) -> u64 {
        let first = self.first();
        pass.first = Some(first);
        if first > last {
            return 0;
        }
        // Zeros have the field 0, to a table the same as every multiple of 64: they are taken for one that does not count.
        let floor = first - 1;
        let zeros = _mm512_cmpeq_epi8_mask(self.highest, _mm512_set1_epi8(-1)) != 0;
        let tell = match last - first {
            ..64 if !zeros => NOTHING,
            ..63 => ZEROS,
            _ => OTHERS,
        };
        let mut ahead = pass.ahead;
        let mut counted = _mm_setzero_si128();
        let mut write = |base: usize, octet: __m128i| {
            let wanted = !0 >> 7_usize.saturating_sub(last - base);
            let octet = _mm_maskz_mov_epi16(wanted, octet);
            counted = _mm_add_epi16(counted, octet);
            let at = base - first;
            let counts = if at < 64 { &mut pass.counts[at..at + 8] } else { &mut beyond(pass)[at - 64..at - 56] };
            // SAFETY: eight counts.
            unsafe { _mm_storeu_si128(counts.as_mut_ptr().cast(), octet) };
        };
        let mut base = first;
        while base <= last {
            if tell == NOTHING && last - base >= 8 {
                let [a, b] = self.octets::<2, NOTHING>([base, base + 8], floor, &mut ahead);
                write(base, a);
                write(base + 8, b);
                base += 16;
                continue;
            }
            let [octet] = match tell {
                NOTHING => self.octets::<1, NOTHING>([base], floor, &mut ahead),
                ZEROS => self.octets::<1, ZEROS>([base], floor, &mut ahead),
                _ => self.octets::<1, OTHERS>([base], floor, &mut ahead),
            };
            write(base, octet);
            base += 8;
        }
        // No block has more values than two positive 16-bit numbers hold.
        let pairs = _mm_madd_epi16(counted, _mm_set1_epi16(1));
        let pairs = _mm_add_epi32(pairs, _mm_srli_si128::<8>(pairs));
        u64::from(_mm_cvtsi128_si32(_mm_add_epi32(pairs, _mm_srli_si128::<4>(pairs))) as u32)
    }

    /// Adds the counts to the facts of `block`, of which these are the fields; sums and extrema are there.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512bitalg,gfni")]
    pub(super) fn facts<T: Layout>(
        &self,
        block: &[T],
        pass: &mut Pass,
        smallest: impl FnOnce(&[T]) -> u64,
        bottom: impl FnOnce(&[T]) -> crate::kernel::Bottom,
    ) {
        let Extrema { signed, unsigned, .. } = pass.extrema;
        pass.extrema.magnitude = T::LOWEST;
        (pass.first, pass.zeros) = (None, 0);
        let largest = (signed.max(0) as u64).max(if unsigned > T::MAGNITUDE { unsigned & T::MAGNITUDE } else { 0 });
        if largest >= T::INFINITE {
            return;
        }
        pass.zeros = block.len() as u64 - self.count(T::field(largest), pass);
        // Whether some of what counts as zero are subnormals, or which value is the nearest to zero.
        let one_sign = signed < 0 || unsigned <= T::MAGNITUDE;
        if if pass.zeros > 0 { T::LOWEST > 1 } else { one_sign } {
            pass.extrema.magnitude = smallest(block);
            if pass.extrema.magnitude < T::LOWEST {
                // Some of them are subnormals.
                pass.zeros = bottom(block).zeros;
            }
        }
    }
}
