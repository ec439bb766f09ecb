//! As many features as rows that say the same: `K = ZZ'`, and ridge on the `r ≤ n` columns of `Z` is ridge on all features.
//!
//! `Z` is `X̃V^{-½}` rotated, so that predictors, penalty and gap are the same, and any solver of any loss serves.

use gradiometer_kernels::products::transposed;

/// A diagonal of less than this share of the largest is rounding: the row depends on others.
const DEPENDENT: f64 = 1e-13;

/// `Z`, lower triangular in the order of its pivots, by Cholesky's method with the greatest remaining diagonal first.
///
/// Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd edition, 10.3.
pub(crate) struct Rotation {
    n: usize,
    /// `Z` row by row, `n` apart.
    rows: Vec<f64>,
    /// The rows that became pivots.
    pivots: Vec<usize>,
}

impl Rotation {
    /// Of `K`, `n × n`. Only rows that count may become pivots.
    pub fn new(n: usize, products: &[f64], counts: impl Fn(usize) -> bool) -> Self {
        let mut left: Vec<f64> = (0..n).map(|row| if counts(row) { products[row + row * n] } else { 0.0 }).collect();
        let smallest = DEPENDENT * left.iter().copied().fold(0.0, f64::max);
        let (mut rows, mut pivots) = (vec![0.0; n * n], Vec::new());
        let mut column = vec![0.0; n];
        for k in 0..n {
            let Some(pivot) = (0..n).max_by(|&a, &b| left[a].total_cmp(&left[b])) else { break };
            if left[pivot] <= smallest {
                break;
            }
            let root = left[pivot].sqrt();
            let known: Vec<&[f64]> = rows.chunks(n).map(|row| &row[..k]).collect();
            column.fill(0.0);
            transposed(&known, &[known[pivot]], &mut column);
            for (row, known) in column.iter().enumerate() {
                let value = (products[row + pivot * n] - known) / root;
                rows[row * n + k] = value;
                left[row] -= value * value;
            }
            rows[pivot * n + k] = root;
            left[pivot] = 0.0;
            // In exact arithmetic a pivot's row is done; what rounding would add to it must not count.
            pivots.iter().for_each(|&done: &usize| rows[done * n + k] = 0.0);
            pivots.push(pivot);
        }
        Self { n, rows, pivots }
    }

    /// `r`.
    pub fn columns(&self) -> usize {
        self.pivots.len()
    }

    /// `Z`, `n × r`, column by column.
    pub fn values(&self) -> Vec<f64> {
        (0..self.columns()).flat_map(|k| (0..self.n).map(move |row| self.rows[row * self.n + k])).collect()
    }

    /// The `α` with `Z'α = γ` that is zero in all rows but the pivots: the features' coefficients are then `V⁻¹X̃'α`.
    pub fn combination(&self, gamma: &[f64]) -> Vec<f64> {
        let mut alpha = vec![0.0; self.n];
        let mut rest = gamma.to_vec();
        for (k, &pivot) in self.pivots.iter().enumerate().rev() {
            let row = &self.rows[pivot * self.n..][..=k];
            let value = rest[k] / row[k];
            rest[..k].iter_mut().zip(row).for_each(|(rest, z)| *rest -= value * z);
            alpha[pivot] = value;
        }
        alpha
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn products_are_kept_and_combinations_undone(
            n in 1usize..9,
            rank in 1usize..9,
            ignored in 0usize..9,
            values in prop::collection::vec(-1.0..1.0f64, 64),
        ) {
            let entry = |a: usize, b: usize| (0..rank.min(8)).map(|r| values[a * 8 + r] * values[b * 8 + r]).sum::<f64>();
            let products: Vec<f64> = (0..n * n).map(|at| entry(at % n, at / n)).collect();
            let rotation = Rotation::new(n, &products, |row| row != ignored);
            let (r, z) = (rotation.columns(), rotation.values());
            prop_assert!(r <= rank.min(n));
            for a in (0..n).filter(|&row| row != ignored) {
                for b in (0..n).filter(|&row| row != ignored) {
                    let product: f64 = (0..r).map(|k| z[a + k * n] * z[b + k * n]).sum();
                    prop_assert!((product - entry(a, b)).abs() < 1e-11);
                }
            }
            let gamma: Vec<f64> = (0..r).map(|k| k as f64 - 1.0).collect();
            let alpha = rotation.combination(&gamma);
            prop_assert!(ignored >= n || alpha[ignored] == 0.0);
            let size = alpha.iter().fold(1.0f64, |most, a| most.max(a.abs()));
            for k in 0..r {
                let back: f64 = (0..n).map(|row| z[row + k * n] * alpha[row]).sum();
                prop_assert!((back - gamma[k]).abs() < 1e-12 * size);
            }
        }
    }
}
