//! Several classes: proximal Newton steps for one class after the other, each with all others held.
//!
//! The loss does not change when the same number is added to a feature's coefficients in all classes, so that steps class by class
//! would approach the penalty's choice among these slowly. It is made exactly instead, feature by feature, after each round.
//!
//! Source of both: Friedman, Hastie and Tibshirani, "Regularization paths for generalized linear models via coordinate descent", Journal of
//! Statistical Software 33 (2010), section 4.

use rayon::prelude::*;

use super::certificate::{self, Certificate};
use super::cholesky::Cholesky;
use super::gaussian::{Limits, Support};
use super::subproblem::Parabola;
use super::working_set::WorkingSet;
use crate::design::Standardized;
use crate::loss::{entropy, softmax};
use crate::penalty::Coordinate;

/// A response of classes on a standardized design.
pub(crate) struct Classes<'a> {
    pub design: &'a Standardized<'a>,
    pub codes: &'a [u32],
    pub classes: usize,
    /// Summing to one.
    pub weights: &'a [f64],
    /// `rows × classes`.
    pub offset: Option<&'a [f64]>,
    pub intercept: bool,
}

/// One `λ` solved.
#[derive(Clone, Debug)]
pub(crate) struct FittedClasses {
    pub supports: Vec<Support>,
    pub intercepts: Vec<f64>,
    pub certificate: Certificate,
    /// The mean loss.
    pub loss: f64,
    pub iterations: usize,
}

struct Class {
    set: WorkingSet,
    parabola: Parabola,
    eta: Vec<f64>,
    intercept: f64,
    /// The gain that the last step promised.
    before: f64,
}

struct State<'a> {
    problem: &'a Classes<'a>,
    classes: Vec<Class>,
    loss: f64,
    /// For each row a number close to the greatest of its logits, from the start of the round.
    level: Vec<f64>,
    /// `e^{η_ik − level_i}`, by class: a step of one class then takes one exponential a row.
    odds: Vec<Vec<f64>>,
}

/// Proofs that may fail for one `λ` before it is left as it is, and said not to have converged.
const MOST_PROOFS: usize = 30;

impl Classes<'_> {
    fn rows(&self) -> usize {
        self.codes.len()
    }

    /// `p_ik` for all classes, `classes × rows`, and the mean loss.
    fn probabilities(&self, eta: &[&[f64]]) -> (Vec<Vec<f64>>, f64) {
        let n = self.rows();
        let rows: Vec<(Vec<f64>, f64)> = (0..n)
            .into_par_iter()
            .with_min_len(1024)
            .map(|i| {
                let mut p: Vec<f64> = eta.iter().map(|eta| eta[i]).collect();
                let actual = p[self.codes[i] as usize];
                let loss = softmax(&mut p) - actual;
                (p, self.weights[i] * loss)
            })
            .collect();
        let loss = rows.iter().zip(self.weights).filter(|(_, w)| **w > 0.0).map(|((_, loss), _)| loss).sum();
        ((0..self.classes).map(|k| rows.iter().map(|(p, _)| p[k]).collect()).collect(), loss)
    }

    fn start(&self) -> Vec<Vec<f64>> {
        (0..self.classes)
            .map(|k| match self.offset {
                Some(offset) => (0..self.rows()).map(|i| offset[i * self.classes + k]).collect(),
                None => vec![0.0; self.rows()],
            })
            .collect()
    }

    fn is(&self, row: usize, class: usize) -> f64 {
        f64::from(u8::from(self.codes[row] as usize == class))
    }
}

impl<'a> State<'a> {
    fn new(problem: &'a Classes<'a>) -> Self {
        let start = problem.start();
        let slices: Vec<&[f64]> = start.iter().map(Vec::as_slice).collect();
        let (p, loss) = problem.probabilities(&slices);
        let columns = problem.design.columns();
        let classes = start
            .into_iter()
            .zip(&p)
            .map(|(eta, p)| Class {
                set: WorkingSet::new(columns),
                parabola: Parabola::new(curvatures(problem.weights, p)),
                eta,
                intercept: 0.0,
                before: f64::INFINITY,
            })
            .collect();
        Self { problem, classes, loss, level: Vec::new(), odds: Vec::new() }
    }

    fn probabilities(&self) -> (Vec<Vec<f64>>, f64) {
        let eta: Vec<&[f64]> = self.classes.iter().map(|class| class.eta.as_slice()).collect();
        self.problem.probabilities(&eta)
    }

