use crate::design::{Design, Standardized};
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::loss::softmax;
use crate::moments::Moments;
use crate::penalty::Penalty;
use crate::problem::{Family, Problem, Response};
use crate::solver::{
    self, Certificate, Classes, Coordinates, Groups, LeastSquares, Limits, Quantiles, Separable, Smooth, Support,
};

/// A grid ends where this share of the deviance is explained: classes are then separated, and coefficients grow without bound as the
/// penalty weakens. As in glmnet.
const SEPARATED: f64 = 0.999;

/// How a path is solved.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Which strengths of the penalty.
    pub lambdas: Lambdas,
    /// The duality gap that is good enough, as a share of the null model's objective. Default: 1e-7.
    pub tolerance: f64,
    /// The most rounds for each `λ` before it is said not to have converged. Default: 1000.
    pub rounds: usize,
    /// How the optimum is looked for. It changes the time, not the result.
    pub solver: Solver,
}

impl Options {
    fn check(&self) -> Result<(), Error> {
        match self.tolerance.partial_cmp(&0.0) {
            Some(std::cmp::Ordering::Greater) => Ok(()),
            _ => Err(Error::Tolerance { value: self.tolerance }),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { lambdas: Lambdas::default(), tolerance: 1e-7, rounds: 1000, solver: Solver::Automatic }
    }
}

/// How the optimum is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Solver {
    /// By the shape of the design.
    #[default]
    Automatic,
    /// All products of features with each other are taken once; then rows are no longer needed. For many rows and few features.
    Gram,
    /// Products of those features alone that may matter, as the path goes on; all are looked at to prove the optimum.
    WorkingSet,
}

impl Solver {
    /// Whether all products of features are taken beforehand, for a path of so many `λ`.
    fn takes_gram(self, rows: usize, columns: usize, lambdas: usize) -> bool {
        match self {
            Self::Gram => true,
            Self::WorkingSet => false,
            // Measured (benchmarks/regularize): all products cost n p²/2, proofs in rows n p for each λ, of which safe screening spares
            // some two thirds.
            Self::Automatic => rows > columns && columns <= lambdas.max(64),
        }
    }
}

/// Intercept and coefficients in the units of the data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear {
    /// `β₀`.
    pub intercept: f64,
    /// The features whose coefficients are not zero, ascending.
    pub columns: Vec<usize>,
    /// Their coefficients.
    pub values: Vec<f64>,
}

impl Linear {
    /// All coefficients, zeros too.
    pub fn dense(&self, columns: usize) -> Vec<f64> {
        let mut dense = vec![0.0; columns];
        for (&column, &value) in self.columns.iter().zip(&self.values) {
            dense[column] = value;
        }
        dense
    }

    /// `β₀ + Xβ`, one number a row; an offset is not in it.
    pub fn predictors(&self, design: &dyn Design) -> Vec<f64> {
        let mut predictors = vec![self.intercept; design.rows()];
        for (&column, &value) in self.columns.iter().zip(&self.values) {
            design.add_scaled(column, value, &mut predictors);
        }
        predictors
    }
}

/// The solution at one `λ`.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The strength of the penalty.
    pub lambda: f64,
    /// One linear model, or one for each class.
    pub models: Vec<Linear>,
    /// What proves that it is the optimum.
    pub certificate: Certificate,
    /// Whether the gap is within the tolerance. If not, the solver gave up and the solution may be off by the gap.
    pub converged: bool,
    /// The share of the null deviance that is explained.
    pub deviance_ratio: f64,
    /// Rounds of the solver.
    pub iterations: usize,
}

impl Point {
    /// Features of which some coefficient is not zero, ascending.
    pub fn support(&self) -> Vec<usize> {
        let mut support: Vec<usize> = self.models.iter().flat_map(|model| model.columns.iter().copied()).collect();
        support.sort_unstable();
        support.dedup();
        support
    }
}

