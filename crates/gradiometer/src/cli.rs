//! The command line: what there is to say. What it does stands with each command.

mod confusion;
mod regularize;
mod repair;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use confusion::{
    Axis, Confusion, Convention, Counting, FailOnGuard, IntervalName, Intervals, Normalize, OrderName, Showing,
};
pub use repair::Repair;

pub use regularize::{FamilyName, MissingPolicy, Reading, Regularize, Rule, Shape};

/// Is it learning? And if not: which layer, why, and what would help?
#[derive(Debug, Parser)]
#[command(name = "gradiometer", version, propagate_version = true, max_term_width = 110)]
#[command(
    after_help = "Exit codes: 0 done; 1 done, and --fail-on found what it looks for; 2 bad usage, bad input or a disk that \
    takes nothing more; 130 interrupted by Ctrl-C or SIGTERM, and to be resumed."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How everything is said.
    #[command(flatten)]
    pub global: Global,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// What standard output gets: text for people, or one JSON document.
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// The seed of every random number; overrides the spec's.
    #[arg(long, global = true, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Threads to compute with; default: one a core.
    #[arg(long, global = true, value_name = "NUMBER")]
    pub threads: Option<usize>,
    /// Say nothing on standard error but errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// The form of standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Human,
    /// One JSON document, described in docs/json.md.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train, watch every layer, say what is wrong; leaves a run directory with its report.html.
    Train(Train),
    /// Before training: how far a gradient will reach, layer by layer.
    Inspect(Inspect),
    /// Are the gradients right? Every layer and the whole network against numeric derivatives.
    Check(Check),
    /// Is it more complex than it need be? L1 and L2: which features stay, how sure that is, what it saves.
    Regularize(Box<Regularize>),
    /// Is it any good? The confusion matrix of a table of predictions: every metric with its interval, and whether accuracy means anything.
    Confusion(Box<Confusion>),
    /// Mend a training that ails, and prove it: try remedies on equal budgets, then train the best one on fresh seeds.
    Repair(Repair),
    /// The findings of a recorded run.
    Diagnose(Diagnose),
    /// The report of a recorded run, again.
    Report(Report),
}

/// Where a spec comes from.
#[derive(Args, Clone, Debug)]
pub struct Set {
    /// Changes a key of the spec, such as `--set optimizer.learning_rate=0.1` or `--set layers.0.units=32`.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub set: Vec<(String, String)>,
}

/// Options of `train`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gradiometer train examples/vanishing.toml\n  \
    gradiometer train examples/table.toml --set data.path=rows.csv --set data.target=label --out runs/mine\n  \
    gradiometer train examples/select-features.toml --compact smaller")]
pub struct Train {
    /// The network, its data and its training, as TOML; docs/spec.md has every key.
    #[arg(required_unless_present = "resume", value_name = "CONFIG")]
    pub config: Option<PathBuf>,
    /// Overrides of the spec.
    #[command(flatten)]
    pub set: Set,
    /// The run directory to make; default: runs/NAME, or runs/NAME-2, … where that exists.
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub out: Option<PathBuf>,
    /// Go on with a run that was interrupted, from its last checkpoint, to the same bits.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["config", "set", "seed", "device"])]
    pub resume: Option<PathBuf>,
    /// Start from these weights instead of drawn ones, such as those of a compacted network.
    #[arg(long, value_name = "FILE", conflicts_with = "resume")]
    pub weights: Option<PathBuf>,
    /// At the end, write a smaller network into this folder, without the inputs and units that no weight needs: its spec and
    /// its weights. Its outputs are the same.
    #[arg(long, value_name = "DIR")]
    pub compact: Option<PathBuf>,
    /// Where to compute.
    #[arg(long, default_value = "flex")]
    pub device: String,
    /// What to do when an error is found: train on, end the training, or end it and repair what was trained.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = OnFinding::Continue)]
    pub on_finding: OnFinding,
    /// Exit with 1 when a finding of this severity, or a graver one, still holds at the end.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
}

/// What `train` does at a finding that is an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnFinding {
    /// Train on.
    Continue,
    /// End the training.
    Stop,
    /// End the training and repair it, as `gradiometer repair` would.
    Repair,
}

/// Options of `inspect`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gradiometer inspect examples/vanishing.toml --set layers.0.activation=relu")]
pub struct Inspect {
    /// The network, its data and its training, as TOML.
    #[arg(value_name = "CONFIG")]
    pub config: PathBuf,
    /// Overrides of the spec.
    #[command(flatten)]
    pub set: Set,
    /// Where to compute.
    #[arg(long, default_value = "flex")]
    pub device: String,
    /// Exit with 1 when a finding of this severity, or a graver one, is foretold.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
}

/// Options of `check`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gradiometer check examples/residual.toml\n  gradiometer check --self-test\n\n\
    Exit code 1: a gradient is wrong; with --self-test, a goal was missed.")]
pub struct Check {
    /// The network, its data and its training, as TOML.
    #[arg(value_name = "CONFIG", required_unless_present = "self_test", conflicts_with = "self_test")]
    pub config: Option<PathBuf>,
    /// Overrides of the spec.
    #[command(flatten)]
    pub set: Set,
    /// How closely to look.
    #[arg(long, value_enum, default_value_t = CheckDepth::Locate)]
    pub depth: CheckDepth,
    /// The numbers to compute with.
    #[arg(long, value_enum, default_value_t = Precision::F64)]
    pub precision: Precision,
    /// Steps of training before the second of the two points.
    #[arg(long, value_name = "STEPS", default_value_t = 10)]
    pub burn_in: u64,
    /// Where to compute.
    #[arg(long, default_value = "flex")]
    pub device: String,
    /// Check the checker: on operations with right and with hundreds of wrong backward passes.
    #[arg(long)]
    pub self_test: bool,
    /// Leave out large operations and most seeds: some seconds instead of a minute.
    #[arg(long, requires = "self_test")]
    pub short: bool,
}

/// How closely `check` looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckDepth {
    /// A few random directions in every tensor.
    Probe,
    /// The same; where they disagree, down to the entry.
    Locate,
    /// Every entry.
    Full,
}

/// What `check` computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Precision {
    /// Double precision.
    F64,
    /// Single precision, with error bars to match.
    F32,
}

impl Precision {
    /// `f64` or `f32`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F64 => "f64",
            Self::F32 => "f32",
        }
    }
}

/// Options of `diagnose`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gradiometer diagnose runs/vanishing --format json")]
pub struct Diagnose {
    /// A run directory.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// Exit with 1 when a finding of this severity, or a graver one, still holds at the end.
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
}

/// Options of `report`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  gradiometer report runs/vanishing --out vanishing.html")]
pub struct Report {
    /// A run directory.
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The file to write; default: report.html in the run directory.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// The severity from which on a command ends with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Warnings and errors.
    Warning,
    /// Errors alone.
    Error,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE, such as optimizer.learning_rate=0.1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
