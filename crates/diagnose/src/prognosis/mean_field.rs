//! The mean-field theory of wide dense networks: the fixed point of the variance, χ₁, and the depth that can be trained.

use super::activation::Activation;

/// Depth, in units of ξ, up to which networks were found to train (Schoenholz et al. 2017, section 4).
const TRAINABLE: f64 = 6.0;
/// Layers after which a variance that still moves is taken for a slow one, as it is at criticality.
const LAYERS: usize = 4000;
/// Variance beyond which the next square leaves f64 behind in a few layers.
const LARGEST: f64 = 1e30;

/// An infinitely wide network of equal dense layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanField {
    /// The activation function φ.
    pub activation: Activation,
    /// `σ_w² = fan_in · Var(w)`.
    pub weight_variance: f64,
    /// `σ_b² = Var(b)`.
    pub bias_variance: f64,
}

/// Where the variance of the pre-activations goes with depth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FixedPoint {
    /// It settles.
    Settles {
        /// `q*`, the variance that maps to itself.
        variance: f64,
        /// `χ₁ = σ_w² E[φ′(√q* z)²]`: the factor by which a layer multiplies the gradient's squared norm.
        chi: f64,
        /// `ξ = 1/|ln χ₁|` in layers: the depth over which the squared norm changes by a factor of e.
        depth_scale: f64,
        /// About `6 ξ` layers can be trained; infinite at χ₁ = 1.
        trainable_depth: f64,
    },
    /// It grows without bound.
    Diverges {
        /// The layer after which it exceeds 1e30.
        layers: usize,
    },
}

impl MeanField {
    /// The variance of a layer's pre-activations from that of the layer before:
    /// `q ↦ σ_w² E[φ(√q z)²] + σ_b²` (Poole et al. 2016, equation 3).
    pub fn next(&self, q: f64) -> f64 {
        self.weight_variance * self.activation.second_moment(q) + self.bias_variance
    }

    /// `χ(q) = σ_w² E[φ′(√q z)²]` (Schoenholz et al. 2017, equation 7).
    pub fn chi(&self, q: f64) -> f64 {
        // Of a function that saturates, E[φ′²] is finite for every q; of ReLU it does not depend on q.
        self.weight_variance * self.activation.slope_moment(q)
    }

    /// The fixed point reached from pre-activations of variance `q_0`.
    ///
    /// Where σ_w² is critical (2 for ReLU), every variance is a fixed point, and the answer is `q_0`. Convergence is
    /// geometric elsewhere, and algebraic at criticality, where the answer is the variance after 4000 layers.
    pub fn fixed_point(&self, q_0: f64) -> FixedPoint {
        let mut q = q_0;
        for layer in 0..LAYERS {
            let next = self.next(q);
            if !next.is_finite() || next > LARGEST {
                return FixedPoint::Diverges { layers: layer + 1 };
            }
            let settled = (next - q).abs() <= 1e-13 * q.abs() || next < 1e-30;
            q = next;
            if settled {
                break;
            }
        }
        let chi = self.chi(q);
        let depth_scale = 1.0 / chi.ln().abs();
        FixedPoint::Settles { variance: q, chi, depth_scale, trainable_depth: TRAINABLE * depth_scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(activation: Activation, weight_variance: f64, bias_variance: f64) -> (f64, f64) {
        match (MeanField { activation, weight_variance, bias_variance }).fixed_point(1.0) {
            FixedPoint::Settles { variance, chi, .. } => (variance, chi),
            FixedPoint::Diverges { .. } => panic!("{activation:?} diverges"),
        }
    }

    #[test]
    fn relu_is_critical_at_two() {
        assert_eq!(settled(Activation::Relu, 2.0, 0.0), (1.0, 1.0));
        let (q, chi) = settled(Activation::Relu, 1.0, 0.3);
        assert!((q - 0.6).abs() < 1e-12 && chi == 0.5);
        let growing = MeanField { activation: Activation::Relu, weight_variance: 2.2, bias_variance: 0.0 };
        assert!(matches!(growing.fixed_point(1.0), FixedPoint::Diverges { .. }));
    }

    #[test]
    fn tanh_is_ordered_below_one_and_chaotic_above() {
        assert!((settled(Activation::Tanh, 0.8, 0.0).1 - 0.8).abs() < 1e-6);
        let (q, chi) = settled(Activation::Tanh, 2.0, 0.0);
        assert!(q > 0.5 && chi > 1.0, "{q} {chi}");
    }

    #[test]
    fn a_sigmoid_with_glorots_variance_loses_fifteen_sixteenths_a_layer() {
        // Slope 1/4 at zero, so χ is a little below σ_w²/16.
        let (_, chi) = settled(Activation::Sigmoid, 1.0, 0.0);
        assert!(chi < 1.0 / 16.0 && chi > 0.05, "{chi}");
    }

    #[test]
    fn the_exponential_diverges_unless_weights_are_small() {
        let field =
            |weight_variance| MeanField { activation: Activation::Exponential, weight_variance, bias_variance: 0.0 };
        assert!(matches!(field(1.0).fixed_point(0.1), FixedPoint::Diverges { layers } if layers < 20));
        // A fixed point exists up to σ_w² = 1/(2e) ≈ 0.184.
        assert!(matches!(field(0.18).fixed_point(0.1), FixedPoint::Settles { .. }));
        assert!(matches!(field(0.19).fixed_point(0.1), FixedPoint::Diverges { .. }));
    }
}
