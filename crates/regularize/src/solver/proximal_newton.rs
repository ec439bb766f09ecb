//! Losses that are no parabola: proximal Newton steps with curvature that is taken anew only where it has become wrong.
//!
//! Near the current predictors the loss is replaced by a parabola, which a [`WorkingSet`] minimizes together with the penalty; a line search
//! makes sure that the true objective falls. The parabola needs `X'diag(a)X` of the features at hand, far dearer than a
//! gradient, and along a path the curvatures `a` change slowly: they are kept until a step gains less than it should. The optimum that
//! is reached does not depend on them, and the proof not on how it was reached.
//!
//! Source of the steps: Lee, Sun and Saunders, "Proximal Newton-type methods for minimizing composite functions", SIAM J. Optim. 24 (2014).

use std::collections::HashMap;

use super::gaussian::{Limits, Support};
use super::separable::Separable;
use super::smooth::Smooth;
use super::working_set::WorkingSet;
use crate::design::Standardized;

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
pub(super) struct State<'a> {
    problem: &'a Smooth<'a>,
    pub set: WorkingSet,
    parabola: Parabola,
    pub eta: Vec<f64>,
    pub intercept: f64,
    /// The mean loss, and `w ∂ℓ/∂η`, at `eta`.
    pub loss: f64,
    pub gradient: Vec<f64>,
}

impl<'a> State<'a> {
    pub fn new(problem: &'a Smooth<'a>, intercept: f64) -> Self {
        let eta = problem.predictors(&Support::default(), intercept);
        let (loss, gradient) = problem.value_and_gradient(&eta, None, 0.0);
        let parabola = Parabola::new(problem.curvatures(&eta));
        Self { problem, set: WorkingSet::new(problem.design.columns()), parabola, eta, intercept, loss, gradient }
    }

    pub fn grow(&mut self, new: &[usize]) {
        self.parabola.grow(self.problem.design, self.problem.intercept, &mut self.set, new);
    }

    /// Takes the curvatures where the predictors are now, and forgets features that are at zero.
    pub fn refresh(&mut self, penalty: &dyn Separable) {
        let kept = penalty.kept(&self.set);
        let (columns, values) = self.set.support();
        self.parabola = Parabola::new(self.problem.curvatures(&self.eta));
        self.set = WorkingSet::new(self.problem.design.columns());
        self.grow(&kept);
        self.set.set_beta(&columns, &values);
    }

    /// Goes to other coefficients, all of features in the set.
    pub fn go_to(&mut self, support: &Support, intercept: f64) {
        self.set.set_beta(&support.columns, &support.values);
        self.intercept = intercept;
        self.eta = self.problem.predictors(support, intercept);
        (self.loss, self.gradient) = self.problem.value_and_gradient(&self.eta, None, 0.0);
    }

    /// Minimizes the objective at one `λ` over the candidates, until a step promises to gain less than `goal`.
    pub fn descend(&mut self, candidates: &[usize], penalty: &dyn Separable, goal: f64, limits: Limits) -> usize {
        let problem = self.problem;
        let mut before = f64::INFINITY;
        let mut fresh = false;
        for iteration in 1..=limits.rounds {
            let pull = if problem.intercept { -self.gradient.iter().sum::<f64>() } else { 0.0 };
            // Candidates whose force is too large for zero come in.
            let outside: Vec<usize> = candidates.iter().copied().filter(|&j| !self.set.contains(j)).collect();
            let asked: Vec<usize> = self.set.columns().iter().chain(&outside).copied().collect();
            let mut force = vec![0.0; asked.len()];
            problem.design.products(&asked, &[&self.gradient], &mut force);
            force.iter_mut().for_each(|force| *force = -*force);
            let known = self.set.len();
            let entering = penalty.entering(&outside, &force[known..], usize::MAX);
            self.grow(&entering.iter().map(|&at| outside[at]).collect::<Vec<_>>());
            let entered: Vec<f64> = entering.iter().map(|&at| force[known + at]).collect();
            force.truncate(known);
            force.extend(entered);

            let eliminated = if problem.intercept { pull / self.parabola.total } else { 0.0 };
            let sums = &self.parabola.sums;
            self.set.set_force(|place| force[place] - sums[place] * eliminated);
            let old = self.set.beta().to_vec();
            let largest = force.iter().fold(pull.abs(), |largest, force| largest.max(force.abs()));
            penalty.minimize(&mut self.set, 1e-12 * largest.max(f64::MIN_POSITIVE), 200);

            let (mut moved, mut steps) = (Vec::new(), Vec::new());
            let (mut promise, mut along) = (0.0, 0.0);
            for (place, (&new, &old)) in self.set.beta().iter().zip(&old).enumerate() {
                if new != old {
                    moved.push(self.set.columns()[place]);
                    steps.push(new - old);
                    promise -= force[place] * (new - old);
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

            let new = self.set.beta().to_vec();
            let cost_before = penalty.cost(self.set.columns(), &|place| old[place]);
            promise += penalty.cost(self.set.columns(), &|place| new[place]) - cost_before;
            let mut step = 1.0;
            let accepted = loop {
                let (loss, gradient) = problem.value_and_gradient(&self.eta, Some(&direction), step);
                let between = |place: usize| old[place] + step * (new[place] - old[place]);
                let cost_now = penalty.cost(self.set.columns(), &between);
                let change = loss + cost_now - self.loss - cost_before;
                // Armijo's condition; what is below the rounding of a sum over rows cannot be told.
                let rounding = 1e-13 * (self.loss.abs() + cost_before);
                if change <= 1e-3 * step * promise + rounding {
                    (self.loss, self.gradient) = (loss, gradient);
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
                self.refresh(penalty);
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
                self.refresh(penalty);
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
