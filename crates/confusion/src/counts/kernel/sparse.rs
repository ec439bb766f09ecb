//! Counting pairs of which there may be more than a table has cells.

use super::Cells;
use super::integer::Integer;
use super::pairs::{BLOCK, ahead};
use super::table::{LARGE, Table};
use super::window::{Axis, extent, joined};
use crate::counts::radix;
use foldhash::fast::FixedState;
use gradiometer_kernels::level::{self, Kernel, Level};
use std::collections::HashMap;

/// Keys that are kept before the first are sorted and counted: as many as stay in the second cache.
const LEAST_PENDING: usize = 1 << 15;

/// Pairs of values, in memory by how many different ones there are.
///
/// Most rows are right: pairs of equal values have a table, by value. The others are kept as they come, as keys of 64 bits, until
/// there are as many as different ones before; then they are sorted and counted. That is several times quicker than to look up each.
/// Where values lie too far apart for a table, a hash table has their pairs.
pub(super) struct Sparse<T> {
    /// The values of both columns that have keys: their distances from its base.
    axis: Option<Axis<T>>,
    equal: Table,
    unequal: Unequal,
    far: HashMap<(T, T), u64, FixedState>,
}

impl<T: Integer> Default for Sparse<T> {
    fn default() -> Self {
        Self { axis: None, equal: Table::new(), unequal: Unequal::default(), far: HashMap::default() }
    }
}

impl<T: Integer> Sparse<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.axis.is_none() && self.far.is_empty()
    }

    /// Counts the pairs of two columns of equal length.
    pub(super) fn count(&mut self, actual: &[T], predicted: &[T], level: Option<Level>) {
        let mut row = 0;
        while row < actual.len() {
            if let Some(axis) = self.axis {
                let mut counted = 0;
                let kernel = Splitting {
                    actual: T::bits(&actual[row..]),
                    predicted: T::bits(&predicted[row..]),
                    axis: axis.as_bits(),
                    equal: &mut self.equal,
                    unequal: &mut self.unequal,
                    counted: &mut counted,
                };
                match level {
                    Some(level) => level::run_at(level, kernel),
                    None => level::run(kernel),
                }
                row += counted;
                if self.unequal.is_full() {
                    self.unequal.compact(axis.bits);
                    continue;
                }
            }
            let block = BLOCK.min(actual.len() - row);
            let (a, p) = (&actual[row..row + block], &predicted[row..row + block]);
            if block > 0 && !self.widen(a, p) {
                for (&a, &p) in a.iter().zip(p) {
                    *self.far.entry((a, p)).or_default() += 1;
                }
                row += block;
            }
        }
    }

    /// Makes room for the values of a block; says whether there is any.
    fn widen(&mut self, actual: &[T], predicted: &[T]) -> bool {
        let new = extent(actual.iter().chain(predicted).copied());
        let (equal, old) = match self.axis {
            None => (Vec::new(), None),
            Some(axis) => {
                let equal = self.equal.cells();
                let ends = equal.first().zip(equal.last()).map(|(first, last)| (first.0 as u64, last.0 as u64));
                let distances = joined(ends, self.unequal.extent());
                (equal, distances.map(|(low, high)| (T::at(axis.base, low), T::at(axis.base, high))))
            }
        };
        let Some((low, high)) = joined(new, old) else { return true };
        let Some(axis) = Axis::spanning(low, high, self.axis, LARGE) else { return false };
        let before = self.axis.replace(axis);
        let moved = before.map_or(0, |before| before.base.value() - axis.base.value()) as i64;
        self.equal.reset(axis.bits);
        for (index, rows) in equal {
            self.equal.add((index as i64 + moved) as usize, rows);
        }
        self.unequal.shift(moved);
        true
    }

    /// The pairs and their counts, in their order. Nothing is left counted.
    pub(super) fn take(&mut self) -> Cells<T> {
        let near = match self.axis.take() {
            None => Vec::new(),
            Some(axis) => {
                let equal = self.equal.cells();
                let unequal = self.unequal.take(axis.bits);
                let equal = equal.into_iter().map(|(index, rows)| (key(index as u64, index as u64), rows));
                let value = |distance| T::at(axis.base, distance);
                let mut cells = Vec::with_capacity(equal.len() + unequal.len());
                merge(equal, unequal.into_iter(), |(key, rows)| {
                    cells.push((value(key >> 32), value(key & u64::from(u32::MAX)), rows));
                });
                cells
            }
        };
        let mut far: Vec<_> = self.far.drain().map(|((a, p), rows)| (a, p, rows)).collect();
        far.sort_unstable();
        joined_cells(near, far)
    }
}

