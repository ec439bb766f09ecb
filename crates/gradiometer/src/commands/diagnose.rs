//! `gradiometer diagnose`: the findings of a recorded run, the same as the live run gave.

use std::process::ExitCode;

use gradiometer_report::terminal;

use super::{exit_code, terminal as screen};
use crate::cli::Diagnose;
use crate::document::DiagnoseDocument;
use crate::output::Output;
use crate::reporting::Reading;

pub(super) fn run(options: &Diagnose, output: Output) -> anyhow::Result<ExitCode> {
    let reading = Reading::open(&options.run)?;
    let truncated = reading.run.truncated().map(|t| format!("{} at byte {}: {}", t.path.display(), t.offset, t.what));
    if let Some(place) = &truncated {
        output.note(&format!("the record breaks off: {place}; everything before it is there"));
    }
    let document = DiagnoseDocument {
        run: options.run.display().to_string(),
        status: reading.run.status(),
        steps: reading.steps(),
        verdict: reading.verdict.clone(),
        findings: reading.findings.clone(),
        truncated,
    };
    let text = reading.show(|input| terminal::summary(input, &screen()))?;
    output.result(|| text, &document)?;
    Ok(exit_code(options.fail_on, &reading.findings))
}
