use super::Folds;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::path::{Linear, Options, Path};
use crate::problem::{Family, Problem};

/// One fold, judged by the models of all other rows.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOut {
    /// For each `λ`, as far as the path got on the other rows, the mean deviance of the fold's rows; for least squares that is the mean squared
    /// error.
    pub errors: Vec<f64>,
    /// The fold's rows; none where they were streamed.
    pub rows: Vec<usize>,
    /// The sum of their weights.
    pub weight: f64,
    /// Solutions that did not converge.
    pub not_converged: usize,
    kept: Vec<Kept>,
}

/// What is kept of a solution, so that its predictions need no second fit: whichever takes less memory.
#[derive(Clone, Debug, PartialEq)]
enum Kept {
    Models(Vec<Linear>),
    /// For each model one number for each of the fold's rows.
    Predictors(Vec<Vec<f64>>),
}

impl HeldOut {
    /// A fold of least squares, of which the sums give the errors.
    pub(super) fn from_path(path: Path, errors: Vec<f64>, rows: Vec<usize>, weight: f64) -> Self {
        let not_converged = path.points.iter().filter(|point| !point.converged).count();
        let kept = path.points.into_iter().map(|point| Kept::Models(point.models)).collect();
        Self { errors, rows, weight, not_converged, kept }
    }

    /// What the model at one `λ` predicts for the fold's [`rows`](Self::rows), offsets included: for each of its linear models one number a row.
    /// `problem` is the one that the fold was judged with.
    ///
    /// # Panics
    /// If the fold's path did not get to this `λ`.
    pub fn predictors(&self, problem: &Problem<'_>, at: usize) -> Vec<Vec<f64>> {
        match &self.kept[at] {
            Kept::Predictors(predictors) => predictors.clone(),
            Kept::Models(models) => problem.predictors(models, &self.rows),
        }
    }
}

impl Problem<'_> {
    /// Solves the `λ` of a path on all rows but those of one fold, and judges every solution on that fold.
    ///
    /// [`cross_validate`](Self::cross_validate) does so for every fold. Call this where what precedes the fit has to be done anew
    /// within each, such as imputing: on a problem whose design is the fold's own; then [`CrossValidation::new`](super::CrossValidation::new).
    ///
    /// # Errors
    /// As of [`path`](Self::path); folds of another number of rows; a class that all others lack.
    pub fn hold_out(&self, path: &Path, options: &Options, folds: &Folds, fold: usize) -> Result<HeldOut, Error> {
        let n = self.design.rows();
        if folds.of().len() != n {
            return Err(Error::Length { what: "folds", length: folds.of().len(), expected: n });
        }
        let lambdas = path.points.iter().map(|point| point.lambda).collect();
        let within = Options { lambdas: Lambdas::Given(lambdas), ..options.clone() };
        let weight = |row: usize| self.weights.map_or(1.0, |weights| weights[row]);
        let rows = folds.rows(fold);
        let mut training: Vec<f64> = (0..n).map(weight).collect();
        rows.iter().for_each(|&row| training[row] = 0.0);
        let mut problem = self.clone();
        problem.weights = Some(&training);
        let path = problem.path(&within).map_err(|error| match error {
            Error::EmptyClass { class } => Error::FoldWithoutClass { fold, class },
            Error::ConstantResponse { value } if self.family == Family::Binomial => {
                Error::FoldWithoutClass { fold, class: usize::from(value == 0.0) }
            }
            other => other,
        })?;
        let not_converged = path.points.iter().filter(|point| !point.converged).count();
        let (mut errors, mut kept) = (Vec::new(), Vec::new());
        for point in path.points {
            let predictors = self.predictors(&point.models, &rows);
            errors.push(self.mean_deviance(&predictors, &rows));
            // A coefficient takes its number and its column.
            let coefficients: usize = point.models.iter().map(|model| 2 * model.columns.len()).sum();
            kept.push(match coefficients < rows.len() * predictors.len() {
                true => Kept::Models(point.models),
                false => Kept::Predictors(predictors),
            });
        }
        let weight = rows.iter().map(|&row| weight(row)).sum();
        Ok(HeldOut { errors, rows, weight, not_converged, kept })
    }
}
