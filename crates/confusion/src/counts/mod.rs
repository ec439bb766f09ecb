//! The accumulator. It knows class indices only; labels belong to [`crate::Matrix`].

mod errors;
pub mod kernel;
mod radix;
mod store;
mod weight;

pub use weight::Weights;

use crate::Error;
use store::Store;

/// Counts of (actual, predicted) pairs over `classes × classes` cells.
///
/// Counts are exact. Merging is commutative: the order in which parts are merged changes nothing. The sum of all cells fits in
/// `u64`, always. Up to 1024 classes all cells are stored, beyond that those that occur.
///
/// Where rows have weights, each cell has its [`Weights`] beside its number of rows; rows counted without have weight 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    classes: usize,
    rows: Store<u64>,
    weights: Option<Store<Weights>>,
    total: u64,
}

// The floats of weights are never NaN.
impl Eq for Counts {}

impl Counts {
    /// All zero, for classes `0..classes`.
    ///
    /// # Panics
    /// Where `classes` is more than `u32::MAX`.
    pub fn new(classes: usize) -> Self {
        assert!(u32::try_from(classes).is_ok(), "{classes} classes are more than {}", u32::MAX);
        Self { classes, rows: Store::new(classes), weights: None, total: 0 }
    }

    /// The same, where only cells that occur are stored: for few rows of many classes, as in one of many slices.
    ///
    /// # Panics
    /// As [`Self::new`].
    pub fn sparse(classes: usize) -> Self {
        assert!(u32::try_from(classes).is_ok(), "{classes} classes are more than {}", u32::MAX);
        Self { classes, rows: Store::sparse(classes), weights: None, total: 0 }
    }

    /// From rows of counts, one row for each actual class.
    ///
    /// # Errors
    /// [`Error::NotSquare`], and [`Error::Overflow`] where the sum passes `u64::MAX`.
    pub fn from_rows(rows: &[Vec<u64>]) -> Result<Self, Error> {
        let classes = rows.len();
        let mut counts = Self::new(classes);
        for (row, cells) in rows.iter().enumerate() {
            if cells.len() != classes {
                return Err(Error::NotSquare { row, length: cells.len(), classes });
            }
            for (column, &n) in cells.iter().enumerate().filter(|(_, n)| **n > 0) {
                counts.update_many(row, column, n)?;
            }
        }
        Ok(counts)
    }

    /// Counts one row of data.
    ///
    /// # Errors
    /// [`Error::ClassOutOfRange`] and [`Error::Overflow`]; nothing is counted then.
    pub fn update(&mut self, actual: usize, predicted: usize) -> Result<(), Error> {
        self.update_many(actual, predicted, 1)
    }

    /// Counts `rows` rows of data that are alike.
    ///
    /// # Errors
    /// [`Error::ClassOutOfRange`] and [`Error::Overflow`]; nothing is counted then.
    pub fn update_many(&mut self, actual: usize, predicted: usize, rows: u64) -> Result<(), Error> {
        self.check(actual, predicted)?;
        self.total = self.total.checked_add(rows).ok_or(Error::Overflow)?;
        self.add(actual, predicted, rows, Weights::ones(rows));
        Ok(())
    }

    /// Counts the rows of two columns of class indices, on this thread, at the speed of [`kernel`].
    ///
    /// # Errors
    /// [`Error::RowOutOfRange`] with the first row whose index is none, and [`Error::Overflow`]; nothing is counted then.
    ///
    /// # Panics
    /// Where the lengths differ.
    pub fn update_columns<T: kernel::Integer>(&mut self, actual: &[T], predicted: &[T]) -> Result<(), Error> {
        let mut pairs = kernel::Pairs::default();
        pairs.count(actual, predicted);
        let pairs = pairs.take();
        let classes = self.classes;
        let index = |value: T| usize::try_from(value.value()).ok().filter(|index| *index < classes);
        if pairs.iter().any(|&(a, p, _)| index(a).is_none() || index(p).is_none()) {
            for (row, (&a, &p)) in actual.iter().zip(predicted).enumerate() {
                for (axis, value) in [("actual", a), ("predicted", p)] {
                    if index(value).is_none() {
                        return Err(Error::RowOutOfRange { row, axis, index: value.value(), classes });
                    }
                }
            }
        }
        self.total = self.total.checked_add(actual.len() as u64).ok_or(Error::Overflow)?;
        self.add_cells(pairs.iter().filter_map(|&(a, p, rows)| Some((index(a)?, index(p)?, rows))));
        Ok(())
    }

