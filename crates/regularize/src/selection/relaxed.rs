use crate::design::Columns;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::path::{Options, Point};
use crate::penalty::Penalty;
use crate::problem::Problem;

impl Problem<'_> {
    /// Fits some features again without a penalty: the shrinkage that chose them is taken off their coefficients ("relaxed" or debiased
    /// lasso). Standard errors of such a fit are too small, for the same rows chose the features.
    ///
    /// Source: Meinshausen, "Relaxed lasso", Computational Statistics and Data Analysis 52 (2007).
    ///
    /// # Errors
    /// As of [`path`](Self::path), and [`Error::Undetermined`] where the features are not linearly independent.
    pub fn refit(&self, columns: &[usize], options: &Options) -> Result<Point, Error> {
        let design = Columns::new(self.design, columns.to_vec());
        let bounds = columns.iter().filter_map(|&column| self.penalty.bounds.get(column).copied()).collect();
        let mut problem = self.clone();
        problem.design = &design;
        problem.penalty = Penalty { bounds, ..Penalty::l1() };
        if columns.is_empty() {
            return Err(Error::NoFeatures);
        }
        let path = problem.path(&Options { lambdas: Lambdas::Given(vec![0.0]), ..options.clone() })?;
        let mut point = path.points.into_iter().next().ok_or(Error::NoLambda)?;
        for model in &mut point.models {
            let mut pairs: Vec<(usize, f64)> =
                model.columns.iter().map(|&at| columns[at]).zip(model.values.iter().copied()).collect();
            pairs.sort_unstable_by_key(|&(column, _)| column);
            (model.columns, model.values) = pairs.into_iter().unzip();
        }
        Ok(point)
    }
}
