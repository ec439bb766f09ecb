use rayon::prelude::*;

use super::Folds;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::moments::Moments;
use crate::path::{Options, Path};
use crate::problem::{Family, Problem, Response};

/// How well each `λ` predicts rows that were held out.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// The path on all rows.
    pub path: Path,
    /// For each fold and `λ` the mean deviance of its rows under the model of all others; for least squares that is the mean squared error.
    pub folds: Vec<Vec<f64>>,
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
        let parts: Vec<Moments> = (0..folds.count())
            .map(|fold| {
                let rows = folds.rows(fold);
                let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
                let mut values = vec![0.0; rows.len() * self.design.columns()];
                values
                    .par_chunks_mut(rows.len())
                    .enumerate()
                    .for_each(|(column, out)| self.design.gather(column, &rows, out));
                let mut moments = Moments::new(self.design.columns());
                moments.add_block(&mut values, &pick(&response), self.weights.map(pick).as_deref());
                moments
            })
            .collect();
        // All but one: what stands before it, merged with what stands behind it.
        let mut behind = vec![Moments::new(self.design.columns())];
        for part in parts.iter().rev() {
            let mut sum = behind[behind.len() - 1].clone();
            sum.merge(part);
            behind.push(sum);
        }
        behind.reverse();
        let path = behind[0].path(&self.penalty, self.standardize, options)?;
        let lambdas = path.points.iter().map(|point| point.lambda).collect();
        let within = Options { lambdas: Lambdas::Given(lambdas), ..options.clone() };
        let mut before = Moments::new(self.design.columns());
        let mut others = Vec::with_capacity(parts.len());
        for (part, behind) in parts.iter().zip(behind.iter().skip(1)) {
            let mut all_but = before.clone();
            all_but.merge(behind);
            others.push(all_but);
            before.merge(part);
        }
        drop(behind);
        let judged: Vec<(Vec<f64>, usize)> = others
            .par_iter()
            .zip(&parts)
            .map(|(training, held_out)| {
                let path = training.path(&self.penalty, self.standardize, &within)?;
                let errors = path.points.iter().map(|point| held_out.mean_squared_error(&point.models[0])).collect();
                Ok((errors, path.points.iter().filter(|point| !point.converged).count()))
            })
            .collect::<Result<_, Error>>()?;
        let weights: Vec<f64> = parts.iter().map(Moments::weight).collect();
        Ok(CrossValidation::new(path, judged, &weights))
    }

    /// The same from the rows, for every family: a fold's rows have a weight of zero.
    pub(crate) fn cross_validate_by_rows(&self, options: &Options, folds: &Folds) -> Result<CrossValidation, Error> {
        let n = self.design.rows();
        let path = self.path(options)?;
        let lambdas = path.points.iter().map(|point| point.lambda).collect();
        let within = Options { lambdas: Lambdas::Given(lambdas), ..options.clone() };
        let weight = |row: usize| self.weights.map_or(1.0, |weights| weights[row]);
        let judged: Vec<(Vec<f64>, usize)> = (0..folds.count())
            .into_par_iter()
            .map(|fold| {
                let here = |row: usize| folds.of()[row] as usize == fold;
                let training: Vec<f64> = (0..n).map(|row| if here(row) { 0.0 } else { weight(row) }).collect();
                let held_out: Vec<f64> = (0..n).map(|row| if here(row) { weight(row) } else { 0.0 }).collect();
                let mut problem = self.clone();
                problem.weights = Some(&training);
                let path = problem.path(&within).map_err(|error| match error {
                    Error::EmptyClass { class } => Error::FoldWithoutClass { fold, class },
                    Error::ConstantResponse { value } if self.family == Family::Binomial => {
                        Error::FoldWithoutClass { fold, class: usize::from(value == 0.0) }
                    }
                    other => other,
                })?;
                let errors = path.points.iter().map(|point| self.mean_deviance(&point.models, &held_out)).collect();
                Ok((errors, path.points.iter().filter(|point| !point.converged).count()))
            })
            .collect::<Result<_, Error>>()?;
        let weights: Vec<f64> = (0..folds.count()).map(|fold| folds.rows(fold).into_iter().map(weight).sum()).collect();
        Ok(CrossValidation::new(path, judged, &weights))
    }
}

impl CrossValidation {
    fn new(path: Path, judged: Vec<(Vec<f64>, usize)>, weights: &[f64]) -> Self {
        let not_converged = judged.iter().map(|(_, count)| count).sum();
        // A fold's path can be shorter, where its classes separate: errors are known as far as all folds got.
        let lambdas = judged.iter().map(|(errors, _)| errors.len()).min().unwrap_or(0);
        let folds: Vec<Vec<f64>> = judged.into_iter().map(|(errors, _)| errors).collect();
        // A fold whose rows all have a weight of zero says nothing.
        let total: f64 = weights.iter().sum();
        let counted = weights.iter().filter(|&&weight| weight > 0.0).count() as f64;
        let over_folds = |f: &dyn Fn(usize) -> f64| -> f64 {
            (0..folds.len()).filter(|&fold| weights[fold] > 0.0).map(|fold| weights[fold] / total * f(fold)).sum()
        };
        let error: Vec<f64> = (0..lambdas).map(|at| over_folds(&|fold| folds[fold][at])).collect();
        let standard_error: Vec<f64> = (0..lambdas)
            .map(|at| (over_folds(&|fold| (folds[fold][at] - error[at]).powi(2)) / (counted - 1.0).max(1.0)).sqrt())
            .collect();
        let minimum = (0..lambdas).min_by(|&a, &b| error[a].total_cmp(&error[b])).unwrap_or(0);
        let one_standard_error = (0..=minimum)
            .find(|&at| at < lambdas && error[at] <= error[minimum] + standard_error[minimum])
            .unwrap_or(minimum);
        Self { path, folds, error, standard_error, minimum, one_standard_error, not_converged }
    }
}
