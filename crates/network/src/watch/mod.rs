//! What is looked at, and when.

mod activations;
mod cadence;
mod own;
mod parameters;
mod snapshot;

pub(crate) use activations::{ActivationTaps, Gathered};
pub use cadence::Cadence;
pub use own::{Watch, WatchBuilder, tap};
pub use parameters::ParameterNames;
pub(crate) use snapshot::HELD;
pub use snapshot::{Numbers, Snapshot};

pub(crate) use parameters::{Norms, after_update, before_update, gradients_of, show_updates};
