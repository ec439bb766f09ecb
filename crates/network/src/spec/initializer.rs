//! How parameters start: by name, or by name and number. Drawing the numbers is the network's business.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};

use super::Activation;
use super::range;

/// The initial values of a parameter. `fan_in` and `fan_out` are the numbers of inputs and outputs of one unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initializer {
    /// Normal, variance `2/(fan_in + fan_out)` (Glorot & Bengio 2010).
    GlorotNormal,
    /// Uniform, variance `2/(fan_in + fan_out)` (Glorot & Bengio 2010).
    GlorotUniform,
    /// Normal, variance `2/fan_in` (He et al. 2015).
    HeNormal,
    /// Uniform, variance `2/fan_in` (He et al. 2015).
    HeUniform,
    /// Normal, variance `1/fan_in` (LeCun et al. 1998).
    LecunNormal,
    /// Uniform, variance `1/fan_in` (LeCun et al. 1998).
    LecunUniform,
    /// A random orthogonal matrix (Saxe, McClelland & Ganguli 2014).
    Orthogonal,
    /// Orthogonal, then scaled so that what the layer gives for the first rows has variance 1 (layer-sequential unit variance;
    /// Mishkin & Matas 2016). For the weights of dense layers and convolutions only.
    Lsuv,
    /// 1 where input and output have the same number, 0 elsewhere; of a convolution's kernel, in its middle (Le, Jaitly
    /// & Hinton 2015 for recurrent weights). Not for a bias.
    Identity,
    /// Normal with mean 0 and this standard deviation.
    Normal(#[serde(deserialize_with = "range::not_negative")] f64),
    /// Uniform between minus and plus this number.
    Uniform(#[serde(deserialize_with = "range::not_negative")] f64),
    /// This number everywhere.
    Constant(#[serde(deserialize_with = "range::finite")] f64),
    /// 0 everywhere.
    Zeros,
}

impl Initializer {
    /// What people of the field expect for weights in front of this activation: `he_normal` for the rectifiers (He et
    /// al. 2015), `lecun_normal` for `selu` (Klambauer et al. 2017), else `glorot_uniform` (Glorot & Bengio 2010).
    pub fn default_for(activation: Activation) -> Self {
        match activation {
            Activation::Selu => Self::LecunNormal,
            rectifier if rectifier.is_rectifier() => Self::HeNormal,
            _ => Self::GlorotUniform,
        }
    }

    /// The name as the spec writes it, without its number.
    pub fn name(self) -> &'static str {
        match self {
            Self::GlorotNormal => "glorot_normal",
            Self::GlorotUniform => "glorot_uniform",
            Self::HeNormal => "he_normal",
            Self::HeUniform => "he_uniform",
            Self::LecunNormal => "lecun_normal",
            Self::LecunUniform => "lecun_uniform",
            Self::Orthogonal => "orthogonal",
            Self::Lsuv => "lsuv",
            Self::Identity => "identity",
            Self::Normal(_) => "normal",
            Self::Uniform(_) => "uniform",
            Self::Constant(_) => "constant",
            Self::Zeros => "zeros",
        }
    }
}

impl fmt::Display for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal(x) | Self::Uniform(x) | Self::Constant(x) => write!(f, "{}({x})", self.name()),
            _ => f.write_str(self.name()),
        }
    }
}

/// A layer's bias: how it starts, or `false` for none. Default: zeros.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bias {
    /// The layer has no bias.
    None,
    /// The layer has a bias that starts so.
    Initial(Initializer),
}

impl Bias {
    /// How it starts; `None` for a layer without one.
    pub fn initializer(self) -> Option<Initializer> {
        match self {
            Self::None => None,
            Self::Initial(initializer) => Some(initializer),
        }
    }
}

impl Default for Bias {
    fn default() -> Self {
        Self::Initial(Initializer::Zeros)
    }
}

impl Serialize for Bias {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => s.serialize_bool(false),
            Self::Initial(initializer) => initializer.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Bias {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct BiasVisitor;
        impl<'de> Visitor<'de> for BiasVisitor {
            type Value = Bias;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an initializer such as \"zeros\" or { constant = 0.1 }, or false for no bias")
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Bias, E> {
                if value { Err(E::invalid_value(Unexpected::Bool(true), &self)) } else { Ok(Bias::None) }
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Bias, E> {
                if matches!(name, "normal" | "uniform" | "constant") {
                    return Err(E::custom(needs_number(name)));
                }
                if name == "identity" {
                    return Err(E::custom(
                        "`identity` is for matrices: a bias starts with \"zeros\" or { constant = 0.1 }",
                    ));
                }
                if name == "lsuv" {
                    return Err(E::custom(
                        "`lsuv` is for the weights of dense layers and convolutions: a bias starts with \"zeros\"",
                    ));
                }
                Initializer::deserialize(StrDeserializer::new(name)).map(Bias::Initial)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Bias, A::Error> {
                Initializer::deserialize(MapAccessDeserializer::new(map)).map(Bias::Initial)
            }
        }
        d.deserialize_any(BiasVisitor)
    }
}

/// An initializer for weights whose scale the data cannot give.
///
/// # Errors
/// `lsuv`: a recurrent layer meets its own output at every step, so that no single output has the variance to be brought to
/// 1, and an embedding's vectors have no input.
pub(super) fn without_data<'de, D: Deserializer<'de>>(d: D) -> Result<Initializer, D::Error> {
    match Initializer::deserialize(d)? {
        Initializer::Lsuv => Err(D::Error::custom(
            "`lsuv` is for the weights of dense layers and convolutions; others start with \"orthogonal\" or { normal = 0.1 }",
        )),
        initializer => Ok(initializer),
    }
}

/// The message for an initializer that was named without its number.
pub(super) fn needs_number(name: &str) -> String {
    format!("`{name}` needs its number, as in {{ {name} = 0.1 }}")
}
