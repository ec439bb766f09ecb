//! The command line of `cargo xtask bench`.

use crate::failure::Failure;

pub const HELP: &str = "\
Usage: cargo xtask bench [NAME...] [OPTIONS]

Measures what is named, or everything, and prints a table in markdown. The peers are installed into benchmarks/.venv on
first use (5 GB, since PyTorch's default build carries its GPU libraries along; benchmarks/README.md tells how to spare
them).

Options:
  --list         What there is to measure
  --threads N    Threads of both sides (default: the machine's cores)
  --pairs N      How often the two sides take turns; in `solve` the seeds, of the digits three times as many (default 5)
  --seconds S    The length of a timed block (default 0.2); `solve` has none, it takes as long as it takes
  --peers        Only the peers' side, where the two can be told apart
  --record       Also put the table into benchmarks/README.md
";

/// What `bench` was asked for.
#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// The benchmarks to run; empty for all.
    pub names: Vec<String>,
    /// Print the benchmarks instead of running them.
    pub list: bool,
    /// Print the help instead of running anything.
    pub help: bool,
    /// Leave our own side out.
    pub peers: bool,
    /// Write the table into the record.
    pub record: bool,
    /// Threads of either side.
    pub threads: usize,
    /// How often the sides take turns.
    pub pairs: usize,
    /// Seconds of a timed block.
    pub seconds: f64,
}

impl Options {
    /// Reads the arguments after `bench`; `known` are the names that exist.
    pub fn parse(arguments: &[String], known: &[&str]) -> Result<Self, Failure> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut options = Self { threads, pairs: 5, seconds: 0.2, ..Self::default() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--list" => options.list = true,
                "--help" | "-h" => options.help = true,
                "--peers" => options.peers = true,
                "--record" => options.record = true,
                "--threads" => options.threads = positive(argument, arguments.next())?,
                "--pairs" => options.pairs = positive(argument, arguments.next())?,
                "--seconds" => options.seconds = seconds(arguments.next())?,
                name if known.contains(&name) => options.names.push(name.to_owned()),
                unknown => {
                    let known = known.join(", ");
                    return Err(Failure::Usage(format!(
                        "there is no benchmark or option `{unknown}`; there are {known}"
                    )));
                }
            }
        }
        Ok(options)
    }
}

fn positive(option: &str, value: Option<&String>) -> Result<usize, Failure> {
    let number = value.and_then(|value| value.parse().ok()).filter(|&number: &usize| number > 0);
    number.ok_or_else(|| Failure::Usage(format!("`{option}` wants a whole number above 0")))
}

fn seconds(value: Option<&String>) -> Result<f64, Failure> {
    let number = value.and_then(|value| value.parse().ok()).filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| Failure::Usage("`--seconds` wants a number above 0".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{Failure, Options};

    fn parse(arguments: &str) -> Result<Options, Failure> {
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        Options::parse(&arguments, &["training", "gauge"])
    }

    #[test]
    fn names_and_options_come_in_any_order() {
        let options = parse("--pairs 7 training --record --threads 1 gauge --seconds 0.5").unwrap();
        assert_eq!(options.names, ["training", "gauge"]);
        assert_eq!((options.pairs, options.threads, options.seconds), (7, 1, 0.5));
        assert!(options.record && !options.list && !options.peers);
    }

    #[test]
    fn a_number_that_measures_nothing_is_refused() {
        for wrong in ["--pairs 0", "--pairs", "--threads two", "--seconds 0", "--seconds NaN", "--seconds -1"] {
            assert!(matches!(parse(wrong), Err(Failure::Usage(_))), "{wrong}");
        }
    }
}
