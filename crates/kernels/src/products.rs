//! Dot products of many columns with many vectors, and the loops that a coordinate of a linear model needs.
//!
//! A matrix is a list of columns, each a contiguous slice, so that all products here run along memory: `X'V` is
//! [`transposed`], blocked so that four columns and three vectors share every load. Columns may be f32; all sums are f64.
//!
//! ```
//! use gradiometer_kernels::products::transposed;
//!
//! let (x, v): ([[f32; 3]; 2], [f64; 3]) = ([[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]], [1.0, 10.0, 100.0]);
//! let mut product = [0.0; 2];
//! transposed(&[&x[0][..], &x[1][..]], &[&v[..]], &mut product);
//! assert_eq!(product, [321.0, 10.0]);
//! ```

use crate::level::{Kernel, multiply_add, run};

/// A number as a matrix holds it.
pub trait Element: Copy + Send + Sync + 'static {
    /// Whether nothing has to be converted.
    const IS_F64: bool;

    /// The same number, exactly.
    fn to_f64(self) -> f64;
}

impl Element for f64 {
    const IS_F64: bool = true;

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}

impl Element for f32 {
    const IS_F64: bool = false;

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

/// Numbers in a vector register of 256 bits.
const LANES: usize = 4;

/// Rows in a block: a column's part is one page of memory (f64), and sixty-four of them stay in the second cache.
const ROWS: usize = 512;

/// Columns in a tile, and vectors: both are read again for each few of the other.
const TILE: usize = 32;

/// Columns and vectors that share loads: twelve sums stay in registers, and seven loads serve twelve multiply-adds.
const COLUMNS: usize = 4;
const VECTORS: usize = 3;

/// `X'V`, added to `out`: `out[c + v * columns.len()] += columns[c] · vectors[v]`.
///
/// # Panics
/// Where the lengths differ.
pub fn transposed<T: Element>(columns: &[&[T]], vectors: &[&[f64]], out: &mut [f64]) {
    assert_eq!(out.len(), columns.len() * vectors.len(), "one product for each column and vector");
    let Some(rows) = vectors.first().map(|vector| vector.len()) else { return };
    assert!(vectors.iter().all(|vector| vector.len() == rows), "vectors are of one length");
    assert!(columns.iter().all(|column| column.len() == rows), "columns are as long as vectors");
    run(Transposed { columns, vectors, rows, out });
}

struct Transposed<'a, T> {
    columns: &'a [&'a [T]],
    vectors: &'a [&'a [f64]],
    rows: usize,
    out: &'a mut [f64],
}

impl<T: Element> Kernel for Transposed<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let width = self.columns.len();
        let mut converted: [Vec<f64>; TILE] = [const { Vec::new() }; TILE];
        for first in (0..self.rows).step_by(ROWS) {
            let last = (first + ROWS).min(self.rows);
            for (group, vectors) in self.vectors.chunks(TILE).enumerate() {
                for (tile, columns) in self.columns.chunks(TILE).enumerate() {
                    let out = &mut self.out[tile * TILE + group * TILE * width..];
                    if T::IS_F64 || vectors.len() <= VECTORS {
                        let mut slices = [[].as_slice(); TILE];
                        for (slice, column) in slices.iter_mut().zip(columns) {
                            *slice = &column[first..last];
                        }
                        tiles::<T, FMA>(&slices[..columns.len()], vectors, first, last, width, out);
                    } else {
                        // Converted once for all vectors of the group: each conversion costs as much as a multiply-add.
                        for (copy, column) in converted.iter_mut().zip(columns) {
                            copy.clear();
                            copy.extend(column[first..last].iter().map(|x| x.to_f64()));
                        }
                        let mut slices = [[].as_slice(); TILE];
                        for (slice, copy) in slices.iter_mut().zip(&converted) {
                            *slice = copy.as_slice();
                        }
                        tiles::<f64, FMA>(&slices[..columns.len()], vectors, first, last, width, out);
                    }
                }
            }
        }
    }
}

/// Some columns, of which the slices hold rows `first..last`, against some vectors.
#[inline(always)]
fn tiles<T: Element, const FMA: bool>(
    columns: &[&[T]],
    vectors: &[&[f64]],
    first: usize,
    last: usize,
    width: usize,
    out: &mut [f64],
) {
    for (group, vectors) in vectors.chunks(VECTORS).enumerate() {
        for (four, columns) in columns.chunks(COLUMNS).enumerate() {
            let out = &mut out[four * COLUMNS + group * VECTORS * width..];
            let rows = first..last;
            match (columns.len(), vectors.len()) {
                (4, 3) => block::<T, FMA, 4, 3>(columns, vectors, rows, width, out),
                (4, 2) => block::<T, FMA, 4, 2>(columns, vectors, rows, width, out),
                (4, _) => block::<T, FMA, 4, 1>(columns, vectors, rows, width, out),
                (3, 3) => block::<T, FMA, 3, 3>(columns, vectors, rows, width, out),
                (3, 2) => block::<T, FMA, 3, 2>(columns, vectors, rows, width, out),
                (3, _) => block::<T, FMA, 3, 1>(columns, vectors, rows, width, out),
                (2, 3) => block::<T, FMA, 2, 3>(columns, vectors, rows, width, out),
                (2, 2) => block::<T, FMA, 2, 2>(columns, vectors, rows, width, out),
                (2, _) => block::<T, FMA, 2, 1>(columns, vectors, rows, width, out),
                (_, 3) => block::<T, FMA, 1, 3>(columns, vectors, rows, width, out),
                (_, 2) => block::<T, FMA, 1, 2>(columns, vectors, rows, width, out),
                (_, _) => block::<T, FMA, 1, 1>(columns, vectors, rows, width, out),
            }
        }
    }
}

