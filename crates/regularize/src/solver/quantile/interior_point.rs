use super::Quantiles;
use super::coefficient::Coefficient;
use super::pair::{Pair, together};
use crate::penalty::Coordinate;
use crate::solver::equations::Equations;

/// Steps of the interior-point method; some twenty are usual.
const MOST_STEPS: usize = 100;

/// Where the interior-point method ended.
pub(super) struct Interior {
    pub intercept: f64,
    pub beta: Vec<f64>,
    /// `d`, within `−w (1 − τ) ≤ d ≤ w τ`.
    pub dual: Vec<f64>,
    /// Rows whose residual went to zero.
    pub met: Vec<bool>,
    pub steps: usize,
}

impl Interior {
    /// On these features, until the products of all pairs sum to no more than `goal`.
    pub fn solve(problem: &Quantiles<'_>, columns: &[usize], penalty: &dyn Fn(usize) -> Coordinate, goal: f64) -> Self {
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
        let mut coefficients: Vec<Coefficient> = columns
            .iter()
            .zip(&costs)
            .map(|(&j, &cost)| Coefficient::new(cost, spread, problem.design.norm(j)))
            .collect();
        let squared = costs.iter().any(|cost| cost.l2 > 0.0);
        let pairs =
            2 * (0..n).filter(|&i| counted[i]).count() + coefficients.iter().map(|c| c.pairs().count()).sum::<usize>();
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
            let diagonal: Vec<f64> = coefficients.iter().map(|c| c.condition(0.0, 0.0, false).bend).collect();
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
                for ((force, coefficient), &held) in forces.iter_mut().zip(&coefficients).zip(&held) {
                    *force += coefficient.condition(held, target, corrected).pull;
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
                for ((coefficient, &step), &pushed) in coefficients.iter_mut().zip(&moves).zip(&pushed) {
                    coefficient.set_step(step, pushed, target, corrected);
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
                for (coefficient, &step) in coefficients.iter_mut().zip(&moves) {
                    coefficient.go(step, primal, dual_share);
                }
                intercept += primal * shift;
            }
        }
        let (_, intercept, coefficients, dual, rows) = best;
        let met = (0..n)
            .map(|i| counted[i] && rows[i].iter().all(|pair| pair.primal / spread < pair.dual / weights[i]))
            .collect();
        let beta = coefficients.iter().map(|coefficient| coefficient.settled(spread)).collect();
        Self { intercept, beta, dual, met, steps }
    }

    /// `y − β₀ − X̃β − r⁺ + r⁻`: rounding, after the first step.
    fn residual(
        problem: &Quantiles<'_>,
        columns: &[usize],
        coefficients: &[Coefficient],
        intercept: f64,
        rows: &[[Pair; 2]],
    ) -> Vec<f64> {
        let negative: Vec<f64> = coefficients.iter().map(|coefficient| -coefficient.value()).collect();
        let mut residual: Vec<f64> = problem
            .response
            .iter()
            .zip(rows)
            .map(|(y, [positive, negative])| y - intercept - positive.primal + negative.primal)
            .collect();
        problem.design.add(columns, &negative, &mut residual);
        residual
    }
}

fn all_pairs<'a>(
    rows: &'a [[Pair; 2]],
    counted: &'a [bool],
    coefficients: &'a [Coefficient],
) -> impl Iterator<Item = &'a Pair> {
    rows.iter()
        .zip(counted)
        .filter(|(_, counted)| **counted)
        .flat_map(|(pairs, _)| pairs)
        .chain(coefficients.iter().flat_map(Coefficient::pairs))
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
