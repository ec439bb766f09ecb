//! Right and wrong backward passes: what a gradient checker has to tell apart.
//!
//! A checker that has never been seen to miss a wrong gradient, nor to accuse a right one, has perhaps only never been
//! asked. This crate asks: [`all`] operations of deep learning, from a dense layer to an LSTM, each with a backward pass
//! that is right and with the mistakes that people make in it; [`run`] has them checked and counts.
//!
//! ```
//! use gradiometer_mutants::{Options, Precision, run};
//!
//! let outcome = run(&Options { seeds: 1, mutant_seeds: 1, ..Options::short(Precision::F64) });
//! assert!(outcome.mutants > 300);
//! println!("{outcome}");
//! ```
//!
//! # What shapes it
//! Every forward pass is written once, generic over [`Scalar`], so that it also runs in [dual numbers](Dual): these tell
//! the derivative to rounding and owe nothing to difference quotients, to a framework or to the checker under test. The
//! tests hold the right backward passes to them, and prove of every mutant that its gradient is another one: a mutant
//! that cannot be told from the right gradient would make a checker look blind that is not.
//!
//! A mutant is a variant of the backward pass and lies beside the right one, in the same function: what was done wrong is
//! one line to read. It never touches the forward pass. Shapes are asymmetric, since a square hides a transpose, indices
//! occur twice, sequences are padded, and some points lie next to a kink or on one.
//!
//! Not here: the checker itself, which is `gradiometer-gradcheck`, and gradients of Burn or Candle modules.

mod bench;
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
