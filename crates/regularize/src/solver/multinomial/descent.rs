use super::balance::ClassPenalty;
use super::classes::Classes;
use super::curvature::Curvature;
use crate::solver::gaussian::{Limits, Support};
use crate::solver::working_set::WorkingSet;

/// Where the descent stands.
pub(super) struct State<'a> {
    problem: &'a Classes<'a>,
    /// Coefficients by their numbers.
    pub set: WorkingSet,
    curvature: Curvature,
    /// By class.
    eta: Vec<Vec<f64>>,
    pub intercepts: Vec<f64>,
    pub probabilities: Vec<Vec<f64>>,
    /// The mean loss.
    pub loss: f64,
}

/// The least `p (1 − p)` of a step's parabola: where a class is certain everywhere it must bend all the same.
const LEAST: f64 = 1e-12;

/// What a sum over rows can tell, as a share of it.
const ROUNDING: f64 = 1e-16;

impl<'a> State<'a> {
    pub fn new(problem: &'a Classes<'a>) -> Self {
        let eta = problem.start();
        let at = problem.softmax(&eta, None);
        Self {
            problem,
            set: WorkingSet::new(problem.coefficients()),
            curvature: Curvature::new(problem, at.probabilities.clone(), LEAST),
            eta,
            intercepts: vec![0.0; problem.classes],
            probabilities: at.probabilities,
            loss: at.loss,
        }
    }

    fn grow(&mut self, new: &[usize]) {
        self.curvature.grow(self.problem, &mut self.set, new);
    }

    /// Takes the curvature where the predictors are now, and forgets coefficients that are zero.
    pub fn refresh(&mut self, penalty: &ClassPenalty<'_>) {
        let kept = penalty.blocks.kept(self.set.columns(), self.set.beta());
        let (numbers, values) = self.set.support();
        self.curvature = Curvature::new(self.problem, self.probabilities.clone(), LEAST);
        self.set = WorkingSet::new(self.problem.coefficients());
        self.grow(&kept);
        self.set.set_beta(&numbers, &values);
    }

