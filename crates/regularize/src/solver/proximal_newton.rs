//! Losses that are no parabola: proximal Newton steps with curvature that is taken anew only where it has become wrong.
//!
//! Near the current predictors the loss is replaced by a parabola, which a [`WorkingSet`] minimizes together with the penalty; a line search
//! makes sure that the true objective falls. The parabola needs `X'diag(a)X` of the features at hand, far dearer than a
//! gradient, and along a path the curvatures `a` change slowly: they are kept until a step gains less than it should. The optimum that
//! is reached does not depend on them, and the proof not on how it was reached.
//!
//! Source of the steps: Lee, Sun and Saunders, "Proximal Newton-type methods for minimizing composite functions", SIAM J. Optim. 24 (2014).

use std::collections::HashMap;

use rayon::prelude::*;

use super::certificate::{self, Certificate};
use super::gaussian::{Limits, Support};
use super::working_set::WorkingSet;
use crate::design::Standardized;
use crate::loss::Loss;
use crate::penalty::Coordinate;

/// A loss on a standardized design.
pub(crate) struct Smooth<'a> {
    pub design: &'a Standardized<'a>,
    pub loss: &'a dyn Loss,
    pub response: &'a [f64],
    /// Summing to one.
    pub weights: &'a [f64],
    pub offset: Option<&'a [f64]>,
    pub intercept: bool,
}

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

/// Rows that one thread takes at a time; fewer are not worth waking another.
const PART: usize = 8192;

impl Smooth<'_> {
    fn rows(&self) -> usize {
        self.response.len()
    }

    /// `Σ_i f(i)`, in the same order whatever the threads.
    fn sum(&self, f: impl Fn(usize) -> f64 + Sync) -> f64 {
        let n = self.rows();
        let parts: Vec<f64> = (0..n.div_ceil(PART))
            .into_par_iter()
            .map(|part| (part * PART..((part + 1) * PART).min(n)).map(&f).sum())
            .collect();
        parts.iter().sum()
    }

    fn rowwise(&self, f: impl Fn(usize) -> f64 + Send + Sync) -> Vec<f64> {
        (0..self.rows()).into_par_iter().with_min_len(PART).map(f).collect()
    }

    /// The mean loss at `η + step · direction`.
    pub fn value(&self, eta: &[f64], direction: Option<&[f64]>, step: f64) -> f64 {
        self.sum(|i| {
            if self.weights[i] == 0.0 {
                return 0.0;
            }
            let eta = eta[i] + direction.map_or(0.0, |direction| step * direction[i]);
            self.weights[i] * self.loss.value(self.response[i], eta)
        })
    }

    /// `w ∂ℓ/∂η`.
    fn gradient(&self, eta: &[f64]) -> Vec<f64> {
        self.rowwise(|i| self.weights[i] * self.loss.derivative(self.response[i], eta[i]))
    }

    /// `w ∂²ℓ/∂η²`.
    fn curvatures(&self, eta: &[f64]) -> Vec<f64> {
        self.rowwise(|i| self.weights[i] * self.loss.curvature(self.response[i], eta[i]))
    }

    /// The intercept of the model of nothing else, by Newton steps that are halved until the loss falls.
    pub fn null(&self) -> f64 {
        let offset = |i: usize| self.offset.map_or(0.0, |offset| offset[i]);
        let mut intercept = 0.0;
        if !self.intercept {
            return intercept;
        }
        let value =
            |intercept: f64| self.sum(|i| self.weights[i] * self.loss.value(self.response[i], offset(i) + intercept));
        let mut best = value(intercept);
        for _ in 0..200 {
            let slope = self.sum(|i| self.weights[i] * self.loss.derivative(self.response[i], offset(i) + intercept));
            let bend = self.sum(|i| self.weights[i] * self.loss.curvature(self.response[i], offset(i) + intercept));
            let mut step = -slope / bend;
            if !step.is_finite() || slope.abs() < 1e-15 {
                break;
            }
            step = step.clamp(-5.0_f64.max(intercept.abs()), 5.0_f64.max(intercept.abs()));
            let mut now = value(intercept + step);
            for _ in 0..60 {
                if now <= best {
                    break;
                }
                step *= 0.5;
                now = value(intercept + step);
            }
            if now > best {
                break;
            }
            intercept += step;
            best = now;
            if step.abs() <= 1e-15 * intercept.abs() {
                break;
            }
        }
        intercept
    }

    /// The mean loss of the model of an intercept alone.
    pub fn null_loss(&self) -> f64 {
        self.value(&self.predictors(&Support::default(), self.null()), None, 0.0)
    }

    /// The force on every feature where only what is never zero is fitted: intercept and features without a penalty.
    pub fn forces_without_penalty(
        &self,
        penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
        limits: Limits,
        null: f64,
    ) -> Vec<f64> {
        let all: Vec<usize> = (0..self.design.columns()).collect();
        let free: Vec<usize> =
            all.iter().copied().filter(|&j| penalty(j, 1.0).is_free() && !self.design.constant[j]).collect();
        let mut state = State::new(self, self.null());
        if !free.is_empty() {
            state.grow(&free);
            state.descend(&[], &|j| penalty(j, 1.0), 1e-4 * limits.tolerance * null, limits);
        }
        let mut force = forces(self, &all, &[&self.gradient(&state.eta)]).remove(0);
        force
            .iter_mut()
            .zip(&self.design.constant)
            .filter(|(_, constant)| **constant)
            .for_each(|(force, _)| *force = 0.0);
        force
    }

    /// The mean loss of a perfect fit.
    pub fn saturated(&self) -> f64 {
        self.sum(|i| if self.weights[i] == 0.0 { 0.0 } else { self.weights[i] * self.loss.saturated(self.response[i]) })
    }

    /// `o + β₀ + X̃β`.
    fn predictors(&self, support: &Support, intercept: f64) -> Vec<f64> {
        let mut eta = match self.offset {
            Some(offset) => offset.iter().map(|offset| offset + intercept).collect(),
            None => vec![intercept; self.rows()],
        };
        self.design.add(&support.columns, &support.values, &mut eta);
        eta
    }
}

