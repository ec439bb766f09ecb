//! Quantile regression: the loss has a kink at every row, and the solution lies on as many kinks as it has coefficients. An interior-point
//! method finds it on a working set, with the duality gap as its own measure; coefficients that end at zero are then set to it.
//!
//! Residuals and coefficients are split into positive and negative parts, `r = r⁺ − r⁻` and `β = b⁺ − b⁻`, each at least zero, so that the
//! objective is `Σ w (τ r⁺ + (1 − τ) r⁻) + Σ l1 (b⁺ + b⁻) + l2/2 β²`, and a step of Newton's method on the perturbed conditions of Karush, Kuhn
//! and Tucker is one weighted least-squares problem.
//!
//! Sources: Portnoy and Koenker, "The Gaussian hare and the Laplacian tortoise", Statistical Science 12 (1997); the predictor and corrector from
//! Mehrotra, SIAM J. Optim. 2 (1992).

use super::certificate::{self, Certificate};
use super::equations::Equations;
use super::gaussian::{Limits, Support};
use super::smooth_path::Fitted;
use crate::design::Standardized;
use crate::penalty::Coordinate;

/// Rows with a check loss.
pub(crate) struct Quantiles<'a> {
    pub design: &'a Standardized<'a>,
    pub tau: f64,
    /// Less the offset.
    pub response: Vec<f64>,
    /// Summing to one.
    pub weights: &'a [f64],
    pub intercept: bool,
}

/// Proofs that may fail for one `λ` before it is left as it is, and said not to have converged.
const MOST_PROOFS: usize = 30;

/// Steps of the interior-point method; some twenty are usual.
const MOST_STEPS: usize = 100;

impl Quantiles<'_> {
    fn rows(&self) -> usize {
        self.response.len()
    }

    fn cost(&self, i: usize, r: f64) -> f64 {
        self.weights[i] * if r >= 0.0 { self.tau * r } else { (self.tau - 1.0) * r }
    }

    /// The intercept of the model of nothing else: the weighted quantile of the response.
    pub fn null(&self) -> f64 {
        if !self.intercept {
            return 0.0;
        }
        let mut order: Vec<usize> = (0..self.rows()).filter(|&i| self.weights[i] > 0.0).collect();
        order.sort_by(|&a, &b| self.response[a].total_cmp(&self.response[b]));
        let mut below = 0.0;
        for &i in &order {
            below += self.weights[i];
            // A hair, for sums of weights are rounded.
            if below >= self.tau - 1e-12 {
                return self.response[i];
            }
        }
        order.last().map_or(0.0, |&i| self.response[i])
    }

    pub fn null_loss(&self) -> f64 {
        let null = self.null();
        (0..self.rows()).map(|i| self.cost(i, self.response[i] - null)).sum()
    }

    /// Forces on all features where only intercept and free features are fitted.
    pub fn forces_without_penalty(&self, penalty: &dyn Fn(usize) -> Coordinate, limits: Limits, null: f64) -> Vec<f64> {
        let free: Vec<usize> = (0..self.design.columns())
            .filter(|&j| !self.design.constant[j] && penalty(j).l1 == 0.0 && penalty(j).l2 == 0.0)
            .collect();
        let inner = Interior::solve(self, &free, penalty, limits.tolerance * null).polished(self, &free, penalty);
        let all: Vec<usize> = (0..self.design.columns()).collect();
        let mut force = vec![0.0; all.len()];
        self.design.products(&all, &[&inner.dual], &mut force);
        for (j, force) in force.iter_mut().enumerate() {
            // |d| is at most w, so that a force that is no more than this share of the feature's length is rounding.
            if self.design.constant[j] || force.abs() <= 1e-12 * self.design.norm(j) {
                *force = 0.0;
            }
        }
        force
    }
}

/// Where the interior-point method ended.
struct Interior {
    intercept: f64,
    beta: Vec<f64>,
    /// `d`, within `−w (1 − τ) ≤ d ≤ w τ`.
    dual: Vec<f64>,
    /// Rows whose residual went to zero.
    met: Vec<bool>,
    steps: usize,
}

/// A pair of numbers that are at least zero and whose product goes to zero.
#[derive(Clone, Copy)]
struct Pair {
    primal: f64,
    dual: f64,
    primal_step: f64,
    dual_step: f64,
}

impl Pair {
    fn new(primal: f64, dual: f64) -> Self {
        Self { primal, dual, primal_step: 0.0, dual_step: 0.0 }
    }

    fn product(&self) -> f64 {
        self.primal * self.dual
    }

