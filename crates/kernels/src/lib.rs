//! Loops over slices of numbers, written once and compiled for each instruction set of the CPU.
//!
//! - [`convolution`]: convolution over images, forward and backward, of one sample at a time.
//! - [`cross_entropy`]: softmax and cross-entropy of rows of logits.
//! - [`curves`]: sigmoid and hyperbolic tangent that vectorize, in f32 and f64.
//! - [`elementary`]: exponential and logarithm that vectorize.
//! - [`elementwise`]: sigmoid, hyperbolic tangent, rectified linear units and sums.
//! - [`level`]: running a loop with the widest vectors that the machine has.
//! - [`matrix`]: products of matrices.
//! - [`normalization`]: batch normalization of channels and of columns, layer normalization of rows.
//! - [`number`]: f32 and f64.
//! - [`optimizer`]: an optimizer's update of one parameter, in place and in one pass.
//! - [`products`]: dot products of many columns with many vectors.
//! - [`transpose`]: transposing a matrix.
//!
//! Nothing here knows a tensor, a network or a thread: who calls decides what lies where, and splits the work.

pub mod convolution;
pub mod cross_entropy;
pub mod curves;
pub mod elementary;
pub mod elementwise;
pub mod level;
pub mod matrix;
pub mod normalization;
pub mod number;
pub mod optimizer;
pub mod products;
pub mod transpose;
