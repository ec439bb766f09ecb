//! The subproblem of a proximal Newton step: near the present predictors the loss is a parabola, `g'δ + ½ δ'diag(a)δ` for a change `δ` of the
//! predictors, which is minimized together with the penalty over the features at hand and the intercept.
//!
//! It can be kept in two ways: [`GramSubproblem`] by the products of its features with each other, after which rows are no longer needed, and
//! [`ResidualSubproblem`] by the residuals of rows, which for sparse columns are cheaper than any product.

mod gram;
mod residual;

pub(super) use gram::GramSubproblem;
pub(super) use residual::ResidualSubproblem;

use super::separable::Separable;

/// Where a step starts.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    /// `g = w ∂ℓ/∂η`, by row.
    pub gradient: &'a [f64],
    /// `−x̃_j'g`, by place among the features.
    pub force: &'a [f64],
    /// `−Σ g` where there is an intercept, else zero.
    pub pull: f64,
}

/// Features, where their coefficients stand, and the parabola over them.
pub(super) trait Subproblem {
    /// The features by their place.
    fn columns(&self) -> &[usize];

    fn contains(&self, column: usize) -> bool;

    /// Coefficients by place.
    fn beta(&self) -> &[f64];

    /// Coefficients by feature; others are zero. All must be at hand.
    fn set_beta(&mut self, columns: &[usize], values: &[f64]);

    /// Takes features in, with coefficients of zero.
    fn grow(&mut self, new: &[usize]);

    /// Takes other curvatures, and these features alone, with coefficients of zero.
    fn renew(&mut self, curvatures: Vec<f64>, columns: &[usize]);

    /// Whether new curvatures cost no more than a few steps of descent, so that each step has its own.
    fn renews_cheaply(&self) -> bool;

    /// Moves the coefficients to where no optimality condition is violated by more than `tolerance`, and returns how far the intercept (of
    /// centered features) moves with them.
    fn minimize(&mut self, start: Start<'_>, penalty: &dyn Separable, tolerance: f64) -> f64;

    /// The features whose coefficients are not zero, and these.
    fn support(&self) -> (Vec<usize>, Vec<f64>) {
        pairs(self.columns(), self.beta())
    }
}

/// Features whose coefficients are not zero, and these.
pub(super) fn pairs(columns: &[usize], beta: &[f64]) -> (Vec<usize>, Vec<f64>) {
    columns.iter().zip(beta).filter(|(_, value)| **value != 0.0).map(|(&column, &value)| (column, value)).unzip()
}