    /// What the primal step is, less its part that the dual step decides: `(target − Δp Δd)/d − p`.
    fn pull(&self, target: f64, corrected: bool) -> f64 {
        let second = if corrected { self.primal_step * self.dual_step } else { 0.0 };
        (target - second) / self.dual - self.primal
    }

    fn ratio(&self) -> f64 {
        self.primal / self.dual
    }
}

/// Makes the steps of two parts differ by the step of what they are parts of. Of the part whose multiplier vanishes, the step is a small number
/// times a huge one and has no digits; it follows from the other.
fn together(positive: &mut Pair, negative: &mut Pair, step: f64) {
    if positive.ratio() > negative.ratio() {
        positive.primal_step = negative.primal_step + step;
    } else {
        negative.primal_step = positive.primal_step - step;
    }
}

/// A coefficient: split where L1 holds it, else free to take either sign.
#[derive(Clone)]
enum Coefficient {
    Split { positive: Pair, negative: Pair },
    Unsplit { value: f64 },
}

impl Interior {
    fn solve(problem: &Quantiles<'_>, columns: &[usize], penalty: &dyn Fn(usize) -> Coordinate, goal: f64) -> Self {
        let (n, m) = (problem.rows(), columns.len());
        let (tau, weights) = (problem.tau, problem.weights);
        let costs: Vec<Coordinate> = columns.iter().map(|&j| penalty(j)).collect();
        let counted: Vec<bool> = weights.iter().map(|&w| w > 0.0).collect();
        let mut intercept = problem.null();
        let spread = (0..n).map(|i| weights[i] * (problem.response[i] - intercept).abs()).sum::<f64>();
        let spread = if spread > 0.0 { spread } else { 1.0 };
        // A start that meets every equation: coefficients zero, d zero.
        let mut rows: Vec<[Pair; 2]> = (0..n)
            .map(|i| {
                let r = problem.response[i] - intercept;
                // A row that does not count has no multiplier; any number stands for it.
                let w = if counted[i] { weights[i] } else { 1.0 };
                [Pair::new(r.max(0.0) + spread, w * tau), Pair::new((-r).max(0.0) + spread, w * (1.0 - tau))]
            })
            .collect();
        let mut dual = vec![0.0; n];
        let mut coefficients: Vec<Coefficient> = costs
            .iter()
            .map(|cost| {
                if cost.l1 > 0.0 {
                    let part = Pair::new(spread, cost.l1);
                    Coefficient::Split { positive: part, negative: part }
                } else {
                    Coefficient::Unsplit { value: 0.0 }
                }
            })
            .collect();
        let squared = costs.iter().any(|cost| cost.l2 > 0.0);
        let pairs = 2 * (0..n).filter(|&i| counted[i]).count()
            + coefficients.iter().map(|c| if matches!(c, Coefficient::Split { .. }) { 2 } else { 0 }).sum::<usize>();
        let mut steps = 0;
        let mut best = (f64::INFINITY, intercept, coefficients.clone(), dual.clone(), rows.clone());
        while steps < MOST_STEPS {
            let complementarity = total(&rows, &counted, &coefficients);
            if complementarity < best.0 {
                best = (complementarity, intercept, coefficients.clone(), dual.clone(), rows.clone());
            }
            // Near the end the equations are all but singular; where rounding takes over, what was best before it is kept.
            if complementarity <= goal || complementarity.is_nan() || complementarity > 1e3 * best.0 {
                break;
            }
            steps += 1;
            // D and its inverse: how much a residual yields to its multiplier.
            let yields: Vec<f64> = (0..n)
                .map(|i| if counted[i] { 1.0 / (rows[i][0].ratio() + rows[i][1].ratio()) } else { 0.0 })
                .collect();
            let diagonal: Vec<f64> = coefficients
                .iter()
                .zip(&costs)
                .map(|(c, cost)| {
                    cost.l2
                        + match c {
                            Coefficient::Split { positive, negative } => 1.0 / (positive.ratio() + negative.ratio()),
                            Coefficient::Unsplit { .. } => 0.0,
                        }
                })
                .collect();
            let system = Equations::new(problem.design, problem.intercept, columns, &yields, &diagonal);
            let residual = Self::residual(problem, columns, &coefficients, intercept, &rows);

            let mut target = 0.0;
            for corrected in [false, true] {
                // e, c: what complementarity asks for, and the equations of the unsplit.
                let c: Vec<f64> =
                    (0..n).map(|i| rows[i][0].pull(target, corrected) - rows[i][1].pull(target, corrected)).collect();
                let mut right: Vec<f64> =
                    (0..n).map(|i| yields[i] * (residual[i] - c[i]) + if counted[i] { dual[i] } else { 0.0 }).collect();
                let mut forces = vec![0.0; m];
                problem.design.products(columns, &[&right], &mut forces);
                let mut held = vec![0.0; m];
                problem.design.products(columns, &[&dual], &mut held);
                for ((force, (coefficient, cost)), held) in
                    forces.iter_mut().zip(coefficients.iter().zip(&costs)).zip(&held)
                {
                    *force += match coefficient {
                        Coefficient::Split { positive, negative } => {
                            let e = positive.pull(target, corrected) - negative.pull(target, corrected);
                            e / (positive.ratio() + negative.ratio()) - held
                        }
                        Coefficient::Unsplit { value } => -cost.l2 * value,
                    };
                }
                let sum: f64 = right.iter().sum();
                let (shift, moves) = system.solve(sum, &forces);
                let mut along = vec![shift; n];
                problem.design.add(columns, &moves, &mut along);
                // Δd, and from it all others.
                for i in 0..n {
                    right[i] = yields[i] * (residual[i] - c[i] - along[i]);
                    let [positive, negative] = &mut rows[i];
                    let pulls = (positive.pull(target, corrected), negative.pull(target, corrected));
                    positive.dual_step = -right[i];
                    negative.dual_step = right[i];
                    positive.primal_step = pulls.0 + positive.ratio() * right[i];
                    negative.primal_step = pulls.1 - negative.ratio() * right[i];
                    together(positive, negative, residual[i] - along[i]);
                }
                let mut pushed = vec![0.0; m];
                problem.design.products(columns, &[&right], &mut pushed);
                for (at, coefficient) in coefficients.iter_mut().enumerate() {
                    if let Coefficient::Split { positive, negative } = coefficient {
                        let pulls = (positive.pull(target, corrected), negative.pull(target, corrected));
                        let step = costs[at].l2 * moves[at] - pushed[at];
                        positive.dual_step = step;
                        negative.dual_step = -step;
                        positive.primal_step = pulls.0 - positive.ratio() * step;
                        negative.primal_step = pulls.1 + negative.ratio() * step;
                        together(positive, negative, moves[at]);
                    }
                }
                let (mut primal, mut dual_share) = longest(&rows, &counted, &coefficients);
                if squared {
                    primal = primal.min(dual_share);
                    dual_share = primal;
                }
                if !corrected {
                    // Mehrotra's choice: the better the plain step, the less centering.
                    let after = total_after(&rows, &counted, &coefficients, primal, dual_share);
                    target = (after / complementarity).powi(3) * complementarity / pairs.max(1) as f64;
                    continue;
                }
                let (primal, dual_share) = (0.9995 * primal, 0.9995 * dual_share);
                let (primal, dual_share) = (primal.min(1.0), dual_share.min(1.0));
                for (i, d) in dual.iter_mut().enumerate() {
                    *d += dual_share * right[i];
                    for pair in &mut rows[i] {
                        pair.primal += primal * pair.primal_step;
                        pair.dual += dual_share * pair.dual_step;
                    }
                }
                for (coefficient, step) in coefficients.iter_mut().zip(&moves) {
                    match coefficient {
                        Coefficient::Split { positive, negative } => {
                            for pair in [positive, negative] {
                                pair.primal += primal * pair.primal_step;
                                pair.dual += dual_share * pair.dual_step;
                            }
                        }
                        Coefficient::Unsplit { value } => *value += primal * step,
                    }
                }
                intercept += primal * shift;
            }
        }
        let (_, intercept, coefficients, dual, rows) = best;
        let met = (0..n)
            .map(|i| counted[i] && rows[i].iter().all(|pair| pair.primal / spread < pair.dual / weights[i]))
            .collect();
        let beta = coefficients
            .iter()
            .zip(&costs)
            .map(|(coefficient, cost)| match coefficient {
                Coefficient::Unsplit { value } => *value,
                Coefficient::Split { positive, negative } => {
                    // Of each pair one number has gone to zero. In the units of either, it is the smaller one.
                    let zero = |pair: &Pair| pair.primal / spread < pair.dual / cost.l1;
                    if zero(positive) && zero(negative) { 0.0 } else { positive.primal - negative.primal }
                }
            })
            .collect();
        Self { intercept, beta, dual, met, steps }
    }

