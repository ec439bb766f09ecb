//! The right factor in panels.

use super::tile::VECTORS;
use crate::number::Number;
use crate::transpose::transpose;

/// Columns of a panel.
pub const fn panel_width<T: Number>() -> usize {
    VECTORS * T::LANES
}

/// Rows that go into all panels at a time, so that what is read is read along memory.
const ROWS: usize = 16;

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
        self.parts_mut(columns).for_each(|mut part| part.take_rows(values, stride));
    }

    /// As [`Panels::of_transposed`], in the room that is there.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn take_transposed(&mut self, values: &[T], rows: usize, columns: usize, stride: usize) {
        self.make_room(rows, columns);
        self.parts_mut(columns).for_each(|mut part| part.take_transposed(values, stride));
    }

    /// Parts of about as many columns, to be filled on several threads.
    pub fn parts_mut(&mut self, columns: usize) -> impl Iterator<Item = PanelsPart<'_, T>> + use<'_, T> {
        let width = panel_width::<T>();
        let panels = columns.div_ceil(width).max(1);
        let (rows, all) = (self.rows, self.columns);
        let needed = rows * all.next_multiple_of(width);
        self.values[..needed].chunks_mut((panels * rows * width).max(1)).enumerate().map(move |(number, values)| {
            PanelsPart { rows, columns: number * panels * width..all.min((number + 1) * panels * width), values }
        })
    }

    /// Room for a matrix of this extent, to be filled through its [parts](Self::parts_mut); what is in it before that means nothing.
    /// Room that is there is kept.
    pub fn make_room(&mut self, rows: usize, columns: usize) {
        (self.rows, self.columns) = (rows, columns);
        let needed = rows * columns.next_multiple_of(panel_width::<T>());
        if self.values.len() < needed {
            self.values.resize(needed, T::ZERO);
        }
    }

    /// The panel's rows from `first` on, `rows` of them.
    #[inline(always)]
    pub(super) fn part(&self, panel: usize, first: usize, rows: usize) -> &[T] {
        let width = panel_width::<T>();
        &self.values[(panel * self.rows + first) * width..][..rows * width]
    }
}

/// Some panels side by side.
#[derive(Debug)]
pub struct PanelsPart<'a, T> {
    rows: usize,
    columns: std::ops::Range<usize>,
    values: &'a mut [T],
}

impl<T: Number> PanelsPart<'_, T> {
    /// These columns of the whole matrix, whose rows come every `stride` numbers.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn take_rows(&mut self, values: &[T], stride: usize) {
        let (width, rows) = (panel_width::<T>(), self.rows);
        for first in (0..rows).step_by(ROWS) {
            let block = ROWS.min(rows - first);
            for (panel, from) in self.columns.clone().step_by(width).enumerate() {
                let into = &mut self.values[(panel * rows + first) * width..][..block * width];
                let wide = width.min(self.columns.end - from);
                for (row, into) in into.chunks_exact_mut(width).enumerate() {
                    let values = &values[(first + row) * stride + from..][..wide];
                    if wide == width {
                        // Eight at a time: a copy of a length that is not known is a call.
                        for (into, values) in into.as_chunks_mut::<8>().0.iter_mut().zip(values.as_chunks::<8>().0) {
                            *into = *values;
                        }
                    } else {
                        into[..wide].copy_from_slice(values);
                        into[wide..].fill(T::ZERO);
                    }
                }
            }
        }
    }

    /// These columns of the whole matrix, of whose transposed the rows come every `stride` numbers.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn take_transposed(&mut self, values: &[T], stride: usize) {
        let (width, rows) = (panel_width::<T>(), self.rows);
        if rows == 0 {
            return;
        }
        for (from, into) in self.columns.clone().step_by(width).zip(self.values.chunks_exact_mut(rows * width)) {
            let wide = width.min(self.columns.end - from);
            if wide < width {
                into.fill(T::ZERO);
            }
            transpose(&values[from * stride..], stride, [wide, rows], into, width);
        }
    }
}
