//! The path of an elastic net that keeps more features than there are rows: Newton's method on the dual, which has one unknown a row.
//!
//! With `ỹ = √w y` and `x̃ = √w x`, `min ½ ‖ỹ − X̃β‖² + Σ l1_j |β_j| + l2_j/2 β_j²` has the dual `max −φ(r)`,
//! `φ(r) = ½ ‖r‖² − ỹ'r + Σ soft(x̃_j'r, l1_j)² / (2 l2_j)`. Where all `l2` are above zero it bends everywhere and its slope
//! `r − ỹ + X̃β(r)` is piecewise linear, with `β_j(r) = soft(x̃_j'r, l1_j) / l2_j`: a Newton step on the features that are not zero solves an
//! `n × n` system, and is exact once these are the right ones. The gap of `r` and `β(r)` is half the square of the slope.
//!
//! Source of semismooth Newton steps: Qi and Sun, "A nonsmooth version of Newton's method", Mathematical Programming 58 (1993).

use gradiometer_kernels::products::dot;

use super::{BLOCK, RowSpace};
use crate::penalty::Coordinate;
use crate::solver::cholesky::Cholesky;
use crate::solver::gaussian::{LeastSquares, Limits, Solved, Support};
use crate::solver::{Rows, certificate};

/// The share of the tolerance that the gap in the rows must reach, so that the one of all features, taken anew, stays within it.
const MARGIN: f64 = 1e-3;

/// Solves for descending `lambdas`, where every feature's `l2` is above zero. `null` is the objective that gaps are a share of.
pub(crate) fn path(
    space: &RowSpace<'_>,
    problem: &Rows<'_>,
    penalty: &dyn Fn(usize, f64) -> Coordinate,
    lambdas: &[f64],
    null: f64,
    limits: Limits,
) -> Vec<Solved> {
    let mut dual = Dual::new(space, problem.response());
    let all: Vec<usize> = (0..space.design.columns()).collect();
    let mut solved = Vec::with_capacity(lambdas.len());
    for lambdas in lambdas.chunks(BLOCK) {
        let (mut supports, mut iterations) = (Vec::new(), Vec::new());
        for &lambda in lambdas {
            let costs: Vec<Coordinate> = space.columns.iter().map(|&j| penalty(j, lambda)).collect();
            let (support, rounds) = dual.solve(&costs, MARGIN * limits.tolerance * null, limits.rounds);
            supports.push(support);
            iterations.push(rounds);
        }
        let forces = problem.forces(&all, &supports);
        for (((&lambda, support), force), iterations) in lambdas.iter().zip(supports).zip(&forces).zip(iterations) {
            let cost = |j| penalty(j, lambda);
            let loss = problem.loss(&support, force);
            let certificate = certificate::least_squares(problem, &cost, &support, (&all, force), loss, null);
            solved.push(Solved { support, certificate, loss, iterations, undetermined: None });
        }
    }
    solved
}

/// Where the dual stands, from one `λ` to the next.
struct Dual<'a> {
    space: &'a RowSpace<'a>,
    roots: Vec<f64>,
    /// `ỹ`.
    response: Vec<f64>,
    /// `r`.
    point: Vec<f64>,
    /// Whether a feature, by its place, is in the products.
    active: Vec<bool>,
    /// `Σ x_j x_j' / v_j` over these, without weights.
    products: Vec<f64>,
}

impl<'a> Dual<'a> {
    fn new(space: &'a RowSpace<'a>, response: &[f64]) -> Self {
        let n = response.len();
        let roots = space.roots();
        let response: Vec<f64> = response.iter().zip(&roots).map(|(y, root)| y * root).collect();
        let (active, products) = (vec![false; space.columns.len()], vec![0.0; n * n]);
        Self { space, roots, point: response.clone(), response, active, products }
    }

    /// `X̃'v`.
    fn along(&self, v: &[f64]) -> Vec<f64> {
        let weighted: Vec<f64> = v.iter().zip(&self.roots).map(|(v, root)| v * root).collect();
        let mut products = vec![0.0; self.space.columns.len()];
        self.space.design.products(&self.space.columns, &[&weighted], &mut products);
        products
    }