/// Both, which are in order; the counts of a pair that is in both are added.
pub(super) fn joined_cells<T: Integer>(a: Cells<T>, b: Cells<T>) -> Cells<T> {
    if a.is_empty() || b.is_empty() {
        return if a.is_empty() { b } else { a };
    }
    let mut cells = Vec::with_capacity(a.len() + b.len());
    let pairs = |cells: Cells<T>| cells.into_iter().map(|(a, p, rows)| ((a, p), rows));
    merge(pairs(a), pairs(b), |((a, p), rows)| cells.push((a, p, rows)));
    cells
}

/// Calls `then` with the cells of both, in order, each once.
fn merge<K: Ord>(a: impl Iterator<Item = (K, u64)>, b: impl Iterator<Item = (K, u64)>, mut then: impl FnMut((K, u64))) {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    loop {
        let first = match (a.peek(), b.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => return,
        };
        let next = match first {
            std::cmp::Ordering::Less => a.next(),
            std::cmp::Ordering::Greater => b.next(),
            std::cmp::Ordering::Equal => a.next().zip(b.next()).map(|((key, a), (_, b))| (key, a + b)),
        };
        next.into_iter().for_each(&mut then);
    }
}

fn key(actual: u64, predicted: u64) -> u64 {
    actual << 32 | predicted
}

/// Keys of pairs that are not equal, and how often each occurred.
struct Unequal {
    /// In the order of rows.
    pending: Vec<u64>,
    least_pending: usize,
    /// In the order of keys, each once.
    cells: Vec<(u64, u64)>,
    scratch: Vec<u64>,
}

impl Default for Unequal {
    fn default() -> Self {
        Self { pending: Vec::new(), least_pending: LEAST_PENDING, cells: Vec::new(), scratch: Vec::new() }
    }
}

impl Unequal {
    fn is_full(&self) -> bool {
        self.pending.len() >= self.cells.len().max(self.least_pending)
    }

    /// Adds the rows of a block of which the indices differ.
    #[inline(always)]
    fn extend(&mut self, actual: &[u32], predicted: &[u32]) {
        let mut keys = [0; BLOCK];
        let mut length = 0;
        for (&actual, &predicted) in actual.iter().zip(predicted) {
            // Written in any case, and kept where they differ: a branch would be mistaken at each wrong row.
            keys[length % BLOCK] = key(actual.into(), predicted.into());
            length += usize::from(actual != predicted);
        }
        self.pending.extend_from_slice(&keys[..length]);
    }

    /// Counts what is pending. Distances are below 2^`bits`.
    fn compact(&mut self, bits: u32) {
        radix::sort(&mut self.pending, &mut self.scratch, [(0, bits), (32, bits)], |key| *key);
        let before = std::mem::take(&mut self.cells);
        let runs = self.pending.chunk_by(|a, b| a == b).map(|run| (run[0], run.len() as u64));
        if before.is_empty() {
            self.cells.extend(runs);
        } else {
            self.cells.reserve(before.len() + self.pending.len());
            merge(before.into_iter(), runs, |cell| self.cells.push(cell));
        }
        self.pending.clear();
    }

    /// The smallest distance, and the largest.
    fn extent(&self) -> Option<(u64, u64)> {
        let keys = self.pending.iter().copied().chain(self.cells.iter().map(|cell| cell.0));
        extent(keys.flat_map(|key| [key >> 32, key & u64::from(u32::MAX)]))
    }

    /// Adds to all distances, none of which becomes negative.
    fn shift(&mut self, by: i64) {
        let by = by.wrapping_mul(1 << 32 | 1) as u64;
        let keys = self.pending.iter_mut().chain(self.cells.iter_mut().map(|cell| &mut cell.0));
        keys.for_each(|key| *key = key.wrapping_add(by));
    }

