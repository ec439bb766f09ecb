use std::ops::Range;

use gradiometer_kernels::products::{self, Element};
use rayon::prelude::*;

use super::sums::{ROWS, sums};
use super::{Design, WORTH_A_THREAD, row_products, worth_a_thread};
use crate::Error;

/// Numbers in column-major order, f64 or f32, that someone else owns. Sums are f64 in either case.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a, T = f64> {
    values: &'a [T],
    rows: usize,
    columns: usize,
}

impl<'a, T: Element> Dense<'a, T> {
    /// `values[row + column * rows]`.
    ///
    /// # Errors
    /// There are not `rows * columns` values.
    pub fn new(values: &'a [T], rows: usize, columns: usize) -> Result<Self, Error> {
        if rows.checked_mul(columns) != Some(values.len()) {
            return Err(Error::DesignLength { values: values.len(), rows, columns });
        }
        Ok(Self { values, rows, columns })
    }

    /// The numbers of a column.
    pub fn column(&self, column: usize) -> &'a [T] {
        &self.values[column * self.rows..][..self.rows]
    }
}

impl<T: Element> Design for Dense<'_, T> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.columns
    }

    fn dot(&self, column: usize, vector: &[f64]) -> f64 {
        products::dot(self.column(column), vector)
    }

    fn add_scaled(&self, column: usize, factor: f64, vector: &mut [f64]) {
        products::add_scaled(factor, self.column(column), vector);
    }

    fn add_combination(&self, columns: &[usize], factors: &[f64], vector: &mut [f64]) {
        let rows = if self.rows * columns.len() < WORTH_A_THREAD { self.rows } else { ROWS };
        vector.par_chunks_mut(rows.max(1)).enumerate().for_each(|(chunk, vector)| {
            for (&column, &factor) in columns.iter().zip(factors) {
                products::add_scaled(factor, &self.column(column)[chunk * rows..][..vector.len()], vector);
            }
        });
    }

    fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]) {
        let slices: Vec<&[T]> = columns.iter().map(|&j| self.column(j)).collect();
        transposed(&slices, vectors, self.rows, out);
    }

    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]) {
        let slices: Vec<&[T]> = left.iter().map(|&j| self.column(j)).collect();
        // Where the numbers are f64 already and nothing weighs them, the columns themselves are the vectors.
        if let (None, Some(values)) = (weights, as_f64(self.values)) {
            let vectors: Vec<&[f64]> = right.iter().map(|&j| &values[j * self.rows..][..self.rows]).collect();
            return transposed(&slices, &vectors, self.rows, out);
        }
        let few = 4 * rayon::current_num_threads();
        if let Some(weights) = weights
            && left.len().max(right.len()) <= few
            && self.rows > ROWS
        {
            let right: Vec<&[T]> = right.iter().map(|&j| self.column(j)).collect();
            return weighted(&slices, &right, weights, out);
        }
        // Elsewhere a few columns at a time are copied, so that the copies stay small beside the design.
        for (group, columns) in right.chunks(COPIES).enumerate() {
            let copies: Vec<Vec<f64>> = columns
                .par_iter()
                .map(|&j| match weights {
                    Some(weights) => self.column(j).iter().zip(weights).map(|(x, w)| x.to_f64() * w).collect(),
                    None => self.column(j).iter().map(|x| x.to_f64()).collect(),
                })
                .collect();
            let vectors: Vec<&[f64]> = copies.iter().map(Vec::as_slice).collect();
            let out = &mut out[group * COPIES * left.len()..][..columns.len() * left.len()];
            transposed(&slices, &vectors, self.rows, out);
        }
    }

    fn copy_rows(&self, column: usize, first: usize, out: &mut [f64]) -> bool {
        out.iter_mut().zip(&self.column(column)[first..]).for_each(|(out, x)| *out = x.to_f64());
        true
    }

    fn add_row_products(&self, columns: &[usize], centers: &[f64], factors: &[f64], out: &mut [f64]) {
        row_products::add(self.rows, columns, centers, factors, out, |column, spread| {
            spread.iter_mut().zip(self.column(column)).for_each(|(spread, x)| *spread = x.to_f64());
        });
    }

    fn mean_and_variance(&self, column: usize, weights: Option<&[f64]>) -> (f64, f64) {
        let x = self.column(column);
        // The second pass also takes what rounding left in the mean.
        let (mean, [off, square]) = match weights {
            None => {
                let n = self.rows as f64;
                let [sum] = sums(x, |x| [x]);
                let mean = sum / n;
                (mean, sums(x, |x| [x - mean, (x - mean) * (x - mean)]).map(|sum| sum / n))
            }
            Some(weights) => {
                let mean = products::dot(x, weights);
                let (off, square) = x.iter().zip(weights).fold((0.0, 0.0), |(off, square), (x, w)| {
                    let d = x.to_f64() - mean;
                    (off + w * d, square + w * d * d)
                });
                (mean, [off, square])
            }
        };
        (mean + off, square - off * off)
    }

    fn gather(&self, column: usize, rows: &[usize], out: &mut [f64]) {
        let x = self.column(column);
        out.iter_mut().zip(rows).for_each(|(out, &row)| *out = x[row].to_f64());
    }

    fn first_not_finite(&self) -> Option<(usize, usize)> {
        // What is no number, or infinite, is no number times zero either.
        let finite = |column: usize| sums(self.column(column), |x| [x * 0.0])[0] == 0.0;
        let column = (0..self.columns)
            .into_par_iter()
            .with_min_len(worth_a_thread(self.rows))
            .find_first(|&column| !finite(column))?;
        self.column(column).iter().position(|x| !x.to_f64().is_finite()).map(|row| (row, column))
    }
}

