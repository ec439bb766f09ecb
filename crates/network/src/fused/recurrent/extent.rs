//! The sizes of one pass over a batch of sequences, and how it is cut into chunks of rows.
//!
//! Sequences of a batch do not see each other, so a chunk of them goes through all time steps, forward or backward,
//! without waiting for another. Within a chunk all is stored step by step (`[step][row][…]`), chunk after chunk. The
//! cut depends on the batch alone and never on the number of threads: hence the same bits with any number of them.

use rayon::prelude::*;

/// Rows of a chunk at most. 16 rows use a weight matrix often enough to pay for reading it from the second-level cache,
/// and the smallest usual batch, 32, still occupies two cores.
const ROWS: usize = 16;

/// Passes with fewer recurrent multiplications than this stay on one thread: a tenth of a millisecond of work.
const PARALLEL: usize = 1 << 21;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub batch: usize,
    pub steps: usize,
    pub features: usize,
    pub units: usize,
    /// Gates of the cell: a row of gates has `gates·units` values.
    pub gates: usize,
}

impl Extent {
    /// Values in a row of gates.
    pub fn width(&self) -> usize {
        self.gates * self.units
    }

    /// Rows of all steps.
    pub fn rows(&self) -> usize {
        self.batch * self.steps
    }

    /// Whether the chunks are worth more than one thread.
    pub fn parallel(&self) -> bool {
        self.rows().saturating_mul(self.units).saturating_mul(self.width()) >= PARALLEL
    }

    /// The rows of each chunk, as even as can be.
    pub fn chunks(&self) -> Vec<usize> {
        let count = self.batch.div_ceil(ROWS).max(1);
        (0..count).map(|i| (i + 1) * self.batch / count - i * self.batch / count).collect()
    }

    /// `data` cut into chunks, with `per_row` values for each of a chunk's rows.
    pub fn cut<'a, T>(&self, mut data: &'a [T], per_row: usize) -> Vec<&'a [T]> {
        let take = |rows: usize| {
            let (head, tail) = data.split_at(rows * per_row);
            data = tail;
            head
        };
        self.chunks().into_iter().map(take).collect()
    }

    /// As [`Extent::cut`], mutable.
    pub fn cut_mut<'a, T>(&self, mut data: &'a mut [T], per_row: usize) -> Vec<&'a mut [T]> {
        let mut chunks = Vec::new();
        for rows in self.chunks() {
            let (head, tail) = data.split_at_mut(rows * per_row);
            chunks.push(head);
            data = tail;
        }
        chunks
    }

    /// What `work` makes of each item, in their order; on several threads where the chunks are worth it.
    pub fn each<I: Send, O: Send>(&self, items: Vec<I>, work: impl Fn(I) -> O + Sync + Send) -> Vec<O> {
        match self.parallel() && items.len() > 1 {
            true => items.into_par_iter().map(work).collect(),
            false => items.into_iter().map(work).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extent(batch: usize, steps: usize) -> Extent {
        Extent { batch, steps, features: 2, units: 3, gates: 1 }
    }

    #[test]
    fn chunks_hold_every_row_once_and_never_more_than_sixteen() {
        for batch in 1..200 {
            let chunks = extent(batch, 1).chunks();
            assert_eq!(chunks.iter().sum::<usize>(), batch);
            assert!(chunks.iter().all(|rows| (1..=16).contains(rows)));
            assert!(chunks.iter().max().unwrap() - chunks.iter().min().unwrap() <= 1);
        }
    }
}
