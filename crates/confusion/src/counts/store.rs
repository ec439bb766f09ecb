//! Where the cells are: all of them, or only those that occur.

use super::errors::{Errors, classes_of, key};

/// With more classes than this only cells that occur are stored. All cells of so many take 8 MiB, about as much as a hash table
/// of the cells that a large data set fills.
pub(super) const MOST_DENSE: usize = 1024;

/// One value for each pair of classes.
#[derive(Clone, Debug)]
pub(super) enum Store<T> {
    /// Row-major, rows actual.
    Dense { classes: usize, cells: Vec<T> },
    /// The diagonal, on which most rows fall, and what occurs beside it.
    Sparse { diagonal: Vec<T>, errors: Errors<T> },
}

impl<T: Copy + Default + PartialEq> Store<T> {
    pub(super) fn new(classes: usize) -> Self {
        if classes <= MOST_DENSE {
            Self::Dense { classes, cells: vec![T::default(); classes * classes] }
        } else {
            Self::sparse(classes)
        }
    }

    pub(super) fn sparse(classes: usize) -> Self {
        Self::Sparse { diagonal: vec![T::default(); classes], errors: Errors::default() }
    }

    /// All zero, and stored as this is.
    pub(super) fn zeros<U: Copy + Default + PartialEq>(&self, classes: usize) -> Store<U> {
        if self.is_dense() { Store::new(classes) } else { Store::sparse(classes) }
    }

    pub(super) fn is_dense(&self) -> bool {
        matches!(self, Self::Dense { .. })
    }

    pub(super) fn get(&self, actual: usize, predicted: usize) -> T {
        match self {
            Self::Dense { classes, cells } => cells[actual * classes..(actual + 1) * classes][predicted],
            Self::Sparse { diagonal, .. } if actual == predicted => diagonal[actual],
            Self::Sparse { diagonal, errors } => {
                assert!(actual < diagonal.len() && predicted < diagonal.len(), "class out of range");
                errors.get(key(actual, predicted))
            }
        }
    }

    /// The cell, to be changed; both classes are in range.
    #[inline]
    pub(super) fn entry(&mut self, actual: usize, predicted: usize) -> &mut T {
        match self {
            Self::Dense { classes, cells } => &mut cells[actual * *classes + predicted],
            Self::Sparse { diagonal, .. } if actual == predicted => &mut diagonal[actual],
            Self::Sparse { errors, .. } => errors.entry(key(actual, predicted)),
        }
    }

    /// The cells that are not zero, in the order of actual, then predicted classes.
    pub(super) fn nonzero(&self) -> Nonzero<'_, T> {
        match self {
            Self::Dense { classes, cells } => Nonzero::Dense { classes: *classes, cells: cells.iter().enumerate() },
            Self::Sparse { diagonal, errors } => {
                let on = diagonal.iter().enumerate().map(|(class, &value)| (key(class, class), value));
                let mut cells: Vec<_> = on.chain(errors.iter()).filter(|(_, value)| *value != T::default()).collect();
                // In its time this finds that most of it is in order already.
                cells.sort_by_key(|cell| cell.0);
                Nonzero::Sparse(cells.into_iter())
            }
        }
    }

    /// Calls `then` with the cells that are not zero, in any order.
    pub(super) fn each(&self, mut then: impl FnMut(usize, usize, T)) {
        match self {
            Self::Dense { classes, cells } => {
                for (actual, row) in cells.chunks_exact((*classes).max(1)).enumerate() {
                    for (predicted, &value) in row.iter().enumerate().filter(|(_, value)| **value != T::default()) {
                        then(actual, predicted, value);
                    }
                }
            }
            Self::Sparse { diagonal, errors } => {
                for (class, &value) in diagonal.iter().enumerate().filter(|(_, value)| **value != T::default()) {
                    then(class, class, value);
                }
                for (key, value) in errors.iter() {
                    let (actual, predicted) = classes_of(key);
                    then(actual, predicted, value);
                }
            }
        }
    }

    /// Adds to many cells; all classes are in range.
    pub(super) fn add_all(&mut self, cells: impl Iterator<Item = (usize, usize, T)>, plus: impl Fn(T, T) -> T) {
        let mut errors = Vec::new();
        cells.for_each(|(actual, predicted, value)| self.add(actual, predicted, value, &plus, &mut errors));
        self.add_errors(errors, plus);
    }

    /// Adds the cells of another: class `i` there is `class_of(i)` here, and a value there is `value` of it here.
    pub(super) fn add_store<U: Copy + Default + PartialEq>(
        &mut self,
        other: &Store<U>,
        class_of: impl Fn(usize) -> usize,
        value: impl Fn(U) -> T,
        plus: impl Fn(T, T) -> T,
    ) {
        let mut errors = Vec::new();
        other.each(|actual, predicted, cell| {
            self.add(class_of(actual), class_of(predicted), value(cell), &plus, &mut errors);
        });
        self.add_errors(errors, plus);
    }

    /// Adds to a cell that has a place, or to those that are to be added together.
    #[inline]
    fn add(&mut self, actual: usize, predicted: usize, value: T, plus: impl Fn(T, T) -> T, errors: &mut Vec<(u64, T)>) {
        let cell = match self {
            Self::Dense { classes, cells } => &mut cells[actual * *classes + predicted],
            Self::Sparse { diagonal, .. } if actual == predicted => &mut diagonal[actual],
            Self::Sparse { .. } => return errors.push((key(actual, predicted), value)),
        };
        *cell = plus(*cell, value);
    }

    fn add_errors(&mut self, new: Vec<(u64, T)>, plus: impl Fn(T, T) -> T) {
        if let Self::Sparse { diagonal, errors } = self {
            errors.add_all(new, usize::BITS - diagonal.len().leading_zeros(), plus);
        }
    }

    /// The values of one actual class, by predicted class.
    pub(super) fn row(&self, actual: usize) -> Vec<T> {
        match self {
            Self::Dense { classes, cells } => cells[actual * classes..(actual + 1) * classes].to_vec(),
            Self::Sparse { diagonal, errors } => {
                let mut row = vec![T::default(); diagonal.len()];
                row[actual] = diagonal[actual];
                for (key, value) in errors.iter() {
                    let (of, predicted) = classes_of(key);
                    if of == actual {
                        row[predicted] = value;
                    }
                }
                row
            }
        }
    }
}

impl<T: Copy + Default + PartialEq> PartialEq for Store<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Dense { cells: a, .. }, Self::Dense { cells: b, .. }) => a == b,
            _ => self.nonzero().eq(other.nonzero()),
        }
    }
}

/// See [`Store::nonzero`].
pub(super) enum Nonzero<'a, T> {
    Dense { classes: usize, cells: std::iter::Enumerate<std::slice::Iter<'a, T>> },
    Sparse(std::vec::IntoIter<(u64, T)>),
}

impl<T: Copy + Default + PartialEq> Iterator for Nonzero<'_, T> {
    type Item = (usize, usize, T);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Dense { classes, cells } => {
                let (place, &value) = cells.find(|(_, value)| **value != T::default())?;
                Some((place / *classes, place % *classes, value))
            }
            Self::Sparse(cells) => cells.next().map(|(key, value)| (classes_of(key).0, classes_of(key).1, value)),
        }
    }
}
