//! From columns to counts.

use super::encode::{Encoder, FIRST_SPECIAL, MISSING, NAN, UNKNOWN};
use super::{Column, Excluded, Exclusion, Keys, Labels, Number, Values};
use crate::counts::kernel::{BitPairs, Bitmap, Integer, Pairs};
use crate::{Counts, Error, Matrix, Weights};
use rayon::prelude::*;

/// Rows that are encoded at a time: their classes stay in the first cache.
const BLOCK: usize = 1024;

/// Fewer rows than this are not worth a thread of their own.
const LEAST_ROWS: usize = 1 << 18;

/// Columns counted so far: labels, the count of each pair, and the rows that are in none.
///
/// A class that is only ever predicted, or never predicted, is a class. No row is lost: the rows read are those in the cells and
/// those excluded, each for one reason ([`Self::account`]).
///
/// ```
/// use gradiometer_confusion::{Tally, Values};
///
/// let mut tally = Tally::default();
/// tally.update(&Values::I64(&[7, 10, 7]).into(), &Values::F64(&[7.0, 7.0, f64::NAN]).into(), None)?;
/// let (matrix, excluded) = tally.finish()?;
/// assert_eq!(matrix.labels(), ["7", "10"]);
/// assert_eq!(matrix.counts().row(1), [1, 0]);
/// assert_eq!(excluded.total(), 1);
/// # Ok::<(), gradiometer_confusion::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tally {
    labels: Labels,
    /// Of at least as many classes as there are labels.
    counts: Counts,
    excluded: Excluded,
    rows: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { labels: Labels::default(), counts: Counts::new(8), excluded: Excluded::default(), rows: 0 }
    }
}

impl Tally {
    /// For the classes of a list alone, in that order, all of which are kept; rows with other labels are excluded.
    ///
    /// # Errors
    /// [`Error::DuplicateLabel`].
    pub fn with_labels(labels: Vec<String>) -> Result<Self, Error> {
        let counts = Counts::new(labels.len());
        Ok(Self { labels: Labels::closed(labels)?, counts, ..Self::default() })
    }

    /// Counts the rows of a batch, on all threads of the current pool.
    ///
    /// # Errors
    /// [`Error::Lengths`], [`Error::LabelKinds`], [`Error::LabelNotOfKind`], [`Error::DuplicateLabel`], [`Error::NestedDictionary`],
    /// [`Error::DictionaryKey`], [`Error::StringOffsets`], [`Error::NotUtf8`] and [`Error::Overflow`]. Nothing is counted then.
    pub fn update(&mut self, actual: &Column, predicted: &Column, weights: Option<Weighting>) -> Result<(), Error> {
        let rows = actual.rows();
        let lengths = [
            ("predicted", Some(predicted.rows())),
            ("weights", weights.map(|weights| weights.values.len())),
            ("the validity of actual", actual.valid.map(|valid| valid.rows())),
            ("the validity of predicted", predicted.valid.map(|valid| valid.rows())),
            ("the validity of weights", weights.and_then(|weights| weights.valid).map(|valid| valid.rows())),
        ];
        for (axis, found) in lengths {
            if let Some(found) = found.filter(|&found| found != rows) {
                return Err(Error::Lengths { axis, found, expected: rows });
            }
        }
        // No sum of rows can overflow from here on.
        self.rows.checked_add(rows as u64).ok_or(Error::Overflow)?;
        if rows <= LEAST_ROWS {
            return self.update_here(*actual, *predicted, weights);
        }
        let mut empty =
            Self { counts: Counts::new(self.counts.classes()), labels: self.labels.clone(), ..Self::default() };
        empty.labels.expect("actual", actual.kind())?;
        empty.labels.expect("predicted", predicted.kind())?;
        // More parts than threads, so that none waits long for the last one.
        let threads = rayon::current_num_threads();
        let parts = if threads == 1 { 1 } else { (rows / LEAST_ROWS).clamp(1, 4 * threads) };
        let part = |i: usize| {
            let (first, last) = (rows * i / parts, rows * (i + 1) / parts);
            let mut tally = empty.clone();
            let weights = weights.map(|weights| weights.slice(first, last - first));
            tally.count(actual.slice(first, last - first), predicted.slice(first, last - first), weights)?;
            Ok::<_, Error>(tally)
        };
        let counted = if parts == 1 {
            part(0)?
        } else {
            (0..parts).into_par_iter().map(part).try_reduce(|| empty.clone(), |mut a, b| a.absorb(b).map(|()| a))?
        };
        self.absorb(counted)
    }

