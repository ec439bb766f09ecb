//! Signals in, findings and remedies out.

mod finding;

pub use finding::{Evidence, Finding, Remedy, Rule, Severity};
