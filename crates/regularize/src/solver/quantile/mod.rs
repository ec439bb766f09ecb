//! Quantile regression: the loss has a kink at every row, and the solution lies on as many kinks as it has coefficients. An interior-point
//! method finds it on a working set, with the duality gap as its own measure; coefficients that end at zero are then set to it.
//!
//! Residuals and coefficients are split into positive and negative parts, `r = r⁺ − r⁻` and `β = b⁺ − b⁻`, each at least zero, so that the
//! objective is `Σ w (τ r⁺ + (1 − τ) r⁻) + Σ l1 (b⁺ + b⁻) + l2/2 β²`; so is the distance of `β` from each bound; and a step of Newton's method on the perturbed conditions of Karush, Kuhn
//! and Tucker is one weighted least-squares problem.
//!
//! Sources: Portnoy and Koenker, "The Gaussian hare and the Laplacian tortoise", Statistical Science 12 (1997); the predictor and corrector from
//! Mehrotra, SIAM J. Optim. 2 (1992).

mod coefficient;
mod interior_point;
mod pair;
mod path;
mod polish;
mod proof;

use super::gaussian::Limits;
use crate::design::Standardized;
use crate::penalty::Coordinate;
use interior_point::Interior;

pub(crate) use path::path;

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
            .filter(|&j| {
                !self.design.constant[j] && penalty(j).l1 == 0.0 && penalty(j).l2 == 0.0 && penalty(j).has_room()
            })
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
