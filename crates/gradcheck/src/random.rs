//! Random signs and sizes: of cotangents and of directions.
//!
//! A number is made from the seed, the stream and its own index, so that a direction over ten million parameters needs
//! no memory, and its restriction to a part of them is the same direction.

/// ±(½ … 1½), uniformly. No entry is near zero, so that none goes unseen; no two are equal but by chance, so that two
/// equal errors do not cancel, as they do in half of all pairs of plain signs.
pub(crate) fn signed(seed: u64, stream: u64, index: usize) -> f64 {
    let bits = mix(mix(mix(seed).wrapping_add(stream)).wrapping_add(index as u64));
    let size = 0.5 + (bits >> 12) as f64 / (1u64 << 52) as f64;
    if bits & 1 == 0 || stream == POSITIVE { size } else { -size }
}

/// The stream of a direction whose components are all positive.
pub(crate) const POSITIVE: u64 = u64::MAX;

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014) with its increment.
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_even_and_sizes_stay_between_a_half_and_one_and_a_half() {
        let numbers: Vec<f64> = (0..10_000).map(|i| signed(7, 1, i)).collect();
        assert!(numbers.iter().all(|v| (0.5..1.5).contains(&v.abs())));
        let positive = numbers.iter().filter(|v| **v > 0.0).count();
        assert!((4_800..5_200).contains(&positive), "{positive}");
        assert!((numbers.iter().sum::<f64>() / 10_000.0).abs() < 0.05);
        assert_ne!(signed(7, 1, 0), signed(7, 2, 0));
    }
}
