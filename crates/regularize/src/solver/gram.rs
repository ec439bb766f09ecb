//! Least squares from all products of features with each other, taken once: rows are no longer needed.

use gradiometer_kernels::products::{add_scaled, dot};

use super::gaussian::{LeastSquares, Support};
use crate::design::Standardized;
use crate::moments::{Moments, symmetric};

/// `G`, `c` and `s` of standardized features.
pub(crate) struct Gram {
    gram: Vec<f64>,
    linear: Vec<f64>,
    square: f64,
}

impl Gram {
    /// From the problem in rows.
    pub fn from_rows(rows: &dyn LeastSquares) -> Self {
        let p = rows.columns();
        let mut gram = vec![0.0; p * p];
        symmetric(p, &mut gram, |left, right, out| rows.gram(left, right, out));
        Self { gram, linear: rows.linear().to_vec(), square: rows.square() }
    }

    /// From sums, and the scale of each feature: its standard deviation if asked for, else 1. Constant features have a scale of 1 and are all zero.
    pub fn from_moments(moments: &Moments, standardize: bool) -> (Self, Vec<f64>) {
        let (p, total) = (moments.columns(), moments.weight);
        let variance = |j: usize| (moments.products[j * p + j] / total).max(0.0);
        let constant: Vec<bool> = (0..p).map(|j| Standardized::is_constant(moments.mean[j], variance(j))).collect();
        let scale: Vec<f64> =
            (0..p).map(|j| if standardize && !constant[j] { variance(j).sqrt() } else { 1.0 }).collect();
        let mut gram = moments.products.clone();
        for (r, column) in gram.chunks_mut(p.max(1)).enumerate() {
            for (l, value) in column.iter_mut().enumerate() {
                let dead = constant[l] || constant[r];
                *value = if dead { 0.0 } else { *value / (total * scale[l] * scale[r]) };
            }
        }
        let linear =
            (0..p).map(|j| if constant[j] { 0.0 } else { moments.with_response[j] / (total * scale[j]) }).collect();
        (Self { gram, linear, square: moments.response_square / total }, scale)
    }

    fn column(&self, column: usize) -> &[f64] {
        let p = self.linear.len();
        &self.gram[column * p..][..p]
    }
}

impl LeastSquares for Gram {
    fn columns(&self) -> usize {
        self.linear.len()
    }

    fn linear(&self) -> &[f64] {
        &self.linear
    }

    fn square(&self) -> f64 {
        self.square
    }

    fn gram(&self, left: &[usize], right: &[usize], out: &mut [f64]) {
        for (out, &r) in out.chunks_mut(left.len().max(1)).zip(right) {
            let column = self.column(r);
            out.iter_mut().zip(left).for_each(|(out, &l)| *out = column[l]);
        }
    }

    fn gram_features(&self) -> usize {
        96
    }

    fn norm(&self, column: usize) -> f64 {
        self.column(column)[column].max(0.0).sqrt()
    }

    fn forces(&self, columns: &[usize], solutions: &[Support]) -> Vec<Vec<f64>> {
        let p = self.columns();
        solutions
            .iter()
            .map(|support| {
                // The shorter way: few features that are asked for, or few coefficients.
                if columns.len() < support.columns.len() {
                    let mut beta = vec![0.0; p];
                    support.columns.iter().zip(&support.values).for_each(|(&j, &value)| beta[j] = value);
                    return columns.iter().map(|&j| self.linear[j] - dot(self.column(j), &beta)).collect();
                }
                let mut force = self.linear.clone();
                for (&j, &value) in support.columns.iter().zip(&support.values) {
                    add_scaled(-value, self.column(j), &mut force);
                }
                columns.iter().map(|&j| force[j]).collect()
            })
            .collect()
    }

    fn forces_are_cheap(&self) -> bool {
        true
    }
}
