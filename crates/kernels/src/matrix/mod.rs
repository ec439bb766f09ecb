//! Products of matrices: `out = begin + left · right`, in f32 and f64, on one thread.
//!
//! A tile of the product, six rows by two vectors, is summed in registers: twelve sums are as many as keep two units for
//! multiply-adds of four cycles busy, with three registers left for what they multiply. For each of the tile's columns of `left` six
//! numbers are broadcast and two vectors of a row of `right` are loaded, eight loads for twelve multiply-adds.
//!
//! - `left` is read where it lies, in any order ([`Left`]), also as rows that overlap.
//! - `right` is laid out in panels first, of two vectors' width ([`Panels`]), so that a tile reads along memory; or read as rows of
//!   one slice, wherever they begin ([`Right::Rows`]).
//! - Sums are taken over at most 512 columns of `left` at a time, so that a panel's part stays in the nearest caches for all rows.
//!   (Goto and van de Geijn, *Anatomy of High-Performance Matrix Multiplication*, 2008.)
//!
//! Each number of the product is a sum in the order of the columns of `left`, however rows and columns are split among calls: so the
//! bits do not depend on the split.

mod panels;
mod tile;

pub use panels::{Panels, PanelsPart, panel_width};
pub use tile::Job;

use std::mem::MaybeUninit;

use crate::level::{Kernel, run};
use crate::number::Number;
use crate::transpose::transpose;

/// The left factor, where it lies: the element of row `r` and column `k` at `r`'s place plus `k`'s.
#[derive(Clone, Copy, Debug)]
pub struct Left<'a, T> {
    values: &'a [T],
    of_rows: Places<'a>,
    of_columns: Places<'a>,
    rows: usize,
    columns: usize,
}

#[derive(Clone, Copy, Debug)]
enum Places<'a> {
    Every(usize),
    At(&'a [usize]),
}

impl Places<'_> {
    #[inline(always)]
    fn of(&self, number: usize) -> usize {
        match self {
            Self::Every(step) => number * step,
            Self::At(places) => places[number],
        }
    }

    /// The farthest place of so many, which are some; none where it is beyond all numbers.
    fn farthest(&self, count: usize) -> Option<usize> {
        match self {
            Self::Every(step) => (count - 1).checked_mul(*step),
            Self::At(places) => places[..count].iter().max().copied(),
        }
    }
}

impl<'a, T> Left<'a, T> {
    /// `rows` rows of `columns` numbers, each row `stride` numbers after the one before.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn rows(values: &'a [T], rows: usize, columns: usize, stride: usize) -> Self {
        Self { values, of_rows: Places::Every(stride), of_columns: Places::Every(1), rows, columns }.checked()
    }

    /// The transposed of `columns` rows of `rows` numbers, each row `stride` numbers after the one before.
    ///
    /// # Panics
    /// If the matrix does not fit into `values`.
    pub fn transposed(values: &'a [T], rows: usize, columns: usize, stride: usize) -> Self {
        Self { values, of_rows: Places::Every(1), of_columns: Places::Every(stride), rows, columns }.checked()
    }

    /// The element of row `r` and column `k` at `rows[r] + columns[k]`.
    ///
    /// # Panics
    /// If an element would lie outside of `values`.
    pub fn at(values: &'a [T], rows: &'a [usize], columns: &'a [usize]) -> Self {
        let (of_rows, of_columns) = (Places::At(rows), Places::At(columns));
        Self { values, of_rows, of_columns, rows: rows.len(), columns: columns.len() }.checked()
    }

    /// Some of the rows.
    ///
    /// # Panics
    /// If there are not as many.
    pub fn part(&self, rows: std::ops::Range<usize>) -> Self {
        assert!(rows.end <= self.rows, "rows {rows:?} of {}", self.rows);
        let count = rows.len();
        match self.of_rows {
            Places::Every(stride) => Self { values: &self.values[rows.start * stride..], rows: count, ..*self },
            Places::At(places) => Self { of_rows: Places::At(&places[rows]), rows: count, ..*self },
        }
    }

    /// The same matrix, row by row in `room` where its rows do not lie along memory: many products of few columns each read a line of the
    /// cache for every number, and a page for every column.
    pub fn along_rows<'b>(&'b self, room: &'b mut Vec<T>) -> Left<'b, T>
    where
        T: Number,
    {
        let (Places::Every(1), Places::Every(stride)) = (self.of_rows, self.of_columns) else { return *self };
        if stride == 1 {
            return *self;
        }
        // Rows so far apart do not begin at the same place of a page.
        let apart = self.columns.next_multiple_of(16) | 16;
        room.resize(self.rows * apart, T::ZERO);
        transpose(self.values, stride, [self.columns, self.rows], room, apart);
        Left::rows(room, self.rows, self.columns, apart)
    }

    /// How many rows.
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// How many columns.
    pub fn column_count(&self) -> usize {
        self.columns
    }

    fn checked(self) -> Self {
        let (rows, columns, length) = (self.rows, self.columns, self.values.len());
        if rows > 0 && columns > 0 {
            // What the tiles read without looking again: so a sum that wraps around must not pass.
            let farthest = self.of_rows.farthest(rows).zip(self.of_columns.farthest(columns));
            let reach = farthest.and_then(|(row, column)| row.checked_add(column));
            assert!(reach.is_some_and(|reach| reach < length), "{rows}×{columns} numbers reach {reach:?} in {length}");
        }
        self
    }
}

