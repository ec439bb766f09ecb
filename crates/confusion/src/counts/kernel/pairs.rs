//! Counting pairs of integers.

use super::Cells;
use super::integer::Integer;
use super::sparse::{Sparse, joined_cells};
use super::table::{Indices, SMALL, Table};
use super::window::{Axis, Window, extent, joined};
use gradiometer_kernels::level::{self, Kernel, Level};

/// Rows of a block: indices and values stay in the first cache.
pub(super) const BLOCK: usize = 256;

/// Bits of the index into the largest table of pairs.
const LARGEST: u32 = 20;

/// Rows from one that is counted to those that are fetched meanwhile.
const DISTANCE: usize = 512;

/// Rows that are counted without a table before it is tried again; twice as many each time, up to the other.
const FIRST_STRETCH: usize = BLOCK;
const LONGEST_STRETCH: usize = 1 << 16;

/// Pairs of integers and how often each occurred.
///
/// Nothing has to be known of the values. As long as they lie close together there is a table of all pairs between the smallest and
/// the largest, which grows as it must; where it would have more than 2²⁰ cells, memory is by the pairs that occur.
pub struct Pairs<T> {
    window: Option<Window<T>>,
    table: Table,
    sparse: Sparse<T>,
    rows: usize,
    level: Option<Level>,
}

impl<T: Integer> Default for Pairs<T> {
    fn default() -> Self {
        Self { window: None, table: Table::new(), sparse: Sparse::default(), rows: 0, level: None }
    }
}

impl<T: Integer> Pairs<T> {
    /// Counts the pairs of two columns of equal length, on this thread.
    ///
    /// # Panics
    /// Where the lengths differ.
    pub fn count(&mut self, actual: &[T], predicted: &[T]) {
        assert_eq!(actual.len(), predicted.len(), "columns are of one length");
        self.rows = self.rows.saturating_add(actual.len());
        // A large table is worth its memory only where there are rows to fill it.
        let most = (self.rows.max(1).ilog2() + 2).clamp(SMALL, LARGEST);
        let (mut row, mut stretch) = (0, FIRST_STRETCH);
        while row < actual.len() {
            let (mut a, mut p) = (&actual[row..], &predicted[row..]);
            if let Some(window) = self.window {
                let mut counted = 0;
                let kernel = Counting {
                    actual: T::bits(a),
                    predicted: T::bits(p),
                    window: Window { actual: window.actual.as_bits(), predicted: window.predicted.as_bits() },
                    table: &mut self.table,
                    counted: &mut counted,
                };
                match self.level {
                    Some(level) => level::run_at(level, kernel),
                    None => level::run(kernel),
                }
                if counted > 0 {
                    stretch = FIRST_STRETCH;
                }
                row += counted;
                (a, p) = (&actual[row..], &predicted[row..]);
            }
            let block = BLOCK.min(a.len());
            if block == 0 {
                break;
            }
            if !self.widen(&a[..block], &p[..block], most) {
                let rows = stretch.min(a.len());
                self.sparse.count(&a[..rows], &p[..rows], self.level);
                row += rows;
                stretch = LONGEST_STRETCH.min(2 * stretch);
            }
        }
    }

    /// The pairs and their counts, each pair once, in the order of actual, then predicted values. Nothing is left counted.
    pub fn take(&mut self) -> Vec<(T, T, u64)> {
        self.rows = 0;
        let cells = self.cells();
        self.window = None;
        if self.sparse.is_empty() { cells } else { joined_cells(cells, self.sparse.take()) }
    }

    /// Those of the table.
    fn cells(&self) -> Cells<T> {
        let Some(window) = self.window else { return Vec::new() };
        self.table.map_cells(|index, rows| {
            let (actual, predicted) = window.pair(index);
            (actual, predicted, rows)
        })
    }

