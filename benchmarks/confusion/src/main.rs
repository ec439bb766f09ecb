//! Counts a confusion matrix of two columns in memory, and reads the same columns once, in the same run.
//!
//! One line of JSON for each case, on standard output: `benchmarks/confusion/README.md` says what is in it.

mod columns;
mod measure;

use columns::{Columns, Labels};
use measure::{Measured, measure};
use std::process::ExitCode;

const USAGE: &str = "usage: confusion-bench [--rows N] [--threads N] [--only CASE]";

/// (name, labels, classes).
const CASES: [(&str, Labels, usize); 14] = [
    ("i64-2", Labels::I64, 2),
    ("i64-10", Labels::I64, 10),
    ("i64-100", Labels::I64, 100),
    ("i64-1000", Labels::I64, 1000),
    ("i64-50000", Labels::I64, 50_000),
    ("u8-2", Labels::U8, 2),
    ("u8-10", Labels::U8, 10),
    ("u8-100", Labels::U8, 100),
    ("dictionary-10", Labels::Dictionary, 10),
    ("dictionary-100", Labels::Dictionary, 100),
    ("boolean", Labels::Boolean, 2),
    ("string-2", Labels::String, 2),
    ("string-10", Labels::String, 10),
    ("string-100", Labels::String, 100),
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
            _ => return Err(format!("{option} is unknown; {USAGE}")),
        }
    }
    if let Some(only) = only.as_ref().filter(|only| !CASES.iter().any(|(name, ..)| name == only)) {
        let names: Vec<_> = CASES.iter().map(|(name, ..)| *name).collect();
        return Err(format!("there is no case {only}: {}", names.join(", ")));
    }
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|error| error.to_string())?;
    for (case, labels, classes) in
        CASES.into_iter().filter(|(name, ..)| only.as_deref().is_none_or(|only| only == *name))
    {
        let columns = Columns::new(labels, rows, classes);
        let Measured { seconds, read_seconds, correct, cells } =
            measure(&columns).map_err(|error| error.to_string())?;
        let line = serde_json::json!({
            "case": case, "tool": "gradiometer", "rows": rows, "threads": threads, "seconds": seconds,
            "read_seconds": read_seconds, "bytes": columns.bytes(), "correct": correct, "cells": cells,
            "peak_mib": measure::peak_mib(),
        });
        println!("{line}");
    }
    Ok(())
}
