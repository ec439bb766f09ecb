//! Sorting by the keys of pairs.

/// Fewer keys than this are not worth the counters of a digit.
const FEW: usize = 1 << 10;

/// Most bits of a digit: its counters and the lines that are written to stay in the first cache.
const DIGIT: u32 = 9;

/// Sorts items by keys of which only some bits differ: `fields` are (lowest bit, bits), the lowest first. From the lowest digit to the
/// highest, each time keeping the order of equal digits. `scratch` is memory that is used again.
pub(super) fn sort<V: Copy>(
    items: &mut Vec<V>,
    scratch: &mut Vec<V>,
    fields: [(u32, u32); 2],
    key: impl Fn(&V) -> u64,
) {
    if items.len() < FEW {
        items.sort_by_key(key);
        return;
    }
    scratch.resize(items.len(), items[0]);
    for (lowest, bits) in fields {
        let digits = bits.div_ceil(DIGIT);
        for digit in 0..digits {
            // Of equal size, so that no digit has many counters and another few.
            let (from, to) = (bits * digit / digits, bits * (digit + 1) / digits);
            by_digit(items, scratch, lowest + from, to - from, &key);
            std::mem::swap(items, scratch);
        }
    }
}

fn by_digit<V: Copy>(items: &[V], sorted: &mut [V], lowest: u32, bits: u32, key: impl Fn(&V) -> u64) {
    let digit = |item: &V| (key(item) >> lowest) as usize & ((1 << bits) - 1);
    let mut places = [0; 1 << DIGIT];
    for item in items {
        places[digit(item)] += 1;
    }
    let mut place = 0;
    for next in &mut places {
        place += std::mem::replace(next, place);
    }
    for item in items {
        let place = &mut places[digit(item)];
        sorted[*place] = *item;
        *place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn keys_are_sorted(seed in any::<u64>(), more in 0usize..3000, bits in 0u32..23) {
            let mut draw = seed;
            let mut field = || {
                draw = draw.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
                (draw >> 40) & ((1 << bits) - 1)
            };
            let mut keys: Vec<_> = (0..more).map(|_| field() << 32 | field()).collect();
            let mut expected = keys.clone();
            expected.sort_unstable();
            sort(&mut keys, &mut Vec::new(), [(0, bits), (32, bits)], |key| *key);
            prop_assert_eq!(keys, expected);
        }
    }
}
