//! From a problem to its path: the solver that its family takes, and back from the solver's scale to the units of the data.

mod least_squares;
mod multinomial;
mod quantile;
mod row_space;
mod smooth;

use std::borrow::Cow;

use crate::design::Standardized;
use crate::error::Error;
use crate::lambdas::Extent;
use crate::path::{Linear, Options, Path, Point, Solver};
use crate::penalty::Penalty;
use crate::problem::{Family, Problem, Response};
use crate::solver::Support;

/// A grid ends where this share of the deviance is explained: classes are then separated, and coefficients grow without bound as the
/// penalty weakens. As in glmnet.
const SEPARATED: f64 = 0.999;

/// Up to this L1 ratio more features than rows may have a coefficient, and residuals are fewer than products of features. Measured
/// (seconds by residuals and by products): binomial, 72 × 7129 at 0.01, 1.0 and 26, at 0.2, 0.3 and 0.9, at 0.5, 0.26 and 0.19; 1000 × 2000
/// at 0.01, 7 and 11, at 0.2, 4.3 and 3.7, at 0.5, 4.6 and 2.0.
const MANY: f64 = 0.2;

/// Points, the null deviance, and why the path ended early.
type Fitted = (Vec<Point>, f64, Option<String>);

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
        let residuals = self.takes_residuals(options);
        let (points, null_deviance, stopped) = match (self.family, self.response) {
            (Family::Quantile { .. }, _) if !self.penalty.groups.is_empty() => {
                return Err(Error::Unsupported { what: "groups are not available for quantile models".into() });
            }
            (family, _) if self.penalty.grouped_classes && family != Family::Multinomial => {
                let what = format!("a {} model has no classes whose coefficients could be grouped", family.name());
                return Err(Error::Unsupported { what });
            }
            (Family::Gaussian, Response::Numbers(y)) if self.penalty.groups.is_empty() && !residuals => {
                self.gaussian_path(&view, y, options)?
            }
            (_, Response::Classes { codes, classes }) => {
                self.multinomial_path(&view, (codes, classes), weights.as_deref(), options)?
            }
            (Family::Quantile { tau }, Response::Numbers(y)) => {
                self.quantile_path(&view, tau, y, weights.as_deref(), options)?
            }
            (_, Response::Numbers(y)) => self.smooth_path(&view, y, weights.as_deref(), residuals, options)?,
        };
        Ok(Path { family: self.family, points, null_deviance, constant, stopped })
    }

    /// Whether the problem is solved by the residuals of rows, without products of features.
    fn takes_residuals(&self, options: &Options) -> bool {
        // What nothing holds is solved for exactly: descent by single features may never get there.
        let held =
            self.penalty.groups.is_empty() && !self.penalty.factors.contains(&0.0) && !options.lambdas.has_zero();
        let little = self.family != Family::Gaussian && self.penalty.l1_ratio <= MANY;
        let many = options.solver == Solver::Automatic && self.is_wide() && (little || self.keeps_many());
        held && !self.goes_by_rows(options)
            && (many || options.solver.takes_residuals(self.design, options.lambdas.count()))
    }

    /// More features than rows: the small end of a path means little, and is left out by default.
    pub(crate) fn is_wide(&self) -> bool {
        self.design.columns() > self.design.rows()
    }

    /// Coefficients in the units of the data, and the intercept that goes with them.
    pub(crate) fn unstandardized(&self, view: &Standardized<'_>, support: &Support, intercept: f64) -> Linear {
        Scales { center: &view.center, scale: &view.scale, intercept: self.intercept.then_some(intercept) }
            .undo(support)
    }

    pub(crate) fn largest_lambda(&self, forces: &[f64]) -> Result<f64, Error> {
        largest_lambda(&self.penalty, forces)
    }

    /// Where a grid begins and ends, given the mean curvature of the loss and the forces on the features where only what nothing holds is
    /// fitted: ridge asks for the one, all else for the other.
    fn extent(
        &self,
        view: &Standardized<'_>,
        curvature: impl FnOnce() -> f64,
        largest: impl FnOnce() -> Result<f64, Error>,
    ) -> Result<Extent, Error> {
        if self.penalty.l1_ratio == 0.0 {
            let (sum, directions) = ridge_curvature(&self.penalty, &|j| view.norm(j), view.columns(), view.rows())?;
            return Ok(Extent::of_ridge(curvature() * sum, directions));
        }
        Ok(Extent::from_zero(largest()?, self.is_wide()))
    }
}

/// The weights, or the same for each row; they sum to one.
fn even(weights: Option<&[f64]>, rows: usize) -> Cow<'_, [f64]> {
    weights.map_or_else(|| vec![1.0 / rows as f64; rows].into(), Cow::Borrowed)
}

/// The share of the null model's loss that is explained: none, where there was nothing to explain.
fn explained(loss: f64, null: f64) -> f64 {
    if null > 0.0 { 1.0 - loss / null } else { 0.0 }
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

/// The sum of `‖x̃_j‖²/v_j` over the features that L2 holds, and the most directions that these can span.
fn ridge_curvature(
    penalty: &Penalty,
    norm: &dyn Fn(usize) -> f64,
    columns: usize,
    rows: usize,
) -> Result<(f64, usize), Error> {
    let sizes = penalty.group_sizes();
    let held = (0..columns).map(|j| (j, penalty.square_factor(j, &sizes))).filter(|&(_, factor)| factor > 0.0);
    let (mut sum, mut count) = (0.0, 0);
    for (j, factor) in held {
        sum += norm(j).powi(2) / factor;
        count += 1;
    }
    if count == 0 { Err(Error::NothingPenalized) } else { Ok((sum, count.min(rows))) }
}

/// The least `λ` at which every coefficient that is penalized by L1 is zero, from forces at zero. Of little L1 it would be without bound, and is,
/// as in glmnet, that of an L1 ratio of 0.001.
fn largest_lambda(penalty: &Penalty, forces: &[f64]) -> Result<f64, Error> {
    if penalty.groups.is_empty() {
        let pull = |(j, &force): (usize, &f64)| (pulled(penalty, j, force), penalty.factor(j));
        return least_strength(penalty, forces.iter().enumerate().map(pull));
    }
    let sizes = penalty.group_sizes();
    let mut squares = vec![0.0; sizes.len()];
    forces.iter().zip(&penalty.groups).for_each(|(force, &group)| squares[group as usize] += force * force);
    let pull = |group: usize| (f64::sqrt(squares[group]), penalty.group_factor(group, sizes[group]));
    least_strength(penalty, (0..sizes.len()).map(pull))
}

/// How hard a coefficient is pulled away from zero: not at all where a bound holds it there.
fn pulled(penalty: &Penalty, feature: usize, force: f64) -> f64 {
    let (lower, upper) = penalty.bounds.get(feature).copied().unwrap_or((-1.0, 1.0));
    let free = if force > 0.0 { upper > 0.0 } else { lower < 0.0 };
    if free { force.abs() } else { 0.0 }
}

/// From the pull on each coefficient or group, and its factor.
fn least_strength(penalty: &Penalty, pulls: impl Iterator<Item = (f64, f64)>) -> Result<f64, Error> {
    let ratio = penalty.l1_ratio.max(1e-3);
    let largest = pulls
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
