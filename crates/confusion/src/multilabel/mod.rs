//! Rows with any number of labels.

mod averages;
mod guard;

pub use averages::{Averaging, LabelScores};
pub use guard::{MultiLabelGuard, MultiLabelGuardReason};

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::{Confidence, Counts, Error, Estimate, Reason};

/// Counts of rows that may have several labels, or none: a two-by-two table for each label, and how many rows have how many labels.
/// Merging is exact and commutative.
///
/// Which label is taken for which is not defined where a row has several, so there is no matrix of labels against labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiLabelCounts {
    /// Of each label: rows that are given it wrongly, that lack it wrongly, that have and are given it.
    tables: Vec<[u64; 3]>,
    /// Rows by the numbers of labels that they have, are given, and have of those given: what averages over rows need, and how
    /// much the labels of a row depend on each other.
    shapes: HashMap<[usize; 3], u64, FixedState>,
    rows: u64,
}

/// A row that does not say of each label whether it applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row says of {given} labels whether they are {axis}; there are {labels}")]
pub struct LabelsError {
    /// `actual` or `predicted`.
    pub axis: &'static str,
    /// Labels spoken of.
    pub given: usize,
    /// Labels there are.
    pub labels: usize,
}

/// Rows in which a share of labels has nothing that it could be a share of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmptyRows {
    /// Rows that have no label, and so no recall.
    pub actual: u64,
    /// Rows that are given no label, and so have no precision.
    pub predicted: u64,
    /// Rows that are both, and have neither F1 nor Jaccard index.
    pub both: u64,
}

impl MultiLabelCounts {
    /// No rows yet, for so many labels.
    pub fn new(labels: usize) -> Self {
        Self { tables: vec![[0; 3]; labels], shapes: HashMap::default(), rows: 0 }
    }

    /// From now on with so many labels, where there were fewer: rows counted so far neither have the new ones nor are given them.
    pub fn grow(&mut self, labels: usize) {
        self.tables.resize(labels.max(self.tables.len()), [0; 3]);
    }

    /// Counts one row, given whether it has and whether it is given each label.
    ///
    /// # Errors
    /// [`LabelsError`]; nothing is counted then.
    pub fn update(&mut self, actual: &[bool], predicted: &[bool]) -> Result<(), LabelsError> {
        let labels = self.tables.len();
        for (axis, given) in [("actual", actual.len()), ("predicted", predicted.len())] {
            if given != labels {
                return Err(LabelsError { axis, given, labels });
            }
        }
        let mut shape = [0; 3];
        for ((table, &actual), &predicted) in self.tables.iter_mut().zip(actual).zip(predicted) {
            let cell = [predicted && !actual, actual && !predicted, actual && predicted];
            table.iter_mut().zip(cell).for_each(|(n, one)| *n += u64::from(one));
            shape[0] += usize::from(actual);
            shape[1] += usize::from(predicted);
            shape[2] += usize::from(actual && predicted);
        }
        self.add_row(shape);
        Ok(())
    }