/// The right factor.
#[derive(Clone, Copy, Debug)]
pub enum Right<'a, T> {
    /// Laid out in panels.
    Panels(&'a Panels<T>),
    /// Rows of `columns` numbers of one slice, which begin at these places; behind each there is room for a panel's width.
    Rows {
        /// Where they lie.
        values: &'a [T],
        /// Where each begins.
        begins: &'a [usize],
        /// How many numbers each has.
        columns: usize,
    },
}

impl<T: Number> Right<'_, T> {
    /// Its columns.
    pub fn column_count(&self) -> usize {
        self.extent().1
    }

    fn extent(&self) -> (usize, usize) {
        match self {
            Self::Panels(panels) => (panels.rows(), panels.columns()),
            Self::Rows { begins, columns, .. } => (begins.len(), *columns),
        }
    }
}

/// What a product is added to.
#[derive(Clone, Copy, Debug)]
pub enum Begin<'a, T> {
    /// Nothing.
    Zero,
    /// What is in `out`.
    Out,
    /// Each column's number.
    Columns(&'a [T]),
}

/// `out = begin + left · right`, row by row, each row `stride` numbers after the one before; what lies between rows stays as it is.
///
/// # Panics
/// If the factors do not fit together or the product does not fit into `out`.
pub fn multiply<T: Number>(left: Left<'_, T>, right: Right<'_, T>, begin: Begin<'_, T>, out: &mut [T], stride: usize) {
    multiply_with(left, right, begin, false, initialized(out), stride);
}

/// As [`multiply`], with `max(·, 0)` of each number.
///
/// # Panics
/// As [`multiply`].
pub fn multiply_rectified<T: Number>(
    left: Left<'_, T>,
    right: Right<'_, T>,
    begin: Begin<'_, T>,
    out: &mut [T],
    stride: usize,
) {
    multiply_with(left, right, begin, true, initialized(out), stride);
}

/// As [`multiply`], or with `rectify` [`multiply_rectified`], into memory in which nothing has been yet, row behind row; `columns`: what
/// each column's numbers begin with. Behind it all of `out` is initialized.
///
/// # Panics
/// If the factors do not fit together or `out` is not as large as the product.
pub fn multiply_into_new<T: Number>(
    left: Left<'_, T>,
    right: Right<'_, T>,
    columns: Option<&[T]>,
    rectify: bool,
    out: &mut [MaybeUninit<T>],
) {
    let (_, width) = right.extent();
    assert_eq!(out.len(), left.rows * width, "{} rows of {width} numbers", left.rows);
    multiply_with(left, right, columns.map_or(Begin::Zero, Begin::Columns), rectify, out, width);
}

fn initialized<T>(out: &mut [T]) -> &mut [MaybeUninit<T>] {
    // SAFETY: of the same layout, and a product writes nothing but numbers into it.
    unsafe { &mut *(std::ptr::from_mut(out) as *mut [MaybeUninit<T>]) }
}

fn multiply_with<T: Number>(
    left: Left<'_, T>,
    right: Right<'_, T>,
    begin: Begin<'_, T>,
    rectified: bool,
    out: &mut [MaybeUninit<T>],
    stride: usize,
) {
    let (depth, columns) = right.extent();
    assert_eq!(left.columns, depth, "the left factor has as many columns as the right one rows");
    if left.rows == 0 || columns == 0 {
        return;
    }
    let (rows, length) = (left.rows, out.len());
    assert!(columns <= stride || rows == 1, "rows of {columns} numbers every {stride}");
    assert!((rows - 1) * stride + columns <= length, "{rows} rows of {columns} numbers in {length}");
    if let Begin::Columns(values) = begin {
        assert_eq!(values.len(), columns, "a number for each column");
    }
    if let Right::Rows { values, begins, columns } = right {
        let reach = begins.iter().max().map_or(0, |begin| begin + columns.next_multiple_of(panel_width::<T>()));
        assert!(reach <= values.len(), "rows and a panel's width reach {reach} in {}", values.len());
    }
    run(Job { left, right, begin, rectified, out, stride });
}

impl<T: Number> Kernel for Job<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        T::multiply::<FMA>(self);
    }
}

/// The sum of each of `sums.len()` columns of rows that come every `stride` numbers, added to `sums`: in blocks of 64 rows, so that
/// rounding grows with the number of blocks.
///
/// # Panics
/// If the rows are longer than `stride`.
pub fn add_column_sums<T: Number>(sums: &mut [T], rows: &[T], stride: usize) {
    assert!(sums.len() <= stride || rows.len() <= stride, "rows of {} numbers every {stride}", sums.len());
    run(ColumnSums { sums, rows, stride });
}

struct ColumnSums<'a, T> {
    sums: &'a mut [T],
    rows: &'a [T],
    stride: usize,
}

impl<T: Number> Kernel for ColumnSums<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let columns = self.sums.len();
        if columns == 0 || self.stride == 0 {
            return;
        }
        let mut block = vec![T::ZERO; columns];
        for rows in self.rows.chunks(64 * self.stride) {
            block.fill(T::ZERO);
            for row in rows.chunks(self.stride).filter(|row| row.len() >= columns) {
                for (sum, value) in block.iter_mut().zip(&row[..columns]) {
                    *sum = *sum + *value;
                }
            }
            for (sum, value) in self.sums.iter_mut().zip(&block) {
                *sum = *sum + *value;
            }
        }
    }
}
