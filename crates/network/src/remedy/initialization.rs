//! Weights of another scale at the start.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, fold, initializer, set_initializer, visit};
use crate::spec::{Initializer, Layer, Spec};

/// Starts the weights of dense layers and convolutions by this scheme. Recurrent layers are left as they are.
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
    /// Variance 2/fan_in, in the hidden layers only: behind the output no rectifier halves anything.
    He,
    /// Variance 2/(fan_in + fan_out), in all layers.
    Glorot,
    /// Whatever starts with equal weights, which stay equal, starts at random as suits its activation.
    Random,
}

impl Treatment for Initialization {
    fn name(&self) -> String {
        match self.scheme {
            Scheme::He => "he-initialization".into(),
            Scheme::Glorot => "glorot-initialization".into(),
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
            Scheme::Random => &[Rule::PoorInitialization],
        }
    }

    fn cost(&self) -> &'static str {
        "None."
    }

    fn source(&self) -> &'static str {
        match self.scheme {
            Scheme::He => "He, Zhang, Ren & Sun 2015",
            Scheme::Glorot => "Glorot & Bengio 2010",
            Scheme::Random => "Rumelhart, Hinton & Williams 1986",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        let mut changed = 0;
        let mut start = |layer: &mut Layer| {
            let Some(old) = initializer(layer) else { return };
            let new = match self.scheme {
                Scheme::He if !matches!(old, Initializer::HeNormal | Initializer::HeUniform) => Initializer::HeNormal,
                Scheme::Glorot if !matches!(old, Initializer::GlorotNormal | Initializer::GlorotUniform) => {
                    Initializer::GlorotUniform
                }
                Scheme::Random if is_equal_everywhere(old) => {
                    Initializer::default_for(crate::plan::activation_of(layer))
                }
                _ => return,
            };
            changed += 1;
            set_initializer(layer, new);
        };
        let layers = if self.scheme == Scheme::He {
            let mut parts = Parts::of(&spec.layers);
            visit(&mut parts.hidden, &mut start);
            parts.join()
        } else {
            let mut layers = spec.layers.clone();
            visit(&mut layers, &mut start);
            fold(&layers)
        };
        match (changed, self.scheme) {
            (1.., _) => Ok(Spec { layers, ..spec.clone() }),
            (_, Scheme::He) => Err("no hidden dense layer or convolution starts otherwise".into()),
            (_, Scheme::Glorot) => Err("no dense layer or convolution starts otherwise".into()),
            (_, Scheme::Random) => Err("no dense layer or convolution starts with equal weights".into()),
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
