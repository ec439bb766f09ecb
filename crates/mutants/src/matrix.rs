//! Products of flat, row-major matrices: the three that forward and backward passes are made of.

use crate::scalar::Scalar;

/// `A B`, of `A` (rows, inner) and `B` (inner, columns).
pub fn product<S: Scalar>(a: &[S], b: &[S], rows: usize, inner: usize, columns: usize) -> Vec<S> {
    let mut out = vec![S::ZERO; rows * columns];
    for r in 0..rows {
        for k in 0..inner {
            for c in 0..columns {
                out[r * columns + c] += a[r * inner + k] * b[k * columns + c];
            }
        }
    }
    out
}

/// `Aᵀ`, of `A` (rows, columns).
pub fn transposed<S: Scalar>(a: &[S], rows: usize, columns: usize) -> Vec<S> {
    (0..rows * columns).map(|k| a[(k % rows) * columns + k / rows]).collect()
}

/// `Σₖ aₖ bₖ`.
pub fn dot<S: Scalar>(a: &[S], b: &[S]) -> S {
    a.iter().zip(b).map(|(&a, &b)| a * b).sum()
}

/// `a += b`.
pub fn add_to<S: Scalar>(a: &mut [S], b: &[S]) {
    a.iter_mut().zip(b).for_each(|(a, &b)| *a += b);
}
