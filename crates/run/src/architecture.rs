//! What the readers of a run need to know of the network: its blocks in order, and what it is to learn.

use serde::{Deserialize, Serialize};

/// The network as a sequence of blocks, and its task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Blocks in the order of the forward pass; each has a tap behind it.
    pub blocks: Vec<Block>,
    /// What the network is to learn.
    pub task: Task,
    /// The loss as the spec names it: `cross_entropy`, `binary_cross_entropy`, `mse`, `mae`, `huber`.
    pub loss: String,
    /// Trainable numbers in all.
    pub parameters: u64,
    /// Whether the network's inputs were standardized.
    pub standardized: bool,
}

/// One block: a layer with its activation, or a residual block as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Unique and sortable: `00.conv2d`, `01.residual`, `01.residual.00.conv2d` for a block inside it.
    pub name: String,
    /// The layer's type as the spec names it: `dense`, `conv2d`, `lstm`, `residual`, `batch_norm`, …
    pub kind: String,
    /// The activation function that ends the block, as the spec names it; `linear` counts as none.
    pub activation: Option<String>,
    /// The block that this one is a part of.
    pub parent: Option<String>,
    /// Shape of one sample's input, without the batch axis.
    pub input: Vec<usize>,
    /// Shape of one sample's output, without the batch axis.
    pub output: Vec<usize>,
    /// How the weights were initialized, as the spec names it.
    pub initializer: Option<String>,
    /// Trainable tensors of this block itself.
    pub parameters: Vec<ParameterInfo>,
}

/// A trainable tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterInfo {
    /// Its path, as [`crate::Signal::tensor`] names it.
    pub path: String,
    /// Its shape.
    pub shape: Vec<usize>,
}

/// What the network is to learn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Task {
    /// One of several classes.
    Classification {
        /// The class labels, in the order of the logits.
        classes: Vec<String>,
        /// The share of each class in the training part.
        shares: Vec<f64>,
    },
    /// One or more numbers.
    Regression {
        /// The names of the targets.
        targets: Vec<String>,
        /// The loss of the best constant guess on the training part.
        guess_loss: f64,
    },
    /// The next token of a text.
    NextToken {
        /// The number of different tokens.
        vocabulary: usize,
        /// The loss of a guess by the tokens' frequencies, in nats.
        guess_loss: f64,
    },
}
