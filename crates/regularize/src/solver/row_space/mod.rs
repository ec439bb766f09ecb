//! Ridge where there are more features than rows: the same problem in as many unknowns as rows.
//!
//! Of `min F(X̃β) + λ/2 β'Vβ` the solution is `β = V⁻¹X̃'α` with one `α` a row, for what is orthogonal to the rows costs and changes nothing. All
//! that the loss then sees of the features are the products of rows with each other, `K = X̃V⁻¹X̃'`: `n²` numbers for every `λ`, where the
//! features' products would be `p²`. The proof is taken from all rows and all features, as everywhere.
//!
//! Source: Hastie and Tibshirani, "Efficient quadratic regularization for expression arrays", Biostatistics 5 (2004).

mod elastic_net;
mod gaussian;
mod rotation;
mod tridiagonal;

pub(crate) use elastic_net::path as elastic_net_path;
pub(crate) use gaussian::path as gaussian_path;
pub(crate) use rotation::Rotation;

use super::gaussian::Support;
use crate::design::Standardized;

/// `λ` whose coefficients and proofs are taken in one pass over the design.
pub(crate) const BLOCK: usize = 32;

/// A design whose features are all held by L2, beside L1 or not, or by nothing.
pub(crate) struct RowSpace<'a> {
    pub design: &'a Standardized<'a>,
    /// The features that are held.
    pub columns: Vec<usize>,
    /// `1 / v_j` of each of these.
    inverse: Vec<f64>,
    /// The features that nothing holds.
    pub free: Vec<usize>,
}

impl<'a> RowSpace<'a> {
    /// `factor(j)` is `v_j`, 0 where nothing holds the feature. Constant columns are left out.
    pub fn new(design: &'a Standardized<'a>, factor: impl Fn(usize) -> f64) -> Self {
        let varying = (0..design.columns()).filter(|&j| !design.constant[j]);
        let (free, columns): (Vec<usize>, Vec<usize>) = varying.partition(|&j| factor(j) == 0.0);
        let inverse = columns.iter().map(|&j| 1.0 / factor(j)).collect();
        Self { design, columns, inverse, free }
    }

    /// `K`.
    pub fn products(&self) -> Vec<f64> {
        self.design.row_products(&self.columns, &self.inverse)
    }

    /// The part of `K` that some of the features make, by their places among those that are held.
    fn products_of(&self, places: &[usize]) -> Vec<f64> {
        let columns: Vec<usize> = places.iter().map(|&at| self.columns[at]).collect();
        let inverse: Vec<f64> = places.iter().map(|&at| self.inverse[at]).collect();
        self.design.row_products(&columns, &inverse)
    }

    /// `√w`.
    fn roots(&self) -> Vec<f64> {
        let n = self.design.rows();
        match self.design.weights {
            Some(weights) => weights.iter().map(|w| w.sqrt()).collect(),
            None => vec![(1.0 / n as f64).sqrt(); n],
        }
    }

    /// `x̃` of the features that nothing holds, one after the other.
    pub fn free_features(&self) -> Vec<f64> {
        let n = self.design.rows();
        let mut spread = vec![0.0; n * self.free.len()];
        spread.chunks_mut(n).zip(&self.free).for_each(|(out, &j)| self.design.add(&[j], &[1.0], out));
        spread
    }

    /// `V⁻¹X̃'α` for each of several `α`, beside these coefficients of the features that nothing holds.
    pub fn coefficients(&self, alphas: &[Vec<f64>], free: &[Vec<f64>]) -> Vec<Support> {
        let vectors: Vec<&[f64]> = alphas.iter().map(Vec::as_slice).collect();
        let mut products = vec![0.0; self.columns.len() * vectors.len()];
        self.design.products(&self.columns, &vectors, &mut products);
        let columns: Vec<usize> = self.columns.iter().chain(&self.free).copied().collect();
        products
            .chunks(self.columns.len())
            .zip(free)
            .map(|(products, free)| {
                let held = products.iter().zip(&self.inverse).map(|(product, inverse)| product * inverse);
                Support { columns: columns.clone(), values: held.chain(free.iter().copied()).collect() }
            })
            .collect()
    }
}
