//! The accumulator. It knows class indices only; labels belong to [`crate::Matrix`].

use crate::Error;

/// Counts of (actual, predicted) pairs over `classes × classes` cells, row-major, rows actual.
///
/// Merging is exact and commutative: the order in which parts are merged changes nothing. The sum of all cells fits
/// in `u64`, always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    classes: usize,
    cells: Vec<u64>,
    total: u64,
}

impl Counts {
    /// All zero, for classes `0..classes`.
    pub fn new(classes: usize) -> Self {
        Self { classes, cells: vec![0; classes * classes], total: 0 }
    }

    /// From rows of counts, one row for each actual class.
    ///
    /// # Errors
    /// [`Error::NotSquare`], and [`Error::Overflow`] where the sum passes `u64::MAX`.
    pub fn from_rows(rows: &[Vec<u64>]) -> Result<Self, Error> {
        let classes = rows.len();
        let mut counts = Self { classes, cells: Vec::with_capacity(classes * classes), total: 0 };
        for (row, cells) in rows.iter().enumerate() {
            if cells.len() != classes {
                return Err(Error::NotSquare { row, length: cells.len(), classes });
            }
            for &n in cells {
                counts.total = counts.total.checked_add(n).ok_or(Error::Overflow)?;
            }
            counts.cells.extend_from_slice(cells);
        }
        Ok(counts)
    }

    /// Counts one row of data.
    ///
    /// # Errors
    /// [`Error::ClassOutOfRange`]; nothing is counted then.
    pub fn update(&mut self, actual: usize, predicted: usize) -> Result<(), Error> {
        let classes = self.classes;
        for (axis, index) in [("actual", actual), ("predicted", predicted)] {
            if index >= classes {
                return Err(Error::ClassOutOfRange { axis, index, classes });
            }
        }
        self.total = self.total.checked_add(1).ok_or(Error::Overflow)?;
        self.cells[actual * classes + predicted] += 1;
        Ok(())
    }

    /// Adds what `other` has counted.
    ///
    /// # Errors
    /// [`Error::DifferentClasses`] and [`Error::Overflow`]; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.classes != other.classes {
            return Err(Error::DifferentClasses { left: self.classes, right: other.classes });
        }
        self.total = self.total.checked_add(other.total).ok_or(Error::Overflow)?;
        for (a, b) in self.cells.iter_mut().zip(&other.cells) {
            *a += b;
        }
        Ok(())
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The count of one cell.
    ///
    /// # Panics
    /// Where an index is not below [`Self::classes`], as a slice does.
    pub fn get(&self, actual: usize, predicted: usize) -> u64 {
        self.row(actual)[predicted]
    }

    /// The counts of one actual class, by predicted class.
    ///
    /// # Panics
    /// Where `actual` is not below [`Self::classes`], as a slice does.
    pub fn row(&self, actual: usize) -> &[u64] {
        &self.cells[actual * self.classes..(actual + 1) * self.classes]
    }

    /// (actual, predicted, count) of every cell that is not zero, in the order of actual, then predicted classes.
    pub fn nonzero(&self) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
        (0..self.classes).flat_map(move |actual| {
            let row = self.row(actual).iter().enumerate();
            row.filter(|(_, n)| **n > 0).map(move |(predicted, &n)| (actual, predicted, n))
        })
    }

    /// The sum of all cells.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How often each class occurred: the sums of the rows.
    pub fn actual_totals(&self) -> Vec<u64> {
        (0..self.classes).map(|i| self.row(i).iter().sum()).collect()
    }

    /// How often each class was predicted: the sums of the columns.
    pub fn predicted_totals(&self) -> Vec<u64> {
        let mut sums = vec![0; self.classes];
        for i in 0..self.classes {
            for (sum, n) in sums.iter_mut().zip(self.row(i)) {
                *sum += n;
            }
        }
        sums
    }

    /// The number of rows predicted right: the sum of the diagonal.
    pub fn correct(&self) -> u64 {
        (0..self.classes).map(|i| self.get(i, i)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_out_of_range_is_named_with_its_axis_and_not_counted() {
        let mut counts = Counts::new(3);
        let error = counts.update(1, 3).unwrap_err();
        assert_eq!(error.to_string(), "predicted class 3 is out of range: the matrix has 3 classes, numbered from 0");
        assert_eq!(counts, Counts::new(3));
    }

    #[test]
    fn a_sum_beyond_u64_is_refused_and_changes_nothing() {
        let mut full = Counts::from_rows(&[vec![u64::MAX]]).unwrap();
        let before = full.clone();
        assert_eq!(full.merge(&Counts::from_rows(&[vec![1]]).unwrap()), Err(Error::Overflow));
        assert_eq!(full.update(0, 0), Err(Error::Overflow));
        assert_eq!(full, before);
        assert_eq!(Counts::from_rows(&[vec![u64::MAX, 1], vec![0, 0]]), Err(Error::Overflow));
    }

    #[test]
    fn a_ragged_matrix_is_refused_with_its_row() {
        assert_eq!(Counts::from_rows(&[vec![1, 2], vec![3]]), Err(Error::NotSquare { row: 1, length: 1, classes: 2 }));
    }
}