/// `C` columns, of which the slices hold `rows`, against these rows of `V` vectors; `width` is the distance of two vectors' sums in `out`.
#[inline(always)]
fn block<T: Element, const FMA: bool, const C: usize, const V: usize>(
    columns: &[&[T]],
    vectors: &[&[f64]],
    rows: std::ops::Range<usize>,
    width: usize,
    out: &mut [f64],
) {
    let count = rows.len();
    let x: [&[T]; C] = std::array::from_fn(|c| &columns[c][..count]);
    let v: [&[f64]; V] = std::array::from_fn(|k| &vectors[k][rows.clone()]);
    let mut sums = [[[0.0; LANES]; V]; C];
    let whole = count / LANES * LANES;
    for row in (0..whole).step_by(LANES) {
        let b: [[f64; LANES]; V] = std::array::from_fn(|k| lanes(v[k], row));
        for c in 0..C {
            let a: [f64; LANES] = lanes(x[c], row);
            for k in 0..V {
                for lane in 0..LANES {
                    sums[c][k][lane] = multiply_add::<FMA>(a[lane], b[k][lane], sums[c][k][lane]);
                }
            }
        }
    }
    for c in 0..C {
        for k in 0..V {
            let [s0, s1, s2, s3] = sums[c][k];
            let mut sum = (s0 + s1) + (s2 + s3);
            for row in whole..count {
                sum = multiply_add::<FMA>(x[c][row].to_f64(), v[k][row], sum);
            }
            out[c + k * width] += sum;
        }
    }
}

#[inline(always)]
fn lanes<T: Element>(values: &[T], row: usize) -> [f64; LANES] {
    debug_assert!(row + LANES <= values.len());
    // SAFETY: callers stop at the last whole group of lanes of equally long slices. The check, seven a step, costs a third.
    std::array::from_fn(|lane| unsafe { values.get_unchecked(row + lane) }.to_f64())
}

/// `x · v`.
///
/// # Panics
/// Where the lengths differ.
pub fn dot<T: Element>(x: &[T], v: &[f64]) -> f64 {
    assert_eq!(x.len(), v.len(), "a dot product is of equally long slices");
    let mut sum = 0.0;
    run(Dot { x, v, sum: &mut sum });
    sum
}

struct Dot<'a, T> {
    x: &'a [T],
    v: &'a [f64],
    sum: &'a mut f64,
}

/// Sums that do not wait for each other: four vectors of four.
const APART: usize = 4 * LANES;

impl<T: Element> Kernel for Dot<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let (x, x_rest) = self.x.as_chunks::<APART>();
        let (v, v_rest) = self.v.as_chunks::<APART>();
        let mut sums = [0.0; APART];
        for (x, v) in x.iter().zip(v) {
            for lane in 0..APART {
                sums[lane] = multiply_add::<FMA>(x[lane].to_f64(), v[lane], sums[lane]);
            }
        }
        let mut sum: f64 = sums.iter().sum();
        for (x, v) in x_rest.iter().zip(v_rest) {
            sum = multiply_add::<FMA>(x.to_f64(), *v, sum);
        }
        *self.sum = sum;
    }
}

/// `v += a x`.
///
/// # Panics
/// Where the lengths differ.
pub fn add_scaled<T: Element>(a: f64, x: &[T], v: &mut [f64]) {
    assert_eq!(x.len(), v.len(), "as many numbers are added as there are");
    run(AddScaled { a, x, v });
}

struct AddScaled<'a, T> {
    a: f64,
    x: &'a [T],
    v: &'a mut [f64],
}

impl<T: Element> Kernel for AddScaled<'_, T> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        for (v, x) in self.v.iter_mut().zip(self.x) {
            *v = multiply_add::<FMA>(self.a, x.to_f64(), *v);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn products_are_those_of_plain_sums(
            rows in 0usize..1100,
            columns in 0usize..40,
            vectors in 0usize..8,
            seed in any::<u64>(),
        ) {
            let mut state = seed;
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                ((state >> 40) as i32 % 64) as f64
            };
            // Whole numbers: every order of summation is exact.
            let x: Vec<Vec<f64>> = (0..columns).map(|_| (0..rows).map(|_| next()).collect()).collect();
            let x32: Vec<Vec<f32>> = x.iter().map(|x| x.iter().map(|&x| x as f32).collect()).collect();
            let v: Vec<Vec<f64>> = (0..vectors).map(|_| (0..rows).map(|_| next()).collect()).collect();
            let mut plain = vec![1.0; columns * vectors];
            for (k, v) in v.iter().enumerate() {
                for (c, x) in x.iter().enumerate() {
                    let sum: f64 = x.iter().zip(v).map(|(x, v)| x * v).sum();
                    prop_assert_eq!(dot(x, v), sum);
                    plain[c + k * columns] += sum;
                }
            }
            let v: Vec<&[f64]> = v.iter().map(Vec::as_slice).collect();
            let mut out = vec![1.0; columns * vectors];
            transposed(&x.iter().map(Vec::as_slice).collect::<Vec<_>>(), &v, &mut out);
            prop_assert_eq!(&out, &plain);
            out.fill(1.0);
            transposed(&x32.iter().map(Vec::as_slice).collect::<Vec<_>>(), &v, &mut out);
            prop_assert_eq!(&out, &plain);
        }
    }

    #[test]
    fn a_scaled_column_is_added() {
        let mut v = [1.0, 2.0];
        add_scaled(2.0, &[3.0f32, -1.0], &mut v);
        assert_eq!(v, [7.0, 0.0]);
    }
}
