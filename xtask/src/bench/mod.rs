//! `cargo xtask bench`: side by side with the peers, one command a benchmark.
//!
//! What is measured lies in `benchmarks/` and in the crates' own examples; here is only who is started when, and how the
//! figures become a table. Both sides take turns within one call, so that whatever slows the machine slows both.

mod gauge;
mod gradcheck;
mod json_line;
mod machine;
mod options;
mod peak;
mod peers;
mod record;
mod run;
mod solve;
mod statistics;
mod step_time;
mod training;
mod watching;

use crate::failure::Failure;
use options::Options;

/// A benchmark: its name, what it measures, and the function that measures and returns markdown.
struct Benchmark {
    name: &'static str,
    measures: &'static str,
    measure: fn(&Options) -> Result<String, Failure>,
}

const BENCHMARKS: [Benchmark; 7] = [
    Benchmark {
        name: "gauge",
        measures: "GB/s of a summary against a plain read of the same memory",
        measure: gauge::measure,
    },
    Benchmark {
        name: "peak",
        measures: "the share of one core's multiply-adds that the large products reach",
        measure: peak::measure,
    },
    Benchmark {
        name: "training",
        measures: "the time and memory of a training step against PyTorch, thirteen networks",
        measure: training::measure,
    },
    Benchmark {
        name: "watching",
        measures: "a watched step over an unwatched one, here and in PyTorch",
        measure: watching::measure,
    },
    Benchmark {
        name: "solve",
        measures: "the time to solve two tasks against PyTorch, on the same rows, a seed a turn",
        measure: solve::measure,
    },
    Benchmark {
        name: "gradcheck",
        measures: "the gradient checker against PyTorch's, JAX's and a crate's: mistakes found, accuracy, time, memory",
        measure: gradcheck::measure,
    },
    Benchmark {
        name: "run",
        measures: "peak memory of a run, and its time from start to report",
        measure: run::measure,
    },
];

/// Runs the benchmarks that are named, or all.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    let options = Options::parse(arguments, &BENCHMARKS.map(|benchmark| benchmark.name))?;
    if options.help {
        print!("{}\nBenchmarks:\n{}", options::HELP, list());
        return Ok(());
    }
    if options.list {
        print!("{}", list());
        return Ok(());
    }
    for benchmark in &BENCHMARKS {
        if !options.names.is_empty() && !options.names.iter().any(|name| name == benchmark.name) {
            continue;
        }
        eprintln!("== {}: {}", benchmark.name, benchmark.measures);
        let markdown = (benchmark.measure)(&options)?;
        println!("{markdown}");
        if options.record {
            record::write(benchmark.name, &markdown)?;
        }
    }
    Ok(())
}

fn list() -> String {
    BENCHMARKS.iter().map(|benchmark| format!("  {:<10}{}\n", benchmark.name, benchmark.measures)).collect()
}
