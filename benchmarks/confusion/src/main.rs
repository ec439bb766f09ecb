//! Counts a confusion matrix of two columns in memory, and reads the same columns once, in the same run.
//!
//! One line of JSON for each case, on standard output: `benchmarks/confusion/README.md` says what is in it.

mod bootstrap;
mod columns;
mod measure;

use columns::{Columns, Labels};
use measure::{Measured, measure};
use std::process::ExitCode;

const USAGE: &str = "usage: confusion-bench [--rows N] [--threads N] [--only CASE] | --bootstrap THREADS";

/// Rows of a batch where a case is counted in batches: those that query engines pass on.
const BATCH: usize = 8192;

struct Case {
    name: &'static str,
    labels: Labels,
    classes: usize,
    weighted: bool,
    batches: bool,
}

const fn case(name: &'static str, labels: Labels, classes: usize) -> Case {
    Case { name, labels, classes, weighted: false, batches: false }
}

const CASES: [Case; 19] = [
    case("i64-2", Labels::I64, 2),
    case("i64-10", Labels::I64, 10),
    case("i64-100", Labels::I64, 100),
    case("i64-1000", Labels::I64, 1000),
    case("i64-50000", Labels::I64, 50_000),
    case("u8-2", Labels::U8, 2),
    case("u8-10", Labels::U8, 10),
    case("u8-100", Labels::U8, 100),
    case("dictionary-10", Labels::Dictionary, 10),
    case("dictionary-100", Labels::Dictionary, 100),
    case("boolean", Labels::Boolean, 2),
    case("string-2", Labels::String, 2),
    case("string-10", Labels::String, 10),
    case("string-100", Labels::String, 100),
    Case { weighted: true, ..case("i64-10-weighted", Labels::I64, 10) },
    Case { weighted: true, ..case("i64-100-weighted", Labels::I64, 100) },
    Case { batches: true, ..case("i64-10-batches", Labels::I64, 10) },
    Case { batches: true, ..case("i64-100-batches", Labels::I64, 100) },
    Case { batches: true, ..case("u8-100-batches", Labels::U8, 100) },
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let (mut rows, mut threads, mut only) = (10_000_000, 1, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{option} has no value; {USAGE}"))?;
        let number =
            || value.parse::<usize>().ok().filter(|n| *n > 0).ok_or_else(|| format!("{option} {value}: {USAGE}"));
        match option.as_str() {
            "--rows" => rows = number()?,
            "--threads" => threads = number()?,
            "--only" => only = Some(value),
            "--bootstrap" => {
                let threads = number()?;
                pool(threads)?;
                return bootstrap::measure(threads).map_err(|error| error.to_string());
            }
            _ => return Err(format!("{option} is unknown; {USAGE}")),
        }
    }
    if let Some(only) = only.as_ref().filter(|only| !CASES.iter().any(|case| case.name == *only)) {
        let names: Vec<_> = CASES.iter().map(|case| case.name).collect();
        return Err(format!("there is no case {only}: {}", names.join(", ")));
    }
    pool(threads)?;
    for case in CASES.iter().filter(|case| only.as_deref().is_none_or(|only| only == case.name)) {
        let columns = Columns::new(case.labels, rows, case.classes);
        let columns = if case.weighted { columns.weighted() } else { columns };
        let batch = if case.batches { BATCH } else { rows };
        let Measured { seconds, read_seconds, correct, cells } =
            measure(&columns, batch).map_err(|error| error.to_string())?;
        let line = serde_json::json!({
            "case": case.name, "tool": "gradiometer", "rows": rows, "threads": threads, "seconds": seconds,
            "read_seconds": read_seconds, "bytes": columns.bytes(), "correct": correct, "cells": cells,
            "peak_mib": measure::peak_mib(),
        });
        println!("{line}");
    }
    Ok(())
}

fn pool(threads: usize) -> Result<(), String> {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|error| error.to_string())
}