    /// The last digits: with the rows that are met, the signs and the zeros as they are, what is left is a quadratic problem with equations, solved
    /// by the method of multipliers in a few steps. Right if the interior-point method had told apart what goes to zero; the certificate
    /// decides.
    fn polished(&self, problem: &Quantiles<'_>, columns: &[usize], penalty: &dyn Fn(usize) -> Coordinate) -> Self {
        let (n, tau, weights) = (problem.rows(), problem.tau, problem.weights);
        let kept: Vec<usize> = (0..columns.len()).filter(|&at| self.beta[at] != 0.0).collect();
        let features: Vec<usize> = kept.iter().map(|&at| columns[at]).collect();
        let costs: Vec<Coordinate> = features.iter().map(|&j| penalty(j)).collect();
        let mut beta: Vec<f64> = kept.iter().map(|&at| self.beta[at]).collect();
        let mut intercept = self.intercept;
        let residual = |intercept: f64, beta: &[f64]| {
            let negative: Vec<f64> = beta.iter().map(|value| -value).collect();
            let mut residual: Vec<f64> = problem.response.iter().map(|y| y - intercept).collect();
            problem.design.add(&features, &negative, &mut residual);
            residual
        };
        let start = residual(intercept, &beta);
        let mut dual: Vec<f64> = (0..n)
            .map(|i| match (self.met[i], start[i] >= 0.0) {
                (true, _) => self.dual[i],
                (false, true) => weights[i] * tau,
                (false, false) => weights[i] * (tau - 1.0),
            })
            .collect();
        // How hard the equations are pressed: far above the curvature of the penalty, far below its rounding.
        let scale = start.iter().zip(weights).map(|(r, w)| r.abs() * w).sum::<f64>().max(f64::MIN_POSITIVE);
        let yields: Vec<f64> = (0..n).map(|i| if self.met[i] { 1e5 * weights[i] / scale } else { 0.0 }).collect();
        let diagonal: Vec<f64> = costs.iter().map(|cost| cost.l2).collect();
        let system = Equations::new(problem.design, problem.intercept, &features, &yields, &diagonal);
        for _ in 0..8 {
            let residual = residual(intercept, &beta);
            let pressed: Vec<f64> = (0..n).map(|i| dual[i] + yields[i] * residual[i]).collect();
            let mut forces = vec![0.0; features.len()];
            problem.design.products(&features, &[&pressed], &mut forces);
            for ((force, cost), &beta) in forces.iter_mut().zip(&costs).zip(&beta) {
                *force -= cost.l2 * beta + if cost.l1 > 0.0 { cost.l1 * beta.signum() } else { 0.0 };
            }
            let (shift, moves) = system.solve(pressed.iter().sum(), &forces);
            let mut along = vec![shift; n];
            problem.design.add(&features, &moves, &mut along);
            for i in 0..n {
                dual[i] += yields[i] * (residual[i] - along[i]);
            }
            intercept += shift;
            beta.iter_mut().zip(&moves).for_each(|(beta, step)| *beta += step);
        }
        for i in 0..n {
            dual[i] = dual[i].clamp(weights[i] * (tau - 1.0), weights[i] * tau);
        }
        let mut all = vec![0.0; columns.len()];
        kept.iter().zip(&beta).for_each(|(&at, &value)| all[at] = value);
        Self { intercept, beta: all, dual, met: self.met.clone(), steps: self.steps }
    }

