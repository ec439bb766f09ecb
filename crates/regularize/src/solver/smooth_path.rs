//! The path of a smooth loss: some `λ` are solved on features that look promising, and proved on all features at once, as in
//! [`gaussian`](super::gaussian).

use std::collections::HashMap;

use rayon::prelude::*;

use super::certificate::{self, Certificate};
use super::equations::Equations;
use super::gaussian::{Limits, Support};
use super::proximal_newton::{Goal, State};
use super::separable::Separable;
use super::smooth::{PART, Smooth};
use crate::design::sum;

/// One `λ` solved.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    pub support: Support,
    pub intercept: f64,
    pub certificate: Certificate,
    /// The mean loss.
    pub loss: f64,
    pub iterations: usize,
}

/// A `λ` that is solved on candidates and not proved yet.
struct Tried {
    lambda: f64,
    support: Support,
    intercept: f64,
    loss: f64,
    iterations: usize,
    dual: DualPoint,
}

/// A solution that the path has come by.
struct Place {
    lambda: f64,
    support: Support,
    intercept: f64,
}

/// `w u`, orthogonal to the intercept and all that is free; `None` where none was found in the domain.
struct DualPoint {
    weighted: Vec<f64>,
    feasible: bool,
}

/// The most `λ` proved in one pass, and the most numbers that their dual points may take.
const LONGEST_BLOCK: usize = 16;
const MOST_NUMBERS: usize = 1 << 23;

/// Proofs that may fail for one `λ` before it is left as it is, and said not to have converged.
const MOST_PROOFS: usize = 30;

/// A force of less than this share of the last limit in a block is not expected to reach it. Measured (benchmarks/regularize): 0.75 and 0.92 are
/// both slower by a tenth.
const CLOSE: f64 = 0.85;

/// Features that may come in at a time however few coefficients are not zero yet.
const FEW: usize = 64;

/// The penalty at a `λ`.
pub(crate) type At<'a> = &'a dyn Fn(f64) -> Box<dyn Separable + 'a>;

/// What goes on after each `λ`: solutions are handed over as they are proved, and `false` ends the path.
pub(crate) type Goes<'a> = &'a mut dyn FnMut(&Fitted) -> bool;

/// Solves for descending `lambdas`. `null` is the objective that gaps are a share of; with `residuals` no products of features are taken, for a
/// penalty of single features on a sparse design.
pub(crate) fn path(
    problem: &Smooth<'_>,
    penalty: At<'_>,
    lambdas: &[f64],
    null: f64,
    limits: Limits,
    residuals: bool,
    goes_on: Goes<'_>,
) {
    let p = problem.design.columns();
    let all: Vec<usize> = (0..p).filter(|&j| !problem.design.constant[j]).collect();
    let Some(&first) = lambdas.first() else { return };
    let strongest = penalty(first);
    let dense: Vec<usize> = all.iter().copied().filter(|&j| strongest.is_dense(j)).collect();
    let free: Vec<usize> = all.iter().copied().filter(|&j| strongest.is_free(j)).collect();
    let mut state = State::new(problem, problem.null(), residuals);
    state.set.grow(&dense);
    // Where all features are asked at every step, nobody asks for the forces before the first.
    let all_at_once = problem.design.design.shares_work();
    let mut force = if all_at_once { Vec::new() } else { forces(problem, &all, &[&state.gradient]).remove(0) };
    let mut known: Option<f64> = None;
    let most_block = (MOST_NUMBERS / problem.rows()).clamp(1, LONGEST_BLOCK);
    let mut block = most_block.min(4);
    let (mut done, mut failures) = (0, 0);
    let mut trail: Vec<Place> = Vec::new();
    let mut goal = Goal::new(limits.tolerance * null);
    while done < lambdas.len() {
        let ahead = &lambdas[done..(done + block).min(lambdas.len())];
        let (start, end) = (ahead[0], ahead[ahead.len() - 1]);
        let reach = (2.0 * end - known.unwrap_or(start)).max(CLOSE * end);
        let candidates: Vec<usize> = if all_at_once {
            all.clone()
        } else {
            penalty(reach).entering(&all, &force, usize::MAX).into_iter().map(|at| all[at]).collect()
        };

        if state.set.renews_cheaply() {
            state.refresh(&*strongest);
        }
        let mut tried = Vec::with_capacity(ahead.len());
        for &lambda in ahead {
            if let Some((support, intercept)) = expected(&trail, lambda, &*strongest) {
                state.go_to(&support, intercept);
            }
            let iterations = state.descend(&candidates, &*penalty(lambda), goal, limits);
            let (columns, values) = state.set.support();
            let dual = dual_point(problem, &state, &free);
            let (support, intercept, loss) = (Support { columns, values }, state.intercept, state.loss);
            trail.push(Place { lambda, support: support.clone(), intercept });
            tried.push(Tried { lambda, support, intercept, loss, iterations, dual });
        }
        let vectors: Vec<&[f64]> = tried.iter().map(|tried| tried.dual.weighted.as_slice()).collect();
        let proofs = forces(problem, &all, &vectors);

        let mut proved = 0;
        for (one, proof) in tried.iter().zip(&proofs) {
            let certificate = certify(problem, one, &*penalty(one.lambda), (&all, proof), null);
            if certificate.relative_gap() > limits.tolerance && failures < MOST_PROOFS {
                break;
            }
            let fitted = Fitted {
                support: one.support.clone(),
                intercept: one.intercept,
                certificate,
                loss: one.loss,
                iterations: one.iterations + failures,
            };
            proved += 1;
            failures = 0;
            goal = Goal::new(limits.tolerance * null);
            if !goes_on(&fitted) {
                return;
            }
        }
        done += proved;
        // Where a proof failed, the path goes on from there.
        trail.truncate(trail.len() - (tried.len() - proved).saturating_sub(1));
        trail.drain(..trail.len().saturating_sub(2));
        let at = proved.min(tried.len() - 1);
        force.clone_from(&proofs[at]);
        known = Some(tried[at].lambda);
        if proved < tried.len() {
            failures += 1;
            let one = &tried[proved];
            let here = penalty(one.lambda);
            let (outside, forces_outside): (Vec<usize>, Vec<f64>) = all
                .iter()
                .zip(&proofs[proved])
                .filter(|(j, _)| !state.set.contains(**j))
                .map(|(&j, &force)| (j, force))
                .unzip();
            let most = state.set.columns().len().max(FEW);
            let mut new: Vec<usize> =
                here.entering(&outside, &forces_outside, most).into_iter().map(|at| outside[at]).collect();
            if new.is_empty() {
                // Nothing is missing: the steps ended too early.
                goal = goal.stricter();
                if failures > 1 {
                    state.refresh(&*here);
                }
            }
            // Back to where the first proof failed, with what was missing there.
            new.extend(one.support.columns.iter().copied());
            new.sort_unstable();
            new.dedup();
            new.retain(|&j| !state.set.contains(j));
            state.set.grow(&new);
            state.go_to(&one.support, one.intercept);
        }
        block = if proved == tried.len() { (2 * block).min(most_block) } else { proved.max(1) };
    }
}