    /// Minimizes the objective at one `λ` over the coefficients of some features, ascending, until a step promises to gain less than `goal`.
    pub fn descend(&mut self, candidates: &[usize], penalty: &ClassPenalty<'_>, goal: f64, limits: Limits) -> usize {
        let problem = self.problem;
        let classes = problem.classes;
        let mut before = f64::INFINITY;
        let mut fresh = false;
        for iteration in 1..=limits.rounds {
            let gradient = problem.gradient(&self.probabilities);
            let pull: Vec<f64> = gradient
                .iter()
                .map(|gradient| if problem.intercept { -gradient.iter().sum::<f64>() } else { 0.0 })
                .collect();
            let force = self.take_in(candidates, penalty, &gradient);
            let eliminated = self.curvature.follow(&pull);
            let curvature = &self.curvature;
            self.set.set_force(|place| {
                let taken: f64 = curvature.sums(place).iter().zip(&eliminated).map(|(sum, e)| sum * e).sum();
                force[place] - taken
            });
            let old = self.set.beta().to_vec();
            let largest = force.iter().chain(&pull).fold(0.0f64, |largest, force| largest.max(force.abs()));
            penalty.minimize(&mut self.set, classes, 1e-12 * largest.max(f64::MIN_POSITIVE), 200);

            let (mut moved, mut promise) = (Vec::new(), 0.0);
            for (place, (&new, &old)) in self.set.beta().iter().zip(&old).enumerate() {
                if new != old {
                    moved.push((place, new - old));
                    promise -= force[place] * (new - old);
                }
            }
            let shift = self.curvature.shift(problem, &pull, &moved);
            promise -= pull.iter().zip(&shift).map(|(pull, shift)| pull * shift).sum::<f64>();
            if moved.is_empty() && shift.iter().all(|&shift| shift == 0.0) {
                return iteration;
            }
            let mut direction: Vec<Vec<f64>> = shift.iter().map(|&shift| vec![shift; problem.rows()]).collect();
            let numbers: Vec<usize> = moved.iter().map(|&(place, _)| self.set.columns()[place]).collect();
            let steps: Vec<f64> = moved.iter().map(|&(_, step)| step).collect();
            problem.add(&numbers, &steps, &mut direction);

            let new = self.set.beta().to_vec();
            let cost = |beta: &dyn Fn(usize) -> f64| penalty.blocks.cost(self.set.columns(), beta);
            let cost_before = cost(&|place| old[place]);
            promise += cost(&|place| new[place]) - cost_before;
            let between = |step: f64, place: usize| {
                if new[place] == old[place] { new[place] } else { old[place] + step * (new[place] - old[place]) }
            };
            let mut step = 1.0;
            let accepted = loop {
                let at = problem.softmax(&self.eta, Some((&direction, step)));
                let change = at.loss + cost(&|place| between(step, place)) - self.loss - cost_before;
                // Armijo's condition; what is below the rounding of a sum over rows cannot be told.
                if change <= 1e-3 * step * promise.min(0.0) + 1e-13 * (self.loss.abs() + cost_before) {
                    (self.loss, self.probabilities) = (at.loss, at.probabilities);
                    break true;
                }
                step *= 0.5;
                if step < 1e-10 {
                    break false;
                }
            };
            if !accepted {
                self.go_back_to(&old);
                if fresh {
                    return iteration;
                }
                self.refresh(penalty);
                (fresh, before) = (true, f64::INFINITY);
                continue;
            }
            if step < 1.0 {
                let beta: Vec<f64> = (0..new.len()).map(|place| between(step, place)).collect();
                self.go_back_to(&beta);
            }
            self.intercepts.iter_mut().zip(&shift).for_each(|(intercept, shift)| *intercept += step * shift);
            for (eta, direction) in self.eta.iter_mut().zip(&direction) {
                eta.iter_mut().zip(direction).for_each(|(eta, d)| *eta += step * d);
            }
            let gain = self.balance(penalty) - promise;
            if gain <= goal.max(ROUNDING * (self.loss + cost_before)) {
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

    /// Takes candidates whose force is too large for zero into the set; the forces on all in it, by place.
    fn take_in(&mut self, candidates: &[usize], penalty: &ClassPenalty<'_>, gradient: &[Vec<f64>]) -> Vec<f64> {
        let classes = self.problem.classes;
        let mut features: Vec<usize> = self.set.columns().iter().map(|number| number / classes).collect();
        features.extend(candidates);
        features.sort_unstable();
        features.dedup();
        let all = self.problem.forces(&features, gradient);
        let (mut outside, mut force_outside) = (Vec::new(), Vec::new());
        let mut candidates = candidates.iter().peekable();
        for (at, feature) in features.iter().enumerate() {
            if candidates.next_if_eq(&feature).is_some() {
                for k in (0..classes).filter(|k| !self.set.contains(feature * classes + k)) {
                    outside.push(feature * classes + k);
                    force_outside.push(all[at * classes + k]);
                }
            }
        }
        let entering: Vec<usize> =
            penalty.blocks.entering(&outside, &force_outside, usize::MAX).into_iter().map(|at| outside[at]).collect();
        self.grow(&entering);
        let force = |number: &usize| {
            let at = features.binary_search(&(number / classes)).expect("every feature of the set was asked");
            all[at * classes + number % classes]
        };
        self.set.columns().iter().map(force).collect()
    }

    fn go_back_to(&mut self, beta: &[f64]) {
        let (numbers, values): (Vec<usize>, Vec<f64>) =
            self.set.columns().iter().zip(beta).filter(|(_, value)| **value != 0.0).map(|(&n, &v)| (n, v)).unzip();
        self.set.set_beta(&numbers, &values);
    }

    /// Makes the choice that no row sees; what that gains.
    pub fn balance(&mut self, penalty: &ClassPenalty<'_>) -> f64 {
        let classes = self.problem.classes;
        let shifts = penalty.shifts(&self.set, classes);
        if shifts.is_empty() {
            return 0.0;
        }
        let all = |feature: usize| feature * classes..(feature + 1) * classes;
        let missing: Vec<usize> =
            shifts.iter().flat_map(|&(feature, _)| all(feature)).filter(|&number| !self.set.contains(number)).collect();
        let cost = |set: &WorkingSet| penalty.blocks.cost(set.columns(), &|place| set.beta()[place]);
        let before = cost(&self.set);
        self.grow(&missing);
        for &(feature, shift) in &shifts {
            for number in all(feature) {
                let place = self.set.place(number);
                self.set.move_to(place, self.set.beta()[place] - shift);
            }
        }
        let (features, moves): (Vec<usize>, Vec<f64>) = shifts.iter().map(|&(feature, by)| (feature, -by)).unzip();
        let mut along = vec![0.0; self.problem.rows()];
        self.problem.design.add(&features, &moves, &mut along);
        for eta in &mut self.eta {
            eta.iter_mut().zip(&along).for_each(|(eta, along)| *eta += along);
        }
        before - cost(&self.set)
    }

    /// The coefficients of each class.
    pub fn supports(&self) -> Vec<Support> {
        let classes = self.problem.classes;
        let mut supports = vec![Support::default(); classes];
        let (numbers, values) = self.set.support();
        for (number, value) in numbers.into_iter().zip(values) {
            supports[number % classes].columns.push(number / classes);
            supports[number % classes].values.push(value);
        }
        supports
    }
}
