use rayon::prelude::*;

use super::moments_by_fold;
use super::{Folds, HeldOut};
use crate::error::Error;
use crate::moments::Moments;
use crate::path::{Options, Path};
use crate::problem::{Family, Problem, Response};

/// How well each `λ` predicts rows that were held out.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// The path on all rows.
    pub path: Path,
    /// For each fold how well the models of all others predict it, and what they predict.
    pub folds: Vec<HeldOut>,
    /// For each `λ` the mean over folds, each by the weight of its rows.
    pub error: Vec<f64>,
    /// For each `λ` the standard error of that mean: the folds' standard deviation divided by the root of their number.
    pub standard_error: Vec<f64>,
    /// The place of the `λ` of least error.
    pub minimum: usize,
    /// The place of the greatest `λ` whose error is at most one standard error above the least: the simplest model that cannot be told from the
    /// best.
    pub one_standard_error: usize,
    /// Solutions of folds that did not converge.
    pub not_converged: usize,
}

/// The most memory that products of all features may take in all folds.
const MOST_BYTES: usize = 1 << 30;

impl Problem<'_> {
    /// Solves the path on all rows, then for each fold on all others, with the same `λ`, and judges it on the fold. Features are standardized anew
    /// within each: nothing of a held-out row reaches the model that is judged on it.
    ///
    /// Least squares on dense numbers with more rows than features take one pass over the rows, whatever the number of `λ` and folds: all else is
    /// computed from the sums of each fold, and is the same as from the rows.
    ///
    /// # Errors
    /// As of [`path`](Self::path); folds of another number of rows; a class that all others lack.
    pub fn cross_validate(&self, options: &Options, folds: &Folds) -> Result<CrossValidation, Error> {
        let n = self.design.rows();
        if folds.of().len() != n {
            return Err(Error::Length { what: "folds", length: folds.of().len(), expected: n });
        }
        let columns = self.design.columns();
        let fits = 3 * folds.count() * columns * columns * size_of::<f64>() <= MOST_BYTES;
        if self.family == Family::Gaussian && self.intercept && self.penalty.groups.is_empty() && columns < n && fits {
            return self.cross_validate_by_moments(options, folds);
        }
        self.cross_validate_by_rows(options, folds)
    }

    fn cross_validate_by_moments(&self, options: &Options, folds: &Folds) -> Result<CrossValidation, Error> {
        self.check()?;
        let Response::Numbers(y) = self.response else { return self.cross_validate_by_rows(options, folds) };
        let response: Vec<f64> = match self.offset {
            Some(offset) => y.iter().zip(offset).map(|(y, offset)| y - offset).collect(),
            None => y.to_vec(),
        };
        let rows: Vec<Vec<usize>> = (0..folds.count()).map(|fold| folds.rows(fold)).collect();
        let parts: Vec<Moments> = rows
            .iter()
            .map(|rows| {
                let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
                let mut values = vec![0.0; rows.len() * self.design.columns()];
                values
                    .par_chunks_mut(rows.len())
                    .enumerate()
                    .for_each(|(column, out)| self.design.gather(column, rows, out));
                let mut moments = Moments::new(self.design.columns());
                moments.add_block(&mut values, &pick(&response), self.weights.map(pick).as_deref());
                moments
            })
            .collect();
        let path = |moments: &Moments, options: &Options| moments.path(&self.penalty, self.standardize, options);
        moments_by_fold::cross_validate(&parts, rows, path, options)
    }

    /// The same from the rows, for every family: a fold's rows have a weight of zero.
    fn cross_validate_by_rows(&self, options: &Options, folds: &Folds) -> Result<CrossValidation, Error> {
        let path = self.path(options)?;
        let judged = (0..folds.count())
            .into_par_iter()
            .map(|fold| self.hold_out(&path, options, folds, fold))
            .collect::<Result<_, Error>>()?;
        Ok(CrossValidation::new(path, judged))
    }
}

impl CrossValidation {
    /// From a path on all rows and what [`hold_out`](Problem::hold_out) found for each fold.
    pub fn new(path: Path, folds: Vec<HeldOut>) -> Self {
        let not_converged = folds.iter().map(|fold| fold.not_converged).sum();
        // A fold's path can be shorter, where its classes separate: errors are known as far as all folds got.
        let lambdas = folds.iter().map(|fold| fold.errors.len()).min().unwrap_or(0);
        // A fold whose rows all have a weight of zero says nothing.
        let total: f64 = folds.iter().map(|fold| fold.weight).sum();
        let counted = folds.iter().filter(|fold| fold.weight > 0.0).count() as f64;
        let over_folds = |f: &dyn Fn(&HeldOut) -> f64| -> f64 {
            folds.iter().filter(|fold| fold.weight > 0.0).map(|fold| fold.weight / total * f(fold)).sum()
        };
        let error: Vec<f64> = (0..lambdas).map(|at| over_folds(&|fold| fold.errors[at])).collect();
        let standard_error: Vec<f64> = (0..lambdas)
            .map(|at| (over_folds(&|fold| (fold.errors[at] - error[at]).powi(2)) / (counted - 1.0).max(1.0)).sqrt())
            .collect();
        let minimum = (0..lambdas).min_by(|&a, &b| error[a].total_cmp(&error[b])).unwrap_or(0);
        let one_standard_error = (0..=minimum)
            .find(|&at| at < lambdas && error[at] <= error[minimum] + standard_error[minimum])
            .unwrap_or(minimum);
        Self { path, folds, error, standard_error, minimum, one_standard_error, not_converged }
    }
}