/// Where the next solution is looked for: the way between the last two, which is straight where nothing enters or leaves, goes on. Coefficients
/// that would change their signs stop at zero.
fn expected(trail: &[Place], lambda: f64, penalty: &dyn Separable) -> Option<(Support, f64)> {
    let [.., before, last] = trail else { return None };
    let share = (lambda - last.lambda) / (last.lambda - before.lambda);
    if !share.is_finite() || share <= 0.0 {
        return None;
    }
    let values_before: HashMap<usize, f64> =
        before.support.columns.iter().copied().zip(before.support.values.iter().copied()).collect();
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    for (&j, &value) in last.support.columns.iter().zip(&last.support.values) {
        let mut next = value + share * (value - values_before.get(&j).unwrap_or(&0.0));
        if let Some(cost) = penalty.coordinate(j) {
            next = next.clamp(cost.lower, cost.upper);
        }
        if next * value > 0.0 {
            columns.push(j);
            values.push(next);
        }
    }
    Some((Support { columns, values }, last.intercept + share * (last.intercept - before.intercept)))
}

/// `−x̃_j'v` for each vector.
fn forces(problem: &Smooth<'_>, columns: &[usize], vectors: &[&[f64]]) -> Vec<Vec<f64>> {
    let mut products = vec![0.0; columns.len() * vectors.len()];
    problem.design.products(columns, vectors, &mut products);
    products.iter_mut().for_each(|product| *product = -*product);
    match columns.len() {
        0 => vec![Vec::new(); vectors.len()],
        count => products.chunks(count).map(<[f64]>::to_vec).collect(),
    }
}

/// The force on every feature where only what nothing holds is fitted: the intercept and features without a penalty.
pub(crate) fn forces_without_penalty(problem: &Smooth<'_>, penalty: At<'_>, limits: Limits, null: f64) -> Vec<f64> {
    let all: Vec<usize> = (0..problem.design.columns()).collect();
    let penalty = penalty(1.0);
    let free: Vec<usize> = all.iter().copied().filter(|&j| penalty.is_free(j) && !problem.design.constant[j]).collect();
    let mut state = State::new(problem, problem.null(), false);
    if !free.is_empty() {
        state.set.grow(&free);
        state.descend(&[], &*penalty, Goal::new(0.1 * limits.tolerance * null), limits);
    }
    let mut force = forces(problem, &all, &[&state.gradient]).remove(0);
    for (force, &constant) in force.iter_mut().zip(&problem.design.constant) {
        if constant {
            *force = 0.0;
        }
    }
    force
}

