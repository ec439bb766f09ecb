//! Where the cells are: all of them, or only those that occur.

use foldhash::fast::FixedState;
use std::collections::HashMap;

/// With more classes than this only cells that occur are stored. All cells of so many take 8 MiB, about as much as a hash table
/// of the cells that a large data set fills.
pub(super) const MOST_DENSE: usize = 1024;

/// One value for each pair of classes.
#[derive(Clone, Debug)]
pub(super) enum Store<T> {
    /// Row-major, rows actual.
    Dense { classes: usize, cells: Vec<T> },
    /// The diagonal, on which most rows fall, and what occurs beside it, by actual and predicted class.
    Sparse { diagonal: Vec<T>, errors: HashMap<(u32, u32), T, FixedState> },
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
        Self::Sparse { diagonal: vec![T::default(); classes], errors: HashMap::default() }
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
                errors.get(&(actual as u32, predicted as u32)).copied().unwrap_or_default()
            }
        }
    }

    /// The cell, to be changed; both classes are in range.
    #[inline]
    pub(super) fn entry(&mut self, actual: usize, predicted: usize) -> &mut T {
        match self {
            Self::Dense { classes, cells } => &mut cells[actual * *classes + predicted],
            Self::Sparse { diagonal, .. } if actual == predicted => &mut diagonal[actual],
            Self::Sparse { errors, .. } => errors.entry((actual as u32, predicted as u32)).or_default(),
        }
    }

    /// The cells that are not zero, in the order of actual, then predicted classes.
    pub(super) fn nonzero(&self) -> Nonzero<'_, T> {
        match self {
            Self::Dense { classes, cells } => Nonzero::Dense { classes: *classes, cells: cells.iter().enumerate() },
            Self::Sparse { diagonal, errors } => {
                let on = diagonal.iter().enumerate().map(|(class, &value)| (class, class, value));
                let off = errors.iter().map(|(&(i, j), &value)| (i as usize, j as usize, value));
                let mut cells: Vec<_> = on.chain(off).filter(|(.., value)| *value != T::default()).collect();
                cells.sort_unstable_by_key(|&(actual, predicted, _)| (actual, predicted));
                Nonzero::Sparse(cells.into_iter())
            }
        }
    }

    /// Calls `then` with the cells that are not zero, in any order.
    pub(super) fn each(&self, mut then: impl FnMut(usize, usize, T)) {
        match self {
            Self::Dense { .. } => self.nonzero().for_each(|(actual, predicted, value)| then(actual, predicted, value)),
            Self::Sparse { diagonal, errors } => {
                for (class, &value) in diagonal.iter().enumerate().filter(|(_, value)| **value != T::default()) {
                    then(class, class, value);
                }
                errors.iter().for_each(|(&(i, j), &value)| then(i as usize, j as usize, value));
            }
        }
    }

    /// Room for as many cells beside the diagonal.
    pub(super) fn reserve(&mut self, cells: usize) {
        if let Self::Sparse { errors, .. } = self {
            errors.reserve(cells.saturating_sub(errors.len()));
        }
    }

    /// The cells beside the diagonal for which there is memory of their own.
    pub(super) fn reserved(&self) -> usize {
        match self {
            Self::Dense { .. } => 0,
            Self::Sparse { errors, .. } => errors.len(),
        }
    }

    /// The values of one actual class, by predicted class.
    pub(super) fn row(&self, actual: usize) -> Vec<T> {
        match self {
            Self::Dense { classes, cells } => cells[actual * classes..(actual + 1) * classes].to_vec(),
            Self::Sparse { diagonal, errors } => {
                let mut row = vec![T::default(); diagonal.len()];
                row[actual] = diagonal[actual];
                for (&(i, j), &value) in errors {
                    if i as usize == actual {
                        row[j as usize] = value;
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
    Sparse(std::vec::IntoIter<(usize, usize, T)>),
}

impl<T: Copy + Default + PartialEq> Iterator for Nonzero<'_, T> {
    type Item = (usize, usize, T);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Dense { classes, cells } => {
                let (place, &value) = cells.find(|(_, value)| **value != T::default())?;
                Some((place / *classes, place % *classes, value))
            }
            Self::Sparse(cells) => cells.next(),
        }
    }
}