    /// `y − β₀ − X̃β − r⁺ + r⁻`: rounding, after the first step.
    fn residual(
        problem: &Quantiles<'_>,
        columns: &[usize],
        coefficients: &[Coefficient],
        intercept: f64,
        rows: &[[Pair; 2]],
    ) -> Vec<f64> {
        let beta: Vec<f64> = coefficients
            .iter()
            .map(|coefficient| match coefficient {
                Coefficient::Split { positive, negative } => negative.primal - positive.primal,
                Coefficient::Unsplit { value } => -value,
            })
            .collect();
        let mut residual: Vec<f64> = problem
            .response
            .iter()
            .zip(rows)
            .map(|(y, [positive, negative])| y - intercept - positive.primal + negative.primal)
            .collect();
        problem.design.add(columns, &beta, &mut residual);
        residual
    }
}

fn all_pairs<'a>(
    rows: &'a [[Pair; 2]],
    counted: &'a [bool],
    coefficients: &'a [Coefficient],
) -> impl Iterator<Item = &'a Pair> {
    let split = coefficients.iter().flat_map(|coefficient| match coefficient {
        Coefficient::Split { positive, negative } => vec![positive, negative],
        Coefficient::Unsplit { .. } => Vec::new(),
    });
    rows.iter().zip(counted).filter(|(_, counted)| **counted).flat_map(|(pairs, _)| pairs).chain(split)
}

/// The sum of the products of all pairs: the duality gap of a point that meets all equations.
fn total(rows: &[[Pair; 2]], counted: &[bool], coefficients: &[Coefficient]) -> f64 {
    all_pairs(rows, counted, coefficients).map(Pair::product).sum()
}

