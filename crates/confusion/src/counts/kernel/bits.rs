//! Counting pairs of truth values, 64 rows at a time.

use gradiometer_kernels::level::{self, Kernel};

/// A column of bits, the lowest of a byte first: Arrow's layout.
#[derive(Clone, Copy, Debug)]
pub struct Bitmap<'a> {
    bytes: &'a [u8],
    offset: usize,
    rows: usize,
}

impl<'a> Bitmap<'a> {
    /// `rows` bits of `bytes`, from bit `offset` on.
    ///
    /// # Panics
    /// Where there are not as many bits.
    pub fn new(bytes: &'a [u8], offset: usize, rows: usize) -> Self {
        let bits = bytes.len().saturating_mul(8);
        assert!(offset.checked_add(rows).is_some_and(|end| end <= bits), "{rows} bits from {offset} of {bits}");
        Self { bytes: &bytes[offset / 8..], offset: offset % 8, rows }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The bit of one row.
    ///
    /// # Panics
    /// Where there is no such row.
    pub fn get(&self, row: usize) -> bool {
        assert!(row < self.rows, "row {row} of {}", self.rows);
        let bit = self.offset + row;
        self.bytes[bit / 8] >> (bit % 8) & 1 == 1
    }

    /// `rows` of the rows, from `first` on.
    ///
    /// # Panics
    /// Where there are not as many.
    pub fn slice(&self, first: usize, rows: usize) -> Self {
        assert!(
            first.checked_add(rows).is_some_and(|end| end <= self.rows),
            "{rows} rows from {first} of {}",
            self.rows
        );
        Self::new(self.bytes, self.offset + first, rows)
    }

    /// The bits of rows `64 word ..`, of which all are there.
    #[inline(always)]
    fn word(&self, word: usize) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.bytes[8 * word..8 * word + 8]);
        let low = u64::from_le_bytes(bytes) >> self.offset;
        if self.offset == 0 { low } else { low | u64::from(self.bytes[8 * word + 8]) << (64 - self.offset) }
    }

    /// The bits of the rows behind the last full word, and zeros.
    fn rest(&self) -> u64 {
        (self.rows / 64 * 64..self.rows).fold(0, |word, row| word | u64::from(self.get(row)) << (row % 64))
    }

    /// The bits of rows `64 word ..`, with zeros behind the last row.
    pub(crate) fn word_or_rest(&self, word: usize) -> u64 {
        if 64 * (word + 1) <= self.rows { self.word(word) } else { self.rest() }
    }
}

/// How often each pair of truth values occurred, and how many rows had none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BitPairs {
    /// Both true.
    pub both: u64,
    /// Actual true, predicted false.
    pub actual_only: u64,
    /// Actual false, predicted true.
    pub predicted_only: u64,
    /// Both false.
    pub neither: u64,
    /// The value of actual is missing, that of predicted is there.
    pub missing_actual: u64,
    /// The value of predicted is missing, that of actual is there.
    pub missing_predicted: u64,
    /// Both values are missing.
    pub missing_both: u64,
}

impl BitPairs {
    /// Counts the pairs of two columns of equal length, on this thread. A bit of `valid` that is not set says that the value is missing.
    ///
    /// # Panics
    /// Where the lengths differ.
    pub fn of(actual: Bitmap, predicted: Bitmap, valid: (Option<Bitmap>, Option<Bitmap>)) -> Self {
        let rows = actual.rows;
        let lengths = [Some(predicted), valid.0, valid.1];
        assert!(lengths.iter().flatten().all(|bits| bits.rows == rows), "columns are of one length");
        let mut sums = [0; 6];
        level::run(Counting { actual, predicted, valid, sums: &mut sums });
        let [both, actual_true, predicted_true, valid, valid_actual, valid_predicted] = sums;
        Self {
            both,
            actual_only: actual_true - both,
            predicted_only: predicted_true - both,
            neither: valid + both - actual_true - predicted_true,
            missing_actual: valid_predicted - valid,
            missing_predicted: valid_actual - valid,
            missing_both: rows as u64 + valid - valid_actual - valid_predicted,
        }
    }

    /// (actual, predicted, count) of the four pairs.
    pub fn cells(&self) -> [(bool, bool, u64); 4] {
        [
            (true, true, self.both),
            (true, false, self.actual_only),
            (false, true, self.predicted_only),
            (false, false, self.neither),
        ]
    }
}

