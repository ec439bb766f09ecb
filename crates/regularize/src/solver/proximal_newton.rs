//! Losses that are no parabola: proximal Newton steps.
//!
//! Near the current predictors the loss is replaced by a parabola, which a [`Subproblem`] minimizes together with the penalty; a line search
//! makes sure that the true objective falls. Where the parabola is dear, its curvatures are kept until a step gains less than it should. The
//! optimum that is reached does not depend on them, and the proof not on how it was reached.
//!
//! Source of the steps: Lee, Sun and Saunders, "Proximal Newton-type methods for minimizing composite functions", SIAM J. Optim. 24 (2014).

use rayon::prelude::*;

use super::gaussian::{Limits, Support};
use super::separable::Separable;
use super::smooth::{PART, Smooth};
use super::subproblem::{GramSubproblem, ResidualSubproblem, Start, Subproblem, pairs};
use crate::design::sum_and_size;

/// When a descent is near enough to the optimum to be proved.
#[derive(Clone, Copy)]
pub(super) struct Goal {
    /// The objective that a step promises to gain.
    pub gain: f64,
    /// The part of the duality gap that comes from violated optimality conditions: the greatest violation times `‖β‖₁`.
    pub gap: f64,
    /// The greatest violation, as a share of the greatest limit.
    pub share: f64,
}

impl Goal {
    /// For a duality gap.
    pub fn new(gap: f64) -> Self {
        Self { gain: 1e-3 * gap, gap: 0.5 * gap, share: 0.01 }
    }

    /// What a proof that failed asks for. A gain is of the order of a violation's square.
    pub fn stricter(self) -> Self {
        Self { gain: 1e-2 * self.gain, gap: 0.1 * self.gap, share: 0.1 * self.share }
    }
}

/// Steps in a row that may leave the greatest violation where it was: then it is rounding, or as good as.
const MOST_STALLED: usize = 50;

/// Features of a design up to which all whose products come together are taken in at once: their squares are kept.
const MOST_AT_ONCE: usize = 512;

/// Where the descent stands.
pub(super) struct State<'a> {
    problem: &'a Smooth<'a>,
    pub set: Box<dyn Subproblem + 'a>,
    pub eta: Vec<f64>,
    pub intercept: f64,
    /// The mean loss, and `w ∂ℓ/∂η`, at `eta`.
    pub loss: f64,
    pub gradient: Vec<f64>,
}

impl<'a> State<'a> {
    /// At a model of nothing but an intercept. Steps are taken in residuals or in products of features.
    pub fn new(problem: &'a Smooth<'a>, intercept: f64, residuals: bool) -> Self {
        let eta = problem.predictors(&Support::default(), intercept);
        let (loss, gradient) = problem.value_and_gradient(&eta, None, 0.0);
        let curvatures = problem.curvatures(&eta, &gradient);
        let set: Box<dyn Subproblem> = if residuals {
            Box::new(ResidualSubproblem::new(problem.design, problem.intercept, curvatures))
        } else {
            Box::new(GramSubproblem::new(problem.design, problem.intercept, curvatures))
        };
        Self { problem, set, eta, intercept, loss, gradient }
    }

    /// Takes the curvatures where the predictors are now, and forgets features that are at zero.
    pub fn refresh(&mut self, penalty: &dyn Separable) {
        let mut kept = penalty.kept(self.set.columns(), self.set.beta());
        if self.takes_along() {
            let left: Vec<usize> = self.set.columns().iter().copied().filter(|j| !kept.contains(j)).collect();
            let mut along = Vec::new();
            self.take_along(&mut along, &left);
            kept.extend(along.into_iter().map(|at| left[at]));
        }
        self.renew(&kept);
    }

    /// Whether features whose products come together are taken in together: one at a time, each time costs as much as all.
    fn takes_along(&self) -> bool {
        let design = self.problem.design.design;
        design.shares_work() && design.columns() <= MOST_AT_ONCE && !self.set.renews_cheaply()
    }

    /// Adds those of `outside`, by place, whose products come together.
    fn take_along(&self, places: &mut Vec<usize>, outside: &[usize]) {
        let design = self.problem.design.design;
        let others: Vec<usize> = (0..outside.len())
            .filter(|&at| design.products_come_together(outside[at]) && !places.contains(&at))
            .collect();
        places.extend(others);
    }

