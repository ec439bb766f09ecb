use crate::design::Columns;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::moments::Moments;
use crate::path::{Linear, Options, Path, Point};
use crate::penalty::Penalty;
use crate::problem::{Family, Problem, Response};

impl Problem<'_> {
    /// Fits some features again without a penalty: the shrinkage that chose them is taken off their coefficients ("relaxed" or debiased
    /// lasso). Standard errors of such a fit are too small, for the same rows chose the features.
    ///
    /// Source: Meinshausen, "Relaxed lasso", Computational Statistics and Data Analysis 52 (2007).
    ///
    /// # Errors
    /// As of [`path`](Self::path), [`Error::Undetermined`] where the features are not linearly independent, and [`Error::Separated`] where they
    /// tell the classes apart.
    pub fn refit(&self, columns: &[usize], options: &Options) -> Result<Point, Error> {
        let design = Columns::new(self.design, columns.to_vec());
        if columns.is_empty() {
            return Err(Error::NoFeatures);
        }
        let mut problem = self.clone();
        problem.design = &design;
        problem.penalty = self.penalty.only_bounds(columns);
        let mut path = problem.path(&unpenalized(options))?;
        match path.points.first() {
            Some(point) if problem.separates(&point.models) => Err(Error::Separated),
            _ => renamed(&mut path, columns),
        }
    }

    /// Whether models put every row on its own class's side, and nothing keeps them from going further: then coefficients twice as large fit
    /// better, and so on without end. Albert and Anderson, Biometrika 71 (1984).
    fn separates(&self, models: &[Linear]) -> bool {
        let free = models.iter().all(|model| {
            model.columns.iter().zip(&model.values).all(|(&column, &value)| {
                let (lower, upper) =
                    self.penalty.bounds.get(column).copied().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
                if value > 0.0 { upper.is_infinite() } else { lower.is_infinite() }
            })
        });
        let counts = |row: usize| self.weights.is_none_or(|weights| weights[row] > 0.0);
        // An offset does not grow with the coefficients.
        let predictors: Vec<Vec<f64>> = models.iter().map(|model| model.predictors(self.design)).collect();
        let apart = |row: usize| match self.response {
            Response::Classes { codes, .. } => {
                let own = codes[row] as usize;
                (0..predictors.len()).all(|class| class == own || predictors[own][row] > predictors[class][row])
            }
            Response::Numbers(y) if self.family == Family::Binomial => {
                (y[row] == 0.0 && predictors[0][row] < 0.0) || (y[row] == 1.0 && predictors[0][row] > 0.0)
            }
            Response::Numbers(_) => false,
        };
        free && (0..self.design.rows()).filter(|&row| counts(row)).all(apart)
    }
}

impl Moments {
    /// Fits some features again without a penalty, as [`Problem::refit`] does.
    ///
    /// # Errors
    /// As of [`path`](Self::path), and [`Error::Undetermined`] where the features are not linearly independent.
    pub fn refit(&self, columns: &[usize], penalty: &Penalty, options: &Options) -> Result<Point, Error> {
        if columns.is_empty() {
            return Err(Error::NoFeatures);
        }
        let mut path = self.select(columns).path(&penalty.only_bounds(columns), true, &unpenalized(options))?;
        renamed(&mut path, columns)
    }
}

fn unpenalized(options: &Options) -> Options {
    Options { lambdas: Lambdas::Given(vec![0.0]), ..options.clone() }
}

/// The one point of a path of some columns, with the numbers that these have among all.
fn renamed(path: &mut Path, columns: &[usize]) -> Result<Point, Error> {
    let mut point = path.points.pop().ok_or(Error::NoLambda)?;
    for model in &mut point.models {
        let mut pairs: Vec<(usize, f64)> =
            model.columns.iter().map(|&at| columns[at]).zip(model.values.iter().copied()).collect();
        pairs.sort_unstable_by_key(|&(column, _)| column);
        (model.columns, model.values) = pairs.into_iter().unzip();
    }
    Ok(point)
}
