//! Right and wrong backward passes.

mod case;
mod class;
mod habit;
mod matrix;
mod operation;
mod operations;
mod outcome;
mod random;
mod run;
mod scalar;
mod subject;

pub use case::{Case, Entry, Number, split};
pub use class::Class;
pub use habit::Habit;
pub use operation::{Argument, Mistakes, Mutant, Operation, Part};
pub use operations::all;
pub use outcome::{ClassOutcome, Ending, Outcome, Share, Trial};
pub use random::Random;
pub use run::{Options, Precision, run};
pub use scalar::{Dual, Scalar};
pub use subject::{Alteration, Subject};
