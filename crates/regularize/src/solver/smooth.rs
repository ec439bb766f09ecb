//! A loss with a derivative on a standardized design: sums over rows, on all threads, always in the same order.

use rayon::prelude::*;

use super::gaussian::Support;
use crate::design::Standardized;
use crate::loss::Loss;

/// A loss on a standardized design.
pub(crate) struct Smooth<'a> {
    pub design: &'a Standardized<'a>,
    pub loss: &'a dyn Loss,
    pub response: &'a [f64],
    /// Summing to one.
    pub weights: &'a [f64],
    pub offset: Option<&'a [f64]>,
    pub intercept: bool,
}

/// Rows that one thread takes at a time; fewer are not worth waking another.
pub(super) const PART: usize = 8192;

impl Smooth<'_> {
    pub(super) fn rows(&self) -> usize {
        self.response.len()
    }

    /// `Σ_i f(i)`, in the same order whatever the threads.
    pub(super) fn sum(&self, f: impl Fn(usize) -> f64 + Sync) -> f64 {
        let n = self.rows();
        let parts: Vec<f64> = (0..n.div_ceil(PART))
            .into_par_iter()
            .map(|part| (part * PART..((part + 1) * PART).min(n)).map(&f).sum())
            .collect();
        parts.iter().sum()
    }

    /// The mean loss at `η + step · direction`, and `w ∂ℓ/∂η` there.
    pub fn value_and_gradient(&self, eta: &[f64], direction: Option<&[f64]>, step: f64) -> (f64, Vec<f64>) {
        let mut gradient = vec![0.0; self.rows()];
        (self.value_and_gradient_into(eta, direction, step, &mut gradient), gradient)
    }

    /// As [`value_and_gradient`](Self::value_and_gradient), in place of another gradient.
    pub(super) fn value_and_gradient_into(
        &self,
        eta: &[f64],
        direction: Option<&[f64]>,
        step: f64,
        gradient: &mut [f64],
    ) -> f64 {
        let parts: Vec<f64> = gradient
            .par_chunks_mut(PART)
            .enumerate()
            .map(|(part, gradient)| {
                let rows = part * PART..part * PART + gradient.len();
                let (y, w) = (&self.response[rows.clone()], &self.weights[rows.clone()]);
                match direction {
                    None => self.loss.weighted(y, w, &eta[rows], gradient),
                    Some(direction) => {
                        let moved: Vec<f64> =
                            eta[rows.clone()].iter().zip(&direction[rows]).map(|(eta, d)| eta + step * d).collect();
                        self.loss.weighted(y, w, &moved, gradient)
                    }
                }
            })
            .collect();
        parts.iter().sum()
    }

    /// `Σ w (u o − ℓ*(u))` at `w u = scale · v`: the dual objective but for the penalty's part.
    pub(super) fn dual(&self, v: &[f64], scale: f64) -> f64 {
        let along =
            self.offset.map_or(0.0, |offset| self.sum(|i| if self.weights[i] == 0.0 { 0.0 } else { v[i] * offset[i] }));
        let parts: Vec<f64> = v
            .par_chunks(PART)
            .enumerate()
            .map(|(part, v)| {
                let rows = part * PART..part * PART + v.len();
                self.loss.weighted_conjugate(&self.response[rows.clone()], &self.weights[rows], v, scale)
            })
            .collect();
        scale * along - parts.iter().sum::<f64>()
    }

    /// `w ∂²ℓ/∂η²`, given `w ∂ℓ/∂η`.
    pub(super) fn curvatures(&self, eta: &[f64], gradient: &[f64]) -> Vec<f64> {
        let mut curvatures = vec![0.0; self.rows()];
        curvatures.par_chunks_mut(PART).enumerate().for_each(|(part, out)| {
            let rows = part * PART..part * PART + out.len();
            let (y, w) = (&self.response[rows.clone()], &self.weights[rows.clone()]);
            self.loss.weighted_curvature(y, w, &eta[rows.clone()], &gradient[rows], out);
        });
        curvatures
    }

    /// The intercept of the model of nothing else: where the loss does not tell it, by Newton steps that are halved until the loss falls.
    pub fn null(&self) -> f64 {
        let offset = |i: usize| self.offset.map_or(0.0, |offset| offset[i]);
        let mut intercept = 0.0;
        if !self.intercept {
            return intercept;
        }
        if self.offset.is_none() {
            let predictor = self.loss.predictor(self.sum(|i| self.weights[i] * self.response[i]));
            if let Some(predictor) = predictor.filter(|predictor| predictor.is_finite()) {
                return predictor;
            }
        }
        let value =
            |intercept: f64| self.sum(|i| self.weights[i] * self.loss.value(self.response[i], offset(i) + intercept));
        let mut best = value(intercept);
        for _ in 0..200 {
            let slope = self.sum(|i| self.weights[i] * self.loss.derivative(self.response[i], offset(i) + intercept));
            let bend = self.sum(|i| self.weights[i] * self.loss.curvature(self.response[i], offset(i) + intercept));
            let mut step = -slope / bend;
            if !step.is_finite() || slope.abs() < 1e-15 {
                break;
            }
            step = step.clamp(-5.0_f64.max(intercept.abs()), 5.0_f64.max(intercept.abs()));
            let mut now = value(intercept + step);
            for _ in 0..60 {
                if now <= best {
                    break;
                }
                step *= 0.5;
                now = value(intercept + step);
            }
            if now > best {
                break;
            }
            intercept += step;
            best = now;
            if step.abs() <= 1e-15 * intercept.abs() {
                break;
            }
        }
        intercept
    }

    /// The mean curvature of the loss at the model of an intercept alone.
    pub fn null_curvature(&self) -> f64 {
        let eta = self.predictors(&Support::default(), self.null());
        let (_, gradient) = self.value_and_gradient(&eta, None, 0.0);
        self.curvatures(&eta, &gradient).iter().sum()
    }

    /// The mean loss of the model of an intercept alone.
    pub fn null_loss(&self) -> f64 {
        let null = self.null();
        let rows: Vec<usize> = (0..self.rows()).step_by(PART).collect();
        let parts: Vec<f64> = rows
            .into_par_iter()
            .map(|first| {
                let rows = first..(first + PART).min(self.rows());
                let eta: Vec<f64> = rows.clone().map(|i| null + self.offset.map_or(0.0, |offset| offset[i])).collect();
                self.loss.weighted(&self.response[rows.clone()], &self.weights[rows], &eta, &mut vec![0.0; eta.len()])
            })
            .collect();
        parts.iter().sum()
    }

    /// The mean loss of a perfect fit.
    pub fn saturated(&self) -> f64 {
        self.sum(|i| if self.weights[i] == 0.0 { 0.0 } else { self.weights[i] * self.loss.saturated(self.response[i]) })
    }

    /// `o + β₀ + X̃β`.
    pub(super) fn predictors(&self, support: &Support, intercept: f64) -> Vec<f64> {
        let mut eta = match self.offset {
            Some(offset) => offset.iter().map(|offset| offset + intercept).collect(),
            None => vec![intercept; self.rows()],
        };
        self.design.add(&support.columns, &support.values, &mut eta);
        eta
    }
}
