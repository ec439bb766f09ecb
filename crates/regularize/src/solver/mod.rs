//! Solvers: how the least objective is found, and the proof that it was.

mod certificate;
mod cholesky;
mod gaussian;
mod gram;
mod multinomial;
mod proximal_newton;
mod quantile;
mod rows;
mod working_set;

pub use certificate::Certificate;
pub(crate) use cholesky::Cholesky;
pub(crate) use gaussian::{LeastSquares, Limits, Solved, Support, path as least_squares_path};
pub(crate) use gram::Gram;
pub(crate) use multinomial::{Classes, null as multinomial_null, path as multinomial_path};
pub(crate) use proximal_newton::{Smooth, path as smooth_path};
pub(crate) use quantile::{Quantiles, path as quantile_path};
pub(crate) use rows::Rows;
