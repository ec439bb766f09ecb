//! Choosing among the models of a path: by held-out rows, by criteria, by how often a feature is chosen again; and what is left once it is chosen.

mod criteria;
mod cross_validation;
mod folds;
mod held_out;
mod judge;
mod moments_by_fold;
mod relaxed;
mod stability;

pub use criteria::{Criteria, Criterion};
pub use cross_validation::CrossValidation;
pub use folds::{Folds, PermutedBlocks};
pub use held_out::HeldOut;
pub use moments_by_fold::MomentsByFold;
pub use stability::Stability;
