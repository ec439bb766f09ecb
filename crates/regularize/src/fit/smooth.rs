//! Losses with a derivative, and groups of any of them.

use super::{Fitted, even, explained, separated};
use crate::design::Standardized;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::path::{Options, Point};
use crate::problem::Problem;
use crate::solver::{self, Coordinates, Groups, Limits, Separable, Smooth};

impl Problem<'_> {
    pub(super) fn smooth_path(
        &self,
        view: &Standardized<'_>,
        response: &[f64],
        weights: Option<&[f64]>,
        residuals: bool,
        options: &Options,
    ) -> Result<Fitted, Error> {
        let weights = &*even(weights, response.len());
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
        solver::smooth_path(&problem, &penalty, &lambdas, null, limits, residuals, &mut |fitted| {
            let lambda = lambdas[points.len()];
            let deviance_ratio = explained(fitted.loss - saturated, null);
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
        Ok((points, 2.0 * null, stopped))
    }
}
