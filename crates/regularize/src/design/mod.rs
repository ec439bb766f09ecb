//! Designs: where the numbers of the features lie, and the products that solvers ask of them.
//!
//! A design is read, never copied: it hands out products with vectors. Standardization is a view,
//! so a sparse design stays sparse and a column of categories is never expanded.

mod beside;
mod categorical;
mod columns;
mod combination;
mod cross;
mod dense;
mod row_products;
mod sparse;
mod standardized;
mod sums;
mod tallies;

use rayon::prelude::*;

pub use beside::Beside;
pub use categorical::Categorical;
pub use columns::Columns;
pub use dense::Dense;
pub use sparse::Sparse;
pub(crate) use standardized::Standardized;
pub(crate) use sums::{sum, sum_and_size};

/// `n` rows by `p` columns of numbers, a column a feature.
///
/// Vectors over rows have `n` numbers; columns are counted from 0. Out-of-range columns and vectors of another length panic.
pub trait Design: Sync {
    /// `n`.
    fn rows(&self) -> usize;

    /// `p`.
    fn columns(&self) -> usize;

    /// `x_j'v`.
    fn dot(&self, column: usize, vector: &[f64]) -> f64;

    /// `v += a x_j`.
    fn add_scaled(&self, column: usize, factor: f64, vector: &mut [f64]);

    /// `v += Σ_c a_c x_c`. Runs on the threads of the current rayon pool.
    fn add_combination(&self, columns: &[usize], factors: &[f64], vector: &mut [f64]) {
        for (&column, &factor) in columns.iter().zip(factors) {
            self.add_scaled(column, factor, vector);
        }
    }

    /// `X_C'V`: `out[c + v * columns.len()] = x_columns[c]'vectors[v]`. Runs on the threads of the current rayon pool.
    fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]);

    /// `X_L' diag(w) X_R`: `out[l + r * left.len()]`; without weights, `X_L'X_R`. Runs on the threads of the current rayon pool.
    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]);

    /// `X_C' diag(w) Z_D`, with the columns `D` of another design of the same rows: `out[c + d * columns.len()]`. Runs on the threads of the
    /// current rayon pool.
    fn cross(
        &self,
        columns: &[usize],
        (other, others): (&dyn Design, &[usize]),
        weights: Option<&[f64]>,
        out: &mut [f64],
    ) {
        cross::spread(self, columns, (other, others), weights, out);
    }

    /// Copies the numbers of a column in the rows from `first` on, where that costs no more than the rows copied; `false`, with nothing copied, where
    /// it would.
    fn copy_rows(&self, column: usize, first: usize, out: &mut [f64]) -> bool {
        let _ = (column, first, out);
        false
    }

    /// Whether products of one feature cost nearly as much as those of all, as where each row is of one category: then all are asked at once.
    fn shares_work(&self) -> bool {
        false
    }

    /// Whether a feature is one of those that [share work](Self::shares_work).
    fn products_come_together(&self, column: usize) -> bool {
        let _ = column;
        self.shares_work()
    }

    /// `Σ_c f_c (x_c − m_c)(x_c − m_c)'`, the rows' products with each other, added to the `n × n` numbers of `out`: `f` are `factors` of at
    /// least zero and `m` are `centers`, one a column. Runs on the threads of the current rayon pool.
    fn add_row_products(&self, columns: &[usize], centers: &[f64], factors: &[f64], out: &mut [f64]) {
        row_products::add(self.rows(), columns, centers, factors, out, |column, spread| {
            spread.fill(0.0);
            self.add_scaled(column, 1.0, spread);
        });
    }

    /// `(x_j'w, Σ w (x_j − x_j'w)²)` for weights that sum to one: mean and variance. `None`: every weight is `1/n`.
    fn mean_and_variance(&self, column: usize, weights: Option<&[f64]>) -> (f64, f64);

    /// Means and variances of all columns. Runs on the threads of the current rayon pool.
    fn means_and_variances(&self, weights: Option<&[f64]>) -> Vec<(f64, f64)> {
        let columns = (0..self.columns()).into_par_iter().with_min_len(worth_a_thread(self.rows()));
        columns.map(|column| self.mean_and_variance(column, weights)).collect()
    }

    /// The numbers of a column in some rows.
    fn gather(&self, column: usize, rows: &[usize], out: &mut [f64]) {
        let mut spread = vec![0.0; self.rows()];
        self.add_scaled(column, 1.0, &mut spread);
        out.iter_mut().zip(rows).for_each(|(out, &row)| *out = spread[row]);
    }

    /// How many numbers of a column are looked at to multiply it with a vector: all, or those that are not zero.
    fn stored(&self, column: usize) -> usize {
        let _ = column;
        self.rows()
    }

    /// Appends the rows and the numbers of a column that are not zero.
    fn append_nonzeros(&self, column: usize, rows: &mut Vec<u32>, values: &mut Vec<f64>) {
        let mut spread = vec![0.0; self.rows()];
        self.add_scaled(column, 1.0, &mut spread);
        for (row, x) in (0..).zip(spread) {
            if x != 0.0 {
                rows.push(row);
                values.push(x);
            }
        }
    }

    /// Row and column of the first number (in column order) that is NaN or infinite.
    fn first_not_finite(&self) -> Option<(usize, usize)>;
}

/// Products of fewer multiply-adds than this are not worth waking another thread for: some 20 µs of work.
pub(crate) const WORTH_A_THREAD: usize = 200_000;

/// Columns of so many rows that are worth another thread.
fn worth_a_thread(rows: usize) -> usize {
    (WORTH_A_THREAD / rows.max(1)).clamp(1, 64)
}
