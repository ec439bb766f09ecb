//! Matrix products on slices: the bounds-checked face of the `gemm` crate.

use super::curve::Real;

/// A borrowed matrix, of any strides.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

fn assert_within(length: usize, rows: usize, columns: usize, row_stride: usize, column_stride: usize) {
    let reach = (rows.max(1) - 1) * row_stride + (columns.max(1) - 1) * column_stride;
    assert!(rows == 0 || columns == 0 || reach < length, "{rows}×{columns} reaches {reach} in {length} values");
}

impl<'a, T: Real> Matrix<'a, T> {
    /// `rows` rows of `columns` values, one after the other.
    pub fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        Self::with_stride(data, rows, columns, columns)
    }

    /// `rows` rows of `columns` values, each row `stride` values after the one before.
    pub fn with_stride(data: &'a [T], rows: usize, columns: usize, stride: usize) -> Self {
        assert_within(data.len(), rows, columns, stride, 1);
        Self { data, rows, columns, row_stride: stride, column_stride: 1 }
    }

    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// Where a product goes: rows of `columns` values, each `stride` values after the one before.
pub(super) struct Target<'a, T> {
    pub data: &'a mut [T],
    pub columns: usize,
    pub stride: usize,
}

impl<'a, T> Target<'a, T> {
    /// Rows of `columns` values, one after the other.
    pub fn new(data: &'a mut [T], columns: usize) -> Self {
        Self { data, columns, stride: columns }
    }
}

/// Products with fewer multiplications than this are computed on one thread: below it, waking another thread costs more
/// than it saves (burn-flex 0.22 draws the line at 192³ too).
const PARALLEL: usize = 192 * 192 * 192;

/// `target = a·b`, on the calling thread.
pub(super) fn store<T: Real>(target: Target<'_, T>, a: Matrix<'_, T>, b: Matrix<'_, T>) {
    multiply(target, a, b, false, gemm::Parallelism::None);
}

/// `target += a·b`, on the calling thread.
pub(super) fn add<T: Real>(target: Target<'_, T>, a: Matrix<'_, T>, b: Matrix<'_, T>) {
    multiply(target, a, b, true, gemm::Parallelism::None);
}

/// `target += a·b`, on all threads where the size pays. The bits do not depend on how many.
pub(super) fn add_parallel<T: Real>(target: Target<'_, T>, a: Matrix<'_, T>, b: Matrix<'_, T>) {
    let work = a.rows.saturating_mul(a.columns).saturating_mul(b.columns);
    let parallelism = if work < PARALLEL { gemm::Parallelism::None } else { gemm::Parallelism::Rayon(0) };
    multiply(target, a, b, true, parallelism);
}

fn multiply<T: Real>(
    target: Target<'_, T>,
    a: Matrix<'_, T>,
    b: Matrix<'_, T>,
    add: bool,
    parallelism: gemm::Parallelism,
) {
    assert_eq!((a.columns, b.columns), (b.rows, target.columns), "the matrices fit together");
    assert_within(target.data.len(), a.rows, b.columns, target.stride, 1);
    // SAFETY: the assertions here and in the constructors keep every element that the product touches inside its slice,
    // and the target is borrowed mutably, so it overlaps neither factor. T is f32 or f64, which gemm knows.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            target.data.as_mut_ptr(),
            1,
            target.stride as isize,
            add,
            a.data.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            T::ONE,
            T::ONE,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// The transposed copy of a `rows`×`columns` matrix.
pub(super) fn transpose<T: Real>(data: &[T], rows: usize, columns: usize) -> Vec<T> {
    let mut out = Vec::with_capacity(data.len());
    for column in 0..columns {
        out.extend((0..rows).map(|row| data[row * columns + column]));
    }
    out
}

/// Adds the sum of each of the `columns` columns of `data` to `sums`, in blocks of 64 rows so that rounding grows with
/// the number of blocks.
pub(super) fn add_column_sums<T: Real>(sums: &mut [T], data: &[T], stride: usize) {
    let columns = sums.len();
    let mut block = vec![T::ZERO; columns];
    for rows in data.chunks(64 * stride) {
        block.fill(T::ZERO);
        for row in rows.chunks_exact(stride) {
            for (sum, value) in block.iter_mut().zip(&row[..columns]) {
                *sum = *sum + *value;
            }
        }
        for (sum, value) in sums.iter_mut().zip(&block) {
            *sum = *sum + *value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_with_strides_and_transposition_adds_to_its_target() {
        // a = [[1,2],[3,4],[5,6]] within rows of 3, b = its first two columns transposed.
        let a = [1.0, 2.0, 9.0, 3.0, 4.0, 9.0, 5.0, 6.0, 9.0];
        let a = Matrix::with_stride(&a, 3, 2, 3);
        let mut out = [1.0; 9];
        add_parallel(Target::new(&mut out, 3), a, a.transposed());
        assert_eq!(out, [6.0, 12.0, 18.0, 12.0, 26.0, 40.0, 18.0, 40.0, 62.0]);
        let mut wide = [7.0; 6];
        store(Target { data: &mut wide, columns: 2, stride: 4 }, a.transposed(), a);
        assert_eq!(wide, [35.0, 44.0, 7.0, 7.0, 44.0, 56.0]);
    }

    #[test]
    #[should_panic(expected = "reaches")]
    fn a_matrix_larger_than_its_slice_is_refused() {
        Matrix::new(&[0.0_f32; 5], 2, 3);
    }

    #[test]
    fn columns_are_summed_over_more_rows_than_a_block() {
        let data: Vec<f64> = (0..130).flat_map(|i| [f64::from(i), 1.0, 100.0]).collect();
        let mut sums = [0.5, 0.0];
        add_column_sums(&mut sums, &data, 3);
        assert_eq!(sums, [8385.5, 130.0]);
    }
}