    /// Takes the curvatures where the predictors are now, and goes on with these features.
    fn renew(&mut self, kept: &[usize]) {
        let (columns, values) = self.set.support();
        self.set.renew(self.problem.curvatures(&self.eta, &self.gradient), kept);
        self.set.set_beta(&columns, &values);
    }

    /// Goes to other coefficients, all of features in the set.
    pub fn go_to(&mut self, support: &Support, intercept: f64) {
        self.set.set_beta(&support.columns, &support.values);
        self.intercept = intercept;
        self.eta = self.problem.predictors(support, intercept);
        (self.loss, self.gradient) = self.problem.value_and_gradient(&self.eta, None, 0.0);
    }

    /// Minimizes the objective at one `λ` over the candidates, until it is near enough.
    pub fn descend(&mut self, candidates: &[usize], penalty: &dyn Separable, goal: Goal, limits: Limits) -> usize {
        let problem = self.problem;
        let (mut direction, mut tried_gradient) = (Vec::new(), vec![0.0; problem.rows()]);
        let mut before = f64::INFINITY;
        let mut fresh = false;
        let (mut least, mut stalled) = (f64::INFINITY, 0);
        for iteration in 1..=limits.rounds {
            let pull = self.pull();
            // All candidates are asked first, where a start comes from elsewhere, and last; between, only those that are in.
            let shares_work = problem.design.design.shares_work();
            let mut asked = self.ask(if iteration == 1 || shares_work { candidates } else { &[] }, penalty);
            let mut measured = self.violation(&asked, pull, penalty, goal);
            let mut tolerance = 0.0;
            let near = measured.is_none_or(|(violation, enough)| violation <= enough || violation >= 0.99 * least);
            if near && iteration > 1 && !shares_work {
                asked = self.ask(candidates, penalty);
                measured = self.violation(&asked, pull, penalty, goal);
            }
            let Asked { force, entering } = asked;
            if !entering.is_empty() {
                // What they gain says nothing of how well the parabola fits.
                before = f64::INFINITY;
            }

            // A violation of groups has no measure here: their steps end where they gain little.
            if let Some((violation, enough)) = measured {
                if violation < 0.99 * least {
                    (least, stalled) = (violation, 0);
                } else {
                    stalled += 1;
                }
                if violation <= enough || stalled > MOST_STALLED {
                    self.set.grow(&entering);
                    return iteration;
                }
                // A step on a parabola that is not the loss itself need not be finished.
                tolerance =
                    if problem.loss.is_parabola() { 0.5 * enough } else { (0.03 * violation).max(0.3 * enough) };
            }
            if self.set.renews_cheaply() && !problem.loss.is_parabola() {
                let columns: Vec<usize> = self.set.columns().iter().chain(&entering).copied().collect();
                self.renew(&columns);
            } else {
                self.set.grow(&entering);
            }
            let old = self.set.beta().to_vec();
            let start = Start { gradient: &self.gradient, force: &force, pull };
            let shift = self.set.minimize(start, penalty, tolerance);

            let (mut moved, mut steps) = (Vec::new(), Vec::new());
            let mut promise = -pull * shift;
            for (place, (&new, &old)) in self.set.beta().iter().zip(&old).enumerate() {
                if new != old {
                    moved.push(self.set.columns()[place]);
                    steps.push(new - old);
                    promise -= force[place] * (new - old);
                }
            }
            if moved.is_empty() && shift == 0.0 {
                return iteration;
            }
            direction.clear();
            direction.resize(problem.rows(), shift);
            problem.design.add(&moved, &steps, &mut direction);

            let new = self.set.beta().to_vec();
            let cost_before = penalty.cost(self.set.columns(), &|place| old[place]);
            promise += penalty.cost(self.set.columns(), &|place| new[place]) - cost_before;
            let mut step = 1.0;
            let accepted = loop {
                let loss = problem.value_and_gradient_into(&self.eta, Some(&direction), step, &mut tried_gradient);
                let between = |place: usize| old[place] + step * (new[place] - old[place]);
                let cost_now = penalty.cost(self.set.columns(), &between);
                let change = loss + cost_now - self.loss - cost_before;
                // Armijo's condition; what is below the rounding of a sum over rows cannot be told.
                let rounding = 1e-13 * (self.loss.abs() + cost_before);
                if change <= 1e-3 * step * promise + rounding {
                    self.loss = loss;
                    std::mem::swap(&mut self.gradient, &mut tried_gradient);
                    break true;
                }
                step *= 0.5;
                if step < 1e-10 {
                    break false;
                }
            };
            if !accepted {
                let (columns, values) = pairs(self.set.columns(), &old);
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
                let (columns, values) = pairs(self.set.columns(), &beta);
                self.set.set_beta(&columns, &values);
            }
            self.intercept += step * shift;
            self.eta.par_iter_mut().with_min_len(PART).zip(&direction).for_each(|(eta, d)| *eta += step * d);
            let gain = -promise;
            if gain <= goal.gain && measured.is_none() {
                return iteration;
            }
            fresh = false;
            if !self.set.renews_cheaply() && (gain > self.fits() * before || step < 1.0) {
                self.refresh(penalty);
                fresh = true;
            }
            before = gain;
        }
        limits.rounds
    }