    /// Rounds over all classes until one promises to gain less than `goal`.
    fn descend(
        &mut self,
        candidates: &[usize],
        penalty: &dyn Fn(usize) -> Coordinate,
        goal: f64,
        rounds: usize,
    ) -> usize {
        for round in 1..=rounds {
            let mut gain = 0.0;
            self.level_off();
            for k in 0..self.classes.len() {
                gain += self.step(k, candidates, penalty);
            }
            gain += self.recenter(penalty);
            if gain <= goal {
                return round;
            }
        }
        rounds
    }

    /// One step of a class; how much the parabola promises that it gains.
    fn step(&mut self, k: usize, candidates: &[usize], penalty: &dyn Fn(usize) -> Coordinate) -> f64 {
        let problem = self.problem;
        let n = problem.rows();
        // The other classes' part of each row's sum.
        let rest: Vec<f64> =
            (0..n).map(|i| (0..self.odds.len()).filter(|&l| l != k).map(|l| self.odds[l][i]).sum()).collect();
        let gradient: Vec<f64> = (0..n)
            .map(|i| {
                let odds = self.odds[k][i];
                problem.weights[i] * (odds / (odds + rest[i]) - problem.is(i, k))
            })
            .collect();
        let loss = self.loss;
        let level = &self.level;
        let constant: f64 = (0..n)
            .filter(|&i| problem.weights[i] > 0.0 && problem.is(i, k) == 0.0)
            .map(|i| problem.weights[i] * self.classes[problem.codes[i] as usize].eta[i])
            .sum();
        let class = &mut self.classes[k];
        let value = |eta: &[f64], direction: &[f64], step: f64| -> f64 {
            let sum: f64 = (0..n)
                .filter(|&i| problem.weights[i] > 0.0)
                .map(|i| {
                    let eta = eta[i] + step * direction[i];
                    let all = rest[i] + (eta - level[i]).exp();
                    problem.weights[i] * (level[i] + all.ln() - problem.is(i, k) * eta)
                })
                .sum();
            sum - constant
        };
        let pull = if problem.intercept { -gradient.iter().sum::<f64>() } else { 0.0 };
        let outside: Vec<usize> = candidates.iter().copied().filter(|&j| !class.set.contains(j)).collect();
        let asked: Vec<usize> = class.set.columns().iter().chain(&outside).copied().collect();
        let mut force = vec![0.0; asked.len()];
        problem.design.products(&asked, &[&gradient], &mut force);
        force.iter_mut().for_each(|force| *force = -*force);
        let known = class.set.len();
        let entering: Vec<usize> =
            (known..asked.len()).filter(|&at| penalty(asked[at]).violation(0.0, force[at]) > 0.0).collect();
        let entered: Vec<f64> = entering.iter().map(|&at| force[at]).collect();
        class.grow(problem, &entering.iter().map(|&at| asked[at]).collect::<Vec<_>>());
        force.truncate(known);
        force.extend(entered);

        class.set.penalize(penalty);
        let eliminated = if problem.intercept { pull / class.parabola.total } else { 0.0 };
        let sums = &class.parabola.sums;
        class.set.set_force(|place| force[place] - sums[place] * eliminated);
        let old = class.set.beta().to_vec();
        let largest = force.iter().fold(pull.abs(), |largest, force| largest.max(force.abs()));
        class.set.solve(1e-12 * largest.max(f64::MIN_POSITIVE), 200);

        let (mut moved, mut steps) = (Vec::new(), Vec::new());
        let (mut promise, mut along) = (0.0, 0.0);
        let cost = |beta: &dyn Fn(usize) -> f64, set: &WorkingSet| -> f64 {
            (0..set.len()).map(|place| penalty(set.columns()[place]).value(beta(place))).sum()
        };
        for (place, (&new, &old)) in class.set.beta().iter().zip(&old).enumerate() {
            if new != old {
                let cost = penalty(class.set.columns()[place]);
                moved.push(class.set.columns()[place]);
                steps.push(new - old);
                promise += cost.value(new) - cost.value(old) - force[place] * (new - old);
                along += class.parabola.sums[place] * (new - old);
            }
        }
        let shift = if problem.intercept { (pull - along) / class.parabola.total } else { 0.0 };
        promise -= pull * shift;
        let mut direction = vec![shift; problem.rows()];
        problem.design.add(&moved, &steps, &mut direction);
        let new = class.set.beta().to_vec();
        let cost_before = cost(&|place| old[place], &class.set);
        let mut step = 1.0;
        let mut reached = loss;
        while step > 1e-10 {
            let now = value(&class.eta, &direction, step);
            let cost_now = cost(&|place| old[place] + step * (new[place] - old[place]), &class.set);
            if now + cost_now - loss - cost_before <= 1e-3 * step * promise + 1e-13 * (loss.abs() + cost_before) {
                reached = now;
                break;
            }
            step *= 0.5;
        }
        if step <= 1e-10 {
            step = 0.0;
        }
        if step < 1.0 {
            let beta = old.iter().zip(&new).map(|(old, new)| old + step * (new - old));
            let (columns, values): (Vec<usize>, Vec<f64>) =
                class.set.columns().iter().copied().zip(beta).filter(|(_, value)| *value != 0.0).unzip();
            class.set.set_beta(&columns, &values);
        }
        class.intercept += step * shift;
        class.eta.iter_mut().zip(&direction).for_each(|(eta, d)| *eta += step * d);
        self.loss = reached;
        let gain = -promise;
        for ((odds, eta), level) in self.odds[k].iter_mut().zip(&class.eta).zip(&self.level) {
            *odds = (eta - level).exp();
        }
        if gain > 0.1 * class.before || step < 1.0 {
            let p: Vec<f64> = self.odds[k].iter().zip(&rest).map(|(odds, rest)| odds / (odds + rest)).collect();
            class.refresh(problem, curvatures(problem.weights, &p));
        }
        class.before = gain;
        gain
    }