/// Solutions for descending strengths of the penalty.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The loss.
    pub family: Family,
    /// The solutions, the strongest penalty first.
    pub points: Vec<Point>,
    /// The deviance of the model of an intercept alone: twice its mean loss above that of a perfect fit.
    pub null_deviance: f64,
    /// Features that are the same in every row, and therefore have a coefficient of zero.
    pub constant: Vec<usize>,
    /// Why the path ended before its last `λ`, if it did.
    pub stopped: Option<String>,
}

impl Problem<'_> {
    /// Solves for all `λ`. Runs on the threads of the current rayon pool.
    ///
    /// # Errors
    /// Whatever is wrong with the data or the options; see [`Error`]. A solution that was not reached is none: its point says
    /// so in `converged`.
    pub fn path(&self, options: &Options) -> Result<Path, Error> {
        options.check()?;
        let weights = self.check()?;
        let view = self.view(weights.as_deref());
        let constant = (0..view.columns()).filter(|&j| view.constant[j]).collect();
        let (points, null_deviance, stopped) = match (self.family, self.response) {
            (Family::Quantile { .. } | Family::Multinomial, _) if !self.penalty.groups.is_empty() => {
                let what = format!("groups are not available for {} models", self.family.name());
                return Err(Error::Unsupported { what });
            }
            (Family::Gaussian, Response::Numbers(y)) if self.penalty.groups.is_empty() => {
                self.gaussian_path(&view, y, options)?
            }
            (_, Response::Classes { codes, classes }) => {
                self.multinomial_path(&view, (codes, classes), weights.as_deref(), options)?
            }
            (Family::Quantile { tau }, Response::Numbers(y)) => {
                self.quantile_path(&view, tau, y, weights.as_deref(), options)?
            }
            (_, Response::Numbers(y)) => self.smooth_path(&view, y, weights.as_deref(), options)?,
        };
        Ok(Path { family: self.family, points, null_deviance, constant, stopped })
    }

    fn gaussian_path(
        &self,
        view: &Standardized<'_>,
        y: &[f64],
        options: &Options,
    ) -> Result<(Vec<Point>, f64, Option<String>), Error> {
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
        let lambdas = match &options.lambdas {
            Lambdas::Given(lambdas) => lambdas.len(),
            Lambdas::Grid { count, .. } => *count,
        };
        let points = if options.solver.takes_gram(view.rows(), view.columns(), lambdas) {
            least_squares(&solver::Gram::from_rows(&problem), &self.penalty, scales, self.is_wide(), options)?
        } else {
            least_squares(&problem, &self.penalty, scales, self.is_wide(), options)?
        };
        Ok((points, problem.square(), None))
    }

    fn smooth_path(
        &self,
        view: &Standardized<'_>,
        response: &[f64],
        weights: Option<&[f64]>,
        options: &Options,
    ) -> Result<(Vec<Point>, f64, Option<String>), Error> {
        let even;
        let weights = match weights {
            Some(weights) => weights,
            None => {
                even = vec![1.0 / response.len() as f64; response.len()];
                &even
            }
        };
        let loss = self.family.loss();
        let problem =
            Smooth { design: view, loss: &*loss, response, weights, offset: self.offset, intercept: self.intercept };
        let saturated = problem.saturated();
        let null_loss = problem.null_loss();
        let null = null_loss - saturated;
        let sizes = self.penalty.group_sizes();
        let penalty = |lambda: f64| -> Box<dyn Separable + '_> {
            if self.penalty.groups.is_empty() {
                Box::new(Coordinates(move |j: usize| self.penalty.coordinate(j, view.scale[j], lambda)))
            } else {
                let (of, sizes) = (&self.penalty.groups, &sizes);
                Box::new(Groups { of, cost: move |group: usize| self.penalty.group(group, sizes[group], lambda) })
            }
        };
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let automatic = matches!(options.lambdas, Lambdas::Grid { .. });
        let lambdas = options.lambdas.resolve(
            || self.largest_lambda(&solver::forces_without_penalty(&problem, &penalty, limits, null)),
            self.is_wide(),
        )?;
        let (mut points, mut stopped) = (Vec::new(), None);
        solver::smooth_path(&problem, &penalty, &lambdas, null, limits, &mut |fitted| {
            let lambda = lambdas[points.len()];
            let deviance_ratio = 1.0 - (fitted.loss - saturated) / null;
            points.push(Point {
                lambda,
                models: vec![self.unstandardized(view, &fitted.support, fitted.intercept)],
                certificate: fitted.certificate,
                converged: fitted.certificate.relative_gap() <= options.tolerance,
                deviance_ratio,
                iterations: fitted.iterations,
            });
            stopped = separated(automatic, deviance_ratio, lambda);
            stopped.is_none()
        });
        Ok((points, 2.0 * null, stopped))
    }

    fn quantile_path(
        &self,
        view: &Standardized<'_>,
        tau: f64,
        y: &[f64],
        weights: Option<&[f64]>,
        options: &Options,
    ) -> Result<(Vec<Point>, f64, Option<String>), Error> {
        if !self.penalty.bounds.is_empty() {
            return Err(Error::Unsupported { what: "bounds are not available for quantile regression".into() });
        }
        let even;
        let weights = match weights {
            Some(weights) => weights,
            None => {
                even = vec![1.0 / y.len() as f64; y.len()];
                &even
            }
        };
        let response = match self.offset {
            Some(offset) => y.iter().zip(offset).map(|(y, offset)| y - offset).collect(),
            None => y.to_vec(),
        };
        let problem = Quantiles { design: view, tau, response, weights, intercept: self.intercept };
        let null = problem.null_loss();
        let penalty = |j: usize, lambda: f64| self.penalty.coordinate(j, view.scale[j], lambda);
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let largest = || {
            let forces = problem.forces_without_penalty(&|j| penalty(j, 1.0), limits, null);
            // A hair above: on the very edge it is not determined whether a coefficient is zero.
            Ok((1.0 + 1e-6) * self.largest_lambda(&forces)?)
        };
        let lambdas = options.lambdas.resolve(largest, self.is_wide())?;
        let mut points = Vec::new();
        solver::quantile_path(&problem, &penalty, &lambdas, null, limits, &mut |fitted| {
            points.push(Point {
                lambda: lambdas[points.len()],
                models: vec![self.unstandardized(view, &fitted.support, fitted.intercept)],
                certificate: fitted.certificate,
                converged: fitted.certificate.relative_gap() <= options.tolerance,
                deviance_ratio: if null > 0.0 { 1.0 - fitted.loss / null } else { 0.0 },
                iterations: fitted.iterations,
            });
            true
        });
        Ok((points, 2.0 * null, None))
    }

    fn multinomial_path(
        &self,
        view: &Standardized<'_>,
        (codes, classes): (&[u32], usize),
        weights: Option<&[f64]>,
        options: &Options,
    ) -> Result<(Vec<Point>, f64, Option<String>), Error> {
        if self.penalty.factors.contains(&0.0) {
            // Adding a number to a feature's coefficients in all classes changes nothing: without a penalty they are not determined.
            return Err(Error::Unsupported {
                what: "a multinomial model needs a penalty on every feature: a factor of 0 leaves its coefficients undetermined".into(),
            });
        }
        if !self.penalty.bounds.is_empty() {
            return Err(Error::Unsupported { what: "bounds are not available for a multinomial model".into() });
        }
        let even;
        let weights = match weights {
            Some(weights) => weights,
            None => {
                even = vec![1.0 / codes.len() as f64; codes.len()];
                &even
            }
        };
        let problem = Classes { design: view, codes, classes, weights, offset: self.offset, intercept: self.intercept };
        let penalty = |j: usize, lambda: f64| self.penalty.coordinate(j, view.scale[j], lambda);
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let automatic = matches!(options.lambdas, Lambdas::Grid { .. });
        let (null, forces) = solver::multinomial_null(&problem, limits);
        let lambdas = options.lambdas.resolve(|| self.largest_lambda(&forces), self.is_wide())?;
        let (mut points, mut stopped) = (Vec::new(), None);
        solver::multinomial_path(&problem, &penalty, &lambdas, null, limits, &mut |fitted| {
            let lambda = lambdas[points.len()];
            let models: Vec<Linear> = fitted
                .supports
                .iter()
                .zip(&fitted.intercepts)
                .map(|(support, &intercept)| self.unstandardized(view, support, intercept))
                .collect();
            let deviance_ratio = 1.0 - fitted.loss / null;
            points.push(Point {
                lambda,
                models,
                certificate: fitted.certificate,
                converged: fitted.certificate.relative_gap() <= options.tolerance,
                deviance_ratio,
                iterations: fitted.iterations,
            });
            stopped = separated(automatic, deviance_ratio, lambda);
            stopped.is_none()
        });
        Ok((points, 2.0 * null, stopped))
    }

    /// More features than rows: the small end of a path means little, and is left out by default.
    pub(crate) fn is_wide(&self) -> bool {
        self.design.columns() > self.design.rows()
    }

    /// The mean deviance of models on rows of these weights: twice the mean loss above that of a perfect fit.
    pub(crate) fn mean_deviance(&self, models: &[Linear], weights: &[f64]) -> f64 {
        let loss = self.family.loss();
        let total: f64 = weights.iter().sum();
        let offset = |row: usize| self.offset.map_or(0.0, |offset| offset[row]);
        let sum: f64 = match self.response {
            Response::Numbers(y) => {
                let predictors = models[0].predictors(self.design);
                (0..y.len())
                    .filter(|&row| weights[row] > 0.0)
                    .map(|row| {
                        weights[row] * (loss.value(y[row], predictors[row] + offset(row)) - loss.saturated(y[row]))
                    })
                    .sum()
            }
            Response::Classes { codes, .. } => {
                let predictors: Vec<Vec<f64>> = models.iter().map(|model| model.predictors(self.design)).collect();
                let mut eta = vec![0.0; models.len()];
                (0..codes.len())
                    .filter(|&row| weights[row] > 0.0)
                    .map(|row| {
                        eta.iter_mut().zip(&predictors).for_each(|(eta, predictors)| *eta = predictors[row]);
                        let actual = eta[codes[row] as usize];
                        weights[row] * (softmax(&mut eta) - actual)
                    })
                    .sum()
            }
        };
        if total > 0.0 { 2.0 * sum / total } else { f64::NAN }
    }

    /// What each row counts as when rows are spread evenly: its class, where there are classes.
    pub(crate) fn strata(&self) -> Vec<u32> {
        match self.response {
            Response::Classes { codes, .. } => codes.to_vec(),
            Response::Numbers(y) if self.family == Family::Binomial => y.iter().map(|&y| u32::from(y > 0.5)).collect(),
            Response::Numbers(y) => vec![0; y.len()],
        }
    }

    /// Coefficients in the units of the data, and the intercept that goes with them.
    pub(crate) fn unstandardized(&self, view: &Standardized<'_>, support: &Support, intercept: f64) -> Linear {
        Scales { center: &view.center, scale: &view.scale, intercept: self.intercept.then_some(intercept) }
            .undo(support)
    }

    pub(crate) fn largest_lambda(&self, forces: &[f64]) -> Result<f64, Error> {
        largest_lambda(&self.penalty, forces)
    }
}