/// Weighted or converted columns that exist at one time.
const COPIES: usize = 48;

/// The same values, where they are f64.
fn as_f64<T: Element>(values: &[T]) -> Option<&[f64]> {
    if !T::IS_F64 {
        return None;
    }
    // SAFETY: `IS_F64` is true of f64 alone (the trait is sealed by its crate's implementations), so this is the same type.
    Some(unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), values.len()) })
}

/// `X' diag(w) Z` of few columns, split by rows across threads.
fn weighted<T: Element>(left: &[&[T]], right: &[&[T]], weights: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    by_rows(weights.len(), out, |here, out| {
        let left: Vec<&[T]> = left.iter().map(|column| &column[here.clone()]).collect();
        let copies: Vec<Vec<f64>> = right
            .iter()
            .map(|column| {
                column[here.clone()].iter().zip(&weights[here.clone()]).map(|(x, w)| x.to_f64() * w).collect()
            })
            .collect();
        let vectors: Vec<&[f64]> = copies.iter().map(Vec::as_slice).collect();
        products::transposed(&left, &vectors, out);
    });
}

/// Adds up what `add` makes of each part of the rows.
fn by_rows(rows: usize, out: &mut [f64], add: impl Fn(Range<usize>, &mut [f64]) + Sync) {
    let parts: Vec<Vec<f64>> = (0..rows.div_ceil(ROWS))
        .into_par_iter()
        .map(|part| {
            let mut sums = vec![0.0; out.len()];
            add(part * ROWS..((part + 1) * ROWS).min(rows), &mut sums);
            sums
        })
        .collect();
    for part in parts {
        out.iter_mut().zip(part).for_each(|(out, part)| *out += part);
    }
}

/// `X'V`, split across threads: by columns, or by rows where columns are few.
fn transposed<T: Element>(columns: &[&[T]], vectors: &[&[f64]], rows: usize, out: &mut [f64]) {
    out.fill(0.0);
    let threads = rayon::current_num_threads();
    if threads == 1 || rows * columns.len() * vectors.len() < WORTH_A_THREAD {
        return products::transposed(columns, vectors, out);
    }
    if columns.len() <= 4 * threads && rows > ROWS {
        return by_rows(rows, out, |here, out| {
            let columns: Vec<&[T]> = columns.iter().map(|column| &column[here.clone()]).collect();
            let vectors: Vec<&[f64]> = vectors.iter().map(|vector| &vector[here.clone()]).collect();
            products::transposed(&columns, &vectors, out);
        });
    }
    if columns.len() < 2 {
        return products::transposed(columns, vectors, out);
    }
    // Some more parts than threads, for they do not all run equally fast; each of whole groups of four columns.
    let part = columns.len().div_ceil(4 * threads).next_multiple_of(4).clamp(4, 512);
    let parts: Vec<Vec<f64>> = columns
        .par_chunks(part)
        .map(|columns| {
            let mut out = vec![0.0; columns.len() * vectors.len()];
            products::transposed(columns, vectors, &mut out);
            out
        })
        .collect();
    for (number, (products, columns_here)) in parts.iter().zip(columns.chunks(part)).enumerate() {
        for (v, products) in products.chunks(columns_here.len()).enumerate() {
            out[number * part + v * columns.len()..][..products.len()].copy_from_slice(products);
        }
    }
}
