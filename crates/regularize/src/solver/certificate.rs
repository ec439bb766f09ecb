//! The proof that a solution is one: the duality gap, an upper bound of how far its objective is above the least one.
//!
//! For `P(β) = F(Xβ) + Σ ω_j(β_j)` every `u` gives `D(u) = −F*(u) − Σ ω_j*(−x_j'u) ≤ min P`. At the optimum `u = ∇F`; close to it, `∇F`
//! is scaled down until every `ω_j*` is finite. What is not penalized must be orthogonal to `u`: the intercept because residuals are
//! centered, other free coefficients because they are solved for exactly last.
//!
//! Source: Fenchel duality, as in Boyd and Vandenberghe, "Convex Optimization", 5.7; the scaling from Fercoq, Gramfort and Salmon,
//! "Mind the duality gap: safer rules for the lasso", ICML 2015.

use super::gaussian::{LeastSquares, Support};
use crate::penalty::Coordinate;

/// The objective of a solution, and what proves how good it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certificate {
    /// `P`: mean loss plus penalty.
    pub primal: f64,
    /// `D`: no coefficients have an objective below it.
    pub dual: f64,
    /// The objective of the model of an intercept alone, which gaps are a share of.
    pub null: f64,
}

impl Certificate {
    /// `P − D`: the objective is above its least value by no more than this.
    pub fn gap(&self) -> f64 {
        // Rounding can make it a few 1e-16 of P below zero.
        (self.primal - self.dual).max(0.0)
    }

    /// The gap as a share of the null model's objective; infinite where no dual point was found.
    pub fn relative_gap(&self) -> f64 {
        if self.null > 0.0 { self.gap() / self.null } else { self.gap() }
    }
}

/// The force on a coefficient that is not penalized is rounding if it is below this share of the largest product.
pub(crate) const ROUNDING: f64 = 1e-9;

/// The certificate of a least-squares solution from `loss = ½ ‖r‖²` and the forces `c − Gβ` on some features; those on all others are known to
/// be below their limits.
pub(crate) fn least_squares(
    problem: &dyn LeastSquares,
    penalty: &dyn Fn(usize) -> Coordinate,
    support: &Support,
    (columns, force): (&[usize], &[f64]),
    loss: f64,
    null: f64,
) -> Certificate {
    let linear = problem.linear();
    let (mut cost, mut explained) = (0.0, 0.0);
    for (&j, &value) in support.columns.iter().zip(&support.values) {
        cost += penalty(j).value(value);
        explained += linear[j] * value;
    }
    let largest = linear.iter().fold(0.0f64, |largest, c| largest.max(c.abs()));
    // With u = −c r: F*(u) = c²/2 ‖r‖² − c y'r.
    let along = problem.square() - explained;
    let dual = |scale: f64| scale * along - scale * scale * loss;
    let (scale, conjugates) = penalized_dual(penalty, (columns, force), ROUNDING * largest);
    Certificate { primal: loss + cost, dual: dual(scale) - conjugates, null }
}

/// The scale that makes the conjugates of these features finite, and their sum there. Forces up to `rounding` on what is not penalized are
/// taken as zero.
pub(crate) fn penalized_dual(
    penalty: &dyn Fn(usize) -> Coordinate,
    (columns, force): (&[usize], &[f64]),
    rounding: f64,
) -> (f64, f64) {
    // Within its L1 limit a force neither asks for a scale nor costs anything: that is nearly all of them.
    let beyond: Vec<(Coordinate, f64)> = columns
        .iter()
        .zip(force)
        .map(|(&j, &force)| (penalty(j), force))
        .filter(|(penalty, force)| force.abs() > penalty.l1)
        .filter(|(penalty, force)| penalty.l1 > 0.0 || penalty.l2 > 0.0 || force.abs() > rounding)
        .collect();
    let scale = beyond.iter().fold(1.0f64, |scale, (penalty, force)| scale.min(penalty.limit(*force)));
    let sum = beyond
        .iter()
        // Rounding must not carry a feature that sits at its limit beyond it.
        .filter(|(penalty, force)| (scale * force).abs() > penalty.l1 * (1.0 + 4.0 * f64::EPSILON))
        .map(|(penalty, force)| penalty.conjugate(scale * force))
        .sum();
    (scale, sum)
}
