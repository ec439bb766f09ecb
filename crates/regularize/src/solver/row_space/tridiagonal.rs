//! A symmetric matrix, brought to three diagonals once for every shift of its eigenvalues.

use gradiometer_kernels::products::{add_scaled, dot, transposed};

/// A symmetric matrix `A = Q T Q'`, where `T` has three diagonals and `Q` is a product of reflections: `(A + s I) x = v` then costs `n²` for
/// every shift `s`, and `n` inside the basis of `Q`.
///
/// Source: Householder's reduction, as in Golub and Van Loan, "Matrix Computations", 4th edition, 8.3.1; that one reduction serves every
/// strength of ridge, from Eldén, "Algorithms for the regularization of ill-conditioned least squares problems", BIT 17 (1977).
pub(super) struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Beside the diagonal; one number less.
    beside: Vec<f64>,
    /// `I − u u'` one after the other, from the first row on; `u` of the `k`-th begins at row `k + 1` and has a square of 2, or is empty.
    reflections: Vec<Vec<f64>>,
}

impl Tridiagonal {
    /// Of an `n × n` matrix, both triangles given; it is spoiled.
    pub fn new(n: usize, matrix: &mut [f64]) -> Self {
        let (mut diagonal, mut beside, mut reflections) = (Vec::with_capacity(n), Vec::new(), Vec::new());
        for k in 0..n {
            diagonal.push(matrix[k + k * n]);
            if k + 1 == n {
                break;
            }
            let mut u = matrix[k * n + k + 1..][..n - k - 1].to_vec();
            let norm = dot(&u, &u).sqrt();
            if norm <= f64::MIN_POSITIVE {
                beside.push(0.0);
                reflections.push(Vec::new());
                continue;
            }
            // Onto the first axis, away from where the vector points, so that nothing cancels.
            let onto = -norm.copysign(u[0]);
            u[0] -= onto;
            beside.push(onto);
            let root = (2.0 / dot(&u, &u)).sqrt();
            u.iter_mut().for_each(|u| *u *= root);
            // B ← (I − uu') B (I − uu') of what is left: B − u z' − z u' with z = Bu − ½ (u'Bu) u.
            let left = n - k - 1;
            let mut z = vec![0.0; left];
            let columns: Vec<&[f64]> = (0..left).map(|c| &matrix[(k + 1 + c) * n + k + 1..][..left]).collect();
            transposed(&columns, &[&u], &mut z);
            let half = 0.5 * dot(&u, &z);
            add_scaled(-half, &u, &mut z);
            for c in 0..left {
                let column = &mut matrix[(k + 1 + c) * n + k + 1..][..left];
                add_scaled(-z[c], &u, column);
                add_scaled(-u[c], &z, column);
            }
            reflections.push(u);
        }
        Self { diagonal, beside, reflections }
    }

    /// `v ← Q'v`.
    pub fn turn(&self, v: &mut [f64]) {
        for (k, u) in self.reflections.iter().enumerate().filter(|(_, u)| !u.is_empty()) {
            let v = &mut v[k + 1..];
            add_scaled(-dot(u, v), u, v);
        }
    }

    /// `v ← Q v`.
    pub fn turn_back(&self, v: &mut [f64]) {
        for (k, u) in self.reflections.iter().enumerate().rev().filter(|(_, u)| !u.is_empty()) {
            let v = &mut v[k + 1..];
            add_scaled(-dot(u, v), u, v);
        }
    }

    /// `(T + s I)⁻¹ v` in the basis of `Q`, of a matrix without negative eigenvalues.
    pub fn solve(&self, shift: f64, v: &[f64]) -> Vec<f64> {
        let n = v.len();
        let (mut pivots, mut x) = (Vec::with_capacity(n), v.to_vec());
        for k in 0..n {
            let mut pivot = self.diagonal[k] + shift;
            if k > 0 {
                let share = self.beside[k - 1] / pivots[k - 1];
                pivot -= share * self.beside[k - 1];
                x[k] -= share * x[k - 1];
            }
            // A pivot is no less than the least eigenvalue, which is at least the shift: what is below it is rounding.
            pivots.push(pivot.max(shift));
        }
        for k in (0..n).rev() {
            let after = if k + 1 < n { self.beside[k] * x[k + 1] } else { 0.0 };
            x[k] = (x[k] - after) / pivots[k];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn shifted_equations_are_solved(
            n in 1usize..9,
            rank in 0usize..9,
            values in prop::collection::vec(-1.0..1.0f64, 64),
            right in prop::collection::vec(-1.0..1.0f64, 8),
            shift in 1e-3..10.0f64,
        ) {
            let entry = |a: usize, b: usize| (0..rank.min(8)).map(|r| values[a * 8 + r] * values[b * 8 + r]).sum::<f64>();
            let mut matrix: Vec<f64> = (0..n * n).map(|at| entry(at % n, at / n)).collect();
            let tridiagonal = Tridiagonal::new(n, &mut matrix);
            let mut v = right[..n].to_vec();
            tridiagonal.turn(&mut v);
            let mut x = tridiagonal.solve(shift, &v);
            tridiagonal.turn_back(&mut x);
            for a in 0..n {
                let product: f64 = (0..n).map(|b| entry(a, b) * x[b]).sum::<f64>() + shift * x[a];
                prop_assert!((product - right[a]).abs() < 1e-9 * (1.0 + x.iter().fold(0.0f64, |most, x| most.max(x.abs()))));
            }
        }
    }
}
