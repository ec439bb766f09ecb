//! The layers of a network as the spec writes them: one struct a kind, every key with its default.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Serialize, Serializer};

use super::tagged::{self, Shared, tagged};
use super::{Activation, Bias, Initializer, Penalty, initializer, range};

/// One `[[layers]]` table: a layer, how often it is repeated, and what its weights cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayerSpec {
    /// The layer: the key `kind` and the keys of that kind.
    #[serde(flatten)]
    pub layer: Layer,
    /// How many of these follow each other, each with parameters of its own; at least 1. Default: 1.
    pub repeat: usize,
    /// What its weights cost; of a residual block, those of the layers inside. Default: the penalty of all layers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub penalty: Option<Penalty>,
}

impl<'de> Deserialize<'de> for LayerSpec {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (layer, Beside { repeat, penalty }) = tagged::read(d, "a layer: a table with the key `kind`")?;
        Ok(Self { layer, repeat, penalty })
    }
}

/// What stands beside the keys of the kind.
struct Beside {
    repeat: usize,
    penalty: Option<Penalty>,
}

impl Default for Beside {
    fn default() -> Self {
        Self { repeat: 1, penalty: None }
    }
}

impl Shared for Beside {
    const KEYS: &'static [&'static str] = &["kind", "repeat", "penalty"];

    fn read<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        #[derive(serde::Deserialize)]
        struct Count(#[serde(deserialize_with = "range::count")] usize);
        match key {
            "repeat" => self.repeat = map.next_value::<Count>()?.0,
            _ => self.penalty = Some(map.next_value()?),
        }
        Ok(())
    }
}

tagged! {
    /// A layer. Shapes below are those of one sample, without the batch axis.
    pub enum Layer by "kind" {
        /// `[n] → [units]`, and `[steps, n] → [steps, units]`.
        Dense(Dense) = "dense",
        /// `[channels, height, width] → [channels', height', width']`.
        Conv2d(Conv2d) = "conv2d",
        /// The largest value of each window of an image.
        MaxPool(Pool) = "max_pool",
        /// The mean of each window of an image.
        AvgPool(Pool) = "avg_pool",
        /// The mean of each channel: `[channels, height, width] → [channels]`.
        GlobalAvgPool(GlobalAvgPool) = "global_avg_pool",
        /// Any shape to one axis.
        Flatten(Flatten) = "flatten",
        /// Some of the features, or channels of an image, and no others.
        Select(Select) = "select",
        /// Normalization of each unit, or channel of an image, over the batch.
        BatchNorm(BatchNorm) = "batch_norm",
        /// Normalization of each sample over the last axis.
        LayerNorm(LayerNorm) = "layer_norm",
        /// Sets a random share of the values to 0 while training.
        Dropout(Dropout) = "dropout",
        /// A vector for each token: `[steps] → [steps, size]`.
        Embedding(Embedding) = "embedding",
        /// The plain recurrent layer (Elman 1990).
        Rnn(Rnn) = "rnn",
        /// The gated recurrent unit (Cho et al. 2014).
        Gru(Gru) = "gru",
        /// The long short-term memory (Hochreiter & Schmidhuber 1997; with forget gate, Gers et al. 2000).
        Lstm(Lstm) = "lstm",
        /// A block whose input is added to its output (He et al. 2016).
        Residual(Residual) = "residual",
        /// An activation function on its own.
        Activation(ActivationLayer) = "activation",
    }
}

impl Layer {
    /// Whether the layer has weights, or layers inside that may have.
    pub fn has_weights(&self) -> bool {
        !matches!(
            self,
            Self::MaxPool(_)
                | Self::AvgPool(_)
                | Self::GlobalAvgPool(_)
                | Self::Flatten(_)
                | Self::Select(_)
                | Self::Dropout(_)
                | Self::Activation(_)
        )
    }
}

/// How many units a dense layer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// This many; at least 1.
    Count(usize),
    /// As many as the task asks for, written `"classes"`: the classes, the targets of a regression, or the tokens of
    /// a text.
    Classes,
}

impl Serialize for Units {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Count(n) => n.serialize(s),
            Self::Classes => s.serialize_str("classes"),
        }
    }
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct UnitsVisitor;
        impl Visitor<'_> for UnitsVisitor {
            type Value = Units;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 1 up, or \"classes\"")
            }

            fn visit_u64<E: Error>(self, n: u64) -> Result<Units, E> {
                match usize::try_from(n) {
                    Ok(n) if n > 0 => Ok(Units::Count(n)),
                    _ => Err(E::invalid_value(Unexpected::Unsigned(n), &self)),
                }
            }

            fn visit_i64<E: Error>(self, n: i64) -> Result<Units, E> {
                match u64::try_from(n) {
                    Ok(n) => self.visit_u64(n),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(n), &self)),
                }
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Units, E> {
                if name == "classes" { Ok(Units::Classes) } else { Err(E::unknown_variant(name, &["classes"])) }
            }
        }
        d.deserialize_any(UnitsVisitor)
    }
}

