//! Right and wrong backward passes.

mod case;
mod class;
mod matrix;
mod operation;
mod operations;
mod random;
mod scalar;

pub use case::{Case, Entry, Precision, split};
pub use class::Class;
pub use operation::{Argument, Mistakes, Mutant, Operation, Part};
pub use operations::all;
pub use random::Random;
pub use scalar::{Dual, Scalar};
