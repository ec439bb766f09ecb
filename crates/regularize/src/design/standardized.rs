use rayon::prelude::*;

use super::Design;
use super::sums::{ROWS, sum};

/// A design with every column moved by its mean and divided by its standard deviation, without a copy:
/// `x̃_j = (x_j − center_j) / scale_j`.
pub(crate) struct Standardized<'a> {
    pub design: &'a dyn Design,
    /// The weights' share of each row, summing to one. `None`: all are `1/n`.
    pub weights: Option<&'a [f64]>,
    pub center: Vec<f64>,
    pub scale: Vec<f64>,
    /// Columns that are the same number in every row that counts: they can explain nothing beside an intercept.
    pub constant: Vec<bool>,
    norms: Vec<f64>,
}

impl<'a> Standardized<'a> {
    /// `center` only where there is an intercept, which then takes up the means; `scale` is one unless asked for.
    pub fn new(design: &'a dyn Design, weights: Option<&'a [f64]>, center: bool, scale: bool) -> Self {
        let columns = design.means_and_variances(weights);
        // Without an intercept, a column that is the same number everywhere stands for one.
        let constant: Vec<bool> = columns
            .iter()
            .map(|&(mean, variance)| Self::is_constant(mean, variance) && (center || mean == 0.0))
            .collect();
        let spread = |mean: f64, variance: f64| scale && !Self::is_constant(mean, variance);
        Self {
            design,
            weights,
            center: columns.iter().map(|&(mean, _)| if center { mean } else { 0.0 }).collect(),
            scale: columns
                .iter()
                .map(|&(mean, variance)| if spread(mean, variance) { variance.sqrt() } else { 1.0 })
                .collect(),
            norms: columns
                .iter()
                .map(|&(mean, variance)| match (center, spread(mean, variance)) {
                    (true, true) => 1.0,
                    (true, false) => variance.max(0.0).sqrt(),
                    (false, true) => (1.0 + mean * mean / variance).sqrt(),
                    (false, false) => (variance + mean * mean).sqrt(),
                })
                .collect(),
            constant,
        }
    }

    /// `√(x̃_j'Wx̃_j)`.
    pub fn norm(&self, column: usize) -> f64 {
        self.norms[column]
    }

    /// A variance that is rounding of the mean is none.
    pub fn is_constant(mean: f64, variance: f64) -> bool {
        variance <= (64.0 * f64::EPSILON * mean).powi(2) || variance <= f64::MIN_POSITIVE
    }

    pub fn columns(&self) -> usize {
        self.design.columns()
    }

    pub fn rows(&self) -> usize {
        self.design.rows()
    }

    /// `X̃_C'V`.
    pub fn products(&self, columns: &[usize], vectors: &[&[f64]], out: &mut [f64]) {
        if columns.is_empty() {
            return;
        }
        self.design.products(columns, vectors, out);
        for (vector, out) in vectors.iter().zip(out.chunks_mut(columns.len())) {
            let sum = sum(vector);
            for (out, &j) in out.iter_mut().zip(columns) {
                *out = (*out - self.center[j] * sum) / self.scale[j];
            }
        }
    }

    /// `X̃_L' diag(a) X̃_R`, where `sums[j] = x_j'a` of raw columns by their number and `total = Σ a`; `a` as [`Design::gram`] has it.
    pub fn gram(
        &self,
        left: &[usize],
        right: &[usize],
        a: Option<&[f64]>,
        sums: &dyn Fn(usize) -> f64,
        total: f64,
        out: &mut [f64],
    ) {
        if left.is_empty() {
            return;
        }
        self.design.gram(left, right, a, out);
        let sums_left: Vec<f64> = left.iter().map(|&l| sums(l)).collect();
        for (out, &r) in out.chunks_mut(left.len()).zip(right) {
            let sum_right = sums(r);
            for ((out, &l), sum_left) in out.iter_mut().zip(left).zip(&sums_left) {
                let moved = *out - self.center[l] * sum_right - self.center[r] * sum_left
                    + self.center[l] * self.center[r] * total;
                *out = moved / (self.scale[l] * self.scale[r]);
            }
        }
    }

    /// Features whose products with all before them are asked at a time: the more, the more are taken twice for symmetry.
    pub fn gram_features(&self) -> usize {
        if self.design.shares_work() { usize::MAX } else { 96 }
    }

    /// `Σ_j f_j x̃_j x̃_j'`, `n × n`.
    pub fn row_products(&self, columns: &[usize], factors: &[f64]) -> Vec<f64> {
        let n = self.rows();
        let centers: Vec<f64> = columns.iter().map(|&j| self.center[j]).collect();
        let scaled: Vec<f64> =
            columns.iter().zip(factors).map(|(&j, factor)| factor / (self.scale[j] * self.scale[j])).collect();
        let mut out = vec![0.0; n * n];
        self.design.add_row_products(columns, &centers, &scaled, &mut out);
        out
    }

    /// `v += Σ_j β_j x̃_j`.
    pub fn add(&self, indices: &[usize], values: &[f64], vector: &mut [f64]) {
        let scaled: Vec<f64> = indices.iter().zip(values).map(|(&j, value)| value / self.scale[j]).collect();
        self.design.add_combination(indices, &scaled, vector);
        let shift: f64 = indices.iter().zip(&scaled).map(|(&j, scaled)| scaled * self.center[j]).sum();
        if shift != 0.0 {
            vector.par_iter_mut().with_min_len(ROWS).for_each(|v| *v -= shift);
        }
    }
}
