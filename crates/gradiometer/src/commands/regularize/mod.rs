//! `gradiometer regularize`: is the model more complex than it need be?

mod beside;
mod break_even;
mod document;
mod fit;
mod folds;
mod geometry;
mod model;
mod page;
mod predict;
mod problem;
mod shape;
mod stream;
mod table;
mod text;

use std::process::ExitCode;
use std::time::Instant;

use crate::cli::{Global, Regularize};
use crate::output::Output;

pub(super) fn run(options: &Regularize, global: &Global, output: Output) -> anyhow::Result<ExitCode> {
    super::threads(global)?;
    let started = Instant::now();
    match &options.predict {
        Some(model) => predict::run(model, options, global, output, started)?,
        None if options.stream => stream::run(options, global, output, started)?,
        None => fit::run(options, global, output, started)?,
    }
    Ok(ExitCode::SUCCESS)
}
