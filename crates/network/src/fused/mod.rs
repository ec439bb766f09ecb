//! Operations that are one node of the autodiff graph each, forward and backward in a pass or two over memory.
//!
//! The rule for all of them: on the `flex` device, in f32 and f64, by loops of [`gradiometer_kernels`], over parts of the batch in
//! parallel where that pays; anywhere else, and for what the loops are not made for, by Burn's own operations, composed. What a part is
//! depends on the sizes alone, and sums of parts are added in their order: results have the same bits on any number of threads.
//!
//! - [`add`], [`add_relu`]: sums, as residual blocks end with.
//! - [`batch_norm`]: batch normalization in training.
//! - [`conv2d`]: convolution over images.
//! - [`cross_entropy`]: the loss of classes from logits.
//! - [`layer_norm`]: layer normalization.
//! - [`linear`], [`linear_relu`]: the dense layer.
//! - [`recurrent`]: Elman network, LSTM and GRU, over the whole sequence.
//! - [`relu`], [`sigmoid`], [`tanh`]: activation functions.

mod batch_norm;
mod convolution;
mod cross_entropy;
mod elementwise;
mod layer_norm;
mod linear;
mod operation;
mod parts;
mod product;
pub mod recurrent;
#[cfg(test)]
mod tests;
mod value;

pub use batch_norm::{Normalized, batch_norm};
pub use convolution::conv2d;
pub use cross_entropy::cross_entropy;
pub use elementwise::{add, add_relu, relu, sigmoid, tanh};
pub use layer_norm::layer_norm;
pub use linear::{linear, linear_relu};