/// The parabola: curvatures, and their sums with the features of the working set.
pub(super) struct Parabola {
    pub a: Vec<f64>,
    pub total: f64,
    /// `x̃_j'a` by place in the working set.
    pub sums: Vec<f64>,
}

impl Parabola {
    pub fn new(a: Vec<f64>) -> Self {
        let total = a.iter().sum();
        Self { a, total, sums: Vec::new() }
    }

    /// Takes features into a working set; the intercept is eliminated from their products.
    pub fn grow(&mut self, design: &Standardized<'_>, intercept: bool, set: &mut WorkingSet, new: &[usize]) {
        if new.is_empty() {
            return;
        }
        let mut sums = vec![0.0; new.len()];
        design.products(new, &[&self.a], &mut sums);
        self.sums.extend(sums);
        let place_of: HashMap<usize, usize> =
            set.columns().iter().chain(new).enumerate().map(|(place, &column)| (column, place)).collect();
        let parabola = &*self;
        set.grow(
            new,
            |_| 0.0,
            |left, right, out| {
                products(design, parabola, &|j| place_of[&j], intercept, left, right, out);
            },
        );
    }
}

/// Where the descent stands.
struct State<'a> {
    problem: &'a Smooth<'a>,
    set: WorkingSet,
    parabola: Parabola,
    eta: Vec<f64>,
    intercept: f64,
    loss: f64,
}

impl<'a> State<'a> {
    fn new(problem: &'a Smooth<'a>, intercept: f64) -> Self {
        let eta = problem.predictors(&Support::default(), intercept);
        let loss = problem.value(&eta, None, 0.0);
        let parabola = Parabola::new(problem.curvatures(&eta));
        Self { problem, set: WorkingSet::new(problem.design.columns()), parabola, eta, intercept, loss }
    }

    fn grow(&mut self, new: &[usize]) {
        self.parabola.grow(self.problem.design, self.problem.intercept, &mut self.set, new);
    }

    /// Takes the curvatures where the predictors are now, and forgets features that are at zero.
    fn refresh(&mut self) {
        let (kept, values) = self.set.support();
        self.parabola = Parabola::new(self.problem.curvatures(&self.eta));
        self.set = WorkingSet::new(self.problem.design.columns());
        self.grow(&kept);
        self.set.set_beta(&kept, &values);
    }

