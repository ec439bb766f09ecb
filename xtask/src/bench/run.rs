//! `bench run`: the peak memory of a whole `gradiometer train`, and its time from start to report.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::machine;
use super::options::Options;
use super::peers;
use super::statistics::Spread;
use super::step_time::json_lines;
use crate::cargo;
use crate::failure::Failure;

/// The example that is run; it ships with its data.
const EXAMPLE: &str = "vanishing";

pub fn measure(options: &Options) -> Result<String, Failure> {
    if options.peers {
        return Err(Failure::failed("`run` measures our own program only; it has no peer's side"));
    }
    let program = build()?;
    let (mut seconds, mut mebibytes) = (Vec::new(), Vec::new());
    for turn in 1..=options.pairs {
        eprintln!("{EXAMPLE}: turn {turn} of {}", options.pairs);
        let directory = fresh_directory()?;
        let line = json_lines(&mut one_run(&program, &directory, options.threads))?.remove(0);
        let number = |key| line.number(key).map_err(|error| Failure::failed(format!("peak_memory.py: {error}")));
        let status = number("status")?;
        if status != 0.0 {
            return Err(Failure::failed(format!("`gradiometer train` ended with status {status}")));
        }
        if !holds_report(&directory, 4) {
            return Err(Failure::failed(format!("the run left no report.html under {}", directory.display())));
        }
        seconds.push(number("seconds")?);
        mebibytes.push(number("peak_mib")?);
        let cleaned = std::fs::remove_dir_all(&directory);
        cleaned.map_err(|error| Failure::failed(format!("cannot remove {}: {error}", directory.display())))?;
    }
    Ok(format!("{}\n\n{}", machine::facts(options.threads, &[]), table(&seconds, &mebibytes)))
}

fn table(seconds: &[f64], mebibytes: &[f64]) -> String {
    let cell = |figures: &[f64]| super::training::cell(Spread::of(figures.iter().copied()));
    format!(
        "`gradiometer train examples/{EXAMPLE}.toml`, median (least – greatest) over {} runs.\n\n\
         | from start to report, s | peak resident memory, MiB |\n|---|---|\n| {} | {} |\n",
        seconds.len(),
        cell(seconds),
        cell(mebibytes)
    )
}

fn build() -> Result<PathBuf, Failure> {
    let status = cargo::command(&["build", "--release", "--package", "gradiometer", "--bin", "gradiometer"])
        .status()
        .map_err(|error| Failure::failed(format!("cannot start cargo: {error}")))?;
    if !status.success() {
        return Err(Failure::failed(format!("building gradiometer ended with {status}")));
    }
    let directory =
        cargo::release_directory().map_err(|error| Failure::failed(format!("cannot find the build: {error}")))?;
    Ok(directory.join("gradiometer"))
}

/// An empty working directory: the run directory goes into it, and no earlier run is in its way.
fn fresh_directory() -> Result<PathBuf, Failure> {
    let directory = peers::directory().join("out").join(format!("run-{}", std::process::id()));
    let made = match std::fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => std::fs::create_dir_all(&directory),
    };
    made.map_err(|error| Failure::failed(format!("cannot make {}: {error}", directory.display())))?;
    Ok(directory)
}

/// The measuring program around one training. The kernel's own count of the peak needs a parent that waits for the
/// child, which the standard library of Python offers and that of Rust does not.
fn one_run(program: &Path, directory: &Path, threads: usize) -> Command {
    let mut command = Command::new("python3");
    command.arg(peers::directory().join("peak_memory.py")).arg(program).arg("train");
    command.arg(cargo::workspace_root().join("examples").join(format!("{EXAMPLE}.toml")));
    command.current_dir(directory).env("RAYON_NUM_THREADS", threads.to_string());
    command
}

/// Whether a report lies in the directory or at most `depth` below it.
fn holds_report(directory: &Path, depth: usize) -> bool {
    let Ok(entries) = std::fs::read_dir(directory) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        path.file_name().is_some_and(|name| name == "report.html")
            || (depth > 0 && path.is_dir() && holds_report(&path, depth - 1))
    })
}
