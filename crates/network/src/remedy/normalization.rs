//! Normalization between the weights and the activation of hidden layers.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, activation, fold, is_normalization, once, split_activation, unfold};
use crate::spec::{Activation, BatchNorm, Bias, Layer, LayerNorm, LayerSpec, Spec};

/// Normalizes what every hidden dense layer and convolution gives, in front of its activation, where no normalization follows
/// it yet. The weights start as they did. In front of a batch normalization a bias has no effect, so it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalization {
    /// Over what.
    pub over: Over,
}

/// What a mean and a variance are taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Over {
    /// One unit, or channel, over the batch.
    Batch,
    /// All units of one sample.
    Layer,
}

impl Treatment for Normalization {
    fn name(&self) -> String {
        match self.over {
            Over::Batch => "batch-normalization".into(),
            Over::Layer => "layer-normalization".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        match self.over {
            Over::Batch => &[
                Rule::VanishingGradient,
                Rule::ExplodingGradient,
                Rule::SaturatedUnits,
                Rule::DeadUnits,
                Rule::PoorInitialization,
                Rule::OscillatingLoss,
                Rule::LossNotDecreasing,
                Rule::NotFinite,
                Rule::WrongOutput,
                Rule::UnchangedWeights,
                Rule::UpdateRatio,
                Rule::Underflow,
                Rule::Plateau,
            ],
            Over::Layer => &[
                Rule::VanishingGradient,
                Rule::ExplodingGradient,
                Rule::SaturatedUnits,
                Rule::PoorInitialization,
                Rule::VanishingThroughTime,
                Rule::StaleStatistics,
            ],
        }
    }

    fn cost(&self) -> &'static str {
        match self.over {
            Over::Batch => {
                "Two passes over every activation; rows of a batch depend on each other, so batches cannot be tiny."
            }
            Over::Layer => "Two passes over every activation.",
        }
    }

    fn source(&self) -> &'static str {
        match self.over {
            Over::Batch => "Ioffe & Szegedy 2015",
            Over::Layer => "Ba, Kiros & Hinton 2016",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if self.over == Over::Batch && spec.training.batch_size < 2 {
            return Err("a batch of one row has no variance: raise training.batch_size".into());
        }
        let mut parts = Parts::of(&spec.layers);
        let hidden = unfold(&parts.hidden)?;
        let mut added = 0;
        parts.hidden = fold(&self.normalized(&hidden, &mut added));
        if added == 0 {
            return Err(
                "every hidden dense layer and convolution is followed by a normalization, or there is none".into()
            );
        }
        Ok(Spec { layers: parts.join(), ..spec.clone() })
    }
}

impl Normalization {
    fn normalized(&self, layers: &[LayerSpec], added: &mut usize) -> Vec<LayerSpec> {
        let mut result = Vec::new();
        for (index, layer) in layers.iter().enumerate() {
            if let Layer::Residual(residual) = &layer.layer {
                let mut residual = residual.clone();
                residual.layers = fold(&self.normalized(&residual.layers, added));
                result.push(LayerSpec { layer: Layer::Residual(residual), ..layer.clone() });
                continue;
            }
            let normalized_already = layers[index + 1..]
                .iter()
                .take_while(|next| {
                    is_normalization(&next.layer) || matches!(next.layer, Layer::Activation(_) | Layer::Dropout(_))
                })
                .any(|next| is_normalization(&next.layer));
            if normalized_already || !matches!(layer.layer, Layer::Dense(_) | Layer::Conv2d(_)) {
                result.push(layer.clone());
                continue;
            }
            *added += 1;
            let (mut linear, old) = split_activation(layer);
            if self.over == Over::Batch {
                match &mut linear.layer {
                    Layer::Dense(dense) => dense.bias = Bias::None,
                    Layer::Conv2d(conv) => conv.bias = Bias::None,
                    _ => {}
                }
            }
            result.push(linear);
            result.push(once(match self.over {
                Over::Batch => Layer::BatchNorm(BatchNorm { momentum: 0.1, epsilon: 1e-5 }),
                Over::Layer => Layer::LayerNorm(LayerNorm { epsilon: 1e-5 }),
            }));
            if old != Activation::Linear {
                result.push(activation(old));
            }
        }
        result
    }
}