/// Why a path that was not asked for certain strengths ends here, if it does.
fn separated(automatic: bool, deviance_ratio: f64, lambda: f64) -> Option<String> {
    (automatic && deviance_ratio > SEPARATED).then(|| {
        format!(
            "{:.2} % of the deviance is explained at lambda {lambda:.3e}: below it, coefficients only grow",
            100.0 * deviance_ratio
        )
    })
}

/// How the solver's features come from the data's.
#[derive(Clone, Copy)]
struct Scales<'a> {
    center: &'a [f64],
    scale: &'a [f64],
    /// The intercept between centered features, where there is one.
    intercept: Option<f64>,
}

impl Scales<'_> {
    /// Coefficients in the units of the data, and the intercept that goes with them.
    fn undo(&self, support: &Support) -> Linear {
        let mut pairs: Vec<(usize, f64)> =
            support.columns.iter().zip(&support.values).map(|(&j, &value)| (j, value / self.scale[j])).collect();
        pairs.sort_unstable_by_key(|&(j, _)| j);
        let moved: f64 = pairs.iter().map(|&(j, value)| value * self.center[j]).sum();
        let (columns, values) = pairs.into_iter().unzip();
        Linear { intercept: self.intercept.map_or(0.0, |intercept| intercept - moved), columns, values }
    }
}

