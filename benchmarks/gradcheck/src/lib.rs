//! What all gradient checkers are measured on, ours and the peers': the same functions, with the same mistakes, at the same points.
//!
//! [`trials`] are the operations of `gradiometer-mutants` with their mistakes; [`single`] are functions of any size with one
//! mistake of a chosen size; [`layers`] are what is timed; [`scalars`] are functions of one variable whose derivative is known to fifty
//! digits. Each is handed out as an [`Opened`], to Rust as it is and to Python through [`abi`].
//!
//! Not here: the peers themselves, but for the one that is written in Rust, and what becomes of the figures.

pub mod abi;
pub mod layers;
mod opened;
pub mod rival;
pub mod scalars;
pub mod single;
pub mod trials;

pub use opened::{Opened, Precise, Source};
