//! `gradiometer confusion` of rows with any number of labels.

mod columns;
mod document;
mod export;
mod judge;
mod page;
mod scan;
mod text;

use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use gradiometer_confusion::{Confidence, GuardVerdict};
use gradiometer_table::Source;

use super::pattern::Pattern;
use crate::cli::{Axis, Confusion, OrderName};
use crate::output::Output;
use columns::Columns;
use judge::Judged;

/// Whether rows have any number of labels: their separator is given, or a column is named by a pattern and is not itself called so.
///
/// # Errors
/// A pattern that is none.
pub(super) fn is_asked(source: &Source, options: &Confusion) -> anyhow::Result<bool> {
    let is_pattern = |role, name: &Option<String>| -> anyhow::Result<bool> {
        let Some(name) = name.as_ref().filter(|name| source.schema().index_of(name).is_err()) else { return Ok(false) };
        Ok(Pattern::parse(role, name)?.is_some())
    };
    Ok(options.multiple.multi_label.is_some()
        || is_pattern("--actual", &options.actual)?
        || is_pattern("--predicted", &options.predicted)?)
}

/// The columns that are lists of labels, of which the empty one is a list without labels and not missing.
pub(super) fn lists(options: &Confusion) -> Vec<String> {
    let lists = [&options.actual, &options.predicted].into_iter().filter(|_| options.multiple.multi_label.is_some());
    lists.flatten().cloned().collect()
}

pub(super) fn run(
    source: &Source,
    options: &Confusion,
    confidence: Confidence,
    output: Output,
    started: Instant,
) -> anyhow::Result<ExitCode> {
    refuse(options)?;
    let columns = Columns::find(source, options)?;
    let scan = scan::scan(source, &columns, &options.counting.labels)?;
    let mut judged = Judged::new(source.spec(), options, scan, confidence)?;
    let showing = &options.showing;
    let mut files = Vec::new();
    if let Some(file) = &showing.html {
        let plain = text::text(&judged, showing);
        files.push((
            "page",
            file,
            gradiometer_report::multilabel::html(&page::page(&judged, confidence), &plain).into_bytes(),
        ));
    }
    if let Some(file) = &showing.csv {
        files.push(("csv", file, export::csv(&judged)?));
    }
    for (kind, file, bytes) in files {
        fs::write(file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
        judged.files.insert(kind, file.display().to_string());
    }
    let document = document::document(&judged, confidence, started.elapsed().as_secs_f64());
    output.result(|| text::text(&judged, showing), &document)?;
    let fails = judged.guard.verdict == GuardVerdict::Fail && options.fail_on.is_some();
    Ok(ExitCode::from(u8::from(fails)))
}

/// What is asked of a matrix, of which there is none here.
fn refuse(options: &Confusion) -> anyhow::Result<()> {
    let (counting, showing) = (&options.counting, &options.showing);
    let no_matrix = "where a row has several labels it is not defined which is taken for which, and there is no matrix";
    for (option, given) in [
        ("--svg", showing.svg.is_some()),
        ("--png", showing.png.is_some()),
        ("--layout", showing.layout != Axis::Actual),
        ("--order similarity", showing.order == OrderName::Similarity),
        ("--fold", counting.fold.is_some()),
    ] {
        ensure!(
            !given,
            "{option} is of a confusion matrix: {no_matrix}. Leave it out; --html and --csv have each label"
        );
    }
    for (option, given) in [
        ("--scores", options.multiple.scores.is_some()),
        ("--score", counting.score.is_some()),
        ("--slice", !counting.slice.is_empty()),
        ("--compare", counting.compare.is_some()),
        ("--weight", counting.weight.is_some()),
    ] {
        if given {
            bail!("{option} is for rows with one label each, and these may have several: leave it out")
        }
    }
    Ok(())
}
