//! Cells beside the diagonal of a matrix of many classes: those that occur.

use super::radix;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Cells that come together are put in order where they are at least this part of those that are in order: moving these is quicker then
/// than looking up each.
const PART: usize = 8;

/// A cell's key: actual class, then predicted.
pub(super) fn key(actual: usize, predicted: usize) -> u64 {
    (actual as u64) << 32 | predicted as u64
}

/// The classes of a key.
pub(super) fn classes_of(key: u64) -> (usize, usize) {
    ((key >> 32) as usize, (key & u64::from(u32::MAX)) as usize)
}

/// Values by key, each key in one of two places.
#[derive(Clone, Debug)]
pub(super) struct Errors<T> {
    /// In the order of keys.
    sorted: Vec<(u64, T)>,
    /// What came one by one.
    recent: HashMap<u64, T, FixedState>,
}

impl<T> Default for Errors<T> {
    fn default() -> Self {
        Self { sorted: Vec::new(), recent: HashMap::default() }
    }
}

impl<T: Copy + Default> Errors<T> {
    pub(super) fn get(&self, key: u64) -> T {
        match self.sorted.binary_search_by_key(&key, |cell| cell.0) {
            Ok(place) => self.sorted[place].1,
            Err(_) => self.recent.get(&key).copied().unwrap_or_default(),
        }
    }

    #[inline]
    pub(super) fn entry(&mut self, key: u64) -> &mut T {
        match self.sorted.binary_search_by_key(&key, |cell| cell.0) {
            Ok(place) => &mut self.sorted[place].1,
            Err(_) => self.recent.entry(key).or_default(),
        }
    }

    /// Key and value of each, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, T)> + '_ {
        self.sorted.iter().copied().chain(self.recent.iter().map(|(&key, &value)| (key, value)))
    }

    /// Adds to many, of which keys may come more than once. Classes are below 2^`bits`.
    pub(super) fn add_all(&mut self, mut new: Vec<(u64, T)>, bits: u32, plus: impl Fn(T, T) -> T) {
        if PART * (new.len() + self.recent.len()) < self.sorted.len() {
            for (key, value) in new {
                let cell = self.entry(key);
                *cell = plus(*cell, value);
            }
            return;
        }
        new.extend(self.recent.drain());
        if !new.is_sorted_by_key(|cell| cell.0) {
            radix::sort(&mut new, &mut Vec::new(), [(0, bits), (32, bits)], |cell| cell.0);
        }
        new.dedup_by(|next, first| {
            let same = next.0 == first.0;
            if same {
                first.1 = plus(first.1, next.1);
            }
            same
        });
        if self.sorted.is_empty() {
            self.sorted = new;
            return;
        }
        let mut merged = Vec::with_capacity(self.sorted.len() + new.len());
        let mut old = self.sorted.iter().copied().peekable();
        for (key, value) in new {
            merged.extend(std::iter::from_fn(|| old.next_if(|cell| cell.0 < key)));
            match old.next_if(|cell| cell.0 == key) {
                Some((_, before)) => merged.push((key, plus(before, value))),
                None => merged.push((key, value)),
            }
        }
        merged.extend(old);
        self.sorted = merged;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn cells_that_come_together_and_alone_are_the_same_cells(
            batches in prop::collection::vec((prop::collection::vec((0usize..60, 0usize..60, 1u64..9), 0..80), any::<bool>()), 0..12),
            many in prop::bool::weighted(0.2),
        ) {
            let (mut errors, mut expected) = (Errors::<u64>::default(), BTreeMap::new());
            // Enough that they are sorted by digits, and that few beside them are looked up.
            let large = if many { (0..3000).map(|i| (i * 7 % 60, i * 11 % 59, 1)).collect() } else { Vec::new() };
            for (batch, together) in batches.into_iter().chain([(large, true)]).rev() {
                let cells: Vec<_> = batch.iter().map(|&(a, p, n)| (key(a, p), n)).collect();
                for &(key, n) in &cells {
                    *expected.entry(key).or_insert(0) += n;
                    if !together {
                        *errors.entry(key) += n;
                    }
                }
                if together {
                    errors.add_all(cells, 6, |a, b| a + b);
                }
                prop_assert!(errors.sorted.is_sorted_by(|a, b| a.0 < b.0));
            }
            let mut cells: Vec<_> = errors.iter().collect();
            cells.sort_unstable();
            prop_assert_eq!(cells, expected.iter().map(|(&key, &n)| (key, n)).collect::<Vec<_>>());
            for (a, p) in [(0, 1), (59, 3), (7, 7)] {
                prop_assert_eq!(errors.get(key(a, p)), expected.get(&key(a, p)).copied().unwrap_or(0));
            }
        }
    }
}
