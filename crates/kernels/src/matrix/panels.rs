//! The right factor in panels.

use super::tile::VECTORS;
use crate::number::Number;

/// Columns of a panel.
pub const fn panel_width<T: Number>() -> usize {
    VECTORS * T::LANES
}

/// Rows that go into all panels, or in one, at a time: few enough that all lines of the cache that they touch stay, and a whole line's
/// where they lie one behind the other.
const BLOCK: usize = 16;

/// A matrix of which some columns side by side make a panel, one panel behind the other, each row by row. The last one is filled up
/// with zeros.
#[derive(Clone, Debug, Default)]
pub struct Panels<T> {
    rows: usize,
    columns: usize,
    values: Vec<T>,
}

impl<T: Number> Panels<T> {
    /// Of `rows` rows of `columns` numbers, each row `stride` numbers after the one before.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn of_rows(values: &[T], rows: usize, columns: usize, stride: usize) -> Self {
        let mut panels = Self::default();
        panels.take_rows(values, rows, columns, stride);
        panels
    }

    /// Of the transposed of `columns` rows of `rows` numbers, each row `stride` numbers after the one before.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn of_transposed(values: &[T], rows: usize, columns: usize, stride: usize) -> Self {
        let mut panels = Self::default();
        panels.take_transposed(values, rows, columns, stride);
        panels
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// As [`Panels::of_rows`], in the room that is there.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn take_rows(&mut self, values: &[T], rows: usize, columns: usize, stride: usize) {
        self.make_room(rows, columns);
        let width = panel_width::<T>();
        let panels = columns.div_ceil(width);
        // Along memory on the side that is read: a row's panels lie far from each other.
        for first in (0..rows).step_by(BLOCK) {
            let block = BLOCK.min(rows - first);
            for panel in 0..panels {
                let from = panel * width;
                let into = &mut self.values[(panel * rows + first) * width..][..block * width];
                let wide = width.min(columns - from);
                for (row, into) in into.chunks_exact_mut(width).enumerate() {
                    let values = &values[(first + row) * stride + from..][..wide];
                    if wide == width {
                        into.copy_from_slice(values);
                    } else {
                        into[..wide].copy_from_slice(values);
                        into[wide..].fill(T::ZERO);
                    }
                }
            }
        }
    }

    /// As [`Panels::of_transposed`], in the room that is there.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn take_transposed(&mut self, values: &[T], rows: usize, columns: usize, stride: usize) {
        self.make_room(rows, columns);
        let width = panel_width::<T>();
        for (panel, into) in self.values.chunks_exact_mut((rows * width).max(1)).enumerate() {
            let some = width.min(columns - panel * width);
            if some < width {
                into.fill(T::ZERO);
            }
            let values = &values[panel * width * stride..];
            for (block, into) in into.chunks_mut(BLOCK * width).enumerate() {
                let long = into.len() / width;
                for column in 0..some {
                    let from = &values[column * stride + block * BLOCK..][..long];
                    for (into, value) in into.chunks_exact_mut(width).zip(from) {
                        into[column] = *value;
                    }
                }
            }
        }
    }

    fn make_room(&mut self, rows: usize, columns: usize) {
        (self.rows, self.columns) = (rows, columns);
        self.values.resize(rows * columns.next_multiple_of(panel_width::<T>()), T::ZERO);
    }

    /// The panel's rows from `first` on, `rows` of them.
    #[inline(always)]
    pub(super) fn part(&self, panel: usize, first: usize, rows: usize) -> &[T] {
        let width = panel_width::<T>();
        &self.values[(panel * self.rows + first) * width..][..rows * width]
    }
}