    /// Minimizes the objective at one `λ` over the candidates, until a step promises to gain less than `goal`.
    fn descend(
        &mut self,
        candidates: &[usize],
        penalty: &dyn Fn(usize) -> Coordinate,
        goal: f64,
        limits: Limits,
    ) -> usize {
        let problem = self.problem;
        let mut before = f64::INFINITY;
        let mut fresh = false;
        for iteration in 1..=limits.rounds {
            let gradient = problem.gradient(&self.eta);
            let pull = if problem.intercept { -gradient.iter().sum::<f64>() } else { 0.0 };
            // Candidates whose force is too large for zero come in.
            let outside: Vec<usize> = candidates.iter().copied().filter(|&j| !self.set.contains(j)).collect();
            let asked: Vec<usize> = self.set.columns().iter().chain(&outside).copied().collect();
            let mut force = vec![0.0; asked.len()];
            problem.design.products(&asked, &[&gradient], &mut force);
            force.iter_mut().for_each(|force| *force = -*force);
            let known = self.set.len();
            let (entering, at): (Vec<usize>, Vec<usize>) = (known..asked.len())
                .filter(|&at| penalty(asked[at]).violation(0.0, force[at]) > 0.0)
                .map(|at| (asked[at], at))
                .unzip();
            self.grow(&entering);
            let entered: Vec<f64> = at.iter().map(|&at| force[at]).collect();
            force.truncate(known);
            force.extend(entered);

            self.set.penalize(penalty);
            let eliminated = if problem.intercept { pull / self.parabola.total } else { 0.0 };
            let sums = &self.parabola.sums;
            self.set.set_force(|place| force[place] - sums[place] * eliminated);
            let old = self.set.beta().to_vec();
            let largest = force.iter().fold(pull.abs(), |largest, force| largest.max(force.abs()));
            self.set.solve(1e-12 * largest.max(f64::MIN_POSITIVE), 200);

            let (mut moved, mut steps) = (Vec::new(), Vec::new());
            let (mut promise, mut along) = (0.0, 0.0);
            for (place, (&new, &old)) in self.set.beta().iter().zip(&old).enumerate() {
                if new != old {
                    let cost = penalty(self.set.columns()[place]);
                    moved.push(self.set.columns()[place]);
                    steps.push(new - old);
                    promise += cost.value(new) - cost.value(old) - force[place] * (new - old);
                    along += self.parabola.sums[place] * (new - old);
                }
            }
            let shift = if problem.intercept { (pull - along) / self.parabola.total } else { 0.0 };
            promise -= pull * shift;
            if moved.is_empty() && shift == 0.0 {
                return iteration;
            }
            let mut direction = vec![shift; problem.rows()];
            problem.design.add(&moved, &steps, &mut direction);

            let cost = |set: &WorkingSet, beta: &dyn Fn(usize) -> f64| -> f64 {
                (0..set.len()).map(|place| penalty(set.columns()[place]).value(beta(place))).sum()
            };
            let new = self.set.beta().to_vec();
            let cost_before = cost(&self.set, &|place| old[place]);
            let mut step = 1.0;
            let accepted = loop {
                let loss = problem.value(&self.eta, Some(&direction), step);
                let cost_now = cost(&self.set, &|place| old[place] + step * (new[place] - old[place]));
                let change = loss + cost_now - self.loss - cost_before;
                // Armijo's condition; what is below the rounding of a sum over rows cannot be told.
                let rounding = 1e-13 * (self.loss.abs() + cost_before);
                if change <= 1e-3 * step * promise + rounding {
                    self.loss = loss;
                    break true;
                }
                step *= 0.5;
                if step < 1e-10 {
                    break false;
                }
            };
            if !accepted {
                let (columns, values) = pairs(&self.set, &old);
                self.set.set_beta(&columns, &values);
                if fresh {
                    return iteration;
                }
                self.refresh();
                fresh = true;
                before = f64::INFINITY;
                continue;
            }
            if step < 1.0 {
                let beta: Vec<f64> = new
                    .iter()
                    .zip(&old)
                    .map(|(new, old)| if new == old { *new } else { old + step * (new - old) })
                    .collect();
                let (columns, values) = pairs(&self.set, &beta);
                self.set.set_beta(&columns, &values);
            }
            self.intercept += step * shift;
            self.eta.iter_mut().zip(&direction).for_each(|(eta, d)| *eta += step * d);
            let gain = -promise;
            if gain <= goal {
                return iteration;
            }
            fresh = false;
            // A step on a parabola that fits makes what is left a hundredth; a tenth says that it no longer does.
            if gain > 0.1 * before || step < 1.0 {
                self.refresh();
                fresh = true;
            }
            before = gain;
        }
        limits.rounds
    }
}

fn pairs(set: &WorkingSet, beta: &[f64]) -> (Vec<usize>, Vec<f64>) {
    set.columns().iter().zip(beta).filter(|(_, value)| **value != 0.0).map(|(&column, &value)| (column, value)).unzip()
}

