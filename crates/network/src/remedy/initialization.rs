//! Weights of another scale at the start.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, initializer, is_normalization, set_initializer};
use crate::plan::activation_of;
use crate::spec::{Activation, Initializer, Layer, LayerSpec, Spec};

/// Starts the weights of dense layers and convolutions by this scheme, where it suits what follows them. Recurrent layers are
/// left as they are, and so is the end of a residual block's branch, whose scale is a matter of how many blocks add up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Initialization {
    /// Which.
    pub scheme: Scheme,
}

/// How weights start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// Variance 2/fan_in, in front of rectifiers only: nothing else halves what comes in.
    He,
    /// Variance 2/(fan_in + fan_out), but not in front of rectifiers: behind each of them half of the signal would be gone.
    Glorot,
    /// Orthogonal, then scaled by what the data make of it, in the hidden layers: variance 1 in front of every activation.
    Lsuv,
    /// Whatever starts with equal weights, which stay equal, starts at random as suits its activation.
    Random,
}

impl Treatment for Initialization {
    fn name(&self) -> String {
        match self.scheme {
            Scheme::He => "he-initialization".into(),
            Scheme::Glorot => "glorot-initialization".into(),
            Scheme::Lsuv => "lsuv-initialization".into(),
            Scheme::Random => "random-initialization".into(),
        }
    }

    fn answers(&self) -> &'static [Rule] {
        match self.scheme {
            Scheme::He => &[
                Rule::PoorInitialization,
                Rule::VanishingGradient,
                Rule::ExplodingGradient,
                Rule::DeadUnits,
                Rule::NotFinite,
                Rule::WrongOutput,
                Rule::UnchangedWeights,
                Rule::LossNotDecreasing,
                Rule::Plateau,
            ],
            Scheme::Glorot => &[
                Rule::PoorInitialization,
                Rule::VanishingGradient,
                Rule::ExplodingGradient,
                Rule::SaturatedUnits,
                Rule::WrongOutput,
            ],
            Scheme::Lsuv => &[
                Rule::PoorInitialization,
                Rule::VanishingGradient,
                Rule::ExplodingGradient,
                Rule::SaturatedUnits,
                Rule::DeadUnits,
                Rule::NotFinite,
            ],
            Scheme::Random => &[Rule::PoorInitialization],
        }
    }

    fn cost(&self) -> &'static str {
        match self.scheme {
            Scheme::Lsuv => "A forward pass over 256 rows before the first step; none while training.",
            _ => "None.",
        }
    }

    fn source(&self) -> &'static str {
        match self.scheme {
            Scheme::He => "He, Zhang, Ren & Sun 2015",
            Scheme::Glorot => "Glorot & Bengio 2010",
            Scheme::Lsuv => "Mishkin & Matas 2016",
            Scheme::Random => "Rumelhart, Hinton & Williams 1986",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut changed = 0;
        let mut start = |layer: &mut Layer, place: Place| {
            let Some(old) = initializer(layer) else { return };
            let rectified = matches!(place, Place::Before(activation) if activation.is_rectifier());
            let new = match self.scheme {
                Scheme::He if !matches!(old, Initializer::HeNormal | Initializer::HeUniform) && rectified => {
                    Initializer::HeNormal
                }
                Scheme::Glorot
                    if !matches!(old, Initializer::GlorotNormal | Initializer::GlorotUniform)
                        && !rectified
                        && place != Place::EndOfBranch =>
                {
                    Initializer::GlorotUniform
                }
                Scheme::Lsuv if old != Initializer::Lsuv && place != Place::EndOfBranch => Initializer::Lsuv,
                Scheme::Random if is_equal_everywhere(old) => Initializer::default_for(activation_of(layer)),
                _ => return,
            };
            changed += 1;
            set_initializer(layer, new);
        };
        let mut parts = Parts::of(&spec.layers);
        visit_in_place(&mut parts.hidden, false, &mut start);
        if matches!(self.scheme, Scheme::Glorot | Scheme::Random) {
            visit_in_place(&mut parts.output, false, &mut start);
        }
        match (changed, self.scheme) {
            (1.., _) => Ok(Spec { layers: parts.join(), ..spec.clone() }),
            (_, Scheme::He) => {
                Err("no hidden dense layer or convolution in front of a rectifier (relu and its kin) starts otherwise"
                    .into())
            }
            (_, Scheme::Glorot) => Err(
                "no dense layer or convolution starts otherwise, but in front of a rectifier, which Glorot's variance \
                     does not suit"
                    .into(),
            ),
            (_, Scheme::Lsuv) => Err("no hidden dense layer or convolution starts otherwise".into()),
            (_, Scheme::Random) => Err("no dense layer or convolution starts with equal weights".into()),
        }
    }
}

/// What comes behind a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// This activation, its own or that of a layer behind its normalization.
    Before(Activation),
    /// The sum of a residual block.
    EndOfBranch,
}

/// Shows every layer to `see`, with what comes behind it; `branch`: whether a sum does behind the last one.
fn visit_in_place(layers: &mut [LayerSpec], branch: bool, see: &mut dyn FnMut(&mut Layer, Place)) {
    for at in 0..layers.len() {
        let own = activation_of(&layers[at].layer);
        let behind = layers[at + 1..]
            .iter()
            .map(|layer| &layer.layer)
            .find(|layer| !is_normalization(layer) && !matches!(layer, Layer::Dropout(_)));
        let place = match behind {
            _ if own != Activation::Linear => Place::Before(own),
            Some(Layer::Activation(alone)) if layers[at].repeat == 1 => Place::Before(alone.activation),
            None if branch => Place::EndOfBranch,
            _ => Place::Before(Activation::Linear),
        };
        let layer = &mut layers[at].layer;
        see(layer, place);
        if let Layer::Residual(residual) = layer {
            visit_in_place(&mut residual.layers, true, see);
        }
    }
}

fn is_equal_everywhere(initializer: Initializer) -> bool {
    match initializer {
        Initializer::Constant(_) | Initializer::Zeros => true,
        Initializer::Normal(width) | Initializer::Uniform(width) => width == 0.0,
        _ => false,
    }
}
