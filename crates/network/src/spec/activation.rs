//! The activation functions by name. What they compute is the network's business.

use serde::{Deserialize, Serialize};

/// The function that ends a layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x`: no activation function. The default of every layer that does not say otherwise.
    #[default]
    Linear,
    /// `1/(1 + e^−x)`.
    Sigmoid,
    /// `tanh x`.
    Tanh,
    /// `max(0, x)`.
    Relu,
    /// `x` above 0 and `0.01·x` below (Maas, Hannun & Ng 2013).
    LeakyRelu,
    /// `x` above 0 and `e^x − 1` below (Clevert, Unterthiner & Hochreiter 2016, α = 1).
    Elu,
    /// `λ·x` above 0 and `λα(e^x − 1)` below, λ = 1.0507, α = 1.6733 (Klambauer et al. 2017).
    Selu,
    /// `x·Φ(x)` with the normal distribution function Φ (Hendrycks & Gimpel 2016).
    Gelu,
    /// `x·sigmoid(x)`, also called swish.
    Silu,
    /// `ln(1 + e^x)`.
    Softplus,
    /// `e^x`.
    Exponential,
    /// `e^x_i / Σ_j e^x_j` over the last axis.
    Softmax,
}

impl Activation {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 12] = [
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
        Self::Softmax,
    ];

    /// The name as the spec writes it.
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
            Self::Softmax => "softmax",
        }
    }

    /// Whether it cuts or bends the negative half, so that He's factor of 2 belongs to its weights.
    pub fn is_rectifier(self) -> bool {
        matches!(self, Self::Relu | Self::LeakyRelu | Self::Elu | Self::Gelu | Self::Silu)
    }
}