    fn take(&mut self, bits: u32) -> Vec<(u64, u64)> {
        self.compact(bits);
        std::mem::take(self).cells
    }
}

/// Counts block after block until one has a value that is not on the axis, or there are as many keys as shall be kept.
struct Splitting<'a, T> {
    actual: &'a [T],
    predicted: &'a [T],
    axis: Axis<T>,
    equal: &'a mut Table,
    unequal: &'a mut Unequal,
    counted: &'a mut usize,
}

impl<T: Integer> Kernel for Splitting<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { axis, equal, unequal, .. } = self;
        let mut indices = ([0; BLOCK], [0; BLOCK]);
        for (actual, predicted) in self.actual.chunks(BLOCK).zip(self.predicted.chunks(BLOCK)) {
            let (a, p) = (&mut indices.0[..actual.len()], &mut indices.1[..actual.len()]);
            let seen = T::distances(actual, axis.base, a) | T::distances(predicted, axis.base, p);
            if !axis.holds(seen) || unequal.is_full() {
                return;
            }
            for row in (0..actual.len()).step_by(8) {
                ahead(actual, row);
                ahead(predicted, row);
            }
            equal.count_equal(a, p);
            unequal.extend(a, p);
            *self.counted += actual.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// At every level, in parts, and with keys that are counted early and late.
    fn check<T: Integer>(values: &[(i128, i128)], part: usize) {
        let (actual, predicted): (Vec<T>, Vec<T>) = values.iter().map(|&(a, p)| (T::of(a), T::of(p))).unzip();
        let mut expected = BTreeMap::new();
        for (&a, &p) in actual.iter().zip(&predicted) {
            *expected.entry((a, p)).or_insert(0) += 1;
        }
        let expected: Vec<_> = expected.into_iter().map(|((a, p), rows)| (a, p, rows)).collect();
        for level in level::levels() {
            for least_pending in [1, 300, LEAST_PENDING] {
                let mut sparse = Sparse::default();
                sparse.unequal.least_pending = least_pending;
                for (actual, predicted) in actual.chunks(part).zip(predicted.chunks(part)) {
                    sparse.count(actual, predicted, Some(level));
                }
                assert_eq!(sparse.take(), expected, "{level:?}");
                assert!(sparse.is_empty() && sparse.take().is_empty());
            }
        }
    }

    /// Parts of a column: each of values around another place, in rising, falling and mixed order, most rows right.
    fn rows() -> impl Strategy<Value = Vec<(i128, i128)>> {
        let place = prop_oneof![
            8 => Just(0i128),
            4 => -3000..3000i128,
            2 => -3_000_000..3_000_000i128,
            1 => Just(i128::from(i64::MIN)),
            1 => Just(i128::from(i64::MAX)),
            1 => Just(i128::from(u64::MAX)),
        ];
        let part =
            (place, -2i128..3, 1i128..400, 2i128..9, 1i128..700).prop_map(|(place, step, spread, right, rows)| {
                (0..rows).map(move |row| {
                    let actual = place + step * row;
                    (actual, if row % right == 0 { place + row * 7919 % spread } else { actual })
                })
            });
        prop::collection::vec(part, 1..6).prop_map(|parts| parts.into_iter().flatten().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn any_values_are_counted_wherever_they_lie(values in rows(), part in 1usize..1500) {
            check::<i64>(&values, part);
            check::<u64>(&values, part);
            check::<i32>(&values, part);
            check::<u16>(&values, part);
            check::<i8>(&values, part);
        }
    }

    #[test]
    fn memory_is_by_what_occurs() {
        let mut sparse = Sparse::<i64>::default();
        let (actual, predicted): (Vec<_>, Vec<_>) =
            (0..1_000_000).map(|row| (row % 50_000, row * row % 50_000 % 7)).unzip();
        sparse.count(&actual, &predicted, None);
        assert!(sparse.far.is_empty());
        assert!(sparse.unequal.cells.len() <= 350_000, "{}", sparse.unequal.cells.len());
        assert!(sparse.unequal.pending.len() <= 350_000, "{}", sparse.unequal.pending.len());
        assert_eq!(sparse.take().iter().map(|cell| cell.2).sum::<u64>(), 1_000_000);
    }
}
