//! Signals in, findings and remedies out.
//!
//! [`Doctor`] reads the [records](gradiometer_run::Record) of a training, live or from a file, and says what is wrong,
//! where, since when, how sure it is, and what would help. Before the first
//! step, [`prognosis`] says how far a gradient will reach.
//!
//! One design decision shapes this room: **every rule is scale-free and answers to the task's own scale.** A layer is
//! compared with the other layers, a gradient with its own past, an update with its weight, a trend with its own noise,
//! and the loss with that of a guess; an absolute threshold would change its meaning with the unit of the loss. And since
//! false alarms are the plague of this field, *error* means that the network, or a part of it, is kept from
//! learning: what the outcome refutes is lowered, and what is over is no longer an error.

mod anatomy;
mod binned;
mod case;
mod depth;
mod doctor;
mod finding;
mod history;
pub mod prognosis;
mod remedy;
mod rules;
pub mod statistics;
mod streaks;
#[cfg(test)]
mod test_support;
mod verdict;
mod view;
mod wording;

pub use doctor::{Change, ChangeKind, Doctor, Plan, Precision};
pub use finding::{Evidence, Finding, Remedy, Rule, Severity};
pub use verdict::Verdict;