    /// A step on a parabola that fits makes what is left a hundredth; a greater share than this says that it no longer does. Products of
    /// few features beside the rows are cheap to take again. Measured (benchmarks/regularize): binomial and Poisson, 10,000 × 1000
    /// and 1000 × 2000.
    fn fits(&self) -> f64 {
        if 8 * self.set.columns().len() < self.problem.rows() { 0.03 } else { 0.1 }
    }

    /// The force on what nothing penalizes. A sum of rounding errors is none.
    fn pull(&self) -> f64 {
        if !self.problem.intercept {
            return 0.0;
        }
        let (sum, size) = sum_and_size(&self.gradient);
        if sum.abs() <= 4.0 * f64::EPSILON * size { 0.0 } else { -sum }
    }

    /// The forces on the features of the set, and on those candidates whose force is too large for zero.
    fn ask(&self, candidates: &[usize], penalty: &dyn Separable) -> Asked {
        let outside: Vec<usize> = candidates.iter().copied().filter(|&j| !self.set.contains(j)).collect();
        let columns: Vec<usize> = self.set.columns().iter().chain(&outside).copied().collect();
        let mut force = vec![0.0; columns.len()];
        self.problem.design.products(&columns, &[&self.gradient], &mut force);
        force.iter_mut().for_each(|force| *force = -*force);
        let outside_force = force.split_off(self.set.columns().len());
        let mut entering = penalty.entering(&outside, &outside_force, usize::MAX);
        if !entering.is_empty() && self.takes_along() {
            self.take_along(&mut entering, &outside);
        }
        force.extend(entering.iter().map(|&at| outside_force[at]));
        Asked { force, entering: entering.into_iter().map(|at| outside[at]).collect() }
    }

    /// The greatest violation of an optimality condition, and what is small enough. A gap comes of it because the dual point
    /// is scaled until no force is above its limit: a violation `v` costs `v ‖β‖₁`.
    fn violation(&self, asked: &Asked, pull: f64, penalty: &dyn Separable, goal: Goal) -> Option<(f64, f64)> {
        let (mut violation, mut size, mut limit) = (pull.abs(), 0.0, 0.0f64);
        let columns = self.set.columns().iter().chain(&asked.entering);
        let values = self.set.beta().iter().chain(std::iter::repeat(&0.0));
        for ((&j, &beta), &force) in columns.zip(values).zip(&asked.force) {
            let cost = penalty.coordinate(j)?;
            violation = violation.max(cost.violation(beta, force));
            size += beta.abs();
            limit = limit.max(cost.l1);
        }
        // Without L1 there is no limit to take a share of.
        let share = if limit > 0.0 { goal.share * limit } else { f64::INFINITY };
        let enough = if size > 0.0 { (goal.gap / size).min(share) } else { share };
        Some((violation, if enough.is_finite() { enough } else { 0.0 }))
    }
}

/// Forces on the features of the set, then on those that come in.
struct Asked {
    force: Vec<f64>,
    entering: Vec<usize>,
}
