//! What a chain of dense layers will do to activations and gradients, layer by layer from the data's own scale.

use super::activation::Activation;

/// A dense layer with random weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DenseLayer {
    /// Inputs.
    pub fan_in: usize,
    /// Outputs.
    pub fan_out: usize,
    /// The activation function behind it.
    pub activation: Activation,
    /// `Var(w)` of one weight, as [`super::Initializer::variance`] gives it.
    pub weight_variance: f64,
    /// `Var(b)` of one bias.
    pub bias_variance: f64,
}

/// What one layer does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerPrognosis {
    /// Variance of the values before the activation function.
    pub pre_activation_variance: f64,
    /// Mean square of the outputs.
    pub output_mean_square: f64,
    /// RMS of the outputs over RMS of the inputs.
    pub activation_gain: f64,
    /// `√χ`: total norm of the gradient at the inputs over that at the outputs, `√(fan_in·Var(w)·E[φ′²])`.
    pub gradient_gain: f64,
}

/// What the chain does.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainPrognosis {
    /// Layer by layer.
    pub layers: Vec<LayerPrognosis>,
    /// Total norm of the gradient at the first layer's output over that at the last one's; 1 for a single layer.
    pub first_to_last_gradient_ratio: f64,
    /// `β = Σ 1/n_l` over the hidden layers (Hanin and Nica 2018): for ReLU with He's initialization, the logarithm of
    /// the gradient's squared norm scatters with variance about `5β` around `−5β/2`; above 1, the draw of the weights decides.
    pub spread: f64,
}

/// The scale of activations left the range of f64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the scale of the activations overflows in layer {layer} (counted from 0): \
     use smaller initial weights, a normalization, or an activation that does not grow so fast"
)]
pub struct ScaleOverflow {
    /// The layer, counted from 0.
    pub layer: usize,
}

/// The prognosis for `layers` fed with data of mean square `q_0` (1 for standardized data).
///
/// Layer by layer, not at the fixed point: a network of ten layers has not settled.
/// `p_l = fan_in·Var(w)·q_{l−1} + Var(b)`, `q_l = E[φ(√p_l z)²]`, `χ_l = fan_in·Var(w)·E[φ′(√p_l z)²]`
/// (Schoenholz et al. 2017, equations 3 and 7, with widths). Exact for wide layers; the error at width `n` is of order `1/n` a layer.
///
/// # Errors
/// [`ScaleOverflow`] where the scale of the activations leaves the range of f64.
pub fn chain(layers: &[DenseLayer], q_0: f64) -> Result<ChainPrognosis, ScaleOverflow> {
    let mut prognosis = Vec::with_capacity(layers.len());
    let mut q = q_0;
    for (index, layer) in layers.iter().enumerate() {
        let weights = layer.fan_in as f64 * layer.weight_variance;
        let p = weights * q + layer.bias_variance;
        let output = layer.activation.second_moment(p);
        let chi = weights * layer.activation.slope_moment(p);
        if !output.is_finite() || !chi.is_finite() {
            return Err(ScaleOverflow { layer: index });
        }
        prognosis.push(LayerPrognosis {
            pre_activation_variance: p,
            output_mean_square: output,
            activation_gain: if q > 0.0 { (output / q).sqrt() } else { f64::NAN },
            gradient_gain: chi.sqrt(),
        });
        q = output;
    }
    let first_to_last_gradient_ratio = prognosis.iter().skip(1).map(|l| l.gradient_gain).product();
    let hidden = layers.len().saturating_sub(1);
    let spread = layers[..hidden].iter().map(|l| 1.0 / l.fan_out.max(1) as f64).sum();
    Ok(ChainPrognosis { layers: prognosis, first_to_last_gradient_ratio, spread })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(depth: usize, activation: Activation, weights: f64) -> Vec<DenseLayer> {
        vec![
            DenseLayer { fan_in: 64, fan_out: 64, activation, weight_variance: weights / 64.0, bias_variance: 0.0 };
            depth
        ]
    }

    #[test]
    fn he_keeps_relu_at_scale_whatever_the_widths() {
        let widths = [20, 100, 30, 60, 10];
        let layers: Vec<DenseLayer> = widths
            .windows(2)
            .map(|w| DenseLayer {
                fan_in: w[0],
                fan_out: w[1],
                activation: Activation::Relu,
                weight_variance: 2.0 / w[0] as f64,
                bias_variance: 0.0,
            })
            .collect();
        let prognosis = chain(&layers, 3.0).unwrap();
        for layer in &prognosis.layers {
            assert!((layer.activation_gain - 1.0).abs() < 1e-12 && (layer.gradient_gain - 1.0).abs() < 1e-12);
        }
        assert!((prognosis.spread - (0.01 + 1.0 / 30.0 + 1.0 / 60.0)).abs() < 1e-12);
    }

    #[test]
    fn twenty_sigmoid_layers_leave_nothing_to_the_first() {
        let prognosis = chain(&equal(20, Activation::Sigmoid, 1.0), 1.0).unwrap();
        let ratio = prognosis.first_to_last_gradient_ratio;
        assert!(ratio < 1e-11 && ratio > 1e-13, "{ratio}");
    }

    #[test]
    fn an_exponential_chain_says_where_it_overflows() {
        let error = chain(&equal(8, Activation::Exponential, 1.0), 1.0).unwrap_err();
        assert!(error.layer <= 3, "{error}");
        assert!(error.to_string().contains("smaller initial weights"));
    }
}
