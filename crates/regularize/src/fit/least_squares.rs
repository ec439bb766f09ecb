//! Least squares, from rows or from their moments.

use super::{Fitted, Scales, explained, largest_lambda, ridge_curvature};
use crate::design::Standardized;
use crate::error::Error;
use crate::lambdas::Extent;
use crate::moments::Moments;
use crate::path::{Linear, Options, Path, Point};
use crate::penalty::Penalty;
use crate::problem::{Family, Problem};
use crate::solver::{self, LeastSquares, Limits, Solved, Support};

impl Problem<'_> {
    pub(super) fn gaussian_path(&self, view: &Standardized<'_>, y: &[f64], options: &Options) -> Result<Fitted, Error> {
        let mut response: Vec<f64> = match self.offset {
            Some(offset) => y.iter().zip(offset).map(|(y, offset)| y - offset).collect(),
            None => y.to_vec(),
        };
        let mut mean = 0.0;
        if self.intercept {
            mean = match view.weights {
                Some(weights) => response.iter().zip(weights).map(|(y, w)| y * w).sum(),
                None => response.iter().sum::<f64>() / response.len() as f64,
            };
            response.iter_mut().for_each(|y| *y -= mean);
        }
        let problem = solver::Rows::new(view, response);
        let scales = Scales { center: &view.center, scale: &view.scale, intercept: self.intercept.then_some(mean) };
        if self.goes_by_rows(options) {
            let lambdas =
                options.lambdas.resolve(|| self.extent(view, || 1.0, || self.largest_lambda(problem.linear())))?;
            if let Some(space) = self.row_space(view, &lambdas, options) {
                let cost = |j: usize, lambda: f64| self.penalty.coordinate(j, view.scale[j], lambda);
                let null = 0.5 * problem.square();
                let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
                let solved = match self.penalty.l1_ratio {
                    0.0 => solver::row_space_gaussian_path(&space, &problem, &cost, &lambdas, null),
                    _ => solver::row_space_elastic_net_path(&space, &problem, &cost, &lambdas, null, limits),
                };
                return Ok((points(&problem, &lambdas, solved, scales, options)?, problem.square(), None));
            }
        }
        let points = if options.solver.takes_gram(view.rows(), view.columns(), options.lambdas.count()) {
            least_squares(&solver::Gram::from_rows(&problem), &self.penalty, scales, view.rows(), options)?
        } else {
            least_squares(&problem, &self.penalty, scales, view.rows(), options)?
        };
        Ok((points, problem.square(), None))
    }
}

/// The path of a least-squares problem.
fn least_squares(
    problem: &dyn LeastSquares,
    penalty: &Penalty,
    scales: Scales<'_>,
    rows: usize,
    options: &Options,
) -> Result<Vec<Point>, Error> {
    let wide = problem.columns() > rows;
    let null = 0.5 * problem.square();
    let cost = |j: usize, lambda: f64| penalty.coordinate(j, scales.scale[j], lambda);
    let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
    let extent = || {
        if penalty.l1_ratio == 0.0 {
            let (sum, directions) = ridge_curvature(penalty, &|j| problem.norm(j), problem.columns(), rows)?;
            return Ok(Extent::of_ridge(sum, directions));
        }
        let free = (0..problem.columns()).any(|j| cost(j, 1.0).is_free());
        if !free {
            return Ok(Extent::from_zero(largest_lambda(penalty, problem.linear())?, wide));
        }
        // What is free is fitted first: at a strength that leaves all else at zero.
        let strong = 1e3 * largest_lambda(penalty, problem.linear())?;
        let fitted = solver::least_squares_path(problem, &cost, &[strong], null, limits);
        let all: Vec<usize> = (0..problem.columns()).collect();
        let supports: Vec<Support> = fitted.into_iter().map(|fitted| fitted.support).collect();
        Ok(Extent::from_zero(largest_lambda(penalty, &problem.forces(&all, &supports)[0])?, wide))
    };
    let lambdas = options.lambdas.resolve(extent)?;
    let solved = solver::least_squares_path(problem, &cost, &lambdas, null, limits);
    points(problem, &lambdas, solved, scales, options)
}

/// In the units of the data.
fn points(
    problem: &dyn LeastSquares,
    lambdas: &[f64],
    solved: Vec<Solved>,
    scales: Scales<'_>,
    options: &Options,
) -> Result<Vec<Point>, Error> {
    if let Some(feature) = solved.iter().find_map(|solved| solved.undetermined) {
        return Err(Error::Undetermined { feature });
    }
    let null = 0.5 * problem.square();
    let point = |(&lambda, solved): (&f64, Solved)| Point {
        lambda,
        models: vec![scales.undo(&without_rounding(&solved.support, |j| problem.norm(j)))],
        certificate: solved.certificate,
        converged: solved.certificate.relative_gap() <= options.tolerance,
        deviance_ratio: explained(solved.loss, null),
        iterations: solved.iterations,
    };
    Ok(lambdas.iter().zip(solved).map(point).collect())
}

/// Of columns that mirror each other, such as the two categories of a column of text, both are at the limit where one comes in, and rounding may
/// give the other a coefficient that is nothing beside the rest: less than this share of the largest, each times its feature's length.
const ROUNDING: f64 = 1e-12;

fn without_rounding(support: &Support, norm: impl Fn(usize) -> f64) -> Support {
    let weight = |(&j, &value): (&usize, &f64)| value.abs() * norm(j);
    let pairs = || support.columns.iter().zip(&support.values);
    let most = pairs().map(weight).fold(0.0, f64::max);
    let (columns, values) =
        pairs().filter(|&pair| weight(pair) > ROUNDING * most).map(|(&j, &value)| (j, value)).unzip();
    Support { columns, values }
}

impl Moments {
    /// The path of least squares with an intercept, from the sums alone.
    ///
    /// # Errors
    /// As of [`Problem::path`].
    pub fn path(&self, penalty: &Penalty, standardize: bool, options: &Options) -> Result<Path, Error> {
        options.check()?;
        match self.columns() {
            0 => return Err(Error::NoFeatures),
            p => penalty.check(p)?,
        }
        if !penalty.groups.is_empty() {
            return Err(Error::Unsupported { what: "a group penalty needs the rows, not their moments".into() });
        }
        if self.rows < 2 || self.weight == 0.0 {
            return Err(Error::TooFewRows { rows: if self.weight == 0.0 { 0 } else { self.rows as usize } });
        }
        if self.response_square == 0.0 {
            return Err(Error::ConstantResponse { value: self.response_mean });
        }
        let (gram, scale) = solver::Gram::from_moments(self, standardize);
        let scales = Scales { center: &self.mean, scale: &scale, intercept: Some(self.response_mean) };
        let points = least_squares(&gram, penalty, scales, self.rows as usize, options)?;
        let constant = (0..self.columns()).filter(|&j| gram.norm(j) == 0.0).collect();
        Ok(Path { family: Family::Gaussian, points, null_deviance: gram.square(), constant, stopped: None })
    }

    /// The weighted mean of `(y − β₀ − x'β)²` over the rows.
    pub fn mean_squared_error(&self, model: &Linear) -> f64 {
        let p = self.columns();
        let mut off = self.response_mean - model.intercept;
        let mut square = self.response_square;
        for (&j, &value) in model.columns.iter().zip(&model.values) {
            off -= value * self.mean[j];
            let column = &self.products[j * p..][..p];
            let bend: f64 = model.columns.iter().zip(&model.values).map(|(&i, &other)| other * column[i]).sum();
            square += value * (bend - 2.0 * self.with_response[j]);
        }
        square.max(0.0) / self.weight + off * off
    }
}