    /// Counts a batch on this thread, without a copy of what was counted before.
    fn update_here(&mut self, actual: Column, predicted: Column, weights: Option<Weighting>) -> Result<(), Error> {
        let (labels, kind, rows, excluded) = (self.labels.len(), self.labels.kind, self.rows, self.excluded.clone());
        let counted = (self.labels.expect("actual", actual.kind()))
            .and_then(|()| self.labels.expect("predicted", predicted.kind()))
            .and_then(|()| self.count(actual, predicted, weights));
        if counted.is_err() {
            self.labels.truncate(labels, kind);
            (self.rows, self.excluded) = (rows, excluded);
        }
        counted
    }

    /// Adds what `other` has counted. The order of merging changes nothing in [`Self::finish`].
    ///
    /// # Errors
    /// [`Error::LabelKinds`], [`Error::DifferentLabels`] and [`Error::Overflow`]; nothing is counted then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let total = self.counts.total().checked_add(other.counts.total()).ok_or(Error::Overflow)?;
        let rows = self.rows.checked_add(other.rows).ok_or(Error::Overflow)?;
        debug_assert!(total <= rows);
        let mut labels = self.labels.clone();
        let classes = labels.merge(&other.labels)?;
        self.labels = labels;
        self.grow()?;
        let mut class_of: Vec<usize> = classes.into_iter().map(|class| class as usize).collect();
        // Those beyond the labels are empty.
        class_of.resize(other.counts.classes(), 0);
        self.counts.merge_relabelled(&other.counts, &class_of)?;
        other.excluded.iter().for_each(|(reason, rows)| self.excluded.add(reason, rows));
        self.rows = rows;
        Ok(())
    }

    /// The rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The rows that are in no cell.
    pub fn excluded(&self) -> &Excluded {
        &self.excluded
    }

    /// Checks that the rows in the cells and those excluded are the rows read.
    ///
    /// # Errors
    /// [`Error::RowsLost`].
    pub fn account(&self) -> Result<(), Error> {
        let (rows, counted, excluded) = (self.rows, self.counts.total(), self.excluded.total());
        if counted.checked_add(excluded) == Some(rows) {
            Ok(())
        } else {
            Err(Error::RowsLost { rows, counted, excluded })
        }
    }

    /// The matrix, with its labels in canonical order: as given where a list was given; by value where all are numbers, even as
    /// text; else by code point. And the rows that are not in it.
    ///
    /// # Errors
    /// [`Error::RowsLost`].
    pub fn finish(self) -> Result<(Matrix, Excluded), Error> {
        self.account()?;
        let order = self.labels.order();
        let mut class_of = vec![0; self.counts.classes()];
        for (place, &class) in order.iter().enumerate() {
            class_of[class as usize] = place;
        }
        let counts = self.counts.relabelled(&class_of, order.len())?;
        let labels = order.iter().map(|&class| self.labels.text[class as usize].clone()).collect();
        Ok((Matrix::new(labels, counts)?, self.excluded))
    }

    /// [`Self::merge`], which copies nothing where nothing was counted here yet.
    fn absorb(&mut self, other: Self) -> Result<(), Error> {
        if self.rows > 0 {
            return self.merge(&other);
        }
        self.labels.clone().merge(&other.labels)?;
        *self = other;
        Ok(())
    }

    /// Room for all labels.
    fn grow(&mut self) -> Result<(), Error> {
        let classes = self.counts.classes();
        if self.labels.len() > classes {
            let same: Vec<usize> = (0..classes).collect();
            self.counts = self.counts.relabelled(&same, (2 * classes).max(self.labels.len()))?;
        }
        Ok(())
    }

    /// Counts the rows of a batch on this thread. Cells are changed last, once nothing can go wrong any more: what else an error
    /// leaves behind, [`Self::update_here`] takes back.
    fn count(&mut self, actual: Column, predicted: Column, weights: Option<Weighting>) -> Result<(), Error> {
        self.rows += actual.rows() as u64;
        let valid = (actual.valid, predicted.valid);
        if let Some(weights) = weights {
            return self.encoded(actual, predicted, Some(weights));
        }
        macro_rules! integers {
            ($($values:ident),*) => {
                match (actual.values, predicted.values) {
                    $((Values::$values(a), Values::$values(p)) => return self.integers(a, p, valid),)*
                    _ => {}
                }
            };
        }
        macro_rules! keys {
            ($($keys:ident),*) => {
                match (actual.values, predicted.values) {
                    $((Values::Dictionary { keys: Keys::$keys(a), .. }, Values::Dictionary { keys: Keys::$keys(p), .. }) => {
                        return self.keys(a, p, (Encoder::new("actual", actual)?, Encoder::new("predicted", predicted)?), valid);
                    })*
                    _ => {}
                }
            };
        }
        integers!(I8, I16, I32, I64, U8, U16, U32, U64);
        keys!(U8, U16, U32);
        match (actual.values, predicted.values) {
            (Values::Booleans(a), Values::Booleans(p)) => self.booleans(a, p, valid),
            _ => self.encoded(actual, predicted, None),
        }
    }

    /// Two columns of one type of integers.
    fn integers<T: Integer>(&mut self, actual: &[T], predicted: &[T], valid: Valid) -> Result<(), Error> {
        let pairs = self.pairs(actual, predicted, valid);
        let mut class = |last: &mut Option<(T, u32)>, value: T| match *last {
            // The cells of a table come row by row.
            Some((before, class)) if before == value => class,
            _ => {
                let class = self.labels.number(Number::Whole(value.value())).unwrap_or(UNKNOWN);
                *last = Some((value, class));
                class
            }
        };
        let (mut last_actual, mut last_predicted) = (None, None);
        let cells: Vec<_> =
            pairs.into_iter().map(|(a, p, n)| (class(&mut last_actual, a), class(&mut last_predicted, p), n)).collect();
        self.add_all(cells)
    }

    /// Two columns of keys of dictionaries, which need not be the same.
    fn keys<T: Integer>(
        &mut self,
        actual: &[T],
        predicted: &[T],
        mut of: (Encoder, Encoder),
        valid: Valid,
    ) -> Result<(), Error> {
        let pairs = self.pairs(actual, predicted, valid).into_iter().map(|(a, p, rows)| {
            let a = of.0.class_of(a.value() as usize, &mut self.labels)?;
            let p = of.1.class_of(p.value() as usize, &mut self.labels)?;
            Ok((a, p, rows))
        });
        let classes: Vec<_> = pairs.collect::<Result<_, Error>>()?;
        self.add_all(classes)
    }

    fn booleans(&mut self, actual: Bitmap, predicted: Bitmap, valid: Valid) -> Result<(), Error> {
        let pairs = BitPairs::of(actual, predicted, valid);
        for (a, p, rows) in pairs.cells().into_iter().filter(|(.., rows)| *rows > 0) {
            let (a, p) = (self.labels.boolean(a).unwrap_or(UNKNOWN), self.labels.boolean(p).unwrap_or(UNKNOWN));
            self.add(a, p, rows)?;
        }
        self.excluded.add(Exclusion::MissingActual, pairs.missing_actual);
        self.excluded.add(Exclusion::MissingPredicted, pairs.missing_predicted);
        self.excluded.add(Exclusion::MissingBoth, pairs.missing_both);
        Ok(())
    }

    /// The pairs of the rows in which both values are there; the others are excluded.
    fn pairs<T: Integer>(&mut self, actual: &[T], predicted: &[T], valid: Valid) -> Vec<(T, T, u64)> {
        let mut pairs = Pairs::default();
        if let (None, None) = valid {
            pairs.count(actual, predicted);
            return pairs.take();
        }
        let mut there = ([T::ZERO; BLOCK], [T::ZERO; BLOCK]);
        let all = |rows: usize| if rows == 64 { u64::MAX } else { (1 << rows) - 1 };
        let mut filled = 0;
        for (word, (a, p)) in actual.chunks(64).zip(predicted.chunks(64)).enumerate() {
            let all = all(a.len());
            let bits = |valid: Option<Bitmap>| valid.map_or(all, |valid| valid.word_or_rest(word));
            let (valid_a, valid_p) = (bits(valid.0), bits(valid.1));
            let mut both = valid_a & valid_p;
            let ones = |bits: u64| u64::from(bits.count_ones());
            self.excluded.add(Exclusion::MissingActual, ones(valid_p & !valid_a));
            self.excluded.add(Exclusion::MissingPredicted, ones(valid_a & !valid_p));
            self.excluded.add(Exclusion::MissingBoth, ones(all & !(valid_a | valid_p)));
            if both == all {
                there.0[filled..filled + a.len()].copy_from_slice(a);
                there.1[filled..filled + a.len()].copy_from_slice(p);
                filled += a.len();
            } else {
                while both != 0 {
                    let row = both.trailing_zeros() as usize;
                    (there.0[filled], there.1[filled]) = (a[row], p[row]);
                    filled += 1;
                    both &= both - 1;
                }
            }
            if filled > BLOCK - 64 {
                pairs.count(&there.0[..filled], &there.1[..filled]);
                filled = 0;
            }
        }
        pairs.count(&there.0[..filled], &there.1[..filled]);
        pairs.take()
    }

    /// Any columns, by way of class indices for their rows.
    fn encoded(&mut self, actual: Column, predicted: Column, weights: Option<Weighting>) -> Result<(), Error> {
        let rows = actual.rows();
        let mut of = (Encoder::new("actual", actual)?, Encoder::new("predicted", predicted)?);
        if let Some(weights) = weights {
            let (mut actual, mut predicted) = (vec![0; rows], vec![0; rows]);
            of.0.encode(0, &mut actual, &mut self.labels)?;
            of.1.encode(0, &mut predicted, &mut self.labels)?;
            self.grow()?;
            let mut classes = actual.into_iter().zip(predicted).enumerate();
            return classes.try_for_each(|(row, (a, p))| self.weighted(a, p, weights.get(row)));
        }
        let (mut actual, mut predicted) = ([0; BLOCK], [0; BLOCK]);
        let mut pairs = Pairs::<u32>::default();
        for first in (0..rows).step_by(BLOCK) {
            let block = BLOCK.min(rows - first);
            let (a, p) = (&mut actual[..block], &mut predicted[..block]);
            of.0.encode(first, a, &mut self.labels)?;
            of.1.encode(first, p, &mut self.labels)?;
            // Rows without a class are taken out, so that the table of classes stays small.
            let mut filled = 0;
            if a.iter().chain(&*p).all(|&class| class < FIRST_SPECIAL) {
                filled = block;
            } else {
                for row in 0..block {
                    match excluded(a[row], p[row]) {
                        Some(reason) => self.excluded.add(reason, 1),
                        None => {
                            (a[filled], p[filled]) = (a[row], p[row]);
                            filled += 1;
                        }
                    }
                }
            }
            pairs.count(&a[..filled], &p[..filled]);
        }
        self.add_all(pairs.take())
    }

    fn weighted(&mut self, actual: u32, predicted: u32, weight: Option<f64>) -> Result<(), Error> {
        let reason = match (excluded(actual, predicted), weight) {
            (Some(reason), _) => reason,
            (None, None) => Exclusion::MissingWeight,
            (None, Some(weight)) => match Weights::of(weight) {
                Ok(_) => return self.counts.update_weighted(actual as usize, predicted as usize, weight),
                Err(_) => Exclusion::BadWeight,
            },
        };
        self.excluded.add(reason, 1);
        Ok(())
    }

    /// Counts the rows of pairs of classes, or excludes them.
    fn add_all(&mut self, mut cells: Vec<(u32, u32, u64)>) -> Result<(), Error> {
        cells.retain(|&(actual, predicted, rows)| match excluded(actual, predicted) {
            Some(reason) => {
                self.excluded.add(reason, rows);
                false
            }
            None => true,
        });
        self.grow()?;
        self.counts.update_cells(&cells)
    }

    /// Counts rows of one pair of classes, or excludes them.
    fn add(&mut self, actual: u32, predicted: u32, rows: u64) -> Result<(), Error> {
        match excluded(actual, predicted) {
            Some(reason) => {
                self.excluded.add(reason, rows);
                Ok(())
            }
            None => {
                self.grow()?;
                self.counts.update_many(actual as usize, predicted as usize, rows)
            }
        }
    }
}

