//! What of a layer's penalty holds for one parameter.

use gradiometer_kernels::optimizer::Groups;

use crate::spec::{L2Mode, Layer, Penalty};

/// The penalties of one parameter; 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Strength {
    /// λ of `λ Σ |w|`.
    pub l1: f64,
    /// λ of `λ/2 Σ w²`.
    pub l2: f64,
    /// How it works.
    pub l2_mode: L2Mode,
    /// λ of `λ Σ √|g| ‖w_g‖₂`.
    pub group_l1: f64,
    /// The numbers that leave each input of the layer; nothing where the parameter stands between other things.
    pub inputs: Option<Groups>,
}

impl Strength {
    /// Of the parameter with this name and shape in `layer`.
    ///
    /// `penalty` is the layer's with that of all layers behind it, and `own` whether the layer has one itself: biases are
    /// penalized only where the spec says so, and normalizations only where it says so at the layer.
    pub(crate) fn of(layer: &Layer, penalty: Penalty, own: bool, name: &str, shape: &[usize]) -> Self {
        let inputs = inputs(name, shape);
        let is_normalization = matches!(layer, Layer::BatchNorm(_) | Layer::LayerNorm(_));
        let is_bias = matches!(name, "bias" | "recurrent_bias" | "beta");
        if (is_normalization && !own) || (is_bias && penalty.biases != Some(true)) {
            return Self { inputs, ..Self::default() };
        }
        Self {
            l1: penalty.l1.unwrap_or(0.0),
            l2: penalty.l2.unwrap_or(0.0),
            l2_mode: penalty.l2_mode.unwrap_or_default(),
            group_l1: inputs.and(penalty.group_l1).unwrap_or(0.0),
            inputs,
        }
    }

    /// Whether there is any.
    pub fn is_some(&self) -> bool {
        self.l1 > 0.0 || self.l2 > 0.0 || self.group_l1 > 0.0
    }

    /// Whether one of them has no gradient at 0, and comes by a proximal step.
    pub fn is_proximal(&self) -> bool {
        self.l1 > 0.0 || self.group_l1 > 0.0
    }

    /// λ₂ where it is a part of the loss.
    pub(super) fn l2_in_loss(&self) -> f64 {
        if self.l2_mode == L2Mode::Loss { self.l2 } else { 0.0 }
    }

    /// λ₂ where it is not.
    pub(crate) fn decay(&self) -> f64 {
        if self.l2_mode == L2Mode::Decoupled { self.l2 } else { 0.0 }
    }

    /// What all of it costs at these weights, in the unit of the loss.
    pub fn value(&self, weights: &[f32]) -> f64 {
        let squares = |weights: &[f32]| weights.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>();
        let mut value = 0.0;
        if self.l1 > 0.0 {
            value += self.l1 * weights.iter().map(|w| f64::from(w.abs())).sum::<f64>();
        }
        if self.l2 > 0.0 {
            value += 0.5 * self.l2 * squares(weights);
        }
        if let Some(groups) = self.inputs.filter(|_| self.group_l1 > 0.0) {
            let norm = |group| groups.runs(group).map(|run| squares(&weights[run])).sum::<f64>().sqrt();
            value += self.group_l1 * (groups.size() as f64).sqrt() * (0..groups.count).map(norm).sum::<f64>();
        }
        value
    }
}

/// Where the numbers lie that leave each input: in the rows of a matrix `[inputs, units]`, and in the second axis of a kernel
/// `[channels', channels, height, width]`.
fn inputs(name: &str, shape: &[usize]) -> Option<Groups> {
    match (name, shape) {
        ("weight" | "projection", &[inputs, units]) => Some(Groups { outer: 1, count: inputs, inner: units }),
        ("weight" | "projection", &[outer, channels, height, width]) => {
            Some(Groups { outer, count: channels, inner: height * width })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::LayerSpec;

    #[test]
    fn a_penalty_costs_what_its_formula_says() {
        // The rows of [[3, 4], [0, -5]] have the norm 5 each.
        let inputs = inputs("weight", &[2, 2]);
        let of = |l1, l2, group_l1| Strength { l1, l2, group_l1, inputs, ..Strength::default() };
        let weights = [3.0, 4.0, 0.0, -5.0];
        assert_eq!(of(0.5, 0.0, 0.0).value(&weights), 6.0);
        assert_eq!(of(0.0, 0.5, 0.0).value(&weights), 12.5);
        assert_eq!(of(0.0, 0.0, 0.5).value(&weights), 5.0 * 2.0_f64.sqrt());
        assert_eq!(of(0.0, 0.0, 0.0).value(&weights), 0.0);
    }

    #[test]
    fn biases_and_normalizations_are_penalized_only_where_the_spec_says_so() {
        let layer = |text| toml::from_str::<LayerSpec>(text).unwrap().layer;
        let (dense, norm) = (layer("kind = \"dense\"\nunits = 2"), layer("kind = \"batch_norm\""));
        let penalty = Penalty { l1: Some(0.1), group_l1: Some(0.2), ..Penalty::default() };
        let biases = Penalty { biases: Some(true), ..penalty };
        let strengths = |layer, penalty, own, name, shape: &[usize]| {
            let found = Strength::of(layer, penalty, own, name, shape);
            (found.l1, found.group_l1)
        };
        assert_eq!(strengths(&dense, penalty, false, "weight", &[3, 2]), (0.1, 0.2));
        assert_eq!(strengths(&dense, penalty, true, "bias", &[2]), (0.0, 0.0));
        assert_eq!(strengths(&dense, biases, false, "bias", &[2]), (0.1, 0.0));
        assert_eq!(strengths(&norm, biases, false, "gamma", &[2]), (0.0, 0.0));
        assert_eq!(strengths(&norm, penalty, true, "gamma", &[2]), (0.1, 0.0));
        assert_eq!(strengths(&norm, penalty, true, "beta", &[2]), (0.0, 0.0));
        assert_eq!(strengths(&norm, biases, true, "beta", &[2]), (0.1, 0.0));
    }
}
