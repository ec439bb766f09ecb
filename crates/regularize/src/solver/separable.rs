//! A penalty at one `λ` as solvers see it: a sum over blocks of features, each of which is zero or not.

use super::certificate;
use super::working_set::WorkingSet;
use crate::penalty::Coordinate;

/// A sum of penalties of blocks of features. A block is zero where the force on it is within a limit.
pub(crate) trait Separable {
    /// `Σ ω(β)` of these features; of blocks whose other features are zero.
    fn cost(&self, columns: &[usize], beta: &dyn Fn(usize) -> f64) -> f64;

    /// Places among these features of blocks, all zero, whose force is too large for it: at most about `most` features, the worst.
    fn entering(&self, columns: &[usize], force: &[f64], most: usize) -> Vec<usize>;

    /// Of these features those of blocks that are not zero.
    fn kept(&self, columns: &[usize], beta: &[f64]) -> Vec<usize>;

    /// What a feature costs, where it is a block by itself.
    fn coordinate(&self, column: usize) -> Option<Coordinate>;

    /// Minimizes the set's parabola and this penalty together.
    fn minimize(&self, set: &mut WorkingSet, tolerance: f64, rounds: usize);

    /// The scale that makes the conjugates at these forces finite, and their sum there; all other features are within their limits.
    fn dual(&self, columns: &[usize], force: &[f64], rounding: f64) -> (f64, f64);

    /// Whether nothing holds a feature's coefficient.
    fn is_free(&self, column: usize) -> bool;

    /// Whether a feature's coefficient is never exactly zero.
    fn is_dense(&self, column: usize) -> bool;
}

/// Each feature by itself.
pub(crate) struct Coordinates<F>(pub F);

impl<F: Fn(usize) -> Coordinate> Separable for Coordinates<F> {
    fn cost(&self, columns: &[usize], beta: &dyn Fn(usize) -> f64) -> f64 {
        columns.iter().enumerate().map(|(at, &j)| self.0(j).value(beta(at))).sum()
    }

    fn entering(&self, columns: &[usize], force: &[f64], most: usize) -> Vec<usize> {
        let mut entering: Vec<(f64, usize)> = columns
            .iter()
            .zip(force)
            .enumerate()
            .map(|(at, (&j, &force))| (self.0(j).violation(0.0, force), at))
            .filter(|&(violation, _)| violation > 0.0)
            .collect();
        if entering.len() > most {
            entering.select_nth_unstable_by(most, |a, b| b.0.total_cmp(&a.0));
            entering.truncate(most);
        }
        let mut places: Vec<usize> = entering.into_iter().map(|(_, at)| at).collect();
        places.sort_unstable();
        places
    }

    fn kept(&self, columns: &[usize], beta: &[f64]) -> Vec<usize> {
        columns.iter().zip(beta).filter(|(_, beta)| **beta != 0.0).map(|(&column, _)| column).collect()
    }

    fn coordinate(&self, column: usize) -> Option<Coordinate> {
        Some(self.0(column))
    }

    fn minimize(&self, set: &mut WorkingSet, tolerance: f64, rounds: usize) {
        set.penalize(&self.0);
        set.solve(tolerance, rounds);
    }

    fn dual(&self, columns: &[usize], force: &[f64], rounding: f64) -> (f64, f64) {
        certificate::penalized_dual(&self.0, (columns, force), rounding)
    }

    fn is_free(&self, column: usize) -> bool {
        self.0(column).is_free()
    }

    fn is_dense(&self, column: usize) -> bool {
        self.0(column).l1 == 0.0
    }
}
