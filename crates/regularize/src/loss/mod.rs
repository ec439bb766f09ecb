//! Losses of one row: how far a linear predictor `η` is from a response `y`, its derivatives, and its conjugate.
//!
//! Each is convex in `η`. A model minimizes `(1/Σw) Σ_i w_i ℓ(y_i, η_i)` plus the penalty.

mod binomial;
mod gaussian;
mod huber;
mod multinomial;
mod poisson;
mod quantile;

pub use binomial::Binomial;
pub(crate) use binomial::entropy;
pub use gaussian::Gaussian;
pub use huber::Huber;
pub(crate) use multinomial::softmax;
pub use poisson::Poisson;
pub use quantile::Quantile;

/// A convex loss of one linear predictor.
pub trait Loss: Sync {
    /// `ℓ(y, η)`.
    fn value(&self, y: f64, eta: f64) -> f64;

    /// `∂ℓ/∂η`.
    fn derivative(&self, y: f64, eta: f64) -> f64;

    /// Value and derivative, where one costs little beside the other.
    fn value_and_derivative(&self, y: f64, eta: f64) -> (f64, f64) {
        (self.value(y, eta), self.derivative(y, eta))
    }

    /// The curvature of a parabola that stands for `ℓ` near `η`: `∂²ℓ/∂η²` where it is continuous, and a majorizer's elsewhere.
    fn curvature(&self, y: f64, eta: f64) -> f64;

    /// The curvature, where the derivative is known already.
    fn curvature_after(&self, y: f64, eta: f64, derivative: f64) -> f64 {
        let _ = derivative;
        self.curvature(y, eta)
    }

    /// `Σ_i w_i ℓ(y_i, η_i)` of some rows, and `w_i ∂ℓ/∂η`. Rows of weight zero count as nothing, whatever is in them.
    fn weighted(&self, y: &[f64], weights: &[f64], eta: &[f64], gradient: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for (((y, w), eta), out) in y.iter().zip(weights).zip(eta).zip(gradient) {
            if *w > 0.0 {
                let (value, derivative) = self.value_and_derivative(*y, *eta);
                sum += w * value;
                *out = w * derivative;
            } else {
                *out = 0.0;
            }
        }
        sum
    }

    /// `w_i ∂²ℓ/∂η²` of some rows, given `w_i ∂ℓ/∂η`.
    fn weighted_curvature(&self, y: &[f64], weights: &[f64], eta: &[f64], gradient: &[f64], out: &mut [f64]) {
        let rows = y.iter().zip(weights).zip(eta).zip(gradient);
        for ((((y, w), eta), g), out) in rows.zip(out) {
            *out = if *w > 0.0 { w * self.curvature_after(*y, *eta, g / w) } else { 0.0 };
        }
    }

    /// Whether the loss is a parabola in `η`, of the same curvature everywhere.
    fn is_parabola(&self) -> bool {
        false
    }

    /// `ℓ*(u) = sup_η u η − ℓ(y, η)`, for a `u` within the [`domain`](Self::domain).
    fn conjugate(&self, y: f64, u: f64) -> f64;

    /// The least and greatest `u` at which the conjugate is finite. Zero is among them.
    fn domain(&self, y: f64) -> (f64, f64);

    /// `inf_η ℓ(y, η)`: the loss of a model that has a parameter for each row.
    fn saturated(&self, y: f64) -> f64;

    /// The mean response that `η` stands for.
    fn mean(&self, eta: f64) -> f64;

    /// The `η`, the same in all rows, of least loss, where it depends on the mean response alone.
    fn predictor(&self, mean: f64) -> Option<f64> {
        let _ = mean;
        None
    }

    /// What a response must be, where this is none.
    fn refuses(&self, y: f64) -> Option<&'static str>;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn losses() -> Vec<(Box<dyn Loss>, f64)> {
        vec![
            (Box::new(Gaussian), -1.3),
            (Box::new(Binomial), 0.0),
            (Box::new(Binomial), 1.0),
            (Box::new(Binomial), 0.3),
            (Box::new(Poisson), 0.0),
            (Box::new(Poisson), 3.0),
            (Box::new(Huber { delta: 0.7 }), 0.4),
            (Box::new(Quantile { tau: 0.3 }), 0.4),
        ]
    }

    proptest! {
        #[test]
        fn derivatives_are_those_of_the_values(eta in -4.0..4.0f64) {
            for (loss, y) in losses() {
                let h = 1e-6;
                let slope = (loss.value(y, eta + h) - loss.value(y, eta - h)) / (2.0 * h);
                prop_assert!((slope - loss.derivative(y, eta)).abs() < 1e-5, "{slope} {}", loss.derivative(y, eta));
                let (value, derivative) = loss.value_and_derivative(y, eta);
                prop_assert!((value - loss.value(y, eta)).abs() < 1e-14 * (1.0 + value.abs()));
                prop_assert!((derivative - loss.derivative(y, eta)).abs() < 1e-15 * (1.0 + derivative.abs()));
                let curvature = loss.curvature(y, eta);
                prop_assert!(curvature > 0.0);
                prop_assert!((loss.curvature_after(y, eta, derivative) - curvature).abs() < 1e-14 * (1.0 + curvature));
                let (mut gradient, mut bend) = ([0.0; 2], [1.0; 2]);
                let sum = loss.weighted(&[y, y], &[0.0, 2.0], &[f64::NAN, eta], &mut gradient);
                prop_assert_eq!((sum, gradient), (2.0 * value, [0.0, 2.0 * derivative]));
                loss.weighted_curvature(&[y, y], &[0.0, 2.0], &[f64::NAN, eta], &gradient, &mut bend);
                prop_assert_eq!(bend, [0.0, 2.0 * loss.curvature_after(y, eta, derivative)]);
                prop_assert!(loss.value(y, eta) >= loss.saturated(y) - 1e-12);
            }
        }

        #[test]
        fn fenchels_inequality_holds_and_is_an_equality_at_the_derivative(eta in -4.0..4.0f64, share in -1.0..1.0f64) {
            for (loss, y) in losses() {
                let u = loss.derivative(y, eta);
                let (low, high) = loss.domain(y);
                prop_assert!(low - 1e-15 <= u && u <= high + 1e-15 && low <= 0.0 && high >= 0.0);
                prop_assert!((loss.conjugate(y, u) + loss.value(y, eta) - u * eta).abs() < 1e-9);
                let other = if share < 0.0 { -share * low.max(-5.0) } else { share * high.min(5.0) };
                prop_assert!(loss.conjugate(y, other) + loss.value(y, eta) >= other * eta - 1e-9);
            }
        }
    }

    proptest! {
        #[test]
        fn the_best_constant_predictor_is_that_of_the_mean(y in prop::collection::vec(0.01..0.99f64, 2..9)) {
            let mean = y.iter().sum::<f64>() / y.len() as f64;
            for (loss, _) in losses() {
                if let Some(eta) = loss.predictor(mean) {
                    prop_assert!((loss.mean(eta) - mean).abs() < 1e-12);
                    prop_assert!(y.iter().map(|&y| loss.derivative(y, eta)).sum::<f64>().abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn large_log_odds_do_not_overflow() {
        assert_eq!(Binomial.value(1.0, 800.0), 0.0);
        assert_eq!(Binomial.value(0.0, 800.0), 800.0);
        assert_eq!(Binomial.derivative(1.0, 800.0), -0.0);
        assert!(Binomial.derivative(1.0, 40.0) < 0.0);
        let mut eta = [1000.0, 0.0];
        assert_eq!(softmax(&mut eta), 1000.0);
        assert_eq!(eta, [1.0, 0.0]);
    }
}
