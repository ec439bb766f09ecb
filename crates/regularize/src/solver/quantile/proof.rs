use super::Quantiles;
use super::interior_point::Interior;
use crate::penalty::Coordinate;
use crate::solver::certificate::{self, Certificate};
use crate::solver::equations::Equations;
use crate::solver::gaussian::Support;

/// A solution with what proves it.
pub(super) struct Proof {
    pub support: Support,
    pub intercept: f64,
    pub certificate: Certificate,
    pub loss: f64,
    /// On all features.
    pub force: Vec<f64>,
}

pub(super) fn proof(
    problem: &Quantiles<'_>,
    end: &Interior,
    columns: &[usize],
    penalty: &dyn Fn(usize) -> Coordinate,
    all: &[usize],
    null: f64,
) -> Proof {
    let (kept, values): (Vec<usize>, Vec<f64>) =
        columns.iter().copied().zip(end.beta.iter().copied()).filter(|(_, value)| *value != 0.0).unzip();
    let support = Support { columns: kept, values };
    let mut residual: Vec<f64> = problem.response.iter().map(|y| y - end.intercept).collect();
    let negative: Vec<f64> = support.values.iter().map(|value| -value).collect();
    problem.design.add(&support.columns, &negative, &mut residual);
    let loss: f64 = residual.iter().enumerate().map(|(i, &r)| problem.cost(i, r)).sum();
    let cost: f64 = support.columns.iter().zip(&support.values).map(|(&j, &value)| penalty(j).value(value)).sum();
    // The equations of intercept and free features hold but for rounding: what is off is moved into rows that are not at a bound, each by a
    // share of its distance from it.
    let mut dual = end.dual.clone();
    let free: Vec<usize> = columns.iter().copied().filter(|&j| penalty(j).is_free()).collect();
    if problem.intercept || !free.is_empty() {
        let slack: Vec<f64> = dual
            .iter()
            .zip(problem.weights)
            .map(|(d, w)| (w * problem.tau - d).min(d + w * (1.0 - problem.tau)).max(0.0))
            .collect();
        let system = Equations::new(problem.design, problem.intercept, &free, &slack, &vec![0.0; free.len()]);
        for _ in 0..2 {
            let mut off = vec![0.0; free.len()];
            problem.design.products(&free, &[&dual], &mut off);
            let (shift, moves) = system.solve(dual.iter().sum(), &off);
            let mut along = vec![shift; dual.len()];
            problem.design.add(&free, &moves, &mut along);
            dual.iter_mut()
                .zip(&slack)
                .zip(&along)
                .for_each(|((d, slack), along)| *d -= slack * along.clamp(-1.0, 1.0));
        }
    }
    let mut force = vec![0.0; all.len()];
    problem.design.products(all, &[&dual], &mut force);
    let largest = force.iter().fold(0.0f64, |largest, force| largest.max(force.abs()));
    let (scale, conjugates) = certificate::penalized_dual(penalty, (all, &force), certificate::ROUNDING * largest);
    // The conjugate of the loss is linear: D = d'y.
    let value: f64 = dual.iter().zip(&problem.response).map(|(d, y)| scale * d * y).sum();
    let certificate = Certificate { primal: loss + cost, dual: value - conjugates, null };
    Proof { support, intercept: end.intercept, certificate, loss, force }
}