    /// Takes the level of each row, and the odds, from the logits as they are.
    fn level_off(&mut self) {
        let n = self.problem.rows();
        self.level =
            (0..n).map(|i| self.classes.iter().map(|class| class.eta[i]).fold(f64::NEG_INFINITY, f64::max)).collect();
        self.odds = self
            .classes
            .iter()
            .map(|class| class.eta.iter().zip(&self.level).map(|(eta, level)| (eta - level).exp()).collect())
            .collect();
    }

    /// Moves each feature's coefficients in all classes by the one number that makes them cheapest; what that gains.
    fn recenter(&mut self, penalty: &dyn Fn(usize) -> Coordinate) -> f64 {
        let mut features: Vec<usize> = self.classes.iter().flat_map(|class| class.set.support().0).collect();
        features.sort_unstable();
        features.dedup();
        let (mut moved, mut by, mut gain) = (Vec::new(), Vec::new(), 0.0);
        for &j in &features {
            let cost = penalty(j);
            let beta: Vec<f64> = self
                .classes
                .iter()
                .map(|class| if class.set.contains(j) { class.set.beta()[class.set.place(j)] } else { 0.0 })
                .collect();
            let shift = cheapest_shift(&cost, &beta);
            let saved: f64 = beta.iter().map(|&b| cost.value(b) - cost.value(b - shift)).sum();
            if saved > 0.0 {
                moved.push(j);
                by.push(-shift);
                gain += saved;
            }
        }
        if moved.is_empty() {
            return 0.0;
        }
        for class in &mut self.classes {
            let new: Vec<usize> = moved.iter().copied().filter(|&j| !class.set.contains(j)).collect();
            class.grow(self.problem, &new);
            let mut beta = class.set.beta().to_vec();
            for (&j, by) in moved.iter().zip(&by) {
                beta[class.set.place(j)] += by;
            }
            let (columns, values): (Vec<usize>, Vec<f64>) =
                class.set.columns().iter().copied().zip(beta).filter(|(_, value)| *value != 0.0).unzip();
            class.set.set_beta(&columns, &values);
            self.problem.design.add(&moved, &by, &mut class.eta);
        }
        gain
    }
}

impl Class {
    fn grow(&mut self, problem: &Classes<'_>, new: &[usize]) {
        self.parabola.grow(problem.design, problem.intercept, &mut self.set, new);
    }

    fn refresh(&mut self, problem: &Classes<'_>, a: Vec<f64>) {
        let (kept, values) = self.set.support();
        self.parabola = Parabola::new(a);
        self.set = WorkingSet::new(problem.design.columns());
        self.grow(problem, &kept);
        self.set.set_beta(&kept, &values);
    }
}

/// `w p (1 − p)`, and a little where a class is certain everywhere: the parabola must bend.
fn curvatures(weights: &[f64], p: &[f64]) -> Vec<f64> {
    weights.iter().zip(p).map(|(w, p)| w * (p * (1.0 - p)).max(1e-9)).collect()
}

