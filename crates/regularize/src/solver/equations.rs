//! The normal equations of a weighted least-squares problem, factored: `(A'diag(a)A + diag(b)) x = f`, where `A` is the column of ones of an
//! intercept, if there is one, beside some features.

use std::collections::HashMap;

use super::cholesky::Cholesky;
use crate::design::{Standardized, sum};

pub(super) struct Equations {
    factor: Cholesky,
    size: usize,
}

impl Equations {
    /// For `a` by row and `b` by feature. A feature that depends on those before it is left where it is.
    pub fn new(design: &Standardized<'_>, intercept: bool, columns: &[usize], a: &[f64], b: &[f64]) -> Self {
        let m = columns.len();
        let total = sum(a);
        let mut sums = vec![0.0; m];
        design.products(columns, &[a], &mut sums);
        let place: HashMap<usize, usize> = columns.iter().enumerate().map(|(at, &column)| (column, at)).collect();
        let raw = |j: usize| sums[place[&j]] * design.scale[j] + design.center[j] * total;
        let mut gram = vec![0.0; m * m];
        design.gram(columns, columns, Some(a), &raw, total, &mut gram);
        let mut factor = Cholesky::default();
        if intercept {
            factor.append(0, |_| 0.0, total);
        }
        let entry = |i: usize, j: usize| match (i, j) {
            (0, j) | (j, 0) => sums[j - 1],
            (i, j) => gram[i - 1 + (j - 1) * m],
        };
        for at in 0..m {
            factor.append(at + 1, |other| entry(other, at + 1), gram[at + at * m] + b[at]);
        }
        Self { factor, size: m }
    }

    /// The intercept and all features, given `f` of each.
    pub fn solve(&self, intercept: f64, features: &[f64]) -> (f64, Vec<f64>) {
        let mut ordered: Vec<f64> =
            self.factor.order().iter().map(|&at| if at == 0 { intercept } else { features[at - 1] }).collect();
        self.factor.solve(&mut ordered);
        let (mut shift, mut moves) = (0.0, vec![0.0; self.size]);
        for (&at, value) in self.factor.order().iter().zip(ordered) {
            if at == 0 {
                shift = value;
            } else {
                moves[at - 1] = value;
            }
        }
        (shift, moves)
    }
}
