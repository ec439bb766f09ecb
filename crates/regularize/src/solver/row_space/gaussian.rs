//! The path of ridge of least squares: one reduction of `K` serves every `λ`.
//!
//! With `S = diag(√w)` and features `F` that nothing holds, `β = V⁻¹X̃'S a` with `a = (SKS + λI)⁻¹ S(y − Fγ)`, and `γ` solves
//! `F'S(SKS + λI)⁻¹S(y − Fγ) = 0`.

use gradiometer_kernels::products::{add_scaled, dot};

use super::tridiagonal::Tridiagonal;
use super::{BLOCK, RowSpace};
use crate::penalty::Coordinate;
use crate::solver::cholesky::Cholesky;
use crate::solver::gaussian::{LeastSquares, Solved};
use crate::solver::{Rows, certificate};

/// Solves for descending `lambdas`, all above zero. `null` is the objective that gaps are a share of.
pub(crate) fn path(
    space: &RowSpace<'_>,
    problem: &Rows<'_>,
    penalty: &dyn Fn(usize, f64) -> Coordinate,
    lambdas: &[f64],
    null: f64,
) -> Vec<Solved> {
    let n = space.design.rows();
    let roots = space.roots();
    let times_roots = |v: &mut [f64]| v.iter_mut().zip(&roots).for_each(|(v, root)| *v *= root);
    let mut products = space.products();
    for (column, root) in products.chunks_mut(n).zip(&roots) {
        column.iter_mut().zip(&roots).for_each(|(value, other)| *value *= root * other);
    }
    let reduced = Tridiagonal::new(n, &mut products);
    let turned = |mut v: Vec<f64>| {
        times_roots(&mut v);
        reduced.turn(&mut v);
        v
    };
    let response = turned(problem.response().to_vec());
    let free: Vec<Vec<f64>> = space.free_features().chunks(n).map(|column| turned(column.to_vec())).collect();

    let all: Vec<usize> = (0..space.design.columns()).collect();
    let mut solved = Vec::with_capacity(lambdas.len());
    for lambdas in lambdas.chunks(BLOCK) {
        let (mut alphas, mut coefficients, mut undetermined) = (Vec::new(), Vec::new(), None);
        for &lambda in lambdas {
            let mut alpha = reduced.solve(lambda, &response);
            let along: Vec<Vec<f64>> = free.iter().map(|column| reduced.solve(lambda, column)).collect();
            let mut factor = Cholesky::default();
            for (at, column) in along.iter().enumerate() {
                if !factor.append(at, |other| dot(&free[other], column), dot(&free[at], column)) {
                    undetermined = Some(space.free[at]);
                }
            }
            let mut moves: Vec<f64> = factor.order().iter().map(|&at| dot(&free[at], &alpha)).collect();
            factor.solve(&mut moves);
            let mut gamma = vec![0.0; free.len()];
            for (&at, &value) in factor.order().iter().zip(&moves) {
                gamma[at] = value;
                add_scaled(-value, &along[at], &mut alpha);
            }
            reduced.turn_back(&mut alpha);
            times_roots(&mut alpha);
            alphas.push(alpha);
            coefficients.push(gamma);
        }
        let supports = space.coefficients(&alphas, &coefficients);
        let forces = problem.forces(&all, &supports);
        for ((&lambda, support), force) in lambdas.iter().zip(supports).zip(&forces) {
            let cost = |j| penalty(j, lambda);
            let loss = problem.loss(&support, force);
            let certificate = certificate::least_squares(problem, &cost, &support, (&all, force), loss, null);
            solved.push(Solved { support, certificate, loss, iterations: 1, undetermined });
        }
    }
    solved
}