    /// Until the gap is at most `goal`; the coefficients that are not zero, and the rounds it took.
    fn solve(&mut self, costs: &[Coordinate], goal: f64, rounds: usize) -> (Support, usize) {
        let mut force = self.along(&self.point);
        let value = |point: &[f64], force: &dyn Fn(usize) -> f64, response: &[f64]| -> f64 {
            let conjugates: f64 = costs.iter().enumerate().map(|(at, cost)| cost.conjugate(force(at))).sum();
            0.5 * dot(point, point) - dot(response, point) + conjugates
        };
        for round in 1.. {
            let (mut places, mut support) = (Vec::new(), Support::default());
            for (at, cost) in costs.iter().enumerate() {
                let coefficient = cost.minimizer(force[at], 0.0);
                if coefficient != 0.0 {
                    places.push(at);
                    support.columns.push(self.space.columns[at]);
                    support.values.push(coefficient);
                }
            }
            let mut slope = vec![0.0; self.point.len()];
            self.space.design.add(&support.columns, &support.values, &mut slope);
            for (at, slope) in slope.iter_mut().enumerate() {
                *slope = self.roots[at] * *slope + self.point[at] - self.response[at];
            }
            if 0.5 * dot(&slope, &slope) <= goal || round >= rounds {
                return (support, round);
            }
            self.take(&places);
            let mut step: Vec<f64> = slope.iter().map(|slope| -slope).collect();
            self.newton(costs[0].l2 * self.space.inverse[0], &mut step);
            let (along, descent) = (self.along(&step), dot(&slope, &step));
            let before = value(&self.point, &|at| force[at], &self.response);
            let mut share = 1.0;
            loop {
                let moved: Vec<f64> = self.point.iter().zip(&step).map(|(point, step)| point + share * step).collect();
                let now = value(&moved, &|at| force[at] + share * along[at], &self.response);
                // Armijo's condition; what is below the rounding of a sum cannot be told.
                if now <= before + 1e-4 * share * descent + 1e-14 * before.abs() {
                    self.point = moved;
                    force.iter_mut().zip(&along).for_each(|(force, along)| *force += share * along);
                    break;
                }
                share *= 0.5;
                if share < 1e-10 {
                    return (support, round);
                }
            }
        }
        unreachable!("rounds end above")
    }

    /// Brings the products to these features: by those that come and go, where they are fewer.
    fn take(&mut self, places: &[usize]) {
        let mut wanted = vec![false; self.active.len()];
        places.iter().for_each(|&at| wanted[at] = true);
        let change =
            |from: &[bool], to: &[bool]| -> Vec<usize> { (0..to.len()).filter(|&at| to[at] && !from[at]).collect() };
        let (come, go) = (change(&self.active, &wanted), change(&wanted, &self.active));
        if come.len() + go.len() < places.len() {
            let (come, go) = (self.space.products_of(&come), self.space.products_of(&go));
            for (product, (come, go)) in self.products.iter_mut().zip(come.iter().zip(&go)) {
                *product += come - go;
            }
        } else {
            self.products = self.space.products_of(places);
        }
        self.active = wanted;
    }

    /// `v ← (I + X̃_A D_A⁻¹ X̃_A')⁻¹ v`, where `D = strength · diag(v)`.
    fn newton(&self, strength: f64, v: &mut [f64]) {
        let n = v.len();
        let entry = |i: usize, j: usize| self.roots[i] * self.roots[j] * self.products[i + j * n] / strength;
        let mut factor = Cholesky::default();
        for i in 0..n {
            factor.append(i, |other| entry(other, i), 1.0 + entry(i, i));
        }
        let mut ordered: Vec<f64> = factor.order().iter().map(|&i| v[i]).collect();
        factor.solve(&mut ordered);
        // A row that rounding left out of the factor is moved along its slope alone.
        factor.order().iter().zip(ordered).for_each(|(&i, value)| v[i] = value);
    }
}