/// The path of a least-squares problem.
fn least_squares(
    problem: &dyn LeastSquares,
    penalty: &Penalty,
    scales: Scales<'_>,
    wide: bool,
    options: &Options,
) -> Result<Vec<Point>, Error> {
    let null = 0.5 * problem.square();
    let cost = |j: usize, lambda: f64| penalty.coordinate(j, scales.scale[j], lambda);
    let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
    let largest = || {
        let free = (0..problem.columns()).any(|j| cost(j, 1.0).is_free());
        if !free {
            return largest_lambda(penalty, problem.linear());
        }
        // What is free is fitted first: at a strength that leaves all else at zero.
        let strong = 1e3 * largest_lambda(penalty, problem.linear())?;
        let fitted = solver::least_squares_path(problem, &cost, &[strong], null, limits);
        let all: Vec<usize> = (0..problem.columns()).collect();
        let supports: Vec<Support> = fitted.into_iter().map(|fitted| fitted.support).collect();
        largest_lambda(penalty, &problem.forces(&all, &supports)[0])
    };
    let lambdas = options.lambdas.resolve(largest, wide)?;
    let solved = solver::least_squares_path(problem, &cost, &lambdas, null, limits);
    if let Some(feature) = solved.iter().find_map(|solved| solved.undetermined) {
        return Err(Error::Undetermined { feature });
    }
    let point = |(&lambda, solved): (&f64, solver::Solved)| Point {
        lambda,
        models: vec![scales.undo(&solved.support)],
        certificate: solved.certificate,
        converged: solved.certificate.relative_gap() <= options.tolerance,
        deviance_ratio: if null > 0.0 { 1.0 - solved.loss / null } else { 0.0 },
        iterations: solved.iterations,
    };
    Ok(lambdas.iter().zip(solved).map(point).collect())
}

