//! Random numbers that are the same for the same seed on every machine and with every version of this program: the
//! ChaCha8 stream, whose definition is fixed, and the few distributions that data and networks need, written out here because
//! libraries reserve the right to change theirs. Not for cryptography.

use std::f64::consts::TAU;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for. Streams of different purposes are independent at the same seed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// The rows of a generator.
    Rows = 1,
    /// Which row goes into which part.
    Split = 2,
    /// The order of the rows within an epoch.
    Order = 3,
    /// The first values of a parameter.
    Parameter = 4,
    /// What a dropout drops.
    Dropout = 5,
}

/// A stream of random numbers.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of this seed, purpose and index (of an epoch, say).
    pub fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&(purpose as u64).to_le_bytes());
        key[16..24].copy_from_slice(&index.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The stream of this seed and purpose for the thing with this name.
    pub fn named(seed: u64, purpose: Purpose, name: &str) -> Self {
        // FNV-1a, 64 bits (Fowler, Noll & Vo): a fixed function of the name, unlike the standard library's hasher.
        let index = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self::new(seed, purpose, index)
    }

    /// Uniform in [0, 1), in steps of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Normal with mean 0 and standard deviation 1 (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        // 1 − u is never 0, so the logarithm is finite.
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (TAU * self.uniform()).cos()
    }

    /// Uniform among 0 … n − 1, exactly (Lemire 2019).
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        loop {
            let product = u128::from(self.0.next_u64()) * u128::from(n);
            // The lowest 2⁶⁴ mod n products of each answer are refused, so that all answers have equally many.
            if product as u64 >= n.wrapping_neg() % n {
                return (product >> 64) as usize;
            }
        }
    }

    /// A uniformly random order (Fisher & Yates; Durstenfeld 1964).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The order in which an epoch visits `len` rows: a permutation of 0 … len − 1. It depends on the arguments alone, so
/// that a resumed training visits the rows as the uninterrupted one would have.
pub fn shuffled(seed: u64, epoch: u64, len: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..len).collect();
    Random::new(seed, Purpose::Order, epoch).shuffle(&mut order);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_permutation_that_seed_and_epoch_determine() {
        let order = shuffled(7, 3, 1000);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
        assert_eq!(order, shuffled(7, 3, 1000));
        assert_ne!(order, shuffled(7, 4, 1000));
        assert_ne!(order, shuffled(8, 3, 1000));
        assert_eq!(shuffled(7, 3, 0), Vec::<usize>::new());
    }

    #[test]
    fn an_order_stays_the_same_from_version_to_version() {
        assert_eq!(shuffled(1, 0, 8), PINNED);
    }

    /// Computed once by an independent implementation of the cipher: a change breaks the resumption of runs recorded earlier.
    const PINNED: [usize; 8] = [1, 6, 2, 3, 5, 7, 0, 4];

    #[test]
    fn every_order_of_three_is_as_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for epoch in 0..6000 {
            *counts.entry(shuffled(0, epoch, 3)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // Six standard deviations of a binomial count with n = 6000, p = 1/6.
        assert!(counts.values().all(|n: &i32| (n - 1000).abs() < 173), "{counts:?}");
    }

    #[test]
    fn the_moments_are_those_of_the_distributions() {
        let mut random = Random::new(0, Purpose::Rows, 0);
        let n = 100_000;
        let (mut uniform, mut normal, mut square) = (0.0, 0.0, 0.0);
        for _ in 0..n {
            uniform += random.uniform();
            let x = random.normal();
            normal += x;
            square += x * x;
        }
        let n = f64::from(n);
        assert!((uniform / n - 0.5).abs() < 0.005, "{}", uniform / n);
        assert!((normal / n).abs() < 0.015, "{}", normal / n);
        assert!((square / n - 1.0).abs() < 0.03, "{}", square / n);
    }
}
