//! Losses with a derivative, and groups of any of them.

use super::{Fitted, even, explained, separated};
use crate::design::Standardized;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::loss::Loss;
use crate::path::{Options, Point};
use crate::problem::Problem;
use crate::solver::{self, Coordinates, Groups, Limits, Separable, Smooth};

/// The mean losses that a model's lies between: that of an intercept alone, and that of a perfect fit.
#[derive(Clone, Copy)]
struct Ends {
    null: f64,
    saturated: f64,
}

/// What is to be solved, and how.
#[derive(Clone, Copy)]
struct Course<'a> {
    lambdas: &'a [f64],
    /// Nobody asked for these `λ`, and the path may end before the last.
    automatic: bool,
    ends: Ends,
    /// Without products of features.
    residuals: bool,
}

impl Problem<'_> {
    pub(super) fn smooth_path(
        &self,
        view: &Standardized<'_>,
        response: &[f64],
        weights: Option<&[f64]>,
        residuals: bool,
        options: &Options,
    ) -> Result<Fitted, Error> {
        let (even, loss) = (even(weights, response.len()), self.family.loss());
        let problem = self.smooth(view, &*loss, response, &even);
        let ends = Ends { null: problem.null_loss(), saturated: problem.saturated() };
        let null = ends.null - ends.saturated;
        let sizes = self.penalty.group_sizes();
        let penalty = |lambda: f64| self.separable(view, &sizes, lambda);
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let lambdas = options.lambdas.resolve(|| {
            let largest = || self.largest_lambda(&solver::forces_without_penalty(&problem, &penalty, limits, null));
            self.extent(view, || problem.null_curvature(), largest)
        })?;
        let automatic = matches!(options.lambdas, Lambdas::Grid { .. });
        let course = Course { lambdas: &lambdas, automatic, ends, residuals };
        let solve = |problem: &Problem<'_>, view: &Standardized<'_>| {
            Ok(problem.smooth_points(view, (response, &even), Course { residuals: false, ..course }, options))
        };
        let Some(space) = self.row_space(view, &lambdas, options) else {
            return Ok(self.smooth_points(view, (response, &even), course, options));
        };
        self.rotated_path(&space, weights, options, &solve, &|solutions| {
            let solutions: Vec<_> =
                solutions.iter().map(|one| (one.lambda, &one.supports[0], one.intercepts[0])).collect();
            solver::prove_smooth(&problem, &penalty, &solutions, null)
        })
    }

    /// Solves for these `λ`.
    fn smooth_points(
        &self,
        view: &Standardized<'_>,
        (response, weights): (&[f64], &[f64]),
        Course { lambdas, automatic, ends, residuals }: Course<'_>,
        options: &Options,
    ) -> Fitted {
        let loss = self.family.loss();
        let problem = self.smooth(view, &*loss, response, weights);
        let null = ends.null - ends.saturated;
        let sizes = self.penalty.group_sizes();
        let penalty = |lambda: f64| self.separable(view, &sizes, lambda);
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let (mut points, mut stopped) = (Vec::new(), None);
        solver::smooth_path(&problem, &penalty, lambdas, null, limits, residuals, &mut |fitted| {
            let lambda = lambdas[points.len()];
            let deviance_ratio = explained(fitted.loss - ends.saturated, null);
            points.push(Point {
                lambda,
                models: vec![self.unstandardized(view, &fitted.support, fitted.intercept)],
                certificate: fitted.certificate,
                converged: fitted.certificate.relative_gap() <= options.tolerance,
                deviance_ratio,
                iterations: fitted.iterations,
            });
            stopped = separated(automatic && !loss.is_parabola(), deviance_ratio, lambda);
            stopped.is_none()
        });
        (points, 2.0 * null, stopped)
    }

    fn smooth<'b>(
        &'b self,
        view: &'b Standardized<'b>,
        loss: &'b dyn Loss,
        response: &'b [f64],
        weights: &'b [f64],
    ) -> Smooth<'b> {
        Smooth { design: view, loss, response, weights, offset: self.offset, intercept: self.intercept }
    }

    /// The penalty at a `λ`, of groups of these sizes or of each feature by itself.
    fn separable<'b>(&'b self, view: &'b Standardized<'_>, sizes: &'b [usize], lambda: f64) -> Box<dyn Separable + 'b> {
        if self.penalty.groups.is_empty() {
            return Box::new(Coordinates(move |j: usize| self.penalty.coordinate(j, view.scale[j], lambda)));
        }
        let of = &self.penalty.groups;
        Box::new(Groups { of, cost: move |group: usize| self.penalty.group(group, sizes[group], lambda) })
    }
}
