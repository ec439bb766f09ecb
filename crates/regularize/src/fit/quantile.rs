//! Quantiles.

use super::{Fitted, even, explained};
use crate::design::Standardized;
use crate::error::Error;
use crate::lambdas::Extent;
use crate::path::{Options, Point};
use crate::problem::Problem;
use crate::solver::{self, Limits, Quantiles};

impl Problem<'_> {
    pub(super) fn quantile_path(
        &self,
        view: &Standardized<'_>,
        tau: f64,
        y: &[f64],
        weights: Option<&[f64]>,
        options: &Options,
    ) -> Result<Fitted, Error> {
        let weights = &*even(weights, y.len());
        let response = match self.offset {
            Some(offset) => y.iter().zip(offset).map(|(y, offset)| y - offset).collect(),
            None => y.to_vec(),
        };
        let problem = Quantiles { design: view, tau, response, weights, intercept: self.intercept };
        let null = problem.null_loss();
        let penalty = |j: usize, lambda: f64| self.penalty.coordinate(j, view.scale[j], lambda);
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let extent = || {
            let forces = problem.forces_without_penalty(&|j| penalty(j, 1.0), limits, null);
            // A hair above: on the very edge it is not determined whether a coefficient is zero.
            Ok(Extent::from_zero((1.0 + 1e-6) * self.largest_lambda(&forces)?, self.is_wide()))
        };
        let lambdas = options.lambdas.resolve(extent)?;
        let mut points = Vec::new();
        solver::quantile_path(&problem, &penalty, &lambdas, null, limits, &mut |fitted| {
            points.push(Point {
                lambda: lambdas[points.len()],
                models: vec![self.unstandardized(view, &fitted.support, fitted.intercept)],
                certificate: fitted.certificate,
                converged: fitted.certificate.relative_gap() <= options.tolerance,
                deviance_ratio: explained(fitted.loss, null),
                iterations: fitted.iterations,
            });
            true
        });
        Ok((points, 2.0 * null, None))
    }
}
