//! Rows with any number of labels.

use crate::{Counts, Error, Estimate, IntervalMethod, Level, Reason};

/// Counts of rows that may have several labels, or none: a two-by-two table for each label, and how many rows are right in all
/// labels. Merging is exact and commutative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiLabelCounts {
    /// Of each label: rows that neither have nor are given it, that are given it wrongly, that lack it wrongly, that have and are given it.
    tables: Vec<[u64; 4]>,
    rows: u64,
    exact: u64,
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

impl MultiLabelCounts {
    /// No rows yet, for so many labels.
    pub fn new(labels: usize) -> Self {
        Self { tables: vec![[0; 4]; labels], rows: 0, exact: 0 }
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
        for ((table, actual), predicted) in self.tables.iter_mut().zip(actual).zip(predicted) {
            table[2 * usize::from(*actual) + usize::from(*predicted)] += 1;
        }
        self.rows += 1;
        self.exact += u64::from(actual == predicted);
        Ok(())
    }

    /// Adds what `other` has counted.
    ///
    /// # Errors
    /// [`Error::DifferentClasses`]; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.tables.len() != other.tables.len() {
            return Err(Error::DifferentClasses { left: self.tables.len(), right: other.tables.len() });
        }
        self.rows = self.rows.checked_add(other.rows).ok_or(Error::Overflow)?;
        self.exact += other.exact;
        for (table, other) in self.tables.iter_mut().zip(&other.tables) {
            table.iter_mut().zip(other).for_each(|(n, other)| *n += other);
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
        two_by_two(self.tables[label]).expect("its sum is the number of rows")
    }

    /// All labels' tables added up, for micro-averages.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn micro(&self) -> Result<Counts, Error> {
        let mut sum = Counts::new(2);
        for table in &self.tables {
            sum.merge(&two_by_two(*table)?)?;
        }
        Ok(sum)
    }

    /// `2 TP / (2 TP + FP + FN)` of all labels' tables added up. Its rows are not independent of each other, so there is no interval.
    pub fn f1_micro(&self) -> Estimate {
        let sum = |cell: usize| self.tables.iter().map(|table| table[cell] as f64).sum::<f64>();
        let (wrong, hits) = (sum(1) + sum(2), 2.0 * sum(3));
        if wrong + hits == 0.0 {
            return Estimate::Undefined { reason: self.nothing() };
        }
        Estimate::exact(hits / (hits + wrong))
    }

    /// The mean of `2 TP / (2 TP + FP + FN)` over the labels that occur or are predicted.
    pub fn f1_macro(&self) -> Estimate {
        let f1 = |[_, fp, fn_, tp]: &[u64; 4]| {
            (fp + fn_ + tp > 0).then(|| 2.0 * *tp as f64 / (2.0 * *tp as f64 + (fp + fn_) as f64))
        };
        let known: Vec<f64> = self.tables.iter().filter_map(f1).collect();
        if known.is_empty() {
            return Estimate::Undefined { reason: self.nothing() };
        }
        Estimate::exact(known.iter().sum::<f64>() / known.len() as f64)
    }

    /// The share of rows right in all labels, with the Wilson interval.
    pub fn subset_accuracy(&self, level: Level) -> Estimate {
        Estimate::proportion_by(IntervalMethod::Wilson, level, self.exact as f64, self.rows as f64, Reason::NoRows)
    }

    /// The share of (row, label) that is wrong. The labels of a row are not independent of each other, so there is no interval.
    pub fn hamming_loss(&self) -> Estimate {
        let wrong: f64 = self.tables.iter().map(|[_, fp, fn_, _]| (*fp + *fn_) as f64).sum();
        let all = self.rows as f64 * self.tables.len() as f64;
        if all > 0.0 { Estimate::exact(wrong / all) } else { Estimate::Undefined { reason: Reason::NoRows } }
    }

    fn nothing(&self) -> Reason {
        if self.rows == 0 { Reason::NoRows } else { Reason::NeitherOccursNorPredicted }
    }
}

fn two_by_two([tn, fp, fn_, tp]: [u64; 4]) -> Result<Counts, Error> {
    Counts::from_rows(&[vec![tn, fp], vec![fn_, tp]])
}