    /// Counts one row, given the labels that it has and is given, each list ascending: in time that grows with these, not with all
    /// labels.
    ///
    /// # Errors
    /// [`Error::ClassOutOfRange`], [`Error::LabelsNotAscending`]; nothing is counted then.
    pub fn update_sets(&mut self, actual: &[usize], predicted: &[usize]) -> Result<(), Error> {
        for (axis, set) in [("actual", actual), ("predicted", predicted)] {
            if let Some(pair) = set.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(Error::LabelsNotAscending { axis, label: pair[1] });
            }
            if let Some(&index) = set.last().filter(|&&last| last >= self.tables.len()) {
                return Err(Error::ClassOutOfRange { axis, index, classes: self.tables.len() });
            }
        }
        let (mut hits, mut rest) = (0, predicted);
        for &label in actual {
            while let [first, others @ ..] = rest
                && *first < label
            {
                self.tables[*first][0] += 1;
                rest = others;
            }
            if rest.first() == Some(&label) {
                self.tables[label][2] += 1;
                hits += 1;
                rest = &rest[1..];
            } else {
                self.tables[label][1] += 1;
            }
        }
        rest.iter().for_each(|&label| self.tables[label][0] += 1);
        self.add_row([actual.len(), predicted.len(), hits]);
        Ok(())
    }

    /// Counts rows given by column: of each label, whether each row has it and is given it. The fastest way, since the inner loops run over
    /// neighbours in memory.
    ///
    /// # Errors
    /// [`Error::LabelCount`] where there is not a column for each label, [`Error::Lengths`]; nothing is counted then.
    pub fn update_columns<C: AsRef<[bool]>>(&mut self, actual: &[C], predicted: &[C]) -> Result<(), Error> {
        let expected = actual.first().map_or(0, |column| column.as_ref().len());
        for (axis, columns) in [("actual", actual), ("predicted", predicted)] {
            if columns.len() != self.tables.len() {
                return Err(Error::LabelCount { labels: columns.len(), classes: self.tables.len() });
            }
            if let Some(other) = columns.iter().map(|column| column.as_ref().len()).find(|&rows| rows != expected) {
                return Err(Error::Lengths { axis, found: other, expected });
            }
        }
        let mut shapes = vec![[0u32; 3]; expected];
        for (table, (actual, predicted)) in self.tables.iter_mut().zip(actual.iter().zip(predicted)) {
            let mut sums = [0u64; 3];
            for ((shape, &actual), &predicted) in shapes.iter_mut().zip(actual.as_ref()).zip(predicted.as_ref()) {
                let cell = [actual, predicted, actual & predicted].map(u32::from);
                for ((sum, n), one) in sums.iter_mut().zip(shape).zip(cell) {
                    *n += one;
                    *sum += u64::from(one);
                }
            }
            let [actual, predicted, hits] = sums;
            table.iter_mut().zip([predicted - hits, actual - hits, hits]).for_each(|(n, more)| *n += more);
        }
        for shape in shapes {
            self.add_row(shape.map(|n| n as usize));
        }
        Ok(())
    }

    fn add_row(&mut self, shape: [usize; 3]) {
        *self.shapes.entry(shape).or_default() += 1;
        self.rows += 1;
    }

    /// Adds what `other` has counted.
    ///
    /// # Errors
    /// [`Error::DifferentClasses`], [`Error::Overflow`]; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.tables.len() != other.tables.len() {
            return Err(Error::DifferentClasses { left: self.tables.len(), right: other.tables.len() });
        }
        self.add(other, |label| label)
    }

    /// Adds what `other` has counted under other indices: label `i` there is `label_of[i]` here.
    ///
    /// # Errors
    /// [`Error::LabelCount`] where there is not one index for each label, [`Error::ClassOutOfRange`], [`Error::SharedIndex`] where
    /// two labels would become one, [`Error::Overflow`]; nothing is added then.
    pub fn merge_relabelled(&mut self, other: &Self, label_of: &[usize]) -> Result<(), Error> {
        let classes = self.tables.len();
        if label_of.len() != other.tables.len() {
            return Err(Error::LabelCount { labels: label_of.len(), classes: other.tables.len() });
        }
        let mut taken = vec![false; classes];
        for &index in label_of {
            match taken.get_mut(index) {
                None => return Err(Error::ClassOutOfRange { axis: "merged", index, classes }),
                Some(true) => return Err(Error::SharedIndex { index }),
                Some(free) => *free = true,
            }
        }
        self.add(other, |label| label_of[label])
    }

    fn add(&mut self, other: &Self, label_of: impl Fn(usize) -> usize) -> Result<(), Error> {
        self.rows = self.rows.checked_add(other.rows).ok_or(Error::Overflow)?;
        for (label, table) in other.tables.iter().enumerate() {
            self.tables[label_of(label)].iter_mut().zip(table).for_each(|(n, other)| *n += other);
        }
        for (&shape, rows) in &other.shapes {
            *self.shapes.entry(shape).or_default() += rows;
        }
        Ok(())
    }

    /// The number of labels.
    pub fn labels(&self) -> usize {
        self.tables.len()
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The counts of one label: class 0 is not to have it, class 1 to have it.
    ///
    /// # Panics
    /// Where `label` is not below [`Self::labels`], as a slice does.
    pub fn label(&self, label: usize) -> Counts {
        let [fp, fn_, tp] = self.tables[label];
        let rows = [vec![self.rows - fp - fn_ - tp, fp], vec![fn_, tp]];
        Counts::from_rows(&rows).expect("its sum is the number of rows")
    }

    /// All labels' tables added up, as micro-averages have them.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn micro(&self) -> Result<Counts, Error> {
        let mut sum = Counts::new(2);
        for label in 0..self.labels() {
            sum.merge(&self.label(label))?;
        }
        Ok(sum)
    }

    /// What one label scores, with the intervals of proportions; that of F1 is that of the Jaccard index J, since F1 = 2J / (1 + J).
    ///
    /// # Panics
    /// Where `label` is not below [`Self::labels`], as a slice does.
    pub fn scores(&self, label: usize, confidence: Confidence) -> LabelScores {
        let [fp, fn_, tp] = self.tables[label].map(|n| n as f64);
        let share = |whole: f64, reason: Reason| {
            let reason = if self.rows == 0 { Reason::NoRows } else { reason };
            Estimate::proportion_by(confidence.method, confidence.level, tp, whole, reason)
        };
        let jaccard = share(tp + fp + fn_, Reason::NeitherOccursNorPredicted);
        LabelScores {
            precision: share(tp + fp, Reason::NeverPredicted),
            recall: share(tp + fn_, Reason::NeverOccurs),
            f1: jaccard.map_increasing(|j| 2.0 * j / (1.0 + j)),
            jaccard,
        }
    }

    /// Rows without a label, or without one that is predicted.
    pub fn empty_rows(&self) -> EmptyRows {
        let mut empty = EmptyRows::default();
        for (&[actual, predicted, _], rows) in &self.shapes {
            empty.actual += if actual == 0 { *rows } else { 0 };
            empty.predicted += if predicted == 0 { *rows } else { 0 };
            empty.both += if actual + predicted == 0 { *rows } else { 0 };
        }
        empty
    }

    /// `[actual, predicted]` labels of all rows together.
    pub fn label_totals(&self) -> [u128; 2] {
        [0, 1].map(|axis| self.shapes.iter().map(|(shape, rows)| shape[axis] as u128 * u128::from(*rows)).sum())
    }
}
