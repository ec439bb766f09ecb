//! Gradiometer as a library: the rooms under one roof.
//!
//! For people with a network of their own on Burn: [`Watch`] records and diagnoses it from two lines in their training
//! loop. For everybody else the program `gradiometer` is the door; what its commands do stands in [`commands`], one
//! file a command, and what they print as JSON in [`document`].

pub mod cli;
pub mod commands;
pub mod document;
pub mod output;
pub mod reporting;
pub mod sparsity;

pub use gradiometer_confusion as confusion;
pub use gradiometer_diagnose as diagnose;
pub use gradiometer_network as network;
pub use gradiometer_repair as repair;
pub use gradiometer_report as report;
pub use gradiometer_run as run;

pub use gradiometer_network::watch::{Watch, tap};
