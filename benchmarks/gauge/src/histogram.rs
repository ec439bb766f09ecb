//! Ways to count the binary exponents of f32 values, and nothing else: what was tried before the pass got its own.

/// A way to count: adds the counts of the 256 exponent fields.
pub type Way = (&'static str, fn(&[f32], &mut [u64; 256]));

/// All ways that this CPU can take.
pub fn ways() -> Vec<Way> {
    let mut ways: Vec<Way> =
        vec![("one table", tables::<1>), ("four tables", tables::<4>), ("eight tables", tables::<8>)];
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vbmi2")
        && is_x86_feature_detected!("avx512bitalg")
        && is_x86_feature_detected!("gfni")
        && is_x86_feature_detected!("avx512vbmi")
    {
        ways.push(("a table for each lane", |v, n| {
            // SAFETY: just detected.
            unsafe { x86::lanes(v, n) }
        }));
        ways.push(("compare bytes", |v, n| {
            // SAFETY: just detected.
            unsafe { x86::compare(v, n) }
        }));
        ways.push(("one-bit numbers", |v, n| {
            // SAFETY: just detected.
            unsafe { x86::bits(v, n) }
        }));
    }
    ways
}

/// `N` tables, taken in turn, so that a counter is not incremented twice in a row.
fn tables<const N: usize>(values: &[f32], counts: &mut [u64; 256]) {
    let mut tables = [[0u32; 256]; N];
    for chunk in values.chunks(N) {
        for (table, v) in tables.iter_mut().zip(chunk) {
            table[(v.to_bits() >> 23 & 255) as usize] += 1;
        }
    }
    for table in tables {
        counts.iter_mut().zip(table).for_each(|(a, b)| *a += u64::from(b));
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    /// Sixteen tables, one for each lane, by gather and scatter.
    #[target_feature(enable = "avx512f")]
    pub fn lanes(values: &[f32], counts: &mut [u64; 256]) {
        let mut tables = vec![0i32; 256 * 16];
        let lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        let (groups, rest) = values.as_chunks::<16>();
        for group in groups {
            // SAFETY: sixteen values; the indices are below 256 × 16 and differ.
            unsafe {
                let bits = _mm512_loadu_si512(group.as_ptr().cast());
                let field = _mm512_and_si512(_mm512_srli_epi32::<19>(bits), _mm512_set1_epi32(255 << 4));
                let index = _mm512_or_si512(field, lane);
                let n = _mm512_i32gather_epi32::<4>(index, tables.as_ptr());
                let n = _mm512_add_epi32(n, _mm512_set1_epi32(1));
                _mm512_i32scatter_epi32::<4>(tables.as_mut_ptr(), index, n);
            }
        }
        for (i, n) in tables.iter().enumerate() {
            counts[i / 16] += *n as u64;
        }
        super::tables::<1>(rest, counts);
    }

    /// Exponents as bytes, 64 in a vector, compared with each of the 16 highest that occur; the others one by one.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    pub fn compare(values: &[f32], counts: &mut [u64; 256]) {
        for block in values.chunks(4096) {
            let (groups, rest) = block.as_chunks::<64>();
            // One look for the highest, as the pass has it anyway.
            let mut highest = _mm512_setzero_si512();
            for v in block.as_chunks::<16>().0 {
                // SAFETY: sixteen values.
                let bits = unsafe { _mm512_loadu_si512(v.as_ptr().cast()) };
                highest = _mm512_max_epu32(highest, _mm512_add_epi32(bits, bits));
            }
            let highest = (_mm512_reduce_max_epu32(highest) >> 24) as u8;
            let lowest = highest.saturating_sub(15);
            let mut found = [_mm512_setzero_si512(); 16];
            for group in groups {
                let mut bytes = _mm512_setzero_si512();
                for part in group.as_chunks::<16>().0 {
                    // SAFETY: sixteen values.
                    let bits = unsafe { _mm512_loadu_si512(part.as_ptr().cast()) };
                    bytes = _mm512_shldi_epi32::<8>(bytes, _mm512_add_epi32(bits, bits));
                }
                for (i, found) in found.iter_mut().enumerate() {
                    let same = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(lowest.wrapping_add(i as u8) as i8));
                    *found = _mm512_mask_sub_epi8(*found, same, *found, _mm512_set1_epi8(-1));
                }
                let below = _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(lowest as i8));
                if below != 0 {
                    let mut few = [0u8; 64];
                    // SAFETY: at most 64 bytes.
                    unsafe { _mm512_mask_compressstoreu_epi8(few.as_mut_ptr().cast(), below, bytes) };
                    few[..below.count_ones() as usize].iter().for_each(|&e| counts[usize::from(e)] += 1);
                }
            }
            for (i, found) in found.into_iter().enumerate() {
                let sums = _mm512_sad_epu8(found, _mm512_setzero_si512());
                if let Some(n) = counts.get_mut(usize::from(lowest) + i) {
                    *n += _mm512_reduce_add_epi64(sums) as u64;
                }
            }
            super::tables::<1>(rest, counts);
        }
    }

    /// Lanes with one bit set, added by carry-save adders: the way of the pass, by itself. For exponents within 32.
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,avx512bitalg,gfni")]
    pub fn bits(values: &[f32], counts: &mut [u64; 256]) {
        let index: [u8; 64] = std::array::from_fn(|i| (i % 16 * 4 + i / 16) as u8);
        // SAFETY: 64 bytes.
        let index = unsafe { _mm512_loadu_si512(index.as_ptr().cast()) };
        let positions = |v: __m512i| {
            let diagonal = _mm512_set1_epi64(0x8040_2010_0804_0201_u64 as i64);
            _mm512_popcnt_epi8(_mm512_gf2p8affine_epi64_epi8::<0>(diagonal, _mm512_permutexvar_epi8(index, v)))
        };
        let csa = |sum: &mut __m512i, a: __m512i, b: __m512i| {
            let carry = _mm512_ternarylogic_epi64::<0xe8>(*sum, a, b);
            *sum = _mm512_ternarylogic_epi64::<0x96>(*sum, a, b);
            carry
        };
        for block in values.chunks(4096) {
            let mut lowest = _mm512_set1_epi32(-1);
            let [mut ones, mut twos, mut fours, mut eights] = [_mm512_setzero_si512(); 4];
            let mut sixteens = _mm512_setzero_si512();
            let (groups, rest) = block.as_chunks::<256>();
            for group in groups {
                let mut next = group.as_chunks::<16>().0.iter().map(|v| {
                    // SAFETY: sixteen values.
                    let bits = unsafe { _mm512_loadu_si512(v.as_ptr().cast()) };
                    lowest = _mm512_min_epu32(lowest, _mm512_add_epi32(bits, bits));
                    _mm512_rolv_epi32(_mm512_set1_epi32(1), _mm512_srli_epi32::<23>(bits))
                });
                let mut next = || next.next().unwrap_or(_mm512_setzero_si512());
                let mut eight = [_mm512_setzero_si512(); 2];
                for eight in &mut eight {
                    let mut four = [_mm512_setzero_si512(); 2];
                    for four in &mut four {
                        let (a, b) = (next(), next());
                        let two = csa(&mut ones, a, b);
                        let (a, b) = (next(), next());
                        let other = csa(&mut ones, a, b);
                        *four = csa(&mut twos, two, other);
                    }
                    *eight = csa(&mut fours, four[0], four[1]);
                }
                let sixteen = csa(&mut eights, eight[0], eight[1]);
                sixteens = _mm512_add_epi8(sixteens, positions(sixteen));
            }
            let lowest = (_mm512_reduce_min_epu32(lowest) >> 24) as usize;
            let of = [positions(ones), positions(twos), positions(fours), positions(eights), sixteens];
            for (weight, bytes) in of.into_iter().enumerate() {
                let mut array = [0u8; 64];
                // SAFETY: 64 bytes.
                unsafe { _mm512_storeu_si512(array.as_mut_ptr().cast(), bytes) };
                for (i, n) in array.into_iter().enumerate() {
                    let residue = i / 16 * 8 + i % 8;
                    let field = lowest + (residue + 32 - lowest % 32) % 32;
                    if let Some(count) = counts.get_mut(field) {
                        *count += u64::from(n) << weight;
                    }
                }
            }
            super::tables::<1>(rest, counts);
        }
    }
}