    /// Makes room in the table for the values of a block; says whether there is any, in no more than 2^`most` cells.
    fn widen(&mut self, actual: &[T], predicted: &[T], most: u32) -> bool {
        let ends = (extent(actual.iter().copied()), extent(predicted.iter().copied()));
        let axis = |ends: Option<(T, T)>, before| ends.and_then(|(low, high)| Axis::spanning(low, high, before, most));
        let window = |ends: (_, _), before: Option<Window<T>>| {
            let window = Window {
                actual: axis(ends.0, before.map(|window| window.actual))?,
                predicted: axis(ends.1, before.map(|window| window.predicted))?,
            };
            (window.bits() <= most).then_some(window)
        };
        // What the block alone needs says, most often, whether what all need is to be looked for.
        if window(ends, None).is_none() {
            return false;
        }
        let before = self.cells();
        let ends = (
            joined(ends.0, extent(before.iter().map(|cell| cell.0))),
            joined(ends.1, extent(before.iter().map(|cell| cell.1))),
        );
        let Some(window) = window(ends, self.window) else { return false };
        self.table.reset(window.bits());
        self.window = Some(window);
        for (actual, predicted, rows) in before {
            self.table.add(window.index(actual, predicted), rows);
        }
        true
    }
}

/// Counts block after block until one has a value outside the window.
struct Counting<'a, T> {
    actual: &'a [T],
    predicted: &'a [T],
    window: Window<T>,
    table: &'a mut Table,
    counted: &'a mut usize,
}

impl<T: Integer> Kernel for Counting<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { window, table, .. } = self;
        let (bases, shift) = ((window.actual.base, window.predicted.base), window.predicted.bits);
        let holds = |seen: (u64, u64)| window.actual.holds(seen.0) && window.predicted.holds(seen.1);
        let blocks = self.actual.chunks(BLOCK).zip(self.predicted.chunks(BLOCK));
        if window.bits() <= SMALL {
            let mut indices = Indices::<BLOCK>::new();
            for (actual, predicted) in blocks {
                let indices = &mut indices.rows[..actual.len()];
                if !holds(T::index(actual, predicted, bases, shift, indices)) {
                    return;
                }
                table.count(indices, |row| {
                    ahead(actual, row);
                    ahead(predicted, row);
                });
                *self.counted += actual.len();
            }
        } else {
            let mut indices = [0u32; BLOCK];
            for (actual, predicted) in blocks {
                let indices = &mut indices[..actual.len()];
                if !holds(T::index_wide(actual, predicted, bases, shift, indices)) {
                    return;
                }
                table.count_wide(indices, |row| {
                    ahead(actual, row);
                    ahead(predicted, row);
                });
                *self.counted += actual.len();
            }
        }
    }
}

