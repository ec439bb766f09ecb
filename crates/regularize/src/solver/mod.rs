//! Solvers: how the least objective is found, and the proof that it was.

mod certificate;
mod cholesky;
mod equations;
mod gaussian;
mod gram;
mod groups;
mod multinomial;
mod proximal_newton;
mod quantile;
mod row_space;
mod rows;
mod separable;
mod smooth;
mod smooth_path;
mod subproblem;
mod working_set;

pub use certificate::Certificate;
pub(crate) use cholesky::Cholesky;
pub(crate) use gaussian::{LeastSquares, Limits, Solved, Support, path as least_squares_path};
pub(crate) use gram::Gram;
pub(crate) use groups::Groups;
pub(crate) use multinomial::{
    ClassPenalty, Classes, ClassesSolution, Start as ClassesStart, null as multinomial_null, path as multinomial_path,
    prove as prove_classes,
};
pub(crate) use quantile::{Quantiles, path as quantile_path};
pub(crate) use row_space::{
    BLOCK, Rotation, RowSpace, elastic_net_path as row_space_elastic_net_path, gaussian_path as row_space_gaussian_path,
};
pub(crate) use rows::Rows;
pub(crate) use separable::{Coordinates, Separable};
pub(crate) use smooth::Smooth;
pub(crate) use smooth_path::{forces_without_penalty, path as smooth_path, prove as prove_smooth};
