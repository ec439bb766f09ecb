//! Several classes.

use super::row_space::Solution;
use super::{Fitted, even, explained, least_strength, pulled, separated};
use crate::design::Standardized;
use crate::error::Error;
use crate::lambdas::Lambdas;
use crate::path::{Linear, Options, Point};
use crate::problem::Problem;
use crate::solver::{self, ClassPenalty, Classes, ClassesSolution, Coordinates, Groups, Limits};

impl Problem<'_> {
    pub(super) fn multinomial_path(
        &self,
        view: &Standardized<'_>,
        (codes, classes): (&[u32], usize),
        weights: Option<&[f64]>,
        options: &Options,
    ) -> Result<Fitted, Error> {
        let one_bound = |(j, &(lower, upper)): (usize, &(f64, f64))| {
            self.penalty.factor(j) == 0.0 && lower.is_finite() != upper.is_finite() && lower < upper
        };
        if let Some((feature, _)) = self.penalty.bounds.iter().enumerate().find(|&pair| one_bound(pair)) {
            // Towards the side that is open its coefficients may grow without bound, class by class, and nothing would tell.
            let what = format!(
                "feature {feature} has a factor of 0 and one bound: a multinomial model needs both, or none, or a factor above 0"
            );
            return Err(Error::Unsupported { what });
        }
        let even = even(weights, codes.len());
        let problem =
            Classes { design: view, codes, classes, weights: &even, offset: self.offset, intercept: self.intercept };
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let null = solver::multinomial_null(&problem, limits);
        let groups = self.class_groups(view.columns(), classes);
        let largest = || {
            let sizes = self.penalty.group_sizes();
            let penalty = self.class_penalty(view, classes, groups.as_deref(), &sizes, 1.0);
            let start = solver::ClassesStart::new(&problem, &penalty, self.unpenalized(), limits, null)?;
            self.largest_lambda_of_classes(&start.forces(&problem), classes, groups.as_deref())
        };
        let lambdas = options.lambdas.resolve(|| self.extent(view, || widest(&problem), largest))?;
        let automatic = matches!(options.lambdas, Lambdas::Grid { .. });
        let solve = |inner: &Problem<'_>, view: &Standardized<'_>| {
            inner.multinomial_points(&Classes { design: view, ..problem }, null, (&lambdas, automatic), options)
        };
        let Some(space) = self.row_space(view, &lambdas, options) else { return solve(self, view) };
        let (sizes, unpenalized) = (self.penalty.group_sizes(), self.unpenalized());
        self.rotated_path(&space, weights, options, &solve, &|solutions| {
            let certificate = |Solution { lambda, supports, intercepts }: &Solution| {
                let penalty = self.class_penalty(view, classes, groups.as_deref(), &sizes, *lambda);
                let solution = ClassesSolution { supports, intercepts };
                solver::prove_classes(&problem, &penalty, &solution, &unpenalized, null)
            };
            solutions.iter().map(certificate).collect()
        })
    }

    /// Solves for these `λ`; `automatic`: nobody asked for them, and the path may end before the last. `null` is the null model's mean loss.
    fn multinomial_points(
        &self,
        problem: &Classes<'_>,
        null: f64,
        (lambdas, automatic): (&[f64], bool),
        options: &Options,
    ) -> Result<Fitted, Error> {
        let (view, classes) = (problem.design, problem.classes);
        let groups = self.class_groups(view.columns(), classes);
        let sizes = self.penalty.group_sizes();
        let penalty = |lambda: f64| self.class_penalty(view, classes, groups.as_deref(), &sizes, lambda);
        let limits = Limits { tolerance: options.tolerance, rounds: options.rounds };
        let start = solver::ClassesStart::new(problem, &penalty(1.0), self.unpenalized(), limits, null)?;
        let (mut points, mut stopped) = (Vec::new(), None);
        solver::multinomial_path(problem, &penalty, start, lambdas, null, limits, &mut |fitted| {
            let lambda = lambdas[points.len()];
            let mut models: Vec<Linear> = fitted
                .supports
                .iter()
                .zip(&fitted.intercepts)
                .map(|(support, &intercept)| self.unstandardized(view, support, intercept))
                .collect();
            // The same number added to all changes nothing: of what the penalty does not choose, the sum is zero. As in glmnet.
            let mean = models.iter().map(|model| model.intercept).sum::<f64>() / classes as f64;
            models.iter_mut().for_each(|model| model.intercept -= mean);
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

    /// The features that nothing holds.
    fn unpenalized(&self) -> Vec<usize> {
        let sizes = self.penalty.group_sizes();
        (0..self.design.columns()).filter(|&j| self.penalty.square_factor(j, &sizes) == 0.0).collect()
    }

    /// The penalty at a `λ`, of groups of these sizes that go through all classes or of each coefficient by itself.
    fn class_penalty<'b>(
        &'b self,
        view: &'b Standardized<'_>,
        classes: usize,
        groups: Option<&'b [u32]>,
        sizes: &'b [usize],
        lambda: f64,
    ) -> ClassPenalty<'b> {
        if let Some(of) = groups {
            // A feature by itself is a group of one, and weighs as one.
            let cost = move |group: usize| self.penalty.group(group, sizes.get(group).copied().unwrap_or(1), lambda);
            return ClassPenalty { blocks: Box::new(Groups { of, cost }), coordinate: None };
        }
        let cost = move |feature: usize| self.penalty.coordinate(feature, view.scale[feature], lambda);
        let blocks = Box::new(Coordinates(move |number: usize| cost(number / classes)));
        ClassPenalty { blocks, coordinate: Some(Box::new(cost)) }
    }

    /// For each coefficient, by its number, the group that goes through all classes; `None` where each is penalized by itself.
    fn class_groups(&self, columns: usize, classes: usize) -> Option<Vec<u32>> {
        let each = |features: &mut dyn Iterator<Item = u32>| {
            Some(features.flat_map(|group| std::iter::repeat_n(group, classes)).collect())
        };
        match (self.penalty.groups.is_empty(), self.penalty.grouped_classes) {
            (false, _) => each(&mut self.penalty.groups.iter().copied()),
            (true, true) => each(&mut (0..columns as u32)),
            (true, false) => None,
        }
    }

    /// From the forces on coefficients by their numbers.
    fn largest_lambda_of_classes(&self, forces: &[f64], classes: usize, groups: Option<&[u32]>) -> Result<f64, Error> {
        let penalty = &self.penalty;
        let Some(of) = groups else {
            let pull = |(number, &force): (usize, &f64)| {
                (pulled(penalty, number / classes, force), penalty.factor(number / classes))
            };
            return least_strength(penalty, forces.iter().enumerate().map(pull));
        };
        let sizes = penalty.group_sizes();
        let mut squares = vec![0.0; of.iter().max().map_or(0, |&last| last as usize + 1)];
        forces.iter().zip(of).for_each(|(force, &group)| squares[group as usize] += force * force);
        let pull = |(group, square): (usize, &f64)| {
            (square.sqrt(), penalty.group_factor(group, sizes.get(group).copied().unwrap_or(1)))
        };
        least_strength(penalty, squares.iter().enumerate().map(pull))
    }
}

/// The greatest mean curvature of a class at shares of its rows: `π (1 − π)`.
fn widest(problem: &Classes<'_>) -> f64 {
    let mut shares = vec![0.0; problem.classes];
    problem.codes.iter().zip(problem.weights).for_each(|(&code, w)| shares[code as usize] += w);
    shares.iter().map(|share| share * (1.0 - share)).fold(0.0, f64::max)
}
