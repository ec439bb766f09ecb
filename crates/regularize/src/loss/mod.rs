//! Losses of one row: how far a linear predictor `η` is from a response `y`, its derivatives, and its conjugate.
//!
//! Each is convex in `η`. A model minimizes `(1/Σw) Σ_i w_i ℓ(y_i, η_i)` plus the penalty.

mod binomial;
mod gaussian;
mod huber;
mod multinomial;
mod poisson;
mod quantile;

use gradiometer_kernels::level::{Kernel, run};

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

    /// `Σ_i w_i ℓ*(y_i, c v_i / w_i)` of some rows, for `v` by weight and a scale `c`. Rows of weight zero count as nothing.
    fn weighted_conjugate(&self, y: &[f64], weights: &[f64], dual: &[f64], scale: f64) -> f64 {
        y.iter()
            .zip(weights)
            .zip(dual)
            .map(|((&y, &w), v)| if w > 0.0 { w * self.conjugate(y, scale * v / w) } else { 0.0 })
            .sum()
    }

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

/// What is summed over rows. `at` must be `#[inline(always)]`, which a closure cannot promise, or it is compiled without a kernel's instructions.
trait Row {
    /// The term of a row, and what is written down of it, from its response, its weight and one number more.
    fn at<const FMA: bool>(&self, y: f64, weight: f64, x: f64) -> (f64, f64);
}

/// Sums over rows, in parts that do not wait for each other: a loop of vectors.
struct Rows<'a, R> {
    row: R,
    y: &'a [f64],
    weights: &'a [f64],
    x: &'a [f64],
    /// As long as the others, or empty.
    written: &'a mut [f64],
    sum: &'a mut f64,
}

/// Rows in a vector loop.
const LANES: usize = 8;

impl<R: Row> Kernel for Rows<'_, R> {
    #[inline(always)]
    fn run<const FMA: bool>(self) {
        let mut sums = [0.0; LANES];
        let (y, y_rest) = self.y.as_chunks::<LANES>();
        let (weights, weights_rest) = self.weights.as_chunks::<LANES>();
        let (x, x_rest) = self.x.as_chunks::<LANES>();
        let (written, written_rest) = self.written.as_chunks_mut::<LANES>();
        let mut written = written.iter_mut();
        for ((y, w), x) in y.iter().zip(weights).zip(x) {
            let mut out = [0.0; LANES];
            for lane in 0..LANES {
                let (term, number) = self.row.at::<FMA>(y[lane], w[lane], x[lane]);
                sums[lane] += term;
                out[lane] = number;
            }
            if let Some(written) = written.next() {
                *written = out;
            }
        }
        let mut sum: f64 = sums.iter().sum();
        let mut written = written_rest.iter_mut();
        for ((y, w), x) in y_rest.iter().zip(weights_rest).zip(x_rest) {
            let (term, number) = self.row.at::<FMA>(*y, *w, *x);
            sum += term;
            if let Some(written) = written.next() {
                *written = number;
            }
        }
        *self.sum = sum;
    }
}

fn sum_rows(row: impl Row, y: &[f64], weights: &[f64], x: &[f64], written: &mut [f64]) -> f64 {
    assert!(y.len() == x.len() && weights.len() == x.len() && (written.is_empty() || written.len() == x.len()));
    let mut sum = 0.0;
    run(Rows { row, y, weights, x, written, sum: &mut sum });
    sum
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
                // Exponentials of many rows at once are within 2 units in the last place, logarithms within 3; the weight is 2. A loss
                // is a difference of terms, and each has been rounded.
                let rounding = 6.0 * f64::EPSILON * (1.0 + eta.exp() + (y * eta).abs());
                prop_assert!((sum - 2.0 * value).abs() < rounding);
                prop_assert!(gradient[0] == 0.0 && (gradient[1] - 2.0 * derivative).abs() < rounding);
                loss.weighted_curvature(&[y, y], &[0.0, 2.0], &[f64::NAN, eta], &gradient, &mut bend);
                prop_assert!(bend[0] == 0.0 && (bend[1] - 2.0 * loss.curvature_after(y, eta, derivative)).abs() < 1e-14 * (1.0 + bend[1]));
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
                let sum = loss.weighted_conjugate(&[y; 9], &[0.0, 2.0, 2.0, 2.0, 0.0, 2.0, 2.0, 2.0, 2.0], &[other; 9], 2.0);
                prop_assert!((sum - 14.0 * loss.conjugate(y, other)).abs() < 1e-13 * (1.0 + sum.abs()));
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

    proptest! {
        #[test]
        fn many_rows_are_the_sum_of_each(
            rows in prop::collection::vec((-30.0..30.0f64, 0..3u8, prop_oneof![Just(0.0), 0.1..2.0]), 0..40),
        ) {
            let eta: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let y: Vec<f64> = rows.iter().map(|row| f64::from(row.1 % 2)).collect();
            let w: Vec<f64> = rows.iter().map(|row| row.2).collect();
            for loss in [&Binomial as &dyn Loss, &Poisson, &Gaussian] {
                let mut gradient = vec![f64::NAN; rows.len()];
                let sum = loss.weighted(&y, &w, &eta, &mut gradient);
                let want: f64 = (0..rows.len()).map(|i| w[i] * loss.value(y[i], eta[i])).sum();
                prop_assert!((sum - want).abs() <= 1e-14 * (1.0 + want.abs()), "{sum} {want}");
                for i in 0..rows.len() {
                    let want = w[i] * loss.derivative(y[i], eta[i]);
                    // The derivative is mean − y, and the mean is an exponential within 2 units in the last place.
                    let terms = w[i] * (loss.mean(eta[i]).abs() + y[i]);
                    let rounding = 4.0 * f64::EPSILON * terms + f64::MIN_POSITIVE;
                    prop_assert!((gradient[i] - want).abs() <= rounding, "{} {want}", gradient[i]);
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