/// A height and a width, each at least 1. The spec writes one number for both, or `[height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Pair(pub [usize; 2]);

impl<'de> Deserialize<'de> for Pair {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct PairVisitor;
        impl<'de> Visitor<'de> for PairVisitor {
            type Value = Pair;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 1 up, or two as [height, width]")
            }

            fn visit_u64<E: Error>(self, n: u64) -> Result<Pair, E> {
                match usize::try_from(n) {
                    Ok(n) if n > 0 => Ok(Pair([n, n])),
                    _ => Err(E::invalid_value(Unexpected::Unsigned(n), &self)),
                }
            }

            fn visit_i64<E: Error>(self, n: i64) -> Result<Pair, E> {
                match u64::try_from(n) {
                    Ok(n) => self.visit_u64(n),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(n), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Pair, A::Error> {
                let mut sides = Vec::new();
                while let Some(side) = seq.next_element::<usize>()? {
                    sides.push(side);
                }
                match sides[..] {
                    [height, width] if height > 0 && width > 0 => Ok(Pair([height, width])),
                    [_, _] => Err(A::Error::custom(format_args!("each side must be at least 1, found {sides:?}"))),
                    _ => Err(A::Error::invalid_length(sides.len(), &self)),
                }
            }
        }
        d.deserialize_any(PairVisitor)
    }
}

/// What surrounds an image before a convolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Zeros, so that with stride 1 the output is as large as the input. The default.
    #[default]
    Same,
    /// Nothing.
    Valid,
}

/// What a recurrent layer hands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Return {
    /// The state after the last step: `[steps, n] → [units]`. The default.
    #[default]
    Last,
    /// The state after every step: `[steps, n] → [steps, units]`.
    All,
}

/// Keys of a dense layer.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dense {
    /// Outputs, or `"classes"`. No default.
    pub units: Units,
    /// The function that ends the layer. Default: `"linear"`.
    #[serde(default)]
    pub activation: Activation,
    /// How the weights start. Default: [`Initializer::default_for`] the activation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Initializer>,
    /// How the bias starts, or `false`. Default: `"zeros"`.
    #[serde(default)]
    pub bias: Bias,
}

impl Dense {
    /// How the weights start, the default resolved.
    pub fn initializer(&self) -> Initializer {
        self.weights.unwrap_or(Initializer::default_for(self.activation))
    }
}

/// Keys of a convolution over images.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conv2d {
    /// Channels of the output; at least 1. No default.
    #[serde(deserialize_with = "range::count")]
    pub channels: usize,
    /// Height and width of the kernel. Default: 3.
    #[serde(default = "three")]
    pub kernel: Pair,
    /// Step of the kernel down and across. Default: 1.
    #[serde(default = "one")]
    pub stride: Pair,
    /// What surrounds the image. Default: `"same"`.
    #[serde(default)]
    pub padding: Padding,
    /// The function that ends the layer. Default: `"linear"`.
    #[serde(default)]
    pub activation: Activation,
    /// How the weights start. Default: [`Initializer::default_for`] the activation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Initializer>,
    /// How the bias starts, or `false`. Default: `"zeros"`.
    #[serde(default)]
    pub bias: Bias,
}

impl Conv2d {
    /// How the weights start, the default resolved.
    pub fn initializer(&self) -> Initializer {
        self.weights.unwrap_or(Initializer::default_for(self.activation))
    }
}

/// Keys of a max or average pooling.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Height and width of a window. Default: 2.
    #[serde(default = "two")]
    pub size: Pair,
    /// Step of the window down and across. Default: the size, so that windows neither overlap nor leave gaps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Pair>,
}

impl Pool {
    /// The stride, the default resolved: `[down, across]`.
    pub fn stride(&self) -> [usize; 2] {
        self.stride.unwrap_or(self.size).0
    }
}

/// Global average pooling has no keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GlobalAvgPool {}

/// Flattening has no keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flatten {}

/// Keys of a selection of inputs.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Which features, or channels of an image, are handed on; counted from 0, at least one. No default.
    pub inputs: Vec<usize>,
}

/// Keys of a batch normalization (Ioffe & Szegedy 2015).
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchNorm {
    /// Weight of the newest batch in the running mean and variance; 0 < momentum ≤ 1. Default: 0.1.
    #[serde(default = "tenth", deserialize_with = "range::positive_up_to_one")]
    pub momentum: f64,
    /// Added to the variance; above 0. Default: 1e-5.
    #[serde(default = "norm_epsilon", deserialize_with = "range::positive")]
    pub epsilon: f64,
}

/// Keys of a layer normalization (Ba, Kiros & Hinton 2016).
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerNorm {
    /// Added to the variance; above 0. Default: 1e-5.
    #[serde(default = "norm_epsilon", deserialize_with = "range::positive")]
    pub epsilon: f64,
}

