//! Our side of `cargo xtask bench gradcheck`, and that of the peer written in Rust: one JSON line a cell of a table.
//!
//! Usage: `gradcheck-bench mutants SEEDS | single SEEDS | accuracy | speed LAYER SECONDS | memory N`.

mod accuracy;
mod memory;
mod mutants;
mod single;
mod speed;

use std::process::ExitCode;

use gradiometer_gradcheck::Depth;

/// The columns of our side.
const DEPTHS: [Depth; 3] = [Depth::Probe, Depth::Locate, Depth::Full];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |k: usize| arguments.get(k).and_then(|word| word.parse::<f64>().ok());
    match (arguments.first().map(String::as_str), number(1), number(2)) {
        (Some("mutants"), Some(seeds), _) => mutants::run(seeds as u64),
        (Some("single"), Some(seeds), _) => single::run(seeds as u64),
        (Some("accuracy"), ..) => accuracy::run(),
        (Some("speed"), None, Some(seconds)) => speed::run(&arguments[1], seconds),
        (Some("memory"), Some(n), _) => memory::run(n as usize),
        _ => {
            eprintln!(
                "usage: gradcheck-bench mutants SEEDS | single SEEDS | accuracy | speed LAYER SECONDS | memory N"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Prints one cell of a table.
fn cell(table: &str, row: &str, column: &str, text: &str) {
    println!(r#"{{"table": "{table}", "row": "{row}", "column": "{column}", "cell": "{text}"}}"#);
}