/// The least `λ` at which every coefficient that is penalized by L1 is zero, from forces at zero. Without L1 there is none; then, as in
/// glmnet, that of an L1 ratio of 0.001.
fn largest_lambda(penalty: &Penalty, forces: &[f64]) -> Result<f64, Error> {
    let ratio = penalty.l1_ratio.max(1e-3);
    // The force on each feature or group, and its factor.
    let pulls: Vec<(f64, f64)> = if penalty.groups.is_empty() {
        let pull = |(j, force): (usize, &f64)| {
            let (lower, upper) = penalty.bounds.get(j).copied().unwrap_or((-1.0, 1.0));
            let pulled = if *force > 0.0 { upper > 0.0 } else { lower < 0.0 };
            (if pulled { force.abs() } else { 0.0 }, penalty.factor(j))
        };
        forces.iter().enumerate().map(pull).collect()
    } else {
        let sizes = penalty.group_sizes();
        let mut squares = vec![0.0; sizes.len()];
        forces.iter().zip(&penalty.groups).for_each(|(force, &group)| squares[group as usize] += force * force);
        (0..sizes.len()).map(|group| (squares[group].sqrt(), penalty.group_factor(group, sizes[group]))).collect()
    };
    let largest = pulls
        .iter()
        .filter(|(_, factor)| *factor > 0.0)
        .map(|(force, factor)| force / (ratio * factor))
        .fold(f64::NEG_INFINITY, f64::max);
    match largest {
        f64::NEG_INFINITY => Err(Error::NothingPenalized),
        // Nothing correlates with the response, and every lambda gives zeros.
        0.0 => Ok(1.0),
        largest => Ok(largest),
    }
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
        let wide = self.columns() as u64 > self.rows;
        let points = least_squares(&gram, penalty, scales, wide, options)?;
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