/// Keys of a dropout (Srivastava et al. 2014).
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// The share of values set to 0; 0 ≤ rate < 1. Default: 0.5.
    #[serde(default = "half", deserialize_with = "range::share")]
    pub rate: f64,
}

/// Keys of an embedding of tokens.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Embedding {
    /// Length of a token's vector; at least 1. No default.
    #[serde(deserialize_with = "range::count")]
    pub size: usize,
    /// How the vectors start. Default: normal with standard deviation 1.
    #[serde(default = "unit_normal", deserialize_with = "initializer::without_data")]
    pub weights: Initializer,
}

/// Keys of a plain recurrent layer: `h_t = f(W x_t + U h_{t−1} + b)`.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rnn {
    /// Size of the hidden state; at least 1. No default.
    #[serde(deserialize_with = "range::count")]
    pub units: usize,
    /// The function `f`. Default: `"tanh"`.
    #[serde(default = "tanh")]
    pub activation: Activation,
    /// `"last"` or `"all"` steps. Default: `"last"`.
    #[serde(default, rename = "return")]
    pub returns: Return,
    /// How `W` starts. Default: `"glorot_uniform"`.
    #[serde(default = "glorot_uniform", deserialize_with = "initializer::without_data")]
    pub weights: Initializer,
    /// How `U` starts. Default: `"orthogonal"` (Saxe, McClelland & Ganguli 2014).
    #[serde(default = "orthogonal", deserialize_with = "initializer::without_data")]
    pub recurrent_weights: Initializer,
    /// How `b` starts, or `false`. Default: `"zeros"`.
    #[serde(default)]
    pub bias: Bias,
}

/// Keys of a gated recurrent unit; its gates are sigmoids and its candidate a tanh.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gru {
    /// Size of the hidden state; at least 1. No default.
    #[serde(deserialize_with = "range::count")]
    pub units: usize,
    /// `"last"` or `"all"` steps. Default: `"last"`.
    #[serde(default, rename = "return")]
    pub returns: Return,
    /// How the input weights of each gate start. Default: `"glorot_uniform"`.
    #[serde(default = "glorot_uniform", deserialize_with = "initializer::without_data")]
    pub weights: Initializer,
    /// How the recurrent weights of each gate start. Default: `"orthogonal"`.
    #[serde(default = "orthogonal", deserialize_with = "initializer::without_data")]
    pub recurrent_weights: Initializer,
    /// How the biases start, or `false`. Default: `"zeros"`.
    #[serde(default)]
    pub bias: Bias,
}

/// Keys of a long short-term memory; its gates are sigmoids, its candidate and output tanh.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lstm {
    /// Size of the hidden state; at least 1. No default.
    #[serde(deserialize_with = "range::count")]
    pub units: usize,
    /// `"last"` or `"all"` steps. Default: `"last"`.
    #[serde(default, rename = "return")]
    pub returns: Return,
    /// How the input weights of each gate start. Default: `"glorot_uniform"`.
    #[serde(default = "glorot_uniform", deserialize_with = "initializer::without_data")]
    pub weights: Initializer,
    /// How the recurrent weights of each gate start. Default: `"orthogonal"`.
    #[serde(default = "orthogonal", deserialize_with = "initializer::without_data")]
    pub recurrent_weights: Initializer,
    /// How the biases start, or `false`. Default: `"zeros"`.
    #[serde(default)]
    pub bias: Bias,
    /// Added to the forget gate's bias at the start, so that the cell remembers before it has learned to (Gers et al.
    /// 2000; Jozefowicz et al. 2015 recommend 1). Without meaning where `bias = false`. Default: 1.
    #[serde(default = "one_bias", deserialize_with = "range::finite")]
    pub forget_bias: f64,
}

/// Keys of a residual block: `activation(layers(x) + x)`. Where the shapes differ, `x` goes through a projection: a
/// convolution of 1×1 on images, a matrix else.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residual {
    /// The layers inside, in order; at least one. No default.
    pub layers: Vec<LayerSpec>,
    /// The function after the sum. Default: `"linear"`.
    #[serde(default)]
    pub activation: Activation,
}

/// Keys of an activation function that stands on its own.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationLayer {
    /// The function. No default.
    pub activation: Activation,
}

fn one() -> Pair {
    Pair([1, 1])
}
fn two() -> Pair {
    Pair([2, 2])
}
fn three() -> Pair {
    Pair([3, 3])
}
fn half() -> f64 {
    0.5
}
fn tenth() -> f64 {
    0.1
}
fn norm_epsilon() -> f64 {
    1e-5
}
fn one_bias() -> f64 {
    1.0
}
fn tanh() -> Activation {
    Activation::Tanh
}
fn unit_normal() -> Initializer {
    Initializer::Normal(1.0)
}
fn glorot_uniform() -> Initializer {
    Initializer::GlorotUniform
}
fn orthogonal() -> Initializer {
    Initializer::Orthogonal
}