/// The certificates of solutions that any solver may have found: a `λ`, coefficients and an intercept each.
pub(crate) fn prove(
    problem: &Smooth<'_>,
    penalty: At<'_>,
    solutions: &[(f64, &Support, f64)],
    null: f64,
) -> Vec<Certificate> {
    let all: Vec<usize> = (0..problem.design.columns()).filter(|&j| !problem.design.constant[j]).collect();
    let mut state = State::new(problem, 0.0, false);
    let tried: Vec<Tried> = solutions
        .iter()
        .map(|&(lambda, support, intercept)| {
            state.eta = problem.predictors(support, intercept);
            let (loss, gradient) = problem.value_and_gradient(&state.eta, None, 0.0);
            state.gradient = gradient;
            let here = penalty(lambda);
            let free: Vec<usize> = all.iter().copied().filter(|&j| here.is_free(j)).collect();
            let dual = dual_point(problem, &state, &free);
            Tried { lambda, support: support.clone(), intercept, loss, iterations: 0, dual }
        })
        .collect();
    let vectors: Vec<&[f64]> = tried.iter().map(|tried| tried.dual.weighted.as_slice()).collect();
    let proofs = forces(problem, &all, &vectors);
    tried
        .iter()
        .zip(&proofs)
        .map(|(one, force)| certify(problem, one, &*penalty(one.lambda), (&all, force), null))
        .collect()
}

/// `u = ∇ℓ`, moved along the curvatures until it is orthogonal to the intercept and to free features: the last Newton step of theirs.
fn dual_point(problem: &Smooth<'_>, state: &State<'_>, free: &[usize]) -> DualPoint {
    let mut weighted = state.gradient.clone();
    if problem.intercept || !free.is_empty() {
        let a = problem.curvatures(&state.eta, &state.gradient);
        let equations = Equations::new(problem.design, problem.intercept, free, &a, &vec![0.0; free.len()]);
        // Twice: the second time takes away what rounding left.
        for _ in 0..2 {
            let mut off = vec![0.0; free.len()];
            problem.design.products(free, &[&weighted], &mut off);
            let (shift, moves) = equations.solve(sum(&weighted), &off);
            if free.is_empty() {
                rows(&mut weighted).for_each(|(first, weighted)| {
                    weighted.iter_mut().zip(&a[first..]).for_each(|(u, a)| *u -= a * shift);
                });
                continue;
            }
            let mut along = vec![shift; problem.rows()];
            problem.design.add(free, &moves, &mut along);
            rows(&mut weighted).for_each(|(first, weighted)| {
                for ((u, along), a) in weighted.iter_mut().zip(&along[first..]).zip(&a[first..]) {
                    *u -= a * along;
                }
            });
        }
    }
    // Into the domain: towards zero, which lies in it.
    let share = rows(&mut weighted)
        .map(|(first, weighted)| {
            let mut share: f64 = 1.0;
            for ((u, &w), &y) in weighted.iter_mut().zip(&problem.weights[first..]).zip(&problem.response[first..]) {
                if w == 0.0 {
                    continue;
                }
                let (low, high) = problem.loss.domain(y);
                let bound = if *u > 0.0 { high } else { low };
                if u.abs() > w * bound.abs() {
                    // A hair beyond is rounding.
                    if u.abs() <= w * (bound.abs() + 1e-14) {
                        *u = w * bound;
                    } else {
                        share = share.min(w * bound.abs() / u.abs());
                    }
                }
            }
            share
        })
        .reduce(|| 1.0, f64::min);
    if share < 1.0 {
        weighted.iter_mut().for_each(|u| *u *= share);
    }
    DualPoint { weighted, feasible: share > 0.0 }
}

/// Numbers by row in parts, one for a thread, with the first row of each.
fn rows(numbers: &mut [f64]) -> impl ParallelIterator<Item = (usize, &mut [f64])> {
    numbers.par_chunks_mut(PART).enumerate().map(|(part, numbers)| (part * PART, numbers))
}

fn certify(
    problem: &Smooth<'_>,
    tried: &Tried,
    penalty: &dyn Separable,
    (columns, force): (&[usize], &[f64]),
    null: f64,
) -> Certificate {
    let cost = penalty.cost(&tried.support.columns, &|at| tried.support.values[at]);
    let primal = tried.loss + cost;
    if !tried.dual.feasible {
        return Certificate { primal, dual: f64::NEG_INFINITY, null };
    }
    // The largest product that there could be, by the inequality of Cauchy and Schwarz: where nothing is penalized, all that there are are rounding.
    let length = problem.sum(|i| match problem.weights[i] {
        0.0 => 0.0,
        w => tried.dual.weighted[i] * tried.dual.weighted[i] / w,
    });
    let largest = length.sqrt() * columns.iter().map(|&j| problem.design.norm(j)).fold(0.0, f64::max);
    let (scale, conjugates) = penalty.dual(columns, force, certificate::ROUNDING * largest);
    let value = problem.dual(&tried.dual.weighted, scale);
    Certificate { primal, dual: value - conjugates, null }
}
