//! `gradiometer report`: the report of a recorded run, again.

use std::process::ExitCode;

use crate::cli::Report;
use crate::document::ReportDocument;
use crate::output::Output;
use crate::reporting::{Reading, report_path};

pub(super) fn run(options: &Report, output: Output) -> anyhow::Result<ExitCode> {
    let reading = Reading::open(&options.run)?;
    let file = options.out.clone().unwrap_or_else(|| report_path(&options.run));
    let bytes = reading.write(&file)?;
    let document = ReportDocument { run: options.run.display().to_string(), report: file.display().to_string(), bytes };
    output.result(|| format!("{}\n", document.report), &document)?;
    Ok(ExitCode::SUCCESS)
}