/// `argmin_t Σ_k ω(β_k − t)`: the derivative rises with `t`, with a jump at each `β_k`; where it crosses zero is found among these.
fn cheapest_shift(cost: &Coordinate, beta: &[f64]) -> f64 {
    let mut sorted = beta.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / count;
    // Between the i-th and the next, i coefficients lie below t: slope = l1 (2 i − K) + l2 K (t − mean).
    for i in 0..=sorted.len() {
        let low = if i == 0 { f64::NEG_INFINITY } else { sorted[i - 1] };
        let high = sorted.get(i).copied().unwrap_or(f64::INFINITY);
        let push = cost.l1 * (2.0 * i as f64 - count);
        if cost.l2 > 0.0 {
            let root = mean - push / (cost.l2 * count);
            if root < low {
                return low;
            }
            if root <= high {
                return root;
            }
        } else if push >= 0.0 {
            // From here on it rises; where it is flat, zero is as good as any and leaves more zeros.
            return if push == 0.0 { 0.0f64.clamp(low, high) } else { low };
        }
    }
    0.0
}

/// Solves for descending `lambdas`. `null` is the objective that gaps are a share of; `false` of `goes_on` ends the path.
pub(crate) fn path(
    problem: &Classes<'_>,
    penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
    lambdas: &[f64],
    null: f64,
    limits: Limits,
    goes_on: &mut dyn FnMut(&FittedClasses) -> bool,
) {
    let all: Vec<usize> = (0..problem.design.columns()).filter(|&j| !problem.design.constant[j]).collect();
    let mut state = State::new(problem);
    // Intercepts first: what no coefficient is needed for.
    state.descend(&[], &|j| penalty(j, f64::MAX), 1e-6 * limits.tolerance * null, limits.rounds);
    let (_, mut force) = dual(problem, &state, &all);
    let mut known: Option<f64> = None;
    for &lambda in lambdas {
        let cost = |j: usize| penalty(j, lambda);
        let reach = (2.0 * lambda - known.unwrap_or(lambda)).max(0.75 * lambda);
        let mut candidates: Vec<usize> = all
            .iter()
            .enumerate()
            .filter(|&(at, &j)| force.iter().any(|force| force[at].abs() >= penalty(j, reach).l1))
            .map(|(_, &j)| j)
            .collect();
        let mut goal = 1e-3 * limits.tolerance * null;
        let mut iterations = 0;
        for proofs in 1.. {
            iterations += state.descend(&candidates, &cost, goal, limits.rounds);
            let (dual, forces) = dual(problem, &state, &all);
            force = forces;
            let certificate = certify(problem, &state, &dual, &cost, (&all, &force), null);
            if certificate.relative_gap() > limits.tolerance && proofs < MOST_PROOFS {
                let before = candidates.len();
                candidates.extend(
                    all.iter()
                        .enumerate()
                        .filter(|&(at, &j)| force.iter().any(|force| cost(j).violation(0.0, force[at]) > 0.0))
                        .map(|(_, &j)| j),
                );
                candidates.sort_unstable();
                candidates.dedup();
                if candidates.len() == before {
                    goal *= 1e-2;
                }
                continue;
            }
            let fitted = FittedClasses {
                supports: state
                    .classes
                    .iter()
                    .map(|class| {
                        let (columns, values) = class.set.support();
                        Support { columns, values }
                    })
                    .collect(),
                intercepts: state.classes.iter().map(|class| class.intercept).collect(),
                certificate,
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

/// The mean loss of intercepts alone, and the forces there on all features, the greatest over classes.
pub(crate) fn null(problem: &Classes<'_>, limits: Limits) -> (f64, Vec<f64>) {
    let all: Vec<usize> = (0..problem.design.columns()).collect();
    let mut state = State::new(problem);
    let goal = 1e-9 * limits.tolerance * state.loss.abs();
    state.descend(&[], &|_| Coordinate::zero(), goal, limits.rounds);
    let (_, forces) = dual(problem, &state, &all);
    let greatest = (0..all.len())
        .map(|j| {
            let greatest =
                forces.iter().map(|force| force[j]).fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
            if problem.design.constant[j] { 0.0 } else { greatest }
        })
        .collect();
    (state.loss, greatest)
}

/// `w u` for each class, orthogonal to the intercepts and in the domain, and the forces on features that belong to it.
fn dual(problem: &Classes<'_>, state: &State<'_>, columns: &[usize]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let (p, _) = state.probabilities();
    let (n, classes) = (problem.rows(), problem.classes);
    let mut u: Vec<Vec<f64>> = (0..classes).map(|k| (0..n).map(|i| p[k][i] - problem.is(i, k)).collect()).collect();
    if problem.intercept {
        // The Newton step of the intercepts; the last one follows from the others.
        let product = |k: usize, l: usize| -> f64 {
            let same = f64::from(u8::from(k == l));
            (0..n).map(|i| problem.weights[i] * p[k][i] * (same - p[l][i])).sum()
        };
        let mut factor = Cholesky::default();
        for k in 0..classes - 1 {
            factor.append(k, |l| product(k, l), product(k, k));
        }
        for _ in 0..2 {
            let mut moves: Vec<f64> =
                factor.order().iter().map(|&k| u[k].iter().zip(problem.weights).map(|(u, w)| u * w).sum()).collect();
            factor.solve(&mut moves);
            for i in 0..n {
                let along: f64 = factor.order().iter().zip(&moves).map(|(&k, m)| p[k][i] * m).sum();
                for k in 0..classes {
                    let own = factor.order().iter().position(|&at| at == k).map_or(0.0, |at| moves[at]);
                    u[k][i] -= p[k][i] * (own - along);
                }
            }
        }
    }
    // y + u must be probabilities; those of a row sum to one already, and towards y all become positive.
    let mut share: f64 = 1.0;
    for k in 0..classes {
        for i in 0..n {
            let (y, u) = (problem.is(i, k), u[k][i]);
            if problem.weights[i] > 0.0 && y + u < 0.0 {
                share = share.min(if y > 0.0 {
                    y / -u
                } else if u > -1e-14 {
                    1.0
                } else {
                    0.0
                });
            }
        }
    }
    for u in &mut u {
        u.iter_mut().zip(problem.weights).for_each(|(u, w)| *u *= share * w);
    }
    let vectors: Vec<&[f64]> = u.iter().map(Vec::as_slice).collect();
    let mut forces = vec![0.0; columns.len() * classes];
    problem.design.products(columns, &vectors, &mut forces);
    forces.iter_mut().for_each(|force| *force = -*force);
    let forces = match columns.len() {
        0 => vec![Vec::new(); classes],
        count => forces.chunks(count).map(<[f64]>::to_vec).collect(),
    };
    (u, forces)
}

fn certify(
    problem: &Classes<'_>,
    state: &State<'_>,
    dual: &[Vec<f64>],
    penalty: &dyn Fn(usize) -> Coordinate,
    (columns, forces): (&[usize], &[Vec<f64>]),
    null: f64,
) -> Certificate {
    let cost: f64 = state
        .classes
        .iter()
        .map(|class| {
            let (columns, values) = class.set.support();
            columns.iter().zip(&values).map(|(&j, &value)| penalty(j).value(value)).sum::<f64>()
        })
        .sum();
    let all: Vec<usize> = forces.iter().flat_map(|_| columns.iter().copied()).collect();
    let flat = forces.concat();
    let largest = flat.iter().fold(0.0f64, |largest, force| largest.max(force.abs()));
    let (scale, conjugates) = certificate::penalized_dual(penalty, (&all, &flat), certificate::ROUNDING * largest);
    let mut value = 0.0;
    for i in (0..problem.rows()).filter(|&i| problem.weights[i] > 0.0) {
        let w = problem.weights[i];
        for (k, dual) in dual.iter().enumerate() {
            let u = scale * dual[i] / w;
            let offset = problem.offset.map_or(0.0, |offset| offset[i * problem.classes + k]);
            value += w * (u * offset - entropy((u + problem.is(i, k)).max(0.0)));
        }
    }
    Certificate { primal: state.loss + cost, dual: value - conjugates, null }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_other_shift_is_cheaper(
            beta in prop::collection::vec(-3.0..3.0f64, 2..6),
            l1 in 0.0..2.0f64,
            l2 in prop_oneof![Just(0.0), 0.1..2.0f64],
            other in -3.0..3.0f64,
        ) {
            let cost = Coordinate { l1, l2, lower: f64::NEG_INFINITY, upper: f64::INFINITY };
            let total = |t: f64| beta.iter().map(|b| cost.value(b - t)).sum::<f64>();
            prop_assert!(total(cheapest_shift(&cost, &beta)) <= total(other) + 1e-12);
        }
    }
}