fn total_after(rows: &[[Pair; 2]], counted: &[bool], coefficients: &[Coefficient], primal: f64, dual: f64) -> f64 {
    all_pairs(rows, counted, coefficients)
        .map(|pair| (pair.primal + primal * pair.primal_step) * (pair.dual + dual * pair.dual_step))
        .sum()
}

/// The longest steps, up to the whole, that leave all primal and all dual numbers at least zero.
fn longest(rows: &[[Pair; 2]], counted: &[bool], coefficients: &[Coefficient]) -> (f64, f64) {
    let limit = |value: f64, step: f64| if step < 0.0 { -value / step } else { f64::INFINITY };
    let (mut primal, mut dual) = (f64::INFINITY, f64::INFINITY);
    for pair in all_pairs(rows, counted, coefficients) {
        primal = primal.min(limit(pair.primal, pair.primal_step));
        dual = dual.min(limit(pair.dual, pair.dual_step));
    }
    (primal.min(1.0 / 0.9995), dual.min(1.0 / 0.9995))
}

/// Solves for descending `lambdas`. `null` is the objective that gaps are a share of.
pub(crate) fn path(
    problem: &Quantiles<'_>,
    penalty: &(dyn Fn(usize, f64) -> Coordinate + Sync),
    lambdas: &[f64],
    null: f64,
    limits: Limits,
    goes_on: &mut dyn FnMut(&Fitted) -> bool,
) {
    let all: Vec<usize> = (0..problem.design.columns()).filter(|&j| !problem.design.constant[j]).collect();
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

/// A solution with what proves it.
struct Proof {
    support: Support,
    intercept: f64,
    certificate: Certificate,
    loss: f64,
    /// On all features.
    force: Vec<f64>,
}

fn proof(
    problem: &Quantiles<'_>,
    end: &Interior,
    columns: &[usize],
    penalty: &dyn Fn(usize) -> Coordinate,
    all: &[usize],
    null: f64,
) -> Proof {
    let (kept, values): (Vec<usize>, Vec<f64>) =
        columns.iter().copied().zip(end.beta.iter().copied()).filter(|(_, value)| *value != 0.0).unzip();
    let support = Support { columns: kept, values };
    let mut residual: Vec<f64> = problem.response.iter().map(|y| y - end.intercept).collect();
    let negative: Vec<f64> = support.values.iter().map(|value| -value).collect();
    problem.design.add(&support.columns, &negative, &mut residual);
    let loss: f64 = residual.iter().enumerate().map(|(i, &r)| problem.cost(i, r)).sum();
    let cost: f64 = support.columns.iter().zip(&support.values).map(|(&j, &value)| penalty(j).value(value)).sum();
    // The equations of intercept and free features hold but for rounding: what is off is moved into rows that are not at a bound, each by a
    // share of its distance from it.
    let mut dual = end.dual.clone();
    let free: Vec<usize> = columns.iter().copied().filter(|&j| penalty(j).is_free()).collect();
    if problem.intercept || !free.is_empty() {
        let slack: Vec<f64> = dual
            .iter()
            .zip(problem.weights)
            .map(|(d, w)| (w * problem.tau - d).min(d + w * (1.0 - problem.tau)).max(0.0))
            .collect();
        let system = Equations::new(problem.design, problem.intercept, &free, &slack, &vec![0.0; free.len()]);
        for _ in 0..2 {
            let mut off = vec![0.0; free.len()];
            problem.design.products(&free, &[&dual], &mut off);
            let (shift, moves) = system.solve(dual.iter().sum(), &off);
            let mut along = vec![shift; dual.len()];
            problem.design.add(&free, &moves, &mut along);
            dual.iter_mut()
                .zip(&slack)
                .zip(&along)
                .for_each(|((d, slack), along)| *d -= slack * along.clamp(-1.0, 1.0));
        }
    }
    let mut force = vec![0.0; all.len()];
    problem.design.products(all, &[&dual], &mut force);
    let largest = force.iter().fold(0.0f64, |largest, force| largest.max(force.abs()));
    let (scale, conjugates) = certificate::penalized_dual(penalty, (all, &force), certificate::ROUNDING * largest);
    // The conjugate of the loss is linear: D = d'y.
    let value: f64 = dual.iter().zip(&problem.response).map(|(d, y)| scale * d * y).sum();
    let certificate = Certificate { primal: loss + cost, dual: value - conjugates, null };
    Proof { support, intercept: end.intercept, certificate, loss, force }
}
