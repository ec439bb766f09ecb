//! Ridge, and nearly ridge, of more features than rows, by way of the rows: see `solver::RowSpace`.

use super::{Fitted, ridge_curvature};
use crate::design::{Dense, Standardized};
use crate::error::Error;
use crate::path::{Options, Solver};
use crate::penalty::Penalty;
use crate::problem::{Family, Problem};
use crate::solver::{BLOCK, Certificate, Rotation, RowSpace, Support};

/// `λ` of less than this share of the mean curvature are left to the solvers of features: the sum of both would lose its digits.
const ROUNDING: f64 = 1e-12;

/// Up to this L1 ratio least squares of more features than rows are solved from the rows, for their paths take in several times as many features
/// as there are rows. Measured (seconds by rows and by features): 200 × 5000 at 0.1, 0.5 and 0.9; 500 × 2000 at 0.1, 2.5 and 0.9;
/// 200 × 20 000 at 0.01, 1.9 and more than 60.
const LITTLE_L1: f64 = 0.05;

/// Products of rows that are taken however small a sparse design is: 128 MiB. Measured: ridge of 5000 × 47,000 at 0.15 % takes 25 s by residuals,
/// and more than 60 by rows.
const FEW_PRODUCTS: usize = 1 << 24;

/// A solution on all features: its `λ`, and for each class coefficients and intercept.
pub(super) struct Solution {
    pub lambda: f64,
    pub supports: Vec<Support>,
    pub intercepts: Vec<f64>,
}

impl Problem<'_> {
    /// Whether most features will have a coefficient: L2 is all there is, or least squares have little L1 beside it.
    pub(super) fn keeps_many(&self) -> bool {
        let Penalty { l1_ratio, factors, bounds, groups, .. } = &self.penalty;
        let little = self.family == Family::Gaussian
            && *l1_ratio <= LITTLE_L1
            && groups.is_empty()
            && factors.iter().all(|&factor| factor > 0.0);
        bounds.is_empty() && !matches!(self.family, Family::Quantile { .. }) && (*l1_ratio == 0.0 || little)
    }

    /// Whether products of rows are looked for: there are fewer rows than features, and their products take no more memory than the design, or
    /// little.
    pub(super) fn goes_by_rows(&self, options: &Options) -> bool {
        if options.solver != Solver::Automatic || !self.is_wide() || !self.keeps_many() {
            return false;
        }
        let products = self.design.rows().saturating_mul(self.design.rows());
        products <= FEW_PRODUCTS || products <= (0..self.design.columns()).map(|j| self.design.stored(j)).sum()
    }

    /// The row space, where it is smaller than that of the features and most of these will have a coefficient.
    pub(super) fn row_space<'v>(
        &self,
        view: &'v Standardized<'v>,
        lambdas: &[f64],
        options: &Options,
    ) -> Option<RowSpace<'v>> {
        if !self.goes_by_rows(options) {
            return None;
        }
        let sizes = self.penalty.group_sizes();
        let space = RowSpace::new(view, |j| self.penalty.square_factor(j, &sizes));
        if space.columns.len() <= view.rows() {
            return None;
        }
        let (sum, directions) = ridge_curvature(&self.penalty, &|j| view.norm(j), view.columns(), view.rows()).ok()?;
        let weakest = lambdas.last().copied().unwrap_or(0.0);
        ((1.0 - self.penalty.l1_ratio) * weakest > ROUNDING * sum / directions as f64).then_some(space)
    }

    /// The path of the same problem on rotated features, which `solve` finds; then back to all features, where `prove` proves it.
    pub(super) fn rotated_path(
        &self,
        space: &RowSpace<'_>,
        weights: Option<&[f64]>,
        options: &Options,
        solve: &dyn Fn(&Problem<'_>, &Standardized<'_>) -> Result<Fitted, Error>,
        prove: &dyn Fn(&[Solution]) -> Vec<Certificate>,
    ) -> Result<Fitted, Error> {
        let n = space.design.rows();
        let counts = |row: usize| weights.is_none_or(|weights| weights[row] > 0.0);
        let rotation = Rotation::new(n, &space.products(), counts);
        let free = space.free.len();
        let mut values = space.free_features();
        values.extend(rotation.values());
        let columns = free + rotation.columns();
        let design = Dense::new(&values, n, columns)?;
        let mut inner = self.clone();
        inner.design = &design;
        inner.standardize = false;
        let factors = (0..columns).map(|at| if at < free { 0.0 } else { 1.0 }).collect();
        inner.penalty = Penalty { factors, ..Penalty::l2() };
        let view = inner.view(weights);
        let (mut points, null_deviance, stopped) = solve(&inner, &view)?;

        let models = points.first().map_or(0, |point| point.models.len());
        for points in points.chunks_mut(BLOCK) {
            let (mut alphas, mut free_values) = (Vec::new(), Vec::new());
            for model in points.iter().flat_map(|point| &point.models) {
                let mut found = model.dense(columns);
                alphas.push(rotation.combination(&found[free..]));
                found.truncate(free);
                free_values.push(found);
            }
            let mut supports = space.coefficients(&alphas, &free_values).into_iter();
            let solutions: Vec<Solution> = points
                .iter()
                .map(|point| Solution {
                    lambda: point.lambda,
                    supports: supports.by_ref().take(models).collect(),
                    intercepts: point.models.iter().map(|model| model.intercept).collect(),
                })
                .collect();
            let certificates = prove(&solutions);
            for ((point, solution), certificate) in points.iter_mut().zip(&solutions).zip(certificates) {
                point.models = solution
                    .supports
                    .iter()
                    .zip(&solution.intercepts)
                    .map(|(support, &intercept)| self.unstandardized(space.design, support, intercept))
                    .collect();
                point.converged = certificate.relative_gap() <= options.tolerance;
                point.certificate = certificate;
            }
        }
        Ok((points, null_deviance, stopped))
    }
}
