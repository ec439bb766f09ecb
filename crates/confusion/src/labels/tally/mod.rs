//! From columns to counts.

mod batch;
mod finish;
mod integers;

pub use finish::Tallied;

use super::{Column, Excluded, Labels, Weighting};
use crate::counts::kernel::Pairs;
use crate::{Counts, Error};
use batch::PART;
use integers::IntegerPairs;
use rayon::prelude::*;
use std::fmt;

/// Fewer rows than this are not worth a thread of their own.
const LEAST_ROWS: usize = 1 << 18;

/// Columns counted so far: labels, the count of each pair, and the rows that are in none.
///
/// A class that is only ever predicted, or never predicted, is a class. No row is lost: the rows read are those in the cells and
/// those excluded, each for one reason; [`Self::finish`] checks it.
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
pub struct Tally {
    labels: Labels,
    /// Of at least as many classes as there are labels.
    counts: Counts,
    excluded: Excluded,
    rows: u64,
    pending: Pending,
    scratch: Scratch,
}

/// Rows that are in no cell yet: their tables serve batch after batch.
#[derive(Default)]
struct Pending {
    integers: IntegerPairs,
    /// By class index.
    codes: Pairs<u32>,
}

/// Room that is used again for each batch.
#[derive(Default)]
struct Scratch {
    keys: IntegerPairs,
    actual: Vec<u32>,
    predicted: Vec<u32>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            labels: Labels::default(),
            counts: Counts::new(8),
            excluded: Excluded::default(),
            rows: 0,
            pending: Pending::default(),
            scratch: Scratch::default(),
        }
    }
}

impl fmt::Debug for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tally").field("rows", &self.rows).field("labels", &self.labels.text).finish_non_exhaustive()
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
        if rows <= PART {
            return self.update_here(*actual, *predicted, weights);
        }
        let mut labels = self.labels.clone();
        labels.expect("actual", actual.kind())?;
        labels.expect("predicted", predicted.kind())?;
        let empty = || Self { labels: labels.clone(), ..Self::default() };
        // As many parts as threads: of many classes each part has most of the cells, and they have to be put together.
        let parts = (rows / LEAST_ROWS).clamp(1, rayon::current_num_threads());
        let part = |i: usize| {
            let (first, last) = (rows * i / parts, rows * (i + 1) / parts);
            let mut tally = empty();
            let weights = weights.map(|weights| weights.slice(first, last - first));
            tally.count(actual.slice(first, last - first), predicted.slice(first, last - first), weights)?;
            Ok::<_, Error>(tally)
        };
        let counted: Vec<Self> = (0..parts).into_par_iter().with_max_len(1).map(part).collect::<Result<_, _>>()?;
        let mut parts = counted.into_iter();
        let mut sum = parts.next().unwrap_or_else(empty);
        parts.try_for_each(|part| sum.absorb(part))?;
        self.absorb(sum)
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

    /// The code of each row's label, a number by which [`Tallied::class_of`] knows its class, for what else is to be told of the row;
    /// [`NO_LABEL`](super::NO_LABEL) where it has none. Counts nothing.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn encode(&mut self, axis: &'static str, column: &Column, codes: &mut Vec<u32>) -> Result<(), Error> {
        self.labels.encode(axis, column, codes)
    }

    /// Adds what `other` has counted, and gives the code here of each code there. The order of merging changes nothing in
    /// [`Self::finish`].
    ///
    /// # Errors
    /// [`Error::LabelKinds`], [`Error::DifferentLabels`] and [`Error::Overflow`]; nothing is counted then.
    pub fn merge(&mut self, mut other: Self) -> Result<Vec<u32>, Error> {
        let rows = self.rows.checked_add(other.rows).ok_or(Error::Overflow)?;
        self.settle()?;
        other.settle()?;
        let mut labels = self.labels.clone();
        let codes = labels.merge(&other.labels)?;
        self.labels = labels;
        self.grow()?;
        let mut class_of: Vec<usize> = codes.iter().map(|&class| class as usize).collect();
        // Those beyond the labels are empty.
        class_of.resize(other.counts.classes(), 0);
        self.counts.merge_relabelled(&other.counts, &class_of)?;
        other.excluded.iter().for_each(|(reason, rows)| self.excluded.add(reason, rows));
        self.rows = rows;
        Ok(codes)
    }

    /// The labels by code, as far as codes were given: an integer that was only counted gets its own when all are.
    pub fn labels(&self) -> &[String] {
        self.labels.text()
    }

    /// The rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// [`Self::merge`], which copies nothing where nothing was counted here yet.
    fn absorb(&mut self, other: Self) -> Result<(), Error> {
        if self.rows > 0 {
            return self.merge(other).map(|_| ());
        }
        self.labels.clone().merge(&other.labels)?;
        *self = other;
        Ok(())
    }

    /// Puts all rows into cells.
    fn settle(&mut self) -> Result<(), Error> {
        if self.counts.total() + self.excluded.total() == self.rows {
            return Ok(());
        }
        let mut cells = self.pending.integers.take(&mut self.labels);
        cells.append(&mut self.pending.codes.take());
        self.add_all(cells)
    }

    /// Room for all labels.
    fn grow(&mut self) -> Result<(), Error> {
        let (classes, labels) = (self.counts.classes(), self.labels.len());
        if labels > classes {
            self.counts = if self.counts.total() == 0 {
                Counts::new(labels)
            } else {
                let same: Vec<usize> = (0..classes).collect();
                self.counts.relabelled(&same, (2 * classes).max(labels))?
            };
        }
        Ok(())
    }
}
