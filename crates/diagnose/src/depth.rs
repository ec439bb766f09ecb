//! How a quantity changes from block to block: the fit behind vanishing, exploding and poor initialization.
//!
//! **Which quantity.** For gradients it is the total norm `√count · RMS` of the gradient at a block's output, not the
//! RMS by element: with weights of variance σ²/fan_in the backward pass keeps the sum of squares,
//! `‖∂L/∂a_{l−1}‖² = fan_in·Var(w)·E[φ′²]·‖∂L/∂a_l‖² = χ_l ‖∂L/∂a_l‖²`, whatever the widths, while the mean of squares
//! jumps by n_l/n_{l−1} wherever a layer is wider than its neighbour. For activations it is the RMS by element, since
//! the forward pass keeps the mean of squares.
//!
//! **Which errors.** Each block multiplies the norm by a gain of its own; the logarithms are therefore a random walk
//! over depth, and the usual standard error of a slope (independent errors) is far too small: a random walk looks
//! like a trend. The least-squares slope is a weighted mean of the blocks' log gains, `Σ C_j d_j` with parabolic
//! weights that sum to 1, so its standard error is `s·√(ΣC_j²)` with `s` the spread of the gains around the slope.
//! The parabola also gives the ends, where pooling, heads and embeddings live, the least weight.

use crate::anatomy::Anatomy;
use crate::statistics::Line;
use crate::view::{View, log_norm};

/// Blocks that a fit over depth needs: three gains leave two degrees of freedom.
pub(crate) const MINIMUM_BLOCKS: usize = 4;

/// The spread of a log gain that is assumed at least: a gain of a block of 64 units has a standard deviation of
/// `√(5/64)/2 ≈ 0.14` (Hanin and Nica 2018); a tenth of it keeps exactly geometric profiles from infinite t.
const SMALLEST_SPREAD: f64 = 0.014;

/// A fit of logarithms over depth, in the order of the forward pass.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DepthFit {
    /// Change of the logarithm from a block to the next one forwards, with its error.
    pub line: Line,
    /// The logarithm at the first block minus that at the last.
    pub first_to_last: f64,
}

/// Fits natural logarithms `y`, one a block in the forward order.
pub(crate) fn fit(y: &[f64]) -> Option<DepthFit> {
    let n = y.len();
    if n < MINIMUM_BLOCKS || y.iter().any(|v| !v.is_finite()) {
        return None;
    }
    // Weight of the gain between block j and j+1: proportional to (j+1)(n-1-j).
    let weight = |j: usize| ((j + 1) * (n - 1 - j)) as f64;
    let total: f64 = (0..n - 1).map(weight).sum();
    let mut slope = 0.0;
    let mut squares = 0.0;
    for j in 0..n - 1 {
        let w = weight(j) / total;
        slope += w * (y[j + 1] - y[j]);
        squares += w * w;
    }
    let degrees_of_freedom = (n - 2) as f64;
    let spread = (0..n - 1).map(|j| (y[j + 1] - y[j] - slope).powi(2)).sum::<f64>() / degrees_of_freedom;
    let standard_error = (spread.max(SMALLEST_SPREAD * SMALLEST_SPREAD) * squares).sqrt();
    Some(DepthFit { line: Line { slope, standard_error, degrees_of_freedom }, first_to_last: y[0] - y[n - 1] })
}

/// RMS below which an f32 gradient is at the end of its range, so that an exact zero before it is underflow and not a
/// path cut by dead units: 2^-100, a factor of 2^26 above the smallest normal number.
const NEAR_UNDERFLOW: f64 = 7.9e-31;
/// Logarithm that stands for a gradient that underflowed: the smallest subnormal f32.
const LOG_SMALLEST: f64 = -103.28;

/// Logarithms of the gradients' total norms along the chain, averaged over the last few watched steps.
#[derive(Clone, Debug, Default)]
pub(crate) struct GradientProfile {
    rows: Vec<Vec<f64>>,
    next: usize,
    row: Vec<f64>,
    /// The chain's blocks that have a tap.
    pub blocks: Vec<usize>,
    /// Their mean log norms.
    pub mean: Vec<f64>,
}

impl GradientProfile {
    /// Watched steps that are averaged: the noise of a batch halves, and a verdict is not late.
    const WINDOW: usize = 4;

    /// Takes in a record; none where it has no profile, or one that something other than depth cut off.
    pub fn observe(&mut self, view: &View<'_>, anatomy: &Anatomy) -> Option<DepthFit> {
        self.row.clear();
        let mut nearest = None;
        for &block in &anatomy.chain {
            let summary = view.activation_gradient(block);
            let log = summary.map_or(Some(f64::NAN), log_norm)?;
            if log > f64::NEG_INFINITY && nearest.is_none() {
                nearest = summary.and_then(|s| s.rms());
            }
            self.row.push(log);
        }
        let zeros = self.row.iter().filter(|v| **v == f64::NEG_INFINITY).count();
        if zeros > 0 {
            let leading = self.row.iter().take_while(|v| **v == f64::NEG_INFINITY || v.is_nan()).count();
            let trailing_zero = self.row[leading..].contains(&f64::NEG_INFINITY);
            if trailing_zero || !nearest.is_some_and(|rms| rms < NEAR_UNDERFLOW) {
                return None;
            }
            for value in &mut self.row {
                if *value < LOG_SMALLEST {
                    *value = LOG_SMALLEST;
                }
            }
        }
        if self.rows.len() < Self::WINDOW {
            self.rows.push(self.row.clone());
        } else {
            self.rows[self.next].clone_from(&self.row);
            self.next = (self.next + 1) % Self::WINDOW;
        }
        self.blocks.clear();
        self.mean.clear();
        for (place, &block) in anatomy.chain.iter().enumerate() {
            let mean = self.rows.iter().map(|r| r[place]).sum::<f64>() / self.rows.len() as f64;
            if mean.is_finite() {
                self.blocks.push(block);
                self.mean.push(mean);
            }
        }
        fit(&self.mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_least_squares() {
        let y = [0.3, 1.1, 0.9, 2.7, 3.1, 3.0, 5.5];
        let expected = crate::statistics::least_squares(y.iter().enumerate().map(|(i, y)| (i as f64, *y))).unwrap();
        assert!((fit(&y).unwrap().line.slope - expected.slope).abs() < 1e-12);
    }

    #[test]
    fn one_jump_is_no_trend() {
        let y = [0.0, 0.1, 0.0, 0.1, 6.0, 6.1, 6.0, 6.1];
        assert!(fit(&y).unwrap().line.p_rising() > 0.05);
    }

    #[test]
    fn random_walks_are_called_trends_no_more_often_than_promised() {
        // A multiplicative congruential generator suffices for signs: 2000 walks of 20 blocks.
        let mut state = 88172645463325252u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        let mut called = 0;
        for _ in 0..2000 {
            let mut y = vec![0.0];
            for _ in 1..20 {
                y.push(y[y.len() - 1] + next() + next() + next());
            }
            called += usize::from(fit(&y).unwrap().line.p_rising() < 0.01);
        }
        assert!(called < 60, "{called} of 2000 walks at a level of 1 %");
    }
}