/// `X̃_L'diag(a)X̃_R`, less what the intercept takes up.
pub(super) fn products(
    design: &Standardized<'_>,
    parabola: &Parabola,
    place: &dyn Fn(usize) -> usize,
    intercept: bool,
    left: &[usize],
    right: &[usize],
    out: &mut [f64],
) {
    let (sums, total) = (&parabola.sums, parabola.total);
    let raw = |j: usize| sums[place(j)] * design.scale[j] + design.center[j] * total;
    design.gram(left, right, Some(&parabola.a), &raw, total, out);
    if intercept && total > 0.0 {
        for (out, &r) in out.chunks_mut(left.len().max(1)).zip(right) {
            let share = sums[place(r)] / total;
            for (out, &l) in out.iter_mut().zip(left) {
                *out -= sums[place(l)] * share;
            }
        }
    }
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

/// Features that may come in at a time however few coefficients are not zero yet.
const FEW: usize = 64;

/// What goes on after each `λ`: solutions are handed over as they are proved, and `false` ends the path.
pub(crate) type Goes<'a> = &'a mut dyn FnMut(&Fitted) -> bool;

/// Solves for descending `lambdas`. `null` is the objective that gaps are a share of.
pub(crate) fn path(
    problem: &Smooth<'_>,
    penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
    lambdas: &[f64],
    null: f64,
    limits: Limits,
    goes_on: Goes<'_>,
) {
    let p = problem.design.columns();
    let all: Vec<usize> = (0..p).filter(|&j| !problem.design.constant[j]).collect();
    let free: Vec<usize> =
        all.iter().copied().filter(|&j| lambdas.first().is_some_and(|&lambda| penalty(j, lambda).l1 == 0.0)).collect();
    let mut state = State::new(problem, problem.null());
    state.grow(&free);
    let mut force = forces(problem, &all, &[&problem.gradient(&state.eta)]).remove(0);
    let mut known: Option<f64> = None;
    let most_block = (MOST_NUMBERS / problem.rows()).clamp(1, LONGEST_BLOCK);
    let mut block = most_block.min(4);
    let (mut done, mut failures) = (0, 0);
    let mut goal = 1e-3 * limits.tolerance * null;
    while done < lambdas.len() {
        let ahead = &lambdas[done..(done + block).min(lambdas.len())];
        let (start, end) = (ahead[0], ahead[ahead.len() - 1]);
        let reach = (2.0 * end - known.unwrap_or(start)).max(0.75 * end);
        let candidates: Vec<usize> = all
            .iter()
            .zip(&force)
            .filter(|&(&j, force)| force.abs() >= penalty(j, reach).l1)
            .map(|(&j, _)| j)
            .collect();

        let mut tried = Vec::with_capacity(ahead.len());
        for &lambda in ahead {
            let iterations = state.descend(&candidates, &|j| penalty(j, lambda), goal, limits);
            let (columns, values) = state.set.support();
            let dual = dual_point(problem, &state.eta, &free, penalty, lambda);
            let (support, intercept, loss) = (Support { columns, values }, state.intercept, state.loss);
            tried.push(Tried { lambda, support, intercept, loss, iterations, dual });
        }
        let vectors: Vec<&[f64]> = tried.iter().map(|tried| tried.dual.weighted.as_slice()).collect();
        let proofs = forces(problem, &all, &vectors);

        let mut proved = 0;
        for (one, proof) in tried.iter().zip(&proofs) {
            let cost = |j| penalty(j, one.lambda);
            let certificate = certify(problem, one, &cost, (&all, proof), null);
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
            goal = 1e-3 * limits.tolerance * null;
            if !goes_on(&fitted) {
                return;
            }
        }
        done += proved;
        let at = proved.min(tried.len() - 1);
        force.clone_from(&proofs[at]);
        known = Some(tried[at].lambda);
        if proved < tried.len() {
            failures += 1;
            let one = &tried[proved];
            let lacking = all
                .iter()
                .zip(&proofs[proved])
                .any(|(&j, &force)| !state.set.contains(j) && penalty(j, one.lambda).violation(0.0, force) > 0.0);
            if !lacking {
                goal *= 1e-2;
                if failures > 1 {
                    state.refresh();
                }
            }
            let mut new: Vec<(f64, usize)> = all
                .iter()
                .zip(&proofs[proved])
                .filter(|&(&j, _)| !state.set.contains(j))
                .map(|(&j, &force)| (penalty(j, one.lambda).violation(0.0, force), j))
                .filter(|&(violation, _)| violation > 0.0)
                .collect();
            new.sort_by(|a, b| b.0.total_cmp(&a.0));
            new.truncate(state.set.len().max(FEW));
            let new: Vec<usize> = new.into_iter().map(|(_, j)| j).collect();
            // Back to where the first proof failed, with what was missing there.
            let here: Vec<usize> = one.support.columns.iter().copied().filter(|&j| !state.set.contains(j)).collect();
            state.grow(&here);
            state.grow(&new);
            state.set.set_beta(&one.support.columns, &one.support.values);
            state.intercept = one.intercept;
            state.eta = problem.predictors(&one.support, one.intercept);
            state.loss = one.loss;
        }
        block = if proved == tried.len() { (2 * block).min(most_block) } else { proved.max(1) };
    }
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

/// `u = ∇ℓ`, moved along the curvatures until it is orthogonal to the intercept and to free features: the last Newton step of theirs.
fn dual_point(
    problem: &Smooth<'_>,
    eta: &[f64],
    free: &[usize],
    penalty: &dyn Fn(usize, f64) -> Coordinate,
    lambda: f64,
) -> DualPoint {
    let mut weighted = problem.gradient(eta);
    let free: Vec<usize> = free.iter().copied().filter(|&j| penalty(j, lambda).is_free()).collect();
    if problem.intercept || !free.is_empty() {
        let a = problem.curvatures(eta);
        let total: f64 = a.iter().sum();
        let k = free.len() + 1;
        // The intercept's column first; without one, its equation says that it does not move.
        let mut sums = vec![0.0; free.len()];
        problem.design.products(&free, &[&a], &mut sums);
        let mut block = vec![0.0; free.len() * free.len()];
        let raw = |j: usize| {
            let at = free.iter().position(|&other| other == j).unwrap_or(0);
            sums[at] * problem.design.scale[j] + problem.design.center[j] * total
        };
        problem.design.gram(&free, &free, Some(&a), &raw, total, &mut block);
        let mut factor = super::cholesky::Cholesky::default();
        let entry = |i: usize, j: usize| match (i, j) {
            (0, 0) => {
                if problem.intercept {
                    total
                } else {
                    1.0
                }
            }
            (0, j) | (j, 0) => {
                if problem.intercept {
                    sums[j - 1]
                } else {
                    0.0
                }
            }
            (i, j) => block[i - 1 + (j - 1) * free.len()],
        };
        for i in 0..k {
            factor.append(i, |other| entry(i, other), entry(i, i));
        }
        // Twice: the second time takes away what rounding left.
        for _ in 0..2 {
            let mut moves = vec![0.0; k];
            if problem.intercept {
                moves[0] = weighted.iter().sum();
            }
            problem.design.products(&free, &[&weighted], &mut moves[1..]);
            let mut ordered: Vec<f64> = factor.order().iter().map(|&i| moves[i]).collect();
            factor.solve(&mut ordered);
            let mut move_by = vec![0.0; problem.rows()];
            let (mut columns, mut values) = (Vec::new(), Vec::new());
            for (&i, &value) in factor.order().iter().zip(&ordered) {
                if i == 0 {
                    move_by.iter_mut().for_each(|m| *m += value);
                } else {
                    columns.push(free[i - 1]);
                    values.push(value);
                }
            }
            problem.design.add(&columns, &values, &mut move_by);
            weighted.iter_mut().zip(&move_by).zip(&a).for_each(|((u, m), a)| *u -= a * m);
        }
    }
    // Into the domain: towards zero, which lies in it.
    let mut share: f64 = 1.0;
    for ((u, &w), &y) in weighted.iter_mut().zip(problem.weights).zip(problem.response) {
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
    if share < 1.0 {
        weighted.iter_mut().for_each(|u| *u *= share);
    }
    DualPoint { weighted, feasible: share > 0.0 }
}

fn certify(
    problem: &Smooth<'_>,
    tried: &Tried,
    penalty: &dyn Fn(usize) -> Coordinate,
    (columns, force): (&[usize], &[f64]),
    null: f64,
) -> Certificate {
    let cost: f64 =
        tried.support.columns.iter().zip(&tried.support.values).map(|(&j, &value)| penalty(j).value(value)).sum();
    let primal = tried.loss + cost;
    if !tried.dual.feasible {
        return Certificate { primal, dual: f64::NEG_INFINITY, null };
    }
    let largest = force.iter().fold(0.0f64, |largest, force| largest.max(force.abs()));
    let (scale, conjugates) = certificate::penalized_dual(penalty, (columns, force), certificate::ROUNDING * largest);
    let value = problem.sum(|i| {
        let w = problem.weights[i];
        if w == 0.0 {
            return 0.0;
        }
        let u = scale * tried.dual.weighted[i] / w;
        let offset = problem.offset.map_or(0.0, |offset| offset[i]);
        w * (u * offset - problem.loss.conjugate(problem.response[i], u))
    });
    Certificate { primal, dual: value - conjugates, null }
}
