//! Least squares from the rows themselves: products are taken when they are asked for.

use rayon::prelude::*;

use super::gaussian::{LeastSquares, Support};
use crate::design::Standardized;

/// A standardized design and what is to be explained, moved by its mean where there is an intercept.
pub(crate) struct Rows<'a> {
    design: &'a Standardized<'a>,
    response: Vec<f64>,
    linear: Vec<f64>,
    square: f64,
    norms: Vec<f64>,
}

impl<'a> Rows<'a> {
    pub fn new(design: &'a Standardized<'a>, response: Vec<f64>) -> Self {
        let all: Vec<usize> = (0..design.columns()).collect();
        let norms = all.iter().map(|&j| design.norm(j)).collect();
        let mut problem = Self { design, response, linear: Vec::new(), square: 0.0, norms };
        let weighted = problem.weighted(problem.response.clone());
        problem.square = problem.response.iter().zip(&weighted).map(|(y, wy)| y * wy).sum();
        let mut linear = vec![0.0; design.columns()];
        design.products(&all, &[&weighted], &mut linear);
        // A constant column explains nothing; what rounding leaves of it must not be mistaken for something.
        for (c, &constant) in linear.iter_mut().zip(&design.constant) {
            if constant {
                *c = 0.0;
            }
        }
        problem.linear = linear;
        problem
    }

    /// What is to be explained.
    pub fn response(&self) -> &[f64] {
        &self.response
    }

    /// `½ (s − 2 c'β + β'Gβ)`, from the forces `c − Gβ` on all features.
    pub fn loss(&self, support: &Support, force: &[f64]) -> f64 {
        let pairs = support.columns.iter().zip(&support.values);
        let explained: f64 = pairs.map(|(&j, value)| value * (self.linear[j] + force[j])).sum();
        0.5 * (self.square - explained).max(0.0)
    }

    fn weighted(&self, mut vector: Vec<f64>) -> Vec<f64> {
        match self.design.weights {
            Some(weights) => vector.iter_mut().zip(weights).for_each(|(v, w)| *v *= w),
            None => {
                let even = 1.0 / vector.len() as f64;
                vector.iter_mut().for_each(|v| *v *= even);
            }
        }
        vector
    }
}

impl LeastSquares for Rows<'_> {
    fn columns(&self) -> usize {
        self.design.columns()
    }

    fn linear(&self) -> &[f64] {
        &self.linear
    }

    fn square(&self) -> f64 {
        self.square
    }

    fn gram(&self, left: &[usize], right: &[usize], out: &mut [f64]) {
        let total = if self.design.weights.is_some() { 1.0 } else { self.design.rows() as f64 };
        let center = &self.design.center;
        self.design.gram(left, right, self.design.weights, &|j| center[j] * total, total, out);
        out.iter_mut().for_each(|value| *value /= total);
    }

    fn forces(&self, columns: &[usize], solutions: &[Support]) -> Vec<Vec<f64>> {
        let residuals: Vec<Vec<f64>> = solutions
            .par_iter()
            .map(|support| {
                let mut residual = self.response.clone();
                let values: Vec<f64> = support.values.iter().map(|value| -value).collect();
                self.design.add(&support.columns, &values, &mut residual);
                self.weighted(residual)
            })
            .collect();
        let vectors: Vec<&[f64]> = residuals.iter().map(Vec::as_slice).collect();
        let mut products = vec![0.0; columns.len() * vectors.len()];
        self.design.products(columns, &vectors, &mut products);
        let mut forces: Vec<Vec<f64>> = match columns.len() {
            0 => vec![Vec::new(); vectors.len()],
            count => products.chunks(count).map(<[f64]>::to_vec).collect(),
        };
        for force in &mut forces {
            for (force, &j) in force.iter_mut().zip(columns) {
                if self.design.constant[j] {
                    *force = 0.0;
                }
            }
        }
        forces
    }

    fn gram_features(&self) -> usize {
        self.design.gram_features()
    }

    fn norm(&self, column: usize) -> f64 {
        self.norms[column]
    }

    fn forces_are_cheap(&self) -> bool {
        false
    }
}
