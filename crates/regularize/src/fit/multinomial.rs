//! Several classes.

use super::{Fitted, even, explained, separated};
use crate::design::Standardized;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::path::{Linear, Options, Point};
use crate::problem::Problem;
use crate::solver::{self, Classes, ClassesSolution, Limits};

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
        let even = even(weights, codes.len());
        let problem =
            Classes { design: view, codes, classes, weights: &even, offset: self.offset, intercept: self.intercept };
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let (null, forces) = solver::multinomial_null(&problem, limits);
        let lambdas = options.lambdas.resolve(|| self.extent(view, || widest(&problem), || forces))?;
        let automatic = matches!(options.lambdas, Lambdas::Grid { .. });
        let solve = |inner: &Problem<'_>, view: &Standardized<'_>| {
            Ok(inner.multinomial_points(&Classes { design: view, ..problem }, null, (&lambdas, automatic), options))
        };
        let Some(space) = self.row_space(view, &lambdas, options) else { return solve(self, view) };
        self.rotated_path(&space, weights, options, &solve, &|solutions| {
            let solutions: Vec<ClassesSolution<'_>> = solutions
                .iter()
                .map(|one| ClassesSolution {
                    supports: &one.supports,
                    intercepts: &one.intercepts,
                    l2: Box::new(|j| self.penalty.coordinate(j, 1.0, one.lambda).l2),
                })
                .collect();
            solver::prove_classes(&problem, &solutions, null)
        })
    }

    /// Solves for these `λ`; `automatic`: nobody asked for them, and the path may end before the last. `null` is the null model's mean loss.
    fn multinomial_points(
        &self,
        problem: &Classes<'_>,
        null: f64,
        (lambdas, automatic): (&[f64], bool),
        options: &Options,
    ) -> Fitted {
        let view = problem.design;
        let penalty = |j: usize, lambda: f64| self.penalty.coordinate(j, view.scale[j], lambda);
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let (mut points, mut stopped) = (Vec::new(), None);
        solver::multinomial_path(problem, &penalty, lambdas, null, limits, &mut |fitted| {
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
        (points, 2.0 * null, stopped)
    }
}

/// The greatest mean curvature of a class at shares of its rows: `π (1 − π)`.
fn widest(problem: &Classes<'_>) -> f64 {
    let mut shares = vec![0.0; problem.classes];
    problem.codes.iter().zip(problem.weights).for_each(|(&code, w)| shares[code as usize] += w);
    shares.iter().map(|share| share * (1.0 - share)).fold(0.0, f64::max)
}
