//! The proof of a ridge of several classes, from its coefficients alone: any solver may have found them.

use crate::loss::{entropy, softmax};
use crate::solver::cholesky::Cholesky;
use crate::solver::{Certificate, Classes, Support};

/// Coefficients and an intercept for each class, and what the penalty makes of them.
pub(crate) struct ClassesSolution<'a> {
    pub supports: &'a [Support],
    pub intercepts: &'a [f64],
    /// The strength of each feature's `β²/2`, above zero.
    pub l2: Box<dyn Fn(usize) -> f64 + 'a>,
}

/// The certificate of each solution.
pub(crate) fn prove(problem: &Classes<'_>, solutions: &[ClassesSolution<'_>], null: f64) -> Vec<Certificate> {
    let classes = problem.classes;
    let points: Vec<Dual> = solutions.iter().map(|one| Dual::new(problem, one.supports, one.intercepts)).collect();
    let all: Vec<usize> = (0..problem.design.columns()).filter(|&j| !problem.design.constant[j]).collect();
    let vectors: Vec<&[f64]> = points.iter().flat_map(|point| &point.weighted).map(Vec::as_slice).collect();
    let mut forces = vec![0.0; all.len() * vectors.len()];
    problem.design.products(&all, &vectors, &mut forces);
    let of_solution = forces.chunks(all.len().max(1) * classes);
    points
        .iter()
        .zip(solutions)
        .zip(of_solution)
        .map(|((point, solution), forces)| {
            let l2 = &solution.l2;
            let cost: f64 = solution
                .supports
                .iter()
                .flat_map(|support| support.columns.iter().zip(&support.values))
                .map(|(&j, value)| 0.5 * l2(j) * value * value)
                .sum();
            let conjugates: f64 =
                forces.iter().zip(all.iter().cycle()).map(|(force, &j)| 0.5 * force * force / l2(j)).sum();
            Certificate { primal: point.loss + cost, dual: point.value - conjugates, null }
        })
        .collect()
}

/// `w u` for each class, orthogonal to the intercepts and in the domain, and `−F*(u)`.
struct Dual {
    loss: f64,
    weighted: Vec<Vec<f64>>,
    value: f64,
}

impl Dual {
    fn new(problem: &Classes<'_>, supports: &[Support], intercepts: &[f64]) -> Self {
        let (n, classes) = (problem.codes.len(), problem.classes);
        let offset = |i: usize, k: usize| problem.offset.map_or(0.0, |offset| offset[i * classes + k]);
        let is = |i: usize, k: usize| f64::from(u8::from(problem.codes[i] as usize == k));
        // By class: first η, then p.
        let mut p: Vec<Vec<f64>> = (0..classes)
            .map(|k| {
                let mut eta: Vec<f64> = (0..n).map(|i| offset(i, k) + intercepts[k]).collect();
                problem.design.add(&supports[k].columns, &supports[k].values, &mut eta);
                eta
            })
            .collect();
        let mut loss = 0.0;
        for i in 0..n {
            let mut row: Vec<f64> = p.iter().map(|eta| eta[i]).collect();
            let actual = row[problem.codes[i] as usize];
            loss += problem.weights[i] * (softmax(&mut row) - actual);
            p.iter_mut().zip(row).for_each(|(p, value)| p[i] = value);
        }
        let mut u: Vec<Vec<f64>> = (0..classes).map(|k| (0..n).map(|i| p[k][i] - is(i, k)).collect()).collect();
        if problem.intercept {
            level(problem.weights, &p, &mut u);
        }
        // y + u must be probabilities; those of a row sum to one already, and towards y all become positive.
        let mut share: f64 = 1.0;
        for (k, u) in u.iter().enumerate() {
            for (i, &u) in u.iter().enumerate().filter(|&(i, _)| problem.weights[i] > 0.0) {
                // A hair below zero is rounding, and counts as zero.
                if is(i, k) + u < -1e-14 {
                    share = share.min(is(i, k) / -u);
                }
            }
        }
        let mut value = 0.0;
        for (k, u) in u.iter_mut().enumerate() {
            for (i, u) in u.iter_mut().enumerate() {
                let (w, moved) = (problem.weights[i], share * *u);
                *u = w * moved;
                value += w * (moved * offset(i, k) - entropy((moved + is(i, k)).max(0.0)));
            }
        }
        Self { loss, weighted: u, value }
    }
}

/// Makes `u` orthogonal to the intercepts by their last Newton step; that of the last class follows from the others.
fn level(weights: &[f64], p: &[Vec<f64>], u: &mut [Vec<f64>]) {
    let product = |k: usize, l: usize| -> f64 {
        let same = f64::from(u8::from(k == l));
        weights.iter().zip(&p[k]).zip(&p[l]).map(|((w, a), b)| w * a * (same - b)).sum()
    };
    let mut factor = Cholesky::default();
    for k in 0..p.len() - 1 {
        factor.append(k, |l| product(k, l), product(k, k));
    }
    // Twice: the second time takes away what rounding left.
    for _ in 0..2 {
        let off = |k: usize| -> f64 { u[k].iter().zip(weights).map(|(u, w)| u * w).sum() };
        let mut solved: Vec<f64> = factor.order().iter().map(|&k| off(k)).collect();
        factor.solve(&mut solved);
        let mut moves = vec![0.0; p.len()];
        factor.order().iter().zip(solved).for_each(|(&k, value)| moves[k] = value);
        for i in 0..weights.len() {
            let along: f64 = p.iter().zip(&moves).map(|(p, m)| p[i] * m).sum();
            for ((u, p), m) in u.iter_mut().zip(p).zip(&moves) {
                u[i] -= p[i] * (m - along);
            }
        }
    }
}