    /// Counts the rows of many cells, (actual, predicted, rows), in any order; a cell may come more than once.
    ///
    /// With more than 1024 classes that is several times quicker than [`Self::update_many`] for each.
    ///
    /// # Errors
    /// [`Error::ClassOutOfRange`] and [`Error::Overflow`]; nothing is counted then.
    pub fn update_cells(&mut self, cells: &[(u32, u32, u64)]) -> Result<(), Error> {
        let mut total = Some(self.total);
        for &(actual, predicted, rows) in cells {
            self.check(actual as usize, predicted as usize)?;
            total = total.and_then(|total| total.checked_add(rows));
        }
        self.total = total.ok_or(Error::Overflow)?;
        let cells = cells.iter().map(|&(actual, predicted, rows)| (actual as usize, predicted as usize, rows));
        self.add_cells(cells);
        Ok(())
    }

    /// Counts one row of data with a weight.
    ///
    /// # Errors
    /// [`Error::ClassOutOfRange`], [`Error::Weight`] and [`Error::Overflow`]; nothing is counted then.
    pub fn update_weighted(&mut self, actual: usize, predicted: usize, weight: f64) -> Result<(), Error> {
        self.check(actual, predicted)?;
        let weights = Weights::of(weight)?;
        self.total = self.total.checked_add(1).ok_or(Error::Overflow)?;
        self.weigh();
        self.add(actual, predicted, 1, weights);
        Ok(())
    }

    /// Counts `rows` rows of one cell, whose weights have these sums.
    ///
    /// # Errors
    /// [`Error::ClassOutOfRange`] and [`Error::Overflow`]; nothing is counted then.
    pub fn update_sums(&mut self, actual: usize, predicted: usize, rows: u64, weights: Weights) -> Result<(), Error> {
        self.check(actual, predicted)?;
        self.total = self.total.checked_add(rows).ok_or(Error::Overflow)?;
        self.weigh();
        self.add(actual, predicted, rows, weights);
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
        self.add_all(other, |class| class);
        Ok(())
    }

    /// Adds what `other` has counted: class `i` there is `class_of[i]` here.
    ///
    /// # Errors
    /// [`Error::LabelCount`] where there is not one index for each class of `other`, [`Error::ClassOutOfRange`] and
    /// [`Error::Overflow`]; nothing is added then.
    pub fn merge_relabelled(&mut self, other: &Self, class_of: &[usize]) -> Result<(), Error> {
        if class_of.len() != other.classes {
            return Err(Error::LabelCount { labels: class_of.len(), classes: other.classes });
        }
        let mut checked = Ok(());
        other.rows.each(|actual, predicted, _| {
            if checked.is_ok() {
                checked = self.check(class_of[actual], class_of[predicted]);
            }
        });
        checked?;
        self.total = self.total.checked_add(other.total).ok_or(Error::Overflow)?;
        self.add_all(other, |class| class_of[class]);
        Ok(())
    }

    /// The rows of some cells alone.
    pub fn filtered(&self, keep: impl Fn(usize, usize) -> bool) -> Self {
        let mut counts = Self::new(self.classes);
        if self.is_weighted() {
            counts.weigh();
        }
        for (actual, predicted, rows) in self.nonzero().filter(|&(actual, predicted, _)| keep(actual, predicted)) {
            counts.add(actual, predicted, rows, self.weights(actual, predicted));
            counts.total += rows;
        }
        counts
    }

    /// The same rows under other class indices: class `i` here is `class_of[i]` of `0..classes` there. Classes that are given the
    /// same index become one.
    ///
    /// # Errors
    /// [`Error::LabelCount`] where there is not one index for each class, and [`Error::ClassOutOfRange`].
    pub fn relabelled(&self, class_of: &[usize], classes: usize) -> Result<Self, Error> {
        let mut counts = Self::new(classes);
        counts.merge_relabelled(self, class_of)?;
        Ok(counts)
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The count of one cell: its number of rows.
    ///
    /// # Panics
    /// Where an index is not below [`Self::classes`], as a slice does.
    pub fn get(&self, actual: usize, predicted: usize) -> u64 {
        self.rows.get(actual, predicted)
    }

    /// The counts of one actual class, by predicted class.
    ///
    /// # Panics
    /// Where `actual` is not below [`Self::classes`], as a slice does.
    pub fn row(&self, actual: usize) -> Vec<u64> {
        self.rows.row(actual)
    }

    /// (actual, predicted, count) of every cell that is not zero, in the order of actual, then predicted classes.
    pub fn nonzero(&self) -> impl Iterator<Item = (usize, usize, u64)> + '_ {
        self.rows.nonzero()
    }

    /// Whether all cells are stored, which is so for up to 1024 classes.
    pub fn is_dense(&self) -> bool {
        self.rows.is_dense()
    }

