//! Is this gradient right?

mod block;
#[cfg(feature = "burn")]
pub mod burn;
mod checker;
mod closures;
mod derivative;
mod display;
mod error;
mod extrapolate;
mod family;
mod fault;
mod function;
mod real;
mod report;
mod verdict;

pub use block::{Block, Role};
pub use checker::Checker;
pub use closures::{Builder, Closures, Outcome};
pub use derivative::{Derivative, derivative};
pub use error::Error;
pub use family::{Case, FamilyReport};
pub use fault::{Diagnosis, Fault};
pub use function::{Failure, Function, Mode};
pub use real::Real;
pub use report::{Behaviour, BlockReport, Depth, Evaluations, Miss, Report};
pub use verdict::{Reason, Verdict};
