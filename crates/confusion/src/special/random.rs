//! Random numbers that are the same for a seed on every machine.

/// xoshiro256++ (Blackman and Vigna 2021, ACM Transactions on Mathematical Software 47).
#[derive(Clone, Debug)]
pub(crate) struct Random([u64; 4]);

impl Random {
    /// Stream `stream` of the seed. Each stream begins elsewhere, so that work may be split over threads in any way.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        // SplitMix64 spreads the seed over the state, as the generator's authors advise. The stream number is mixed before it is added,
        // or stream 1 of seed 0 would be stream 0 of the seed one step on.
        let mut state = seed ^ split_mix(&mut stream.wrapping_add(0x6a09_e667_f3bc_c909));
        Self(std::array::from_fn(|_| split_mix(&mut state)))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in (0, 1): never 0, whose logarithm callers take.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) * (1.0 / (1u64 << 53) as f64)
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first numbers of the authors' reference for the state 1, 2, 3, 4.
        let mut random = Random([1, 2, 3, 4]);
        let first: Vec<u64> = (0..4).map(|_| random.bits()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn streams_and_seeds_differ() {
        let first = |seed, stream| Random::new(seed, stream).bits();
        let all = [first(0, 0), first(0, 1), first(1, 0), first(1, 1), first(0, 2)];
        for (i, a) in all.iter().enumerate() {
            assert!(!all[i + 1..].contains(a), "{all:?}");
        }
    }
}
