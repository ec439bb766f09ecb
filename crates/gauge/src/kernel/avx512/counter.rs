//! Counts of one-bit numbers in 512-bit vectors.

use core::arch::x86_64::*;

use crate::kernel::csa::add_sixteen;

/// Counts lanes with one bit set by the position of that bit. `LANE` is the number of bits in a lane: 32 or 64.
pub(super) struct Counter<const LANE: usize> {
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
    pub(super) fn new() -> Self {
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
    pub(super) fn group(&mut self, mut next: impl FnMut() -> __m512i) {
        let carry = add_sixteen!(csa, self.ones, self.twos, self.fours, self.eights, next());
        self.sixteens = _mm512_add_epi8(self.sixteens, Self::positions(carry));
    }

    /// Counts one vector. At most 16 times.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    pub(super) fn single(&mut self, bits: __m512i) {
        self.singles = _mm512_add_epi8(self.singles, Self::positions(bits));
    }

    /// Bytes of at most 15 × 8 + 16 × 8: what is not in a full group of sixteen, by position.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    fn few(&self) -> __m512i {
        let few = _mm512_add_epi8(self.singles, Self::positions(self.ones));
        let mut more = Self::positions(self.eights);
        more = _mm512_add_epi8(_mm512_add_epi8(more, more), Self::positions(self.fours));
        more = _mm512_add_epi8(_mm512_add_epi8(more, more), Self::positions(self.twos));
        _mm512_add_epi8(few, _mm512_add_epi8(more, more))
    }

    /// The counts by position.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    pub(super) fn finish(&self) -> [u16; 64] {
        let (mut low, mut high) = ([0u8; 64], [0u8; 64]);
        // SAFETY: both arrays have 64 bytes.
        unsafe {
            _mm512_storeu_si512(low.as_mut_ptr().cast(), self.few());
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

    /// The sum of the counts, without waiting until they are stored.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    pub(super) fn total(&self) -> u64 {
        let zero = _mm512_setzero_si512();
        let total = _mm512_slli_epi64::<4>(_mm512_sad_epu8(self.sixteens, zero));
        _mm512_reduce_add_epi64(_mm512_add_epi64(total, _mm512_sad_epu8(self.few(), zero))) as u64
    }
}
