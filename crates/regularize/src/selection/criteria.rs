use super::super::path::Path;
use crate::problem::{Family, Problem};
use crate::solver::Cholesky;

/// A criterion that weighs how well a model fits against how many numbers it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Criterion {
    /// `−2 ln L + 2 df`. Akaike, 1974.
    Aic,
    /// `−2 ln L + ln(n) df`. Schwarz, 1978.
    Bic,
    /// `−2 ln L + ln(n) df + 2 γ ln C(p, df)`, for many features. Chen and Chen, Biometrika 95 (2008).
    Ebic {
        /// `γ`, from 0 (which is BIC) to 1.
        gamma: f64,
    },
}

/// A criterion along a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Criteria {
    /// For each `λ` the effective number of coefficients, without the intercept. With L1 alone those that are not zero; with L2 the trace of the
    /// matrix that maps the response to the fit. Zou, Hastie and Tibshirani, Annals of Statistics 35 (2007).
    pub degrees_of_freedom: Vec<f64>,
    /// The criterion, up to a constant that all `λ` share.
    pub values: Vec<f64>,
    /// The place of the `λ` of least value.
    pub minimum: usize,
}

impl Problem<'_> {
    /// A criterion along a path of this problem.
    pub fn criterion(&self, path: &Path, criterion: Criterion) -> Criteria {
        let n = self.weights.map_or(self.design.rows() as f64, |weights| weights.iter().sum());
        let p = self.design.columns() as f64;
        let degrees_of_freedom: Vec<f64> = path.points.iter().map(|point| self.freedom(point)).collect();
        let values: Vec<f64> = path
            .points
            .iter()
            .zip(&degrees_of_freedom)
            .map(|(point, &df)| {
                let deviance = path.null_deviance * (1.0 - point.deviance_ratio);
                let misfit = match self.family {
                    // The variance is not known, and is estimated by each model itself.
                    Family::Gaussian | Family::Huber { .. } => n * deviance.max(f64::MIN_POSITIVE).ln(),
                    // Of a Laplace distribution of unknown scale: the loss is half the absolute error.
                    Family::Quantile { .. } => 2.0 * n * deviance.max(f64::MIN_POSITIVE).ln(),
                    _ => n * deviance,
                };
                misfit
                    + match criterion {
                        Criterion::Aic => 2.0 * df,
                        Criterion::Bic => n.ln() * df,
                        Criterion::Ebic { gamma } => n.ln() * df + 2.0 * gamma * ln_choose(p, df.min(p)),
                    }
            })
            .collect();
        let minimum = (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or(0);
        Criteria { degrees_of_freedom, values, minimum }
    }

    fn freedom(&self, point: &crate::path::Point) -> f64 {
        let shrink = point.lambda * (1.0 - self.penalty.l1_ratio);
        if shrink == 0.0 || self.family == Family::Multinomial {
            return point.models.iter().map(|model| model.columns.len() as f64).sum();
        }
        // tr(G (G + D)⁻¹) = |A| − tr(D (G + D)⁻¹) over the features that are not zero.
        let support = &point.models[0].columns;
        let predictors = point.models[0].predictors(self.design);
        let (a, scale, center) = self.curvatures(&predictors, support);
        let k = support.len();
        let ridge = |i: usize| shrink * self.penalty.factor(support[i]);
        if k > self.design.rows() && (0..k).all(|i| ridge(i) > 0.0) {
            let inverse: Vec<f64> = (0..k).map(|i| 1.0 / (ridge(i) * scale[i] * scale[i])).collect();
            return self.freedom_by_rows(support, &center, &inverse, &a);
        }
        let mut gram = vec![0.0; k * k];
        self.design.gram(support, support, Some(&a), &mut gram);
        let total: f64 = a.iter().sum();
        let entry = |i: usize, j: usize| (gram[i + j * k] - center[i] * center[j] * total) / (scale[i] * scale[j]);
        let mut factor = Cholesky::default();
        for i in 0..k {
            factor.append(i, |other| entry(i, other), entry(i, i) + ridge(i));
        }
        let mut trace = factor.order().len() as f64;
        for place in 0..factor.order().len() {
            let mut unit = vec![0.0; factor.order().len()];
            unit[place] = 1.0;
            factor.solve(&mut unit);
            trace -= ridge(factor.order()[place]) * unit[place];
        }
        trace
    }

    /// The same trace where rows are fewer: with `K = A^½XD⁻¹X'A^½` it is `tr(K (K + I)⁻¹) = n − tr((K + I)⁻¹)`.
    fn freedom_by_rows(&self, columns: &[usize], centers: &[f64], inverse: &[f64], a: &[f64]) -> f64 {
        let n = self.design.rows();
        let mut products = vec![0.0; n * n];
        self.design.add_row_products(columns, centers, inverse, &mut products);
        let entry = |i: usize, j: usize| (a[i] * a[j]).sqrt() * products[i + j * n];
        let mut factor = Cholesky::default();
        for i in 0..n {
            factor.append(i, |other| entry(i, other), entry(i, i) + 1.0);
        }
        let unexplained = (0..n).map(|i| {
            let mut unit = vec![0.0; n];
            unit[i] = 1.0;
            factor.solve(&mut unit);
            unit[i]
        });
        n as f64 - unexplained.sum::<f64>()
    }

    /// Curvatures of the loss at some predictors, summing to about one; and the scale and, where there is an intercept, the mean under them of
    /// some features.
    fn curvatures(&self, predictors: &[f64], columns: &[usize]) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let n = self.design.rows();
        let total = self.weights.map_or(n as f64, |weights| weights.iter().sum());
        let weights: Vec<f64> = (0..n).map(|row| self.weights.map_or(1.0, |weights| weights[row]) / total).collect();
        let loss = self.family.loss();
        let a: Vec<f64> = match self.response {
            crate::problem::Response::Numbers(y) => (0..n)
                .map(|row| {
                    let offset = self.offset.map_or(0.0, |offset| offset[row]);
                    weights[row] * loss.curvature(y[row], predictors[row] + offset)
                })
                .collect(),
            crate::problem::Response::Classes { .. } => weights.clone(),
        };
        let sum: f64 = a.iter().sum();
        let scale = columns
            .iter()
            .map(|&j| if self.standardize { self.design.mean_and_variance(j, Some(&weights)).1.sqrt() } else { 1.0 })
            .collect();
        let center = columns.iter().map(|&j| if self.intercept { self.design.dot(j, &a) / sum } else { 0.0 }).collect();
        (a, scale, center)
    }
}

/// `ln C(p, k)`, of a `k` that need not be whole.
fn ln_choose(p: f64, k: f64) -> f64 {
    ln_gamma(p + 1.0) - ln_gamma(k + 1.0) - ln_gamma(p - k + 1.0)
}

/// `ln Γ(x)` for `x ≥ 1`: Stirling's series, after the recurrence has carried `x` beyond 10. Abramowitz and Stegun, 6.1.41.
fn ln_gamma(mut x: f64) -> f64 {
    let mut shift = 0.0;
    while x < 10.0 {
        shift -= x.ln();
        x += 1.0;
    }
    let square = 1.0 / (x * x);
    let series = (1.0 / 12.0 - square * (1.0 / 360.0 - square / 1260.0)) / x;
    shift + (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_of_a_binomial_coefficient_is_right() {
        assert!((ln_choose(10.0, 3.0) - 120.0f64.ln()).abs() < 1e-9);
        assert!((ln_choose(52.0, 5.0) - 2_598_960.0f64.ln()).abs() < 1e-9);
        assert!(ln_choose(7.0, 0.0).abs() < 1e-9);
    }
}
