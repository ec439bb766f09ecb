//! Activation functions.

use burn::prelude::*;
use burn::tensor::activation as f;

use super::flow::{ElementWise, Flow};
use crate::fused;
use crate::spec::Activation;

/// `activation(x)`; softmax runs over the last axis of features and sequences, and over the channels of images.
pub(crate) fn activate(x: Flow, activation: Activation) -> Flow {
    match (activation, x) {
        (Activation::Linear, x) => x,
        (Activation::Softmax, Flow::Image(x)) => Flow::Image(f::softmax(x, 1)),
        (activation, x) => x.map(activation),
    }
}

impl ElementWise for Activation {
    fn call<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Activation::Linear => x,
            Activation::Sigmoid => fused::sigmoid(x),
            Activation::Tanh => fused::tanh(x),
            Activation::Relu => fused::relu(x),
            Activation::LeakyRelu => f::leaky_relu(x, 0.01),
            Activation::Elu => elu(x),
            Activation::Selu => elu_with(x, SELU_ALPHA).mul_scalar(SELU_SCALE),
            Activation::Gelu => f::gelu(x),
            Activation::Silu => f::silu(x),
            Activation::Softplus => f::softplus(x, 1.0),
            Activation::Exponential => x.exp(),
            Activation::Softmax => f::softmax(x, D - 1),
        }
    }
}

/// The constants of SELU (Klambauer et al. 2017): mean 0 and variance 1 are a fixed point.
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// `x` above 0, `e^x − 1` below (Clevert, Unterthiner & Hochreiter 2016).
fn elu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    elu_with(x, 1.0)
}

/// `max(x, 0) + α(e^min(x, 0) − 1)`. The exponential sees nothing above 0: one of the whole and a choice between the two
/// give the same values, but above 88 the exponential is infinite, and the gradient of what was not chosen 0·∞ = NaN.
fn elu_with<const D: usize>(x: Tensor<D>, alpha: f64) -> Tensor<D> {
    f::relu(x.clone()) + (x.clamp_max(0.0).exp() - 1.0) * alpha
}

/// The two bounds of a function's range, where it has both.
pub fn bounds(activation: Activation) -> Option<(f64, f64)> {
    match activation {
        Activation::Sigmoid | Activation::Softmax => Some((0.0, 1.0)),
        Activation::Tanh => Some((-1.0, 1.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::session::numbers;

    #[test]
    fn elu_and_selu_have_the_values_and_slopes_of_their_formulas_however_large_the_input() {
        let device = crate::device::named("flex").unwrap().autodiff();
        let inputs = [-1000.0_f32, -2.0, -0.5, 0.5, 3.0, 100.0, 1e6];
        for (activation, scale, alpha) in [(Activation::Elu, 1.0, 1.0), (Activation::Selu, SELU_SCALE, SELU_ALPHA)] {
            let x = Tensor::<1>::from_data(TensorData::from(inputs), &device).require_grad();
            let y = activation.call(x.clone());
            let slopes = numbers(x.grad(&y.clone().sum().backward()).unwrap());
            for ((&x, y), slope) in inputs.iter().zip(numbers(y)).zip(slopes) {
                let x = f64::from(x);
                let (value, by) = if x > 0.0 { (x, 1.0) } else { (alpha * x.exp_m1(), alpha * x.exp()) };
                let near =
                    |found: f32, expected: f64| (f64::from(found) - expected).abs() <= 1e-6 * expected.abs().max(1.0);
                assert!(near(y, scale * value) && near(slope, scale * by), "{activation:?}({x}) = {y}, slope {slope}");
            }
        }
    }
}
