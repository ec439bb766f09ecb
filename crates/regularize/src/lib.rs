//! L1, L2, elastic net: sparse linear models, with a proof at every `λ`.

pub mod design;
mod error;
mod lambdas;
pub mod loss;
mod moments;
mod path;
pub mod penalty;
mod problem;
pub mod selection;
mod solver;

pub use design::{Beside, Categorical, Columns, Dense, Design, Sparse};
pub use error::Error;
pub use lambdas::Lambdas;
pub use moments::Moments;
pub use path::{Linear, Options, Path, Point, Solver};
pub use penalty::Penalty;
pub use problem::{Family, Problem};
pub use selection::{CrossValidation, Folds, Stability};
pub use solver::Certificate;
