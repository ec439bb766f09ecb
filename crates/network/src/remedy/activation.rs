//! Another activation in the hidden layers.

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use super::Treatment;
use super::layers::{Parts, activation_mut, initializer, set_initializer, visit};
use crate::spec::{Activation, Initializer, Spec};

/// Gives every hidden layer that has an activation this one; recurrent layers and the output keep theirs, and linear layers
/// stay linear.
///
/// Weights that start as suits the old activation will start as suits the new one ([`Initializer::default_for`]); others
/// start as they did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplaceActivation {
    /// The new activation.
    pub to: Activation,
}

impl Treatment for ReplaceActivation {
    fn name(&self) -> String {
        format!("{}-activation", self.to.name().replace('_', "-"))
    }

    fn answers(&self) -> &'static [Rule] {
        match self.to {
            Activation::LeakyRelu => &[Rule::DeadUnits, Rule::UnchangedWeights],
            Activation::Elu | Activation::Gelu | Activation::Silu => {
                &[Rule::DeadUnits, Rule::VanishingGradient, Rule::SaturatedUnits]
            }
            Activation::Tanh => &[Rule::VanishingGradient, Rule::SaturatedUnits, Rule::Underfitting],
            _ => &[
                Rule::VanishingGradient,
                Rule::SaturatedUnits,
                Rule::PoorInitialization,
                Rule::UnchangedWeights,
                Rule::Plateau,
                Rule::Underfitting,
            ],
        }
    }

    fn cost(&self) -> &'static str {
        match self.to {
            Activation::Relu => "None in time; units that are negative for every input die.",
            Activation::LeakyRelu => "None in time; fewer outputs are exactly 0.",
            _ => "An exponential for every unit where ReLU has a comparison.",
        }
    }

    fn source(&self) -> &'static str {
        match self.to {
            Activation::Relu => "Glorot, Bordes & Bengio 2011",
            Activation::LeakyRelu => "Maas, Hannun & Ng 2013",
            Activation::Elu => "Clevert, Unterthiner & Hochreiter 2016",
            Activation::Selu => "Klambauer et al. 2017",
            Activation::Gelu => "Hendrycks & Gimpel 2016",
            Activation::Silu => "Elfwing, Uchibe & Doya 2018",
            _ => "LeCun et al. 1998",
        }
    }

    fn treat(&self, spec: &Spec) -> Result<Spec, String> {
        if matches!(self.to, Activation::Linear | Activation::Softmax) {
            return Err(format!("{} is no activation for hidden layers", self.to.name()));
        }
        let mut parts = Parts::of(&spec.layers);
        let mut replaced = 0;
        visit(&mut parts.hidden, &mut |layer| {
            let suited = initializer(layer);
            let Some(activation) = activation_mut(layer).filter(|a| !matches!(**a, Activation::Linear)) else { return };
            let old = std::mem::replace(activation, self.to);
            if old == self.to {
                return;
            }
            replaced += 1;
            if suited == Some(Initializer::default_for(old)) {
                set_initializer(layer, Initializer::default_for(self.to));
            } else if let Some(kept) = suited {
                set_initializer(layer, kept);
            }
        });
        if replaced == 0 {
            return Err(format!("no hidden layer has another activation than {}", self.to.name()));
        }
        Ok(Spec { layers: parts.join(), ..spec.clone() })
    }
}
