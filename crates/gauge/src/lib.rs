//! One-pass, mergeable summary of a tensor's values.
//!
//! [`Summary`] is the only measurement that the other rooms exchange: counts of what is not a number, of zeros and
//! subnormals, mean, RMS, L1, extrema, and the histogram of binary exponents. [`Norm`] is its cheap relative for every
//! tensor at every step.
//!
//! ```
//! use gradiometer_gauge::{Format, Norm, Summary};
//!
//! let gradient = [3.0_f32, -4.0, 0.0, 1e-30, f32::NAN];
//! let summary = Summary::of(&gradient);
//! assert_eq!((summary.count(), summary.nan(), summary.zeros()), (5, 1, 1));
//! assert_eq!(summary.rms(), Some(2.5));
//! assert_eq!(summary.lost_in(Format::F16), Some(1.0 / 3.0)); // of the three non-zero values, 1e-30
//! assert_eq!(Norm::of(&gradient).rms, 2.5);
//!
//! let mut halves = Summary::of(&gradient[..2]);
//! halves.update(&gradient[2..]);
//! assert_eq!(halves.exponents(), summary.exponents()); // counts in full, sums to rounding
//! ```
//!
//! # What shapes it
//! A pass looks at a block that fits the first-level cache and gathers raw facts without a branch, in vector
//! registers; what needs a decision (zeros, subnormals, NaN, exponents far apart) is decided once a block, with a second
//! look where the facts demand it. The histogram is counted as sums of one-bit numbers, not in a table: a table
//! costs a load and a store for each value, and that is more than everything else together.

mod element;
mod exponents;
mod format;
mod kernel;
mod norm;
mod squares;
mod summary;
mod tally;

#[cfg(test)]
mod every_level;

pub use element::Element;
pub use exponents::Exponents;
pub use format::Format;
pub use norm::Norm;
pub use summary::{LengthMismatch, Parts, Summary};
