use rayon::prelude::*;

use crate::design::Standardized;

/// A response of classes on a standardized design.
///
/// Every feature has a coefficient for each class. A coefficient's number is `feature · classes + class`: those of a feature lie together.
pub(crate) struct Classes<'a> {
    pub design: &'a Standardized<'a>,
    pub codes: &'a [u32],
    pub classes: usize,
    /// Summing to one.
    pub weights: &'a [f64],
    /// `rows × classes`.
    pub offset: Option<&'a [f64]>,
    pub intercept: bool,
}

/// What predictors stand for: `p_ik`, by class, and the mean loss.
pub(super) struct Softmax {
    pub probabilities: Vec<Vec<f64>>,
    pub loss: f64,
}

/// Rows that one thread takes at a time.
const PART: usize = 1024;

impl Classes<'_> {
    pub(super) fn rows(&self) -> usize {
        self.codes.len()
    }

    /// `p·K`.
    pub(super) fn coefficients(&self) -> usize {
        self.design.columns() * self.classes
    }

    pub(super) fn is(&self, row: usize, class: usize) -> f64 {
        f64::from(u8::from(self.codes[row] as usize == class))
    }

    /// Predictors without coefficients: the offset, by class.
    pub(super) fn start(&self) -> Vec<Vec<f64>> {
        (0..self.classes)
            .map(|k| match self.offset {
                Some(offset) => offset.iter().skip(k).step_by(self.classes).copied().collect(),
                None => vec![0.0; self.rows()],
            })
            .collect()
    }

    /// At `η + step · direction`, both by class.
    pub(super) fn softmax(&self, eta: &[Vec<f64>], along: Option<(&[Vec<f64>], f64)>) -> Softmax {
        let (n, classes) = (self.rows(), self.classes);
        let parts: Vec<(Vec<f64>, f64)> = (0..n.div_ceil(PART))
            .into_par_iter()
            .map(|part| {
                let rows = part * PART..((part + 1) * PART).min(n);
                let length = rows.len();
                let mut p = vec![0.0; classes * length];
                let mut top = vec![f64::NEG_INFINITY; length];
                for (k, p) in p.chunks_mut(length).enumerate() {
                    p.copy_from_slice(&eta[k][rows.clone()]);
                    if let Some((direction, step)) = along {
                        p.iter_mut().zip(&direction[k][rows.clone()]).for_each(|(p, d)| *p += step * d);
                    }
                    top.iter_mut().zip(&*p).for_each(|(top, p)| *top = p.max(*top));
                }
                let own: Vec<f64> = rows.clone().map(|i| p[self.codes[i] as usize * length + i - rows.start]).collect();
                let mut sum = vec![0.0; length];
                for p in p.chunks_mut(length) {
                    for ((p, top), sum) in p.iter_mut().zip(&top).zip(&mut sum) {
                        *p = (*p - top).exp();
                        *sum += *p;
                    }
                }
                for p in p.chunks_mut(length) {
                    p.iter_mut().zip(&sum).for_each(|(p, sum)| *p /= sum);
                }
                let loss = rows
                    .zip(top.iter().zip(&sum).zip(&own))
                    .filter(|(i, _)| self.weights[*i] > 0.0)
                    .map(|(i, ((top, sum), own))| self.weights[i] * (top - own + sum.ln()))
                    .sum();
                (p, loss)
            })
            .collect();
        let probabilities = (0..classes)
            .map(|k| {
                let slices = parts.iter().map(|(p, _)| &p[k * (p.len() / classes)..][..p.len() / classes]);
                slices.flatten().copied().collect()
            })
            .collect();
        Softmax { probabilities, loss: parts.iter().map(|(_, loss)| loss).sum() }
    }

    /// `w ∂ℓ/∂η`, by class.
    pub(super) fn gradient(&self, probabilities: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let class = |(k, p): (usize, &Vec<f64>)| {
            p.iter().zip(self.weights).enumerate().map(|(i, (p, w))| w * (p - self.is(i, k))).collect()
        };
        probabilities.iter().enumerate().map(class).collect()
    }

    /// `−x̃_j'v_k` of these features: `out[place · classes + k]`.
    pub(super) fn forces(&self, features: &[usize], vectors: &[Vec<f64>]) -> Vec<f64> {
        let vectors: Vec<&[f64]> = vectors.iter().map(Vec::as_slice).collect();
        let mut products = vec![0.0; features.len() * self.classes];
        self.design.products(features, &vectors, &mut products);
        let mut forces = vec![0.0; products.len()];
        for (k, products) in products.chunks(features.len().max(1)).enumerate() {
            products.iter().enumerate().for_each(|(at, product)| forces[at * self.classes + k] = -product);
        }
        forces
    }

    /// `v_k += Σ β x̃`, by class, of coefficients by their numbers.
    pub(super) fn add(&self, numbers: &[usize], values: &[f64], vectors: &mut [Vec<f64>]) {
        let mut parts = vec![(Vec::new(), Vec::new()); self.classes];
        for (&number, &value) in numbers.iter().zip(values) {
            let (features, values) = &mut parts[number % self.classes];
            features.push(number / self.classes);
            values.push(value);
        }
        vectors
            .par_iter_mut()
            .zip(&parts)
            .with_min_len(if numbers.len() * self.rows() < crate::design::WORTH_A_THREAD { usize::MAX } else { 1 })
            .for_each(|(vector, (features, values))| self.design.add(features, values, vector));
    }
}
