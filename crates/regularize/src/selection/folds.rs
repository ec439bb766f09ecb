use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::error::Error;

/// Which rows are held out together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    of: Vec<u32>,
    count: usize,
}

impl Folds {
    /// `count` folds of equal size, give or take one row, at random.
    ///
    /// # Errors
    /// Fewer than two folds, or fewer rows than folds.
    pub fn random(rows: usize, count: usize, seed: u64) -> Result<Self, Error> {
        Self::stratified(&vec![0; rows], count, seed)
    }

    /// The same, where every class of rows is spread evenly over the folds: none lacks a class unless the class has fewer rows than there are
    /// folds.
    ///
    /// # Errors
    /// Fewer than two folds, or fewer rows than folds.
    pub fn stratified(classes: &[u32], count: usize, seed: u64) -> Result<Self, Error> {
        if count < 2 || classes.len() < count {
            return Err(Error::Folds { folds: count, rows: classes.len() });
        }
        let mut rows: Vec<usize> = (0..classes.len()).collect();
        rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        // Sorted by class, rows are dealt like cards: the next class goes on where the last one stopped.
        rows.sort_by_key(|&row| classes[row]);
        let mut of = vec![0; classes.len()];
        for (turn, row) in rows.into_iter().enumerate() {
            of[row] = (turn % count) as u32;
        }
        Ok(Self { of, count })
    }

    /// The same from [`PermutedBlocks`]: as rows that are streamed are dealt.
    ///
    /// # Errors
    /// Fewer than two folds, or fewer rows than folds.
    pub fn permuted_blocks(rows: usize, count: usize, seed: u64) -> Result<Self, Error> {
        if count < 2 || rows < count {
            return Err(Error::Folds { folds: count, rows });
        }
        Ok(Self { of: PermutedBlocks::new(count, seed).take(rows).collect(), count })
    }

    /// The fold of each row, counted from 0.
    ///
    /// # Errors
    /// Fewer than two folds, or one without a row.
    pub fn given(of: Vec<u32>) -> Result<Self, Error> {
        let count = of.iter().max().map_or(0, |&last| last as usize + 1);
        let mut seen = vec![false; count];
        of.iter().for_each(|&fold| seen[fold as usize] = true);
        if count < 2 || seen.contains(&false) {
            return Err(Error::Folds { folds: count, rows: of.len() });
        }
        Ok(Self { of, count })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The fold of each row.
    pub fn of(&self) -> &[u32] {
        &self.of
    }

    /// The rows of a fold, ascending.
    pub fn rows(&self, fold: usize) -> Vec<usize> {
        (0..self.of.len()).filter(|&row| self.of[row] as usize == fold).collect()
    }
}

/// Deals rows to folds while they come, without end and without knowing how many there will be: of each `count` rows in a row every fold gets
/// one, in an order of their own.
#[derive(Clone, Debug)]
pub struct PermutedBlocks {
    block: Vec<u32>,
    at: usize,
    random: ChaCha8Rng,
}

impl PermutedBlocks {
    /// `count` folds.
    pub fn new(count: usize, seed: u64) -> Self {
        Self { block: (0..count as u32).collect(), at: count, random: ChaCha8Rng::seed_from_u64(seed) }
    }
}

impl Iterator for PermutedBlocks {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.at >= self.block.len() {
            self.block.shuffle(&mut self.random);
            self.at = 0;
        }
        self.at += 1;
        self.block.get(self.at - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_spread_evenly() {
        let classes: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
        let folds = Folds::stratified(&classes, 5, 7).unwrap();
        for fold in 0..5 {
            let rows = folds.rows(fold);
            assert_eq!(rows.len(), 20);
            assert_eq!(rows.iter().filter(|&&row| classes[row] == 1).count(), 2);
        }
        assert_ne!(folds, Folds::stratified(&classes, 5, 8).unwrap());
    }

    #[test]
    fn more_folds_than_rows_are_refused() {
        assert_eq!(Folds::random(3, 4, 0), Err(Error::Folds { folds: 4, rows: 3 }));
        assert_eq!(Folds::random(3, 1, 0), Err(Error::Folds { folds: 1, rows: 3 }));
        assert_eq!(Folds::given(vec![0, 2]), Err(Error::Folds { folds: 3, rows: 2 }));
    }

    #[test]
    fn permuted_blocks_give_every_fold_one_row_of_each_block_and_not_always_in_the_same_order() {
        let folds = Folds::permuted_blocks(43, 4, 1).unwrap();
        let blocks: Vec<Vec<u32>> = folds.of().chunks_exact(4).map(<[u32]>::to_vec).collect();
        for block in &blocks {
            let mut sorted = block.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3]);
        }
        assert!(blocks.iter().any(|block| *block != blocks[0]));
        assert_ne!(folds, Folds::permuted_blocks(43, 4, 2).unwrap());
        assert_eq!(Folds::permuted_blocks(3, 4, 1), Err(Error::Folds { folds: 4, rows: 3 }));
    }
}
