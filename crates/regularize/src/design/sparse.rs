use rayon::prelude::*;

use super::{Design, row_products};
use crate::Error;

/// Compressed sparse columns that someone else owns: of column `j` the rows `indices[starts[j]..starts[j + 1]]`, in any
/// order, have the numbers `values[starts[j]..starts[j + 1]]`, and all others are zero.
#[derive(Clone, Copy, Debug)]
pub struct Sparse<'a> {
    starts: &'a [usize],
    indices: &'a [u32],
    values: &'a [f64],
    rows: usize,
}

impl<'a> Sparse<'a> {
    /// A design of `starts.len() - 1` columns.
    ///
    /// # Errors
    /// The parts do not belong together: lengths, a row beyond `rows`, a row twice in a column.
    pub fn new(starts: &'a [usize], indices: &'a [u32], values: &'a [f64], rows: usize) -> Result<Self, Error> {
        let broken = |reason: String| Err(Error::SparseDesign { reason });
        if starts.first() != Some(&0) || starts.last() != Some(&values.len()) || indices.len() != values.len() {
            return broken(format!(
                "starts run from {:?} to {:?}; there are {} indices and {} values",
                starts.first(),
                starts.last(),
                indices.len(),
                values.len()
            ));
        }
        // The column in which each row was seen last.
        let mut seen = vec![usize::MAX; rows];
        for (column, window) in starts.windows(2).enumerate() {
            let (first, last) = (window[0], window[1]);
            if first > last || last > values.len() {
                return broken(format!("column {column} starts at {first} and ends at {last}"));
            }
            for &row in &indices[first..last] {
                match seen.get_mut(row as usize) {
                    None => return broken(format!("column {column} has row {row}, and there are {rows}")),
                    Some(seen) if *seen == column => return broken(format!("column {column} has row {row} twice")),
                    Some(seen) => *seen = column,
                }
            }
        }
        Ok(Self { starts, indices, values, rows })
    }

    fn column(&self, column: usize) -> (&'a [u32], &'a [f64]) {
        let range = self.starts[column]..self.starts[column + 1];
        (&self.indices[range.clone()], &self.values[range])
    }
}

impl Design for Sparse<'_> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn columns(&self) -> usize {
        self.starts.len() - 1
    }

    fn dot(&self, column: usize, vector: &[f64]) -> f64 {
        let (indices, values) = self.column(column);
        indices.iter().zip(values).map(|(&row, x)| x * vector[row as usize]).sum()
    }

    fn add_scaled(&self, column: usize, factor: f64, vector: &mut [f64]) {
        let (indices, values) = self.column(column);
        for (&row, x) in indices.iter().zip(values) {
            vector[row as usize] += factor * x;
        }
    }

    fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]) {
        for (vector, out) in vectors.iter().zip(out.chunks_mut(columns.len().max(1))) {
            out.par_iter_mut().zip(columns).with_min_len(1024).for_each(|(out, &j)| *out = self.dot(j, vector));
        }
    }

    fn gram(&self, left: &[usize], right: &[usize], weights: Option<&[f64]>, out: &mut [f64]) {
        if left.is_empty() {
            return;
        }
        // One column spread out, the others gathered from it: the cost is the non-zeros of `left` for each of `right`.
        out.par_chunks_mut(left.len()).zip(right).for_each_init(
            || vec![0.0; self.rows],
            |spread, (out, &j)| {
                let (indices, values) = self.column(j);
                for (&row, x) in indices.iter().zip(values) {
                    spread[row as usize] = x * weights.map_or(1.0, |weights| weights[row as usize]);
                }
                for (out, &i) in out.iter_mut().zip(left) {
                    *out = self.dot(i, spread);
                }
                for &row in indices {
                    spread[row as usize] = 0.0;
                }
            },
        );
    }

    fn add_row_products(&self, columns: &[usize], centers: &[f64], factors: &[f64], out: &mut [f64]) {
        // By rows: of each the columns' places in which it has a number. A column of k numbers then costs k² additions.
        let mut of_row: Vec<Vec<(u32, f64)>> = vec![Vec::new(); self.rows];
        let mut moved = vec![0.0; self.rows];
        for (at, (&j, factor)) in columns.iter().zip(factors).enumerate() {
            let (indices, values) = self.column(j);
            for (&row, x) in indices.iter().zip(values) {
                of_row[row as usize].push((at as u32, factor * x));
                moved[row as usize] += factor * centers[at] * x;
            }
        }
        out.par_chunks_mut(self.rows.max(1)).zip(&of_row).for_each(|(out, row)| {
            for &(at, x) in row {
                self.add_scaled(columns[at as usize], x, out);
            }
        });
        row_products::center(self.rows, &moved, centers, factors, out);
    }

    fn mean_and_variance(&self, column: usize, weights: Option<&[f64]>) -> (f64, f64) {
        let (indices, values) = self.column(column);
        let even = 1.0 / self.rows as f64;
        let weight = |row: u32| weights.map_or(even, |weights| weights[row as usize]);
        let mean: f64 = indices.iter().zip(values).map(|(&row, x)| weight(row) * x).sum();
        let (mut squares, mut here) = (0.0, 0.0);
        for (&row, x) in indices.iter().zip(values) {
            let w = weight(row);
            squares += w * (x - mean) * (x - mean);
            here += w;
        }
        // The rows that are zero are `mean` away, all of them.
        (mean, squares + (1.0 - here).max(0.0) * mean * mean)
    }

    fn stored(&self, column: usize) -> usize {
        self.starts[column + 1] - self.starts[column]
    }

    fn append_nonzeros(&self, column: usize, rows: &mut Vec<u32>, values: &mut Vec<f64>) {
        let (own_rows, own_values) = self.column(column);
        rows.extend_from_slice(own_rows);
        values.extend_from_slice(own_values);
    }

    fn first_not_finite(&self) -> Option<(usize, usize)> {
        (0..self.columns()).find_map(|column| {
            let (indices, values) = self.column(column);
            values.iter().position(|x| !x.is_finite()).map(|at| (indices[at] as usize, column))
        })
    }
}