    /// Whether any row came with a weight.
    pub fn is_weighted(&self) -> bool {
        self.weights.is_some()
    }

    /// `Σw` and `Σw²` of one cell.
    ///
    /// # Panics
    /// Where an index is not below [`Self::classes`], as a slice does.
    pub fn weights(&self, actual: usize, predicted: usize) -> Weights {
        match &self.weights {
            Some(weights) => weights.get(actual, predicted),
            None => Weights::ones(self.get(actual, predicted)),
        }
    }

    /// `Σw` and `Σw²` of all rows.
    pub fn total_weights(&self) -> Weights {
        match &self.weights {
            Some(weights) => weights.nonzero().fold(Weights::default(), |sum, (.., cell)| sum.plus(cell)),
            None => Weights::ones(self.total),
        }
    }

    /// The sum of all cells.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How often each class occurred: the sums of the rows.
    pub fn actual_totals(&self) -> Vec<u64> {
        let mut sums = vec![0; self.classes];
        self.rows.each(|actual, _, rows| sums[actual] += rows);
        sums
    }

    /// How often each class was predicted: the sums of the columns.
    pub fn predicted_totals(&self) -> Vec<u64> {
        let mut sums = vec![0; self.classes];
        self.rows.each(|_, predicted, rows| sums[predicted] += rows);
        sums
    }

    /// The number of rows predicted right: the sum of the diagonal.
    pub fn correct(&self) -> u64 {
        (0..self.classes).map(|i| self.get(i, i)).sum()
    }

    /// Gives cells their sums of weights as they were written; those that are not named have none.
    pub(crate) fn set_weights(&mut self, weights: Vec<(usize, usize, f64, f64)>) -> Result<(), Error> {
        let mut store = Store::new(self.classes);
        for (actual, predicted, sum, squares) in weights {
            self.check(actual, predicted)?;
            *store.entry(actual, predicted) = Weights::from_sums(sum, squares)?;
        }
        self.weights = Some(store);
        Ok(())
    }

    fn check(&self, actual: usize, predicted: usize) -> Result<(), Error> {
        let classes = self.classes;
        for (axis, index) in [("actual", actual), ("predicted", predicted)] {
            if index >= classes {
                return Err(Error::ClassOutOfRange { axis, index, classes });
            }
        }
        Ok(())
    }

    /// Adds all cells; the total already has their rows, and their classes are in range.
    fn add_all(&mut self, other: &Self, class_of: impl Fn(usize) -> usize) {
        if other.is_weighted() {
            self.weigh();
        }
        match (&mut self.weights, &other.weights) {
            (Some(weights), Some(other)) => weights.add_store(other, &class_of, |cell| cell, Weights::plus),
            (Some(weights), None) => weights.add_store(&other.rows, &class_of, Weights::ones, Weights::plus),
            (None, _) => {}
        }
        self.rows.add_store(&other.rows, class_of, |rows| rows, |a, b| a + b);
    }

    /// Adds rows of weight 1 to cells; the total already has them, and their classes are in range.
    fn add_cells(&mut self, cells: impl Iterator<Item = (usize, usize, u64)> + Clone) {
        if let Some(weights) = &mut self.weights {
            weights.add_all(cells.clone().map(|(a, p, rows)| (a, p, Weights::ones(rows))), Weights::plus);
        }
        self.rows.add_all(cells, |a, b| a + b);
    }

    /// Adds to a cell; the total already has the rows, and so no cell overflows.
    fn add(&mut self, actual: usize, predicted: usize, rows: u64, weights: Weights) {
        *self.rows.entry(actual, predicted) += rows;
        if let Some(store) = &mut self.weights {
            let cell = store.entry(actual, predicted);
            *cell = cell.plus(weights);
        }
    }

    /// From now on with weights: those counted so far have weight 1.
    fn weigh(&mut self) {
        if self.weights.is_none() {
            let mut weights = self.rows.zeros(self.classes);
            for (actual, predicted, rows) in self.rows.nonzero() {
                *weights.entry(actual, predicted) = Weights::ones(rows);
            }
            self.weights = Some(weights);
        }
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
        assert_eq!(full.update_weighted(0, 0, 1.0), Err(Error::Overflow));
        assert_eq!(full, before);
        assert_eq!(Counts::from_rows(&[vec![u64::MAX, 1], vec![0, 0]]), Err(Error::Overflow));
    }

    #[test]
    fn a_ragged_matrix_is_refused_with_its_row() {
        assert_eq!(Counts::from_rows(&[vec![1, 2], vec![3]]), Err(Error::NotSquare { row: 1, length: 1, classes: 2 }));
    }
}