struct Counting<'a> {
    actual: Bitmap<'a>,
    predicted: Bitmap<'a>,
    valid: (Option<Bitmap<'a>>, Option<Bitmap<'a>>),
    /// Rows of which: both true; actual true; predicted true; both there; actual there; predicted there.
    sums: &'a mut [u64; 6],
}

impl Kernel for Counting<'_> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let Self { actual, predicted, valid, sums } = self;
        let rows = actual.rows;
        let (words, rest) = (rows / 64, rows % 64);
        match valid {
            (None, None) => {
                let mut counts = [0u64; 3];
                for word in 0..words {
                    let (a, p) = (actual.word(word), predicted.word(word));
                    counts[0] += u64::from((a & p).count_ones());
                    counts[1] += u64::from(a.count_ones());
                    counts[2] += u64::from(p.count_ones());
                }
                let counted = 64 * words as u64;
                *sums = [counts[0], counts[1], counts[2], counted, counted, counted];
            }
            (valid_a, valid_p) => {
                let word_of = |bits: Option<Bitmap>, word| bits.map_or(u64::MAX, |bits| bits.word(word));
                for word in 0..words {
                    add(
                        sums,
                        [actual.word(word), predicted.word(word), word_of(valid_a, word), word_of(valid_p, word)],
                    );
                }
            }
        }
        if rest > 0 {
            let there = (1 << rest) - 1;
            let rest_of = |bits: Option<Bitmap>| bits.map_or(there, |bits| bits.rest());
            add(sums, [actual.rest(), predicted.rest(), rest_of(valid.0), rest_of(valid.1)]);
        }
    }
}

#[inline(always)]
fn add(sums: &mut [u64; 6], [actual, predicted, valid_actual, valid_predicted]: [u64; 4]) {
    let both = valid_actual & valid_predicted;
    let (a, p) = (actual & both, predicted & both);
    for (sum, word) in sums.iter_mut().zip([a & p, a, p, both, valid_actual, valid_predicted]) {
        *sum += u64::from(word.count_ones());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn brute(actual: Bitmap, predicted: Bitmap, valid: (Option<Bitmap>, Option<Bitmap>)) -> BitPairs {
        let mut pairs = BitPairs::default();
        for row in 0..actual.rows() {
            let there = |bits: Option<Bitmap>| bits.is_none_or(|bits| bits.get(row));
            *match (there(valid.0), there(valid.1), actual.get(row), predicted.get(row)) {
                (true, true, true, true) => &mut pairs.both,
                (true, true, true, false) => &mut pairs.actual_only,
                (true, true, false, true) => &mut pairs.predicted_only,
                (true, true, false, false) => &mut pairs.neither,
                (false, true, ..) => &mut pairs.missing_actual,
                (true, false, ..) => &mut pairs.missing_predicted,
                (false, false, ..) => &mut pairs.missing_both,
            } += 1;
        }
        pairs
    }

    proptest! {
        #[test]
        fn any_length_and_offset_counts_what_is_there(
            bytes in prop::collection::vec(any::<[u8; 4]>(), 30),
            rows in 0usize..200, offsets in any::<[u8; 4]>(), nulls in any::<[bool; 2]>(),
        ) {
            let column = |i: usize| bytes.iter().map(|four| four[i]).collect::<Vec<u8>>();
            let columns = [column(0), column(1), column(2), column(3)];
            let bits = |i: usize| Bitmap::new(&columns[i], usize::from(offsets[i] % 40), rows);
            let valid = (nulls[0].then(|| bits(2)), nulls[1].then(|| bits(3)));
            let expected = brute(bits(0), bits(1), valid);
            prop_assert_eq!(BitPairs::of(bits(0), bits(1), valid), expected);
            for level in level::levels() {
                let mut sums = [0; 6];
                level::run_at(level, Counting { actual: bits(0), predicted: bits(1), valid, sums: &mut sums });
                prop_assert_eq!(sums[0], expected.both, "{:?}", level);
            }
            let words = (0..rows.div_ceil(64)).map(|word| u64::from(bits(0).word_or_rest(word).count_ones())).sum::<u64>();
            prop_assert_eq!(words, (0..rows).filter(|&row| bits(0).get(row)).count() as u64);
        }
    }
}
