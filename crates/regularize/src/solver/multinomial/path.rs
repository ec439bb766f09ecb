use super::balance::ClassPenalty;
use super::classes::Classes;
use super::descent::State;
use super::proof::Proof;
use crate::error::Error;
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

/// A gain of less, as a share of the null model's objective, is far below rounding.
const LEAST_GOAL: f64 = 1e-22;

/// The share of a product that may be rounding.
const ROUNDING: f64 = 1e-12;

/// A step in predictors that is left where a fit has converged is shorter. Where classes separate, every step is about 1, forever.
const FITTED: f64 = 1e-2;

/// Solves for descending `lambdas`. `null` is the objective that gaps are a share of; `false` of `goes_on` ends the path.
pub(crate) fn path(
    problem: &Classes<'_>,
    penalty: ClassesAt<'_>,
    start: Start<'_>,
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
    let Start { mut state, mut force, .. } = start;
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
                let complete = candidates.len() == before;
                if complete {
                    // Nothing is missing: the steps ended too early.
                    goal *= 1e-2;
                    if proofs > 1 {
                        state.refresh(&here);
                    }
                }
                if !complete || goal > LEAST_GOAL * null {
                    continue;
                }
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

/// Coefficients that nothing holds. More features than rows separate any classes: there is nothing to prove.
fn free(problem: &Classes<'_>, penalty: &ClassPenalty<'_>) -> Vec<usize> {
    let classes = problem.classes;
    let free = varying(problem).into_iter().filter(|&j| penalty.blocks.is_free(j * classes));
    let free: Vec<usize> = free.flat_map(|j| j * classes..(j + 1) * classes).collect();
    if free.len() < classes * problem.rows() { free } else { Vec::new() }
}

/// Where intercepts, and what nothing holds, are fitted alone.
pub(crate) struct Start<'a> {
    state: State<'a>,
    /// On the coefficients of all varying features.
    force: Vec<f64>,
    features: Vec<usize>,
}

impl<'a> Start<'a> {
    /// `penalty`: at any `λ` above 0; `unpenalized`: the features that it does not hold but for bounds.
    ///
    /// # Errors
    /// What nothing holds has no optimum.
    pub fn new(
        problem: &'a Classes<'a>,
        penalty: &ClassPenalty<'_>,
        mut unpenalized: Vec<usize>,
        limits: Limits,
        null: f64,
    ) -> Result<Self, Error> {
        let mut state = State::new(problem);
        unpenalized.retain(|&j| !problem.design.constant[j]);
        if unpenalized.len() >= problem.rows() {
            return Err(Error::SeparatedWithoutPenalty { feature: unpenalized[0] });
        }
        let free = free(problem, penalty);
        state.descend(&unpenalized, penalty, WORTH_A_PROOF * limits.tolerance * null, limits);
        let features = varying(problem);
        let proof = Proof::new(problem, &state, penalty, &features, &free, null);
        match unpenalized.first() {
            Some(&feature) if proof.unfitted > FITTED => Err(Error::SeparatedWithoutPenalty { feature }),
            _ => Ok(Self { state, force: proof.force, features }),
        }
    }

    /// By number, on all coefficients.
    pub fn forces(&self, problem: &Classes<'_>) -> Vec<f64> {
        let mut force = vec![0.0; problem.coefficients()];
        for (known, feature) in self.force.chunks(problem.classes).zip(&self.features) {
            let force = &mut force[feature * problem.classes..][..problem.classes];
            // |p − y| is at most 1, so that a force that is no more than this share of the feature's length is rounding.
            let rounding = ROUNDING * problem.design.norm(*feature);
            force
                .iter_mut()
                .zip(known)
                .filter(|(_, known)| known.abs() > rounding)
                .for_each(|(force, &known)| *force = known);
        }
        force
    }
}

/// The mean loss of intercepts alone.
pub(crate) fn null(problem: &Classes<'_>, limits: Limits) -> f64 {
    let nothing = ClassPenalty { blocks: Box::new(Coordinates(|_: usize| Coordinate::zero())), coordinate: None };
    let mut state = State::new(problem);
    let goal = 1e-9 * limits.tolerance * state.loss.abs();
    state.descend(&[], &nothing, goal, limits);
    state.loss
}
