//! Several classes.

use super::{Fitted, even, explained, separated};
use crate::design::Standardized;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::path::{Linear, Options, Point};
use crate::problem::Problem;
use crate::solver::{self, Classes, Limits};

impl Problem<'_> {
    pub(super) fn multinomial_path(
        &self,
        view: &Standardized<'_>,
        (codes, classes): (&[u32], usize),
        weights: Option<&[f64]>,
        options: &Options,
    ) -> Result<Fitted, Error> {
        if self.penalty.factors.contains(&0.0) {
            // Adding a number to a feature's coefficients in all classes changes nothing: without a penalty they are not determined.
            return Err(Error::Unsupported {
                what: "a multinomial model needs a penalty on every feature: a factor of 0 leaves its coefficients undetermined".into(),
            });
        }
        if !self.penalty.bounds.is_empty() {
            return Err(Error::Unsupported { what: "bounds are not available for a multinomial model".into() });
        }
        let weights = &*even(weights, codes.len());
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
            let deviance_ratio = explained(fitted.loss, null);
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
}
