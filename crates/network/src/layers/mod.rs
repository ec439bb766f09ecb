//! The layers: one a file, each the mathematics of one thing, with the parameters it was given.
//!
//! They trust their input's shape: [`crate::plan`] has refused whatever does not fit.

mod activation;
mod conv2d;
mod dense;
mod dropout;
mod embedding;
mod flow;
mod norm;
mod pool;
mod residual;
mod select;

pub(crate) use activation::activate;
pub use activation::bounds;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use embedding::Embedding;
pub use flow::Flow;
pub use norm::{BatchNorm, LayerNorm};
pub use pool::Pool;
pub use residual::{ImageProjection, Projection, Residual};
pub use select::Select;