type Valid<'a> = (Option<Bitmap<'a>>, Option<Bitmap<'a>>);

/// Why a pair is no pair of classes.
fn excluded(actual: u32, predicted: u32) -> Option<Exclusion> {
    match (actual, predicted) {
        (MISSING, MISSING) => Some(Exclusion::MissingBoth),
        (MISSING, _) => Some(Exclusion::MissingActual),
        (_, MISSING) => Some(Exclusion::MissingPredicted),
        (NAN, _) => Some(Exclusion::NanActual),
        (_, NAN) => Some(Exclusion::NanPredicted),
        (UNKNOWN, _) => Some(Exclusion::UnknownActual),
        (_, UNKNOWN) => Some(Exclusion::UnknownPredicted),
        _ => None,
    }
}

/// A column of weights.
#[derive(Clone, Copy, Debug)]
pub struct Weighting<'a> {
    /// One for each row.
    pub values: &'a [f64],
    /// A bit for each row, not set where the weight is missing; without it none is.
    pub valid: Option<Bitmap<'a>>,
}

impl<'a> Weighting<'a> {
    fn slice(&self, first: usize, rows: usize) -> Self {
        let valid = self.valid.map(|valid| valid.slice(first, rows));
        Self { values: &self.values[first..first + rows], valid }
    }

    fn get(&self, row: usize) -> Option<f64> {
        self.valid.is_none_or(|valid| valid.get(row)).then_some(self.values[row])
    }
}
