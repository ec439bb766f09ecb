//! Products of matrices on as many threads as pay.

use gradiometer_kernels::matrix::{
    Begin, Left, Panels, PanelsPart, Right, multiply as multiply_here, multiply_into_new, panel_width,
};
use rayon::prelude::*;

use super::value::Value;

/// Products with fewer multiplications than this are computed on one thread: below it, waking another costs more than it saves.
const PARALLEL: usize = 1 << 21;

/// Factors with fewer numbers than this are laid out on one thread.
const PARALLEL_LAYOUT: usize = 1 << 16;

/// Left rows up to which the right factor is read where it lies: to lay it out takes as long as some rows' product.
const FEW: usize = 12;

/// Columns of the product from which on a left factor whose rows do not lie along memory is turned first.
const MANY: usize = 48;

/// Bytes of a factor that stays in the nearest cache, half of it, so that it may as well be read where it lies.
const NEAR: usize = 1 << 14;

/// The right factor, where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Factor<'a, T> {
    /// Row by row, each `stride` numbers after the one before.
    Rows { values: &'a [T], stride: usize },
    /// Its transposed, so.
    Transposed { values: &'a [T], stride: usize },
}

impl<T: Value> Factor<'_, T> {
    fn lay_out(self, rows: usize, columns: usize, panels: &mut Panels<T>) {
        panels.make_room(rows, columns);
        let parallel = rows * columns >= PARALLEL_LAYOUT;
        let threads = if parallel { rayon::current_num_threads() } else { 1 };
        let mut parts: Vec<_> = panels.parts_mut(columns.div_ceil(threads).max(1)).collect();
        let take = |part: &mut PanelsPart<'_, T>| match self {
            Factor::Rows { values, stride } => part.take_rows(values, stride),
            Factor::Transposed { values, stride } => part.take_transposed(values, stride),
        };
        match parts.len() > 1 {
            true => parts.par_iter_mut().for_each(take),
            false => parts.iter_mut().for_each(take),
        }
    }
}

/// `out = begin + left · right`, `[columns, stride]` of `out`. The bits do not depend on the number of threads.
pub(crate) fn multiply<T: Value>(
    left: Left<'_, T>,
    right: Factor<'_, T>,
    begin: Begin<'_, T>,
    out: &mut [T],
    [columns, stride]: [usize; 2],
) {
    divide(left, right, columns, out, stride, |left, right, out| multiply_here(left, right, begin, out, stride));
}

/// `left · right`, of so many columns, plus `begin` in every row; with `rectify`, `max(·, 0)` of it. The bits do not depend on the number
/// of threads.
pub(crate) fn product<T: Value>(
    left: Left<'_, T>,
    right: Factor<'_, T>,
    begin: Option<&[T]>,
    rectify: bool,
    columns: usize,
) -> Vec<T> {
    let length = left.row_count() * columns;
    let mut out = Vec::with_capacity(length);
    divide(left, right, columns, &mut out.spare_capacity_mut()[..length], columns, |left, right, out| {
        multiply_into_new(left, right, begin, rectify, out);
    });
    // SAFETY: all rows have been computed, into memory that was as long.
    unsafe { out.set_len(length) };
    out
}

/// `left · right` on this thread, plus `begin` in every row.
pub(crate) fn product_here<T: Value>(left: Left<'_, T>, right: Right<'_, T>, begin: Option<&[T]>) -> Vec<T> {
    let length = left.row_count() * right.column_count();
    let mut out = Vec::with_capacity(length);
    multiply_into_new(left, right, begin, false, &mut out.spare_capacity_mut()[..length]);
    // SAFETY: all rows have been computed, into memory that was as long.
    unsafe { out.set_len(length) };
    out
}

/// `work` for all rows of a product, some at a time on as many threads as pay: with the left factor's rows, the right factor, and the
/// room for these rows and no others.
fn divide<T: Value, O: Send>(
    left: Left<'_, T>,
    right: Factor<'_, T>,
    columns: usize,
    out: &mut [O],
    stride: usize,
    work: impl Fn(Left<'_, T>, Right<'_, T>, &mut [O]) + Sync,
) {
    let (rows, depth) = (left.row_count(), left.column_count());
    if rows == 0 || columns == 0 {
        return;
    }
    let operations = rows.saturating_mul(depth).saturating_mul(columns);
    let threads = if operations < PARALLEL { 1 } else { rayon::current_num_threads() };
    let turned = columns >= MANY && rows * depth * size_of::<T>() > NEAR;
    let work = |left: Left<'_, T>, right: Right<'_, T>, out: &mut [O]| {
        let mut room = Vec::new();
        work(if turned { left.along_rows(&mut room) } else { left }, right, out);
    };
    if let Factor::Rows { values, stride } = right
        && (rows <= FEW || operations < PARALLEL && depth * stride * size_of::<T>() <= NEAR)
        && columns.is_multiple_of(panel_width::<T>())
    {
        let begins: Vec<usize> = (0..depth).map(|row| row * stride).collect();
        return work(left, Right::Rows { values, begins: &begins, columns }, out);
    }
    // Room that is kept from product to product: a step's panels are as large as those of the step before.
    let mut panels = T::panels().take();
    right.lay_out(depth, columns, &mut panels);
    // Whole tiles of six rows.
    let some = rows.div_ceil(threads).next_multiple_of(6);
    if some >= rows {
        work(left, Right::Panels(&panels), out);
    } else {
        out.par_chunks_mut(some * stride).enumerate().take(rows.div_ceil(some)).for_each(|(part, out)| {
            let rows = part * some..((part + 1) * some).min(rows);
            work(left.part(rows), Right::Panels(&panels), out);
        });
    }
    T::panels().set(panels);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_products_have_the_same_bits_on_any_number_of_threads() {
        let (rows, depth, columns) = (130, 300, 150);
        let values = |n: usize| (0..n).map(|i| (i as f32 * 0.37).sin()).collect::<Vec<f32>>();
        let (left, right) = (values(rows * depth), values(depth * columns));
        let products = [1, 2, 3, 7].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut out = vec![0.0; rows * columns];
            let factor = Factor::Rows { values: &right, stride: columns };
            pool.install(|| {
                multiply(Left::rows(&left, rows, depth, depth), factor, Begin::Zero, &mut out, [columns; 2]);
            });
            out
        });
        assert!(products.iter().all(|product| *product == products[0]));
        let at = |row: usize, column: usize| -> f64 {
            (0..depth).map(|k| f64::from(left[row * depth + k]) * f64::from(right[k * columns + column])).sum()
        };
        for (row, column) in [(0, 0), (129, 149), (65, 20)] {
            assert!((f64::from(products[0][row * columns + column]) - at(row, column)).abs() < 1e-4);
        }
    }

    #[test]
    fn a_product_into_wider_rows_leaves_what_lies_between_them() {
        let (left, right) = (vec![1.0_f64; 2 * 3], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let mut out = [7.0; 7];
        let factor = Factor::Transposed { values: &right, stride: 3 };
        multiply(Left::rows(&left, 2, 3, 3), factor, Begin::Zero, &mut out, [2, 4]);
        assert_eq!(out, [6.0, 15.0, 7.0, 7.0, 6.0, 15.0, 7.0]);
    }
}
