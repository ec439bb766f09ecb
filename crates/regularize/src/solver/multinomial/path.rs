use super::balance::ClassPenalty;
use super::classes::Classes;
use super::descent::State;
use super::proof::Proof;
use crate::penalty::Coordinate;
use crate::solver::certificate::Certificate;
use crate::solver::gaussian::{Limits, Support};
use crate::solver::separable::Coordinates;

/// One `λ` solved.
#[derive(Clone, Debug)]
pub(crate) struct FittedClasses {
    /// By class.
    pub supports: Vec<Support>,
    pub intercepts: Vec<f64>,
    pub certificate: Certificate,
    /// The mean loss.
    pub loss: f64,
    pub iterations: usize,
}

/// The penalty at a `λ`.
pub(crate) type ClassesAt<'a> = &'a dyn Fn(f64) -> ClassPenalty<'a>;

/// Proofs that may fail for one `λ` before it is left as it is, and said not to have converged.
const MOST_PROOFS: usize = 30;

/// The gain of a step, as a share of the gap asked for, after which a proof is tried.
const WORTH_A_PROOF: f64 = 1e-3;

/// Solves for descending `lambdas`. `null` is the objective that gaps are a share of; `false` of `goes_on` ends the path.
pub(crate) fn path(
    problem: &Classes<'_>,
    penalty: ClassesAt<'_>,
    lambdas: &[f64],
    null: f64,
    limits: Limits,
    goes_on: &mut dyn FnMut(&FittedClasses) -> bool,
) {
    let classes = problem.classes;
    let all = varying(problem);
    let numbers: Vec<usize> = all.iter().flat_map(|j| j * classes..(j + 1) * classes).collect();
    let features = |places: Vec<usize>| -> Vec<usize> {
        let mut features: Vec<usize> = places.into_iter().map(|at| numbers[at] / classes).collect();
        features.dedup();
        features
    };
    let mut state = State::new(problem);
    let Some(&first) = lambdas.first() else { return };
    let mut force = without_penalty(problem, &mut state, &penalty(first), limits, null).0;
    let mut known: Option<f64> = None;
    for &lambda in lambdas {
        let here = penalty(lambda);
        let free = free(problem, &here);
        let reach = (2.0 * lambda - known.unwrap_or(lambda)).max(0.75 * lambda);
        let mut candidates = features(penalty(reach).blocks.entering(&numbers, &force, usize::MAX));
        let mut goal = WORTH_A_PROOF * limits.tolerance * null;
        let mut iterations = 0;
        for proofs in 1.. {
            iterations += state.descend(&candidates, &here, goal, limits);
            let proof = Proof::new(problem, &state, &here, &all, &free, null);
            force = proof.force;
            if proof.certificate.relative_gap() > limits.tolerance && proofs < MOST_PROOFS {
                let before = candidates.len();
                candidates.extend(features(here.blocks.entering(&numbers, &force, usize::MAX)));
                candidates.sort_unstable();
                candidates.dedup();
                if candidates.len() == before {
                    // Nothing is missing: the steps ended too early.
                    goal *= 1e-2;
                    if proofs > 1 {
                        state.refresh(&here);
                    }
                }
                continue;
            }
            let fitted = FittedClasses {
                supports: state.supports(),
                intercepts: state.intercepts.clone(),
                certificate: proof.certificate,
                loss: state.loss,
                iterations,
            };
            if !goes_on(&fitted) {
                return;
            }
            break;
        }
        known = Some(lambda);
    }
}

/// Features that are not the same number in every row.
fn varying(problem: &Classes<'_>) -> Vec<usize> {
    (0..problem.design.columns()).filter(|&j| !problem.design.constant[j]).collect()
}

/// Coefficients that nothing holds. More of them than rows fit everything, and no proof is needed.
fn free(problem: &Classes<'_>, penalty: &ClassPenalty<'_>) -> Vec<usize> {
    let classes = problem.classes;
    let free = varying(problem).into_iter().filter(|&j| penalty.blocks.is_free(j * classes));
    let free: Vec<usize> = free.flat_map(|j| j * classes..(j + 1) * classes).collect();
    if free.len() < classes * problem.rows() { free } else { Vec::new() }
}

/// Fits intercepts and what nothing holds; the forces on all varying features.
fn without_penalty(
    problem: &Classes<'_>,
    state: &mut State<'_>,
    penalty: &ClassPenalty<'_>,
    limits: Limits,
    null: f64,
) -> (Vec<f64>, Vec<usize>) {
    let free = free(problem, penalty);
    let mut features: Vec<usize> = free.iter().map(|number| number / problem.classes).collect();
    features.dedup();
    state.descend(&features, penalty, 1e-6 * limits.tolerance * null, limits);
    let all = varying(problem);
    (Proof::new(problem, state, penalty, &all, &free, null).force, all)
}

/// The mean loss of intercepts alone.
pub(crate) fn null(problem: &Classes<'_>, limits: Limits) -> f64 {
    let nothing = ClassPenalty { blocks: Box::new(Coordinates(|_: usize| Coordinate::zero())), coordinate: None };
    let mut state = State::new(problem);
    let goal = 1e-9 * limits.tolerance * state.loss.abs();
    state.descend(&[], &nothing, goal, limits);
    state.loss
}

/// Forces on all coefficients, by number, where only intercepts and what nothing holds are fitted.
pub(crate) fn forces_without_penalty(
    problem: &Classes<'_>,
    penalty: &ClassPenalty<'_>,
    limits: Limits,
    null: f64,
) -> Vec<f64> {
    let mut state = State::new(problem);
    let (known, features) = without_penalty(problem, &mut state, penalty, limits, null);
    let mut force = vec![0.0; problem.coefficients()];
    for (known, feature) in known.chunks(problem.classes).zip(features) {
        force[feature * problem.classes..][..problem.classes].copy_from_slice(known);
    }
    force
}
