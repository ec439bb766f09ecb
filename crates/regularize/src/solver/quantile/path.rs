use super::Quantiles;
use super::interior_point::Interior;
use super::proof::proof;
use crate::penalty::Coordinate;
use crate::solver::gaussian::Limits;
use crate::solver::smooth_path::Fitted;

/// Proofs that may fail for one `λ` before it is left as it is, and said not to have converged.
const MOST_PROOFS: usize = 30;

/// Solves for descending `lambdas`. `null` is the objective that gaps are a share of.
pub(crate) fn path(
    problem: &Quantiles<'_>,
    penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
    lambdas: &[f64],
    null: f64,
    limits: Limits,
    goes_on: &mut dyn FnMut(&Fitted) -> bool,
) {
    let all: Vec<usize> =
        (0..problem.design.columns()).filter(|&j| !problem.design.constant[j] && penalty(j, 0.0).has_room()).collect();
    let always: Vec<usize> =
        all.iter().copied().filter(|&j| lambdas.first().is_some_and(|&lambda| penalty(j, lambda).l1 == 0.0)).collect();
    let start = problem.forces_without_penalty(&|j| penalty(j, 1.0), limits, null);
    let mut force: Vec<f64> = all.iter().map(|&j| start[j]).collect();
    let mut support: Vec<usize> = Vec::new();
    let mut known: Option<f64> = None;
    for &lambda in lambdas {
        let cost = |j: usize| penalty(j, lambda);
        let reach = (2.0 * lambda - known.unwrap_or(lambda)).max(0.75 * lambda);
        let mut columns: Vec<usize> = always.iter().chain(&support).copied().collect();
        columns
            .extend(all.iter().zip(&force).filter(|&(&j, force)| force.abs() >= penalty(j, reach).l1).map(|(&j, _)| j));
        columns.sort_unstable();
        columns.dedup();
        let mut goal = 0.1 * limits.tolerance * null;
        let mut iterations = 0;
        for proofs in 1.. {
            let inner = Interior::solve(problem, &columns, &cost, goal);
            iterations += inner.steps;
            let polished = inner.polished(problem, &columns, &cost);
            let ends = [inner, polished].map(|end| proof(problem, &end, &columns, &cost, &all, null));
            let [plain, polished] = ends;
            let best = if polished.certificate.gap() < plain.certificate.gap() { polished } else { plain };
            let certificate = best.certificate;
            force = best.force;
            if certificate.relative_gap() > limits.tolerance && proofs < MOST_PROOFS {
                let before = columns.len();
                columns.extend(
                    all.iter().zip(&force).filter(|&(&j, &force)| cost(j).violation(0.0, force) > 0.0).map(|(&j, _)| j),
                );
                columns.sort_unstable();
                columns.dedup();
                let same = columns.len() == before;
                if same && goal > 1e-18 * null {
                    goal *= 1e-2;
                }
                if !same || proofs < 4 {
                    continue;
                }
            }
            support.clone_from(&best.support.columns);
            let fitted =
                Fitted { support: best.support, intercept: best.intercept, certificate, loss: best.loss, iterations };
            if !goes_on(&fitted) {
                return;
            }
            break;
        }
        known = Some(lambda);
    }
}
