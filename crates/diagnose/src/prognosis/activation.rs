//! The activation functions, their slopes, and the two moments on which the theory turns.

use crate::statistics::erfc;

use super::quadrature::expectation;

/// An activation function that acts on each unit by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `x`
    Linear,
    /// `1/(1 + e⁻ˣ)`
    Sigmoid,
    /// `tanh x`
    Tanh,
    /// `max(x, 0)`
    Relu,
    /// `x` above zero, `0.01 x` below.
    LeakyRelu,
    /// `x` above zero, `eˣ − 1` below.
    Elu,
    /// Elu with the scale and slope of Klambauer et al. 2017.
    Selu,
    /// `x Φ(x)` (Hendrycks and Gimpel 2016), exact.
    Gelu,
    /// `x/(1 + e⁻ˣ)`
    Silu,
    /// `ln(1 + eˣ)`
    Softplus,
    /// `eˣ`
    Exponential,
}

/// Klambauer et al. 2017, equation 14.
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const LEAKY_SLOPE: f64 = 0.01;

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

impl Activation {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Linear,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu,
        Self::Elu,
        Self::Selu,
        Self::Gelu,
        Self::Silu,
        Self::Softplus,
        Self::Exponential,
    ];

    /// By the name that a spec uses; none for functions that couple units (softmax).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    /// The name that a spec uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky_relu",
            Self::Elu => "elu",
            Self::Selu => "selu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::Exponential => "exponential",
        }
    }

    /// `φ(x)`.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Self::Linear => x,
            Self::Sigmoid => logistic(x),
            Self::Tanh => x.tanh(),
            Self::Relu => x.max(0.0),
            Self::LeakyRelu => x.max(LEAKY_SLOPE * x),
            Self::Elu => {
                if x > 0.0 {
                    x
                } else {
                    x.exp_m1()
                }
            }
            Self::Selu => SELU_SCALE * if x > 0.0 { x } else { SELU_ALPHA * x.exp_m1() },
            Self::Gelu => 0.5 * x * erfc(-x / std::f64::consts::SQRT_2),
            Self::Silu => x * logistic(x),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
            Self::Exponential => x.exp(),
        }
    }

    /// `φ′(x)`; the right-hand slope at a kink.
    pub fn slope(self, x: f64) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Sigmoid => logistic(x) * logistic(-x),
            Self::Tanh => 1.0 - x.tanh().powi(2),
            Self::Relu => f64::from(u8::from(x >= 0.0)),
            Self::LeakyRelu => {
                if x >= 0.0 {
                    1.0
                } else {
                    LEAKY_SLOPE
                }
            }
            Self::Elu => {
                if x >= 0.0 {
                    1.0
                } else {
                    x.exp()
                }
            }
            Self::Selu => SELU_SCALE * if x >= 0.0 { 1.0 } else { SELU_ALPHA * x.exp() },
            Self::Gelu => {
                let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
                0.5 * erfc(-x / std::f64::consts::SQRT_2) + x * density
            }
            Self::Silu => logistic(x) * (1.0 + x * logistic(-x)),
            Self::Softplus => logistic(x),
            Self::Exponential => x.exp(),
        }
    }

    /// `E[φ(√q z)²]` for standard normal `z`: the mean square of the outputs where inputs have variance `q`.
    /// Infinite where it exceeds f64.
    pub fn second_moment(self, q: f64) -> f64 {
        match self {
            Self::Linear => q,
            Self::Relu => 0.5 * q,
            Self::LeakyRelu => 0.5 * q * (1.0 + LEAKY_SLOPE * LEAKY_SLOPE),
            Self::Exponential => (2.0 * q).exp(),
            _ => expectation(|z| self.value(q.sqrt() * z).powi(2)),
        }
    }

    /// `E[φ′(√q z)²]` for standard normal `z`: the mean squared slope where inputs have variance `q`.
    pub fn slope_moment(self, q: f64) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Relu => 0.5,
            Self::LeakyRelu => 0.5 * (1.0 + LEAKY_SLOPE * LEAKY_SLOPE),
            Self::Exponential => (2.0 * q).exp(),
            _ => expectation(|z| self.slope(q.sqrt() * z).powi(2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_the_derivatives_of_the_values() {
        for activation in Activation::ALL {
            for x in [-3.1, -0.7, 0.4, 2.9] {
                let h = 1e-5;
                let numeric = (activation.value(x + h) - activation.value(x - h)) / (2.0 * h);
                assert!((numeric - activation.slope(x)).abs() < 1e-8 * (1.0 + numeric.abs()), "{activation:?} {x}");
            }
        }
    }

    #[test]
    fn closed_forms_equal_the_quadrature() {
        for activation in [Activation::Relu, Activation::LeakyRelu, Activation::Linear, Activation::Exponential] {
            let q: f64 = 1.7;
            let value = expectation(|z| activation.value(q.sqrt() * z).powi(2));
            let slope = expectation(|z| activation.slope(q.sqrt() * z).powi(2));
            assert!((value / activation.second_moment(q) - 1.0).abs() < 1e-9, "{activation:?}");
            assert!((slope / activation.slope_moment(q) - 1.0).abs() < 1e-9, "{activation:?}");
        }
    }

    #[test]
    fn selu_keeps_mean_zero_and_variance_one() {
        assert!((Activation::Selu.second_moment(1.0) - 1.0).abs() < 1e-9);
        assert!(expectation(|z| Activation::Selu.value(z)).abs() < 1e-9);
    }

    #[test]
    fn names_go_both_ways() {
        for activation in Activation::ALL {
            assert_eq!(Activation::from_name(activation.name()), Some(activation));
        }
        assert_eq!(Activation::from_name("softmax"), None);
    }
}
