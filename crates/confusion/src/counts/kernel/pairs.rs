//! Counting pairs of integers.

use super::integer::Integer;
use super::table::{LARGE, SMALL, Table};
use foldhash::fast::FixedState;
use gradiometer_kernels::level::{self, Kernel, Level};
use std::collections::HashMap;

/// Rows of a block: indices and values stay in the first cache.
const BLOCK: usize = 256;

/// Rows from one that is counted to those that are fetched meanwhile.
const DISTANCE: usize = 512;

/// Pairs of integers and how often each occurred.
///
/// Nothing has to be known of the values. As long as they lie close together there is a table of all pairs between the smallest and
/// the largest, which grows as it must; where it would have more than 2²⁰ cells, the pairs that occur are kept in a hash table.
pub struct Pairs<T> {
    window: Option<Window<T>>,
    table: Table,
    equal: HashMap<T, u64, FixedState>,
    unequal: HashMap<(T, T), u64, FixedState>,
    level: Option<Level>,
}

/// The values that the table has cells for: `bits.0` bits of actual from `bases.0` on, likewise predicted.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window<T> {
    bases: (T, T),
    bits: (u32, u32),
}

impl<T: Integer> Window<T> {
    fn bits(self) -> u32 {
        self.bits.0 + self.bits.1
    }

    fn holds(self, seen: (u64, u64)) -> bool {
        let beyond = |seen: u64, bits: u32| seen.checked_shr(bits).unwrap_or(0) != 0;
        !beyond(seen.0, self.bits.0) && !beyond(seen.1, self.bits.1)
    }

    /// The smallest window that has this one and the values of a block; none where that has more than 2^`most` cells.
    fn widened(this: Option<Self>, actual: &[T], predicted: &[T], most: u32) -> Option<Self> {
        let axis = |values: &[T], old: Option<(T, u32)>| {
            let mut low = *values.iter().min()?;
            let mut high = *values.iter().max()?;
            if let Some((base, bits)) = old {
                let top = T::at(base, (1u64 << bits) - 1);
                low = low.min(base);
                // A window whose top lies beyond the largest value of the type may hold all values up to that.
                high = if top < base { T::MAX } else { high.max(top) };
            }
            let bits = 64 - high.distance(low).leading_zeros();
            (bits <= LARGE).then_some((low, bits))
        };
        let (low_actual, actual_bits) = axis(actual, this.map(|w| (w.bases.0, w.bits.0)))?;
        let (low_predicted, predicted_bits) = axis(predicted, this.map(|w| (w.bases.1, w.bits.1)))?;
        let window = Self { bases: (low_actual, low_predicted), bits: (actual_bits, predicted_bits) };
        (window.bits() <= most).then_some(window)
    }
}

impl<T: Integer> Default for Pairs<T> {
    fn default() -> Self {
        Self { window: None, table: Table::new(), equal: HashMap::default(), unequal: HashMap::default(), level: None }
    }
}

impl<T: Integer> Pairs<T> {
    /// Counts the pairs of two columns of equal length, on this thread.
    ///
    /// # Panics
    /// Where the lengths differ.
    pub fn count(&mut self, actual: &[T], predicted: &[T]) {
        assert_eq!(actual.len(), predicted.len(), "columns are of one length");
        // A large table is worth its memory only where there are rows to fill it.
        let most = (actual.len().max(1).ilog2() + 2).clamp(SMALL, LARGE);
        let mut row = 0;
        while row < actual.len() {
            let (mut a, mut p) = (&actual[row..], &predicted[row..]);
            if let Some(window) = self.window {
                let mut counted = 0;
                let base = |base: T| T::bits(&[base])[0];
                let window = Window { bases: (base(window.bases.0), base(window.bases.1)), bits: window.bits };
                let kernel = Counting {
                    actual: T::bits(a),
                    predicted: T::bits(p),
                    window,
                    table: &mut self.table,
                    counted: &mut counted,
                };
                match self.level {
                    Some(level) => level::run_at(level, kernel),
                    None => level::run(kernel),
                }
                row += counted;
                (a, p) = (&actual[row..], &predicted[row..]);
            }
            let block = BLOCK.min(a.len());
            if block == 0 {
                break;
            }
            match Window::widened(self.window, &a[..block], &p[..block], most) {
                Some(window) => self.open(window),
                None => {
                    self.hash(&a[..block], &p[..block]);
                    row += block;
                }
            }
        }
    }

    /// The pairs and their counts, each pair once, in no particular order. Nothing is left counted.
    pub fn take(&mut self) -> Vec<(T, T, u64)> {
        if self.equal.is_empty() && self.unequal.is_empty() {
            return self.drain();
        }
        self.close();
        let mut cells: Vec<_> = self.unequal.drain().map(|((a, p), n)| (a, p, n)).collect();
        cells.extend(self.equal.drain().map(|(a, n)| (a, a, n)));
        cells
    }

    /// The cells of the table, which is closed by this.
    fn drain(&mut self) -> Vec<(T, T, u64)> {
        let Some(window) = self.window.take() else { return Vec::new() };
        let sums = self.table.sums().iter().enumerate().filter(|(_, n)| **n > 0);
        sums.map(|(index, &n)| {
            let a = T::at(window.bases.0, index as u64 >> window.bits.1);
            let p = T::at(window.bases.1, index as u64 & ((1 << window.bits.1) - 1));
            (a, p, n)
        })
        .collect()
    }

    /// What the table holds goes to the hash tables, so that a pair is in one place only.
    fn close(&mut self) {
        for (a, p, n) in self.drain() {
            if a == p {
                *self.equal.entry(a).or_default() += n;
            } else {
                *self.unequal.entry((a, p)).or_default() += n;
            }
        }
    }

    /// Another window, which holds the one before.
    fn open(&mut self, window: Window<T>) {
        let before = self.drain();
        self.table.reset(window.bits());
        self.window = Some(window);
        for (a, p, n) in before {
            let (a, p) = (a.distance(window.bases.0), p.distance(window.bases.1));
            self.table.add((a << window.bits.1 | p) as usize, n);
        }
    }

    fn hash(&mut self, actual: &[T], predicted: &[T]) {
        for (&a, &p) in actual.iter().zip(predicted) {
            // Apart, since most rows are right: the table of these stays small.
            if a == p {
                *self.equal.entry(a).or_default() += 1;
            } else {
                *self.unequal.entry((a, p)).or_default() += 1;
            }
        }
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
        let blocks = self.actual.chunks(BLOCK).zip(self.predicted.chunks(BLOCK));
        if window.bits() <= SMALL {
            let mut indices = [0u16; BLOCK];
            for (actual, predicted) in blocks {
                let indices = &mut indices[..actual.len()];
                if !window.holds(T::index(actual, predicted, window.bases, window.bits.1, indices)) {
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
                if !window.holds(T::index_wide(actual, predicted, window.bases, window.bits.1, indices)) {
                    return;
                }
                table.count_wide(indices);
                *self.counted += actual.len();
            }
        }
    }
}

/// Fetches the rows that come [`DISTANCE`] later. The hardware does so by itself only while nothing but the columns is read.
#[inline(always)]
fn ahead<T>(block: &[T], row: usize) {
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
                let mut cells = pairs.take();
                cells.sort_unstable();
                assert_eq!(cells, expected, "{level:?}");
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
            assert_eq!(pairs.unequal.is_empty(), classes < 1_000_000);
        }
    }
}
