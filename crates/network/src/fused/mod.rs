//! Operations that are one node of the autodiff graph each, forward and backward in a pass or two over memory.
//!
//! The rule for all of them: on the `flex` device, in f32 and f64, by loops of [`gradiometer_kernels`], over parts of the batch in
//! parallel where that pays; anywhere else, and for what the loops are not made for, by Burn's own operations, composed. What a part is
//! depends on the sizes alone, and sums of parts are added in their order: results have the same bits on any number of threads.
//!
//! - [`batch_norm`]: batch normalization in training.
//! - [`conv2d`]: convolution over images.
//! - [`linear`], [`linear_relu`]: the dense layer.
//! - [`recurrent`]: Elman network, LSTM and GRU, over the whole sequence.
//! - [`sigmoid`], [`tanh`].

mod convolution;
mod curves;
mod linear;
mod normalization;
mod operation;
mod product;
pub mod recurrent;
mod value;

pub use convolution::conv2d;
pub use curves::{sigmoid, tanh};
pub use linear::{linear, linear_relu};
pub use normalization::{Normalized, batch_norm};
