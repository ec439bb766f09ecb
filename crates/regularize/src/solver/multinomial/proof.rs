use super::balance::ClassPenalty;
use super::classes::Classes;
use super::curvature::Curvature;
use super::descent::State;
use crate::loss::entropy;
use crate::penalty::Coordinate;
use crate::solver::certificate::{self, Certificate};
use crate::solver::gaussian::Support;
use crate::solver::separable::{Coordinates, Separable};
use crate::solver::working_set::WorkingSet;

/// What proves where a descent stands, and the forces that belong to it: `force[place · classes + class]` of the features asked.
pub(super) struct Proof {
    pub certificate: Certificate,
    pub force: Vec<f64>,
    /// The longest step, in predictors, that intercepts and free coefficients would still take.
    pub unfitted: f64,
}

impl Proof {
    /// By the forces on these features; those on all others must be known to be within their limits. `free`: coefficients that nothing
    /// holds, by number.
    pub fn new(
        problem: &Classes<'_>,
        state: &State<'_>,
        penalty: &ClassPenalty<'_>,
        features: &[usize],
        free: &[usize],
        null: f64,
    ) -> Self {
        let (dual, unfitted) = dual_point(problem, &state.probabilities, free);
        let force = problem.forces(features, &dual);
        let cost = penalty.blocks.cost(state.set.columns(), &|place| state.set.beta()[place]);
        let dual = value(problem, penalty, features, &force, &dual);
        Self { certificate: Certificate { primal: state.loss + cost, dual, null }, force, unfitted }
    }
}

/// Coefficients and an intercept for each class, whoever found them.
pub(crate) struct ClassesSolution<'a> {
    pub supports: &'a [Support],
    pub intercepts: &'a [f64],
}

/// The certificate of a solution from its coefficients alone. `unpenalized`: features that nothing holds.
pub(crate) fn prove(
    problem: &Classes<'_>,
    penalty: &ClassPenalty<'_>,
    solution: &ClassesSolution<'_>,
    unpenalized: &[usize],
    null: f64,
) -> Certificate {
    let classes = problem.classes;
    let (mut numbers, mut values) = (Vec::new(), Vec::new());
    for (k, support) in solution.supports.iter().enumerate() {
        numbers.extend(support.columns.iter().map(|j| j * classes + k));
        values.extend_from_slice(&support.values);
    }
    let mut eta = problem.start();
    for (eta, intercept) in eta.iter_mut().zip(solution.intercepts) {
        eta.iter_mut().for_each(|eta| *eta += intercept);
    }
    problem.add(&numbers, &values, &mut eta);
    let at = problem.softmax(&eta, None);
    let free: Vec<usize> = unpenalized.iter().flat_map(|j| j * classes..(j + 1) * classes).collect();
    let (dual, _) = dual_point(problem, &at.probabilities, &free);
    let all: Vec<usize> = (0..problem.design.columns()).filter(|&j| !problem.design.constant[j]).collect();
    let force = problem.forces(&all, &dual);
    let cost = penalty.blocks.cost(&numbers, &|place| values[place]);
    Certificate { primal: at.loss + cost, dual: value(problem, penalty, &all, &force, &dual), null }
}

/// The dual objective of `w u`, scaled until no force on these features is above its limit.
fn value(
    problem: &Classes<'_>,
    penalty: &ClassPenalty<'_>,
    features: &[usize],
    force: &[f64],
    dual: &[Vec<f64>],
) -> f64 {
    let numbers: Vec<usize> = features.iter().flat_map(|j| j * problem.classes..(j + 1) * problem.classes).collect();
    let largest = force.iter().fold(0.0f64, |largest, force| largest.max(force.abs()));
    let (scale, conjugates) = penalty.blocks.dual(&numbers, force, certificate::ROUNDING * largest);
    let mut value = -conjugates;
    for (k, dual) in dual.iter().enumerate() {
        for (i, (dual, &w)) in dual.iter().zip(problem.weights).enumerate().filter(|(_, (_, w))| **w > 0.0) {
            let u = scale * dual / w;
            let offset = problem.offset.map_or(0.0, |offset| offset[i * problem.classes + k]);
            value += w * (u * offset - entropy((u + problem.is(i, k)).max(0.0)));
        }
    }
    value
}

/// `w u` for each class, orthogonal to intercepts and free coefficients and in the domain: their last Newton step, along the curvature; and
/// the length of that step.
fn dual_point(problem: &Classes<'_>, probabilities: &[Vec<f64>], free: &[usize]) -> (Vec<Vec<f64>>, f64) {
    let mut u = problem.gradient(probabilities);
    let mut unfitted = 0.0f64;
    if problem.intercept || !free.is_empty() {
        let mut curvature = Curvature::new(problem, probabilities.to_vec(), 0.0);
        let mut set = WorkingSet::new(problem.coefficients());
        curvature.grow(problem, &mut set, free);
        let mut features: Vec<usize> = free.iter().map(|number| number / problem.classes).collect();
        features.dedup();
        // Twice: the second time takes away what rounding left.
        for turn in 0..2 {
            let pull: Vec<f64> = u.iter().map(|u| -u.iter().sum::<f64>()).collect();
            let eliminated = curvature.follow(&pull);
            let force = problem.forces(&features, &u);
            let force_on = |number: usize| {
                let at = features.iter().position(|&j| j == number / problem.classes).expect("it is free");
                force[at * problem.classes + number % problem.classes]
            };
            let columns = set.columns().to_vec();
            set.set_beta(&[], &[]);
            set.set_force(|place| {
                let taken: f64 = curvature.sums(place).iter().zip(&eliminated).map(|(sum, e)| sum * e).sum();
                force_on(columns[place]) - taken
            });
            Coordinates(|_: usize| Coordinate::zero()).minimize(&mut set, 0.0, 1);
            let moves: Vec<(usize, f64)> = set.beta().iter().copied().enumerate().collect();
            let shift = curvature.shift(problem, &pull, &moves);
            let mut direction: Vec<Vec<f64>> = shift.iter().map(|&shift| vec![shift; problem.rows()]).collect();
            problem.add(&columns, set.beta(), &mut direction);
            if turn == 0 {
                unfitted = direction.iter().flatten().fold(0.0, |longest, d| d.abs().max(longest));
            }
            let bend = curvature.bend(problem, &direction);
            for (u, bend) in u.iter_mut().zip(&bend) {
                u.iter_mut().zip(bend).for_each(|(u, bend)| *u += bend);
            }
        }
    }
    into_domain(problem, &mut u);
    (u, unfitted)
}

/// `y + u` must be probabilities; those of a row sum to one already, and towards `y` all become positive.
fn into_domain(problem: &Classes<'_>, dual: &mut [Vec<f64>]) {
    let mut share: f64 = 1.0;
    for (k, dual) in dual.iter().enumerate() {
        for (i, (dual, &w)) in dual.iter().zip(problem.weights).enumerate().filter(|(_, (_, w))| **w > 0.0) {
            let (y, u) = (problem.is(i, k), dual / w);
            // A hair beyond is rounding.
            if y + u < -1e-14 {
                share = share.min(y / -u);
            }
        }
    }
    if share < 1.0 {
        dual.iter_mut().flatten().for_each(|u| *u *= share);
    }
}