/// Fetches the rows that come [`DISTANCE`] later. The hardware does so by itself only while nothing but the columns is read.
#[inline(always)]
pub(super) fn ahead<T>(block: &[T], row: usize) {
    #[cfg(target_arch = "x86_64")]
    if size_of::<T>() >= 4 {
        let at = block.as_ptr().wrapping_add(DISTANCE + row);
        // SAFETY: a prefetch reads nothing that the program sees, and faults nowhere.
        unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(at.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (block, row);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn brute<T: Integer>(actual: &[T], predicted: &[T]) -> Vec<(T, T, u64)> {
        let mut cells = BTreeMap::new();
        for pair in actual.iter().zip(predicted) {
            *cells.entry(pair).or_insert(0) += 1;
        }
        cells.into_iter().map(|((&a, &p), n)| (a, p, n)).collect()
    }

    /// At every level, in one call and in parts.
    fn check<T: Integer>(values: &[(i128, i128)], at: usize) {
        let (actual, predicted): (Vec<T>, Vec<T>) = values.iter().map(|&(a, p)| (T::of(a), T::of(p))).unzip();
        let expected = brute(&actual, &predicted);
        for level in level::levels() {
            let at = at.min(values.len());
            for parts in [[0..0, 0..values.len()], [0..at, at..values.len()]] {
                let mut pairs = Pairs { level: Some(level), ..Pairs::default() };
                for part in parts {
                    pairs.count(&actual[part.clone()], &predicted[part]);
                }
                assert_eq!(pairs.take(), expected, "{level:?}");
                assert_eq!(pairs.take(), []);
            }
        }
    }

    fn check_all(values: &[(i128, i128)], at: usize) {
        check::<i8>(values, at);
        check::<u8>(values, at);
        check::<i16>(values, at);
        check::<u16>(values, at);
        check::<i32>(values, at);
        check::<u32>(values, at);
        check::<i64>(values, at);
        check::<u64>(values, at);
    }

    /// Values in a narrow range, now and then wider ones: the window moves, grows, and is given up.
    fn value() -> impl Strategy<Value = i128> {
        prop_oneof![
            20 => 0..4i128,
            4 => -200..300i128,
            1 => -5000..5000i128,
            1 => any::<i64>().prop_map(i128::from),
            1 => Just(i128::from(i64::MIN)),
            1 => Just(i128::from(u64::MAX)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_type_and_level_counts_what_is_there(values in prop::collection::vec((value(), value()), 0..200), at in 0usize..200) {
            check_all(&values, at);
        }

        #[test]
        fn values_beyond_the_window_come_after_whole_blocks(
            narrow in 1i128..40, late in value(), blocks in 1usize..4, more in 0usize..70, at in 0usize..2000,
        ) {
            let mut values: Vec<_> = (0..(BLOCK * blocks + more) as i128).map(|i| (i * i % narrow, i % narrow)).collect();
            values.push((late, 1));
            values.extend((0..600).map(|i| (i % narrow + 100, i % narrow)));
            check_all(&values, at);
        }
    }

    #[test]
    fn a_window_up_to_the_largest_value_keeps_what_it_holds() {
        let rows = |p: i128, n| std::iter::repeat_n((0, p), n);
        for (low, high) in [(-122, 6), (-128, 127), (100, 127)] {
            let mut values: Vec<_> = rows(high, 1).chain(rows(low, BLOCK)).collect();
            // Opens the window anew for the other column.
            values.extend([(1, low), (3, high), (100, low)]);
            for at in [1, 2, BLOCK + 1, BLOCK + 2, BLOCK + 3] {
                check::<i8>(&values, at);
                check::<i16>(&values.iter().map(|&(a, p)| (a, p + 0x7f80)).collect::<Vec<_>>(), at);
            }
        }
    }

    #[test]
    fn a_thousand_classes_have_a_table_and_a_million_have_none() {
        for (classes, rows) in [(300, 100_000), (1000, 300_000), (1_000_000, 5000)] {
            let values: Vec<_> = (0..rows).map(|i: i128| (i * 7919 % classes, i * 104_729 % classes)).collect();
            check::<i64>(&values, 700);
            check::<u32>(&values, 700);
            let mut pairs = Pairs::default();
            let (actual, predicted): (Vec<i64>, Vec<i64>) = values.iter().map(|&(a, p)| (a as i64, p as i64)).unzip();
            pairs.count(&actual, &predicted);
            assert_eq!(pairs.window.is_some(), classes < 1_000_000);
            assert_eq!(pairs.sparse.is_empty(), classes < 1_000_000);
        }
    }

    #[test]
    fn classes_that_come_late_below_and_above_stay_in_the_table() {
        let middle = (0..1_000_000i128).map(|i| (10 + i * 7919 % 980, 10 + i * 104_729 % 980));
        let values: Vec<_> = middle.chain([(3, 999), (0, 5), (999, 0)]).collect();
        let (actual, predicted): (Vec<i64>, Vec<i64>) = values.iter().map(|&(a, p)| (a as i64, p as i64)).unzip();
        let mut pairs = Pairs::default();
        pairs.count(&actual, &predicted);
        assert_eq!(pairs.window.map(Window::bits), Some(20));
        assert!(pairs.sparse.is_empty());
        assert_eq!(pairs.take(), brute(&actual, &predicted));
    }
}
