//! `bench gradcheck`: the gradient checker against PyTorch's, JAX's and the crate `gradcheck`, on the same functions.
//!
//! Ours and the Rust peer are the program in benchmarks/gradcheck, the others the Python programs beside it, which load the same
//! functions as a library. All print lines that are cells of a table; only what is timed or weighed is put together here.

mod grid;
mod memory;
mod speed;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::machine;
use super::options::Options;
use super::peers;
use super::step_time::json_lines;
use crate::cargo;
use crate::failure::Failure;
use grid::Grid;

const CHECKERS: [&str; 7] = ["probe", "locate", "full", "torch slow", "torch fast", "jax", "crate gradcheck"];

const ACCURACY: [&str; 6] =
    ["median, ulp", "p99, ulp", "max, ulp", "p99 with ill-scaled, ulp", "evaluations", "bars that hold"];

/// The tables whose cells the programs print: name, columns, what stands above.
const TABLES: [(&str, &[&str], &str); 5] = [
    (
        "mutants",
        &CHECKERS,
        "Mistakes in backward passes that are found, and alarms for nothing, in the operations of `gradiometer-mutants`; `unsure` is \
         neither pass nor fail. At defaults everywhere; `probe`, `locate` and `full` are ours.",
    ),
    (
        "sensitivity",
        &CHECKERS,
        "One entry of the gradient wrong, of `n` entries of about 1 (`n` outputs): the least relative error, of 1 and 3 times powers of \
         ten, from which on it is found at every seed.",
    ),
    ("mean", &CHECKERS, "The verdict on a gradient that is all wrong, or right: of a mean over `n` values."),
    (
        "rectifiers",
        &CHECKERS,
        "Right gradients of a network of rectifiers, 16-64-64-1, 5,120 hidden weights: networks that are flagged.",
    ),
    (
        "accuracy",
        &ACCURACY,
        "Derivatives of functions of one variable against fifty digits, relative errors in units of the precision's epsilon; \
         ∞ where no number came, as on leaving the domain. The first three columns and the mean number of evaluations are \
         over the 15 functions of ordinary scale, 48 points each; the fourth, the mean in brackets and the bars over all 20.",
    ),
];

/// Verdicts at more seeds than these would take the peers an hour.
const MOST_SEEDS: usize = 3;

/// Where the programs are.
struct Programs {
    ours: PathBuf,
    library: PathBuf,
}

impl Programs {
    fn build() -> Result<Self, Failure> {
        let status = cargo::command(&["build", "--release", "--package", "gradcheck-bench"])
            .status()
            .map_err(|error| Failure::failed(format!("cannot start cargo: {error}")))?;
        if !status.success() {
            return Err(Failure::failed(format!("building gradcheck-bench ended with {status}")));
        }
        let directory =
            cargo::release_directory().map_err(|error| Failure::failed(format!("cannot find the build: {error}")))?;
        use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
        let library = directory.join(format!("{DLL_PREFIX}gradcheck_bench{DLL_SUFFIX}"));
        Ok(Self { ours: directory.join("gradcheck-bench"), library })
    }

    fn ours(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.ours);
        command.args(arguments);
        command
    }

    fn library(&self) -> &Path {
        &self.library
    }
}

/// A Python program of the peers' side.
fn theirs(script: &str, arguments: &[&str]) -> Result<Command, Failure> {
    let mut command = peers::program(&format!("gradcheck/peers/{script}"))?;
    command.args(arguments);
    Ok(command)
}

pub fn measure(options: &Options) -> Result<String, Failure> {
    // A first call makes the peers' environment: nothing is measured while it installs.
    peers::program("gradcheck/peers/verdicts.py")?;
    let programs = Programs::build()?;
    let library = programs.library().to_string_lossy().into_owned();
    let seeds = options.pairs.min(MOST_SEEDS).to_string();
    let mut grid = Grid::default();
    for (part, script, arguments) in [
        ("mutants", "verdicts.py", vec!["mutants", library.as_str(), seeds.as_str()]),
        ("single", "verdicts.py", vec!["single", library.as_str(), seeds.as_str()]),
        ("accuracy", "accuracy.py", vec![library.as_str()]),
    ] {
        if !options.peers {
            eprintln!("{part}: ours");
            grid.add(&json_lines(&mut programs.ours(&[part, &seeds]))?)?;
        }
        eprintln!("{part}: the peers");
        grid.add(&json_lines(&mut theirs(script, &arguments)?)?)?;
    }
    let timed = speed::measure(&programs, options)?;
    let weighed = memory::measure(&programs, options)?;
    let mut text = machine::facts(1, &grid.versions());
    for (table, columns, above) in TABLES {
        text.push_str(&format!("\n\n{above}\n\n{}", grid.table(table, columns)));
    }
    Ok(format!("{text}\n\n{timed}\n\n{weighed}"))
}
