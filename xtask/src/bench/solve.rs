//! `bench solve`: the time from the first step to a validation part that is judged well enough, here and in PyTorch, on the same
//! rows. The programs are the example `solve` of gradiometer-network, which writes its rows, and benchmarks/solve.py, which
//! reads them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::json_line::Line;
use super::machine;
use super::options::Options;
use super::peers;
use super::statistics::Spread;
use super::step_time::{build, example, json_lines};
use super::training::cell;
use crate::cargo::workspace_root;
use crate::failure::Failure;

/// The share of PyTorch's time that may be taken.
const GOAL: f64 = 0.75;

struct Task {
    /// As the peer's program knows it.
    name: &'static str,
    /// From the root of the workspace.
    spec: &'static str,
    description: &'static str,
    /// What it is judged by, as our program knows it, and the value that counts as solved.
    criterion: &'static str,
    target: f64,
    /// Steps between two judgements.
    every: u64,
    /// Steps after which it is given up: several times what a seed needs, so that none is cut off.
    most: u64,
    /// Seeds for each of `--pairs`: more where how many steps a seed takes is the larger part of what differs.
    seeds: usize,
}

const TASKS: [Task; 2] = [
    Task {
        name: "digits-resnet",
        spec: "benchmarks/specs/digits-resnet.toml",
        description: "conv, 64 channels, 4 residual blocks, 8×8, batch 32, Adam, to an accuracy of 0.97",
        criterion: "--accuracy",
        target: 0.97,
        // Finer than an epoch of forty: which one a seed ends with would be a third of its time.
        every: 10,
        most: 2_000,
        seeds: 3,
    },
    Task {
        name: "lstm-adding",
        spec: "examples/lstm-adding.toml",
        description: "the adding problem, LSTM, 100 steps, 64 hidden, batch 50, Adam, to a mean squared error of 0.02",
        criterion: "--loss",
        target: 0.02,
        every: 50,
        most: 10_000,
        seeds: 1,
    },
];

/// The runs of one side, one a seed.
#[derive(Debug, Default)]
struct Runs {
    seconds: Vec<f64>,
    steps: Vec<f64>,
    solved: usize,
}

impl Runs {
    fn add(&mut self, line: &Line) -> Result<(), String> {
        let (seconds, steps) = (line.number("seconds")?, line.number("steps")?);
        if seconds <= 0.0 || steps < 1.0 {
            return Err(format!("{steps} steps in {seconds} s"));
        }
        self.seconds.push(seconds);
        self.steps.push(steps);
        self.solved += usize::from(line.number("solved")? == 1.0);
        Ok(())
    }

    fn milliseconds_a_step(&self) -> impl Iterator<Item = f64> {
        self.seconds.iter().zip(&self.steps).map(|(seconds, steps)| 1e3 * seconds / steps)
    }

    /// `4 of 5`.
    fn share_solved(&self) -> String {
        if self.seconds.is_empty() { "–".to_owned() } else { format!("{} of {}", self.solved, self.seconds.len()) }
    }
}

pub fn measure(options: &Options) -> Result<String, Failure> {
    if options.peers {
        return Err(Failure::failed("`solve` has no peers' side alone: our program writes the rows"));
    }
    // A first call makes the peers' environment: nothing is timed while it installs.
    peers::program("solve.py")?;
    build("solve")?;
    let rows = Rows::new();
    let mut versions = Vec::new();
    let mut ratios = String::from(
        "From the first step to the one after which the validation part is judged well enough: the time of the steps alone, without the \
         judging, median (least – greatest) over the seeds; a ratio below 1 is Gradiometer ahead. A seed that did not get there within \
         the most steps counts with those.\n\n\
         | task | seconds, ratio | goal | ms a step, ratio |\n|---|---|---|---|\n",
    );
    let mut sides = String::from("\n| | solved | seconds | steps | ms a step |\n|---|---|---|---|---|\n");
    for task in &TASKS {
        let (mut ours, mut theirs) = (Runs::default(), Runs::default());
        let seeds = task.seeds * options.pairs;
        for seed in 1..=seeds {
            eprintln!("{}: seed {seed} of {seeds}", task.name);
            ours.add(&one_run(our_run(task, seed, &rows.0, options)?)?).map_err(Failure::failed)?;
            let line = one_run(their_run(task, seed, &rows.0, options)?)?;
            theirs.add(&line).map_err(Failure::failed)?;
            if versions.is_empty() {
                versions.extend(line.text("torch").map(|version| format!("torch {version}")));
            }
        }
        sides.push_str(&row(task, "Gradiometer", &ours));
        sides.push_str(&row(task, "PyTorch", &theirs));
        ratios.push_str(&ratio_row(task, &ours, &theirs));
    }
    Ok(format!("{}\n\n{ratios}{sides}", machine::facts(options.threads, &versions)))
}

fn row(task: &Task, side: &str, runs: &Runs) -> String {
    let seconds = cell(Spread::of(runs.seconds.iter().copied()));
    let steps = cell(Spread::of(runs.steps.iter().copied()));
    let each = cell(Spread::of(runs.milliseconds_a_step()));
    format!("| `{}`, {side} | {} | {seconds} | {steps} | {each} |\n", task.name, runs.share_solved())
}

fn ratio_row(task: &Task, ours: &Runs, theirs: &Runs) -> String {
    let whole = Spread::of(ours.seconds.iter().zip(&theirs.seconds).map(|(a, b)| a / b));
    let each = Spread::of(ours.milliseconds_a_step().zip(theirs.milliseconds_a_step()).map(|(a, b)| a / b));
    format!("| `{}`: {} | {} | ≤ {GOAL} | {} |\n", task.name, task.description, cell(whole), cell(each))
}

fn our_run(task: &Task, seed: usize, rows: &Path, options: &Options) -> Result<Command, Failure> {
    let mut command = example("solve")?;
    command.arg(workspace_root().join(task.spec)).args(["--seed", &seed.to_string()]);
    command.args([task.criterion, &task.target.to_string()]).arg("--data").arg(rows);
    steps_arguments(&mut command, task);
    // Burn computes on rayon's pool, which takes its size from here.
    command.env("RAYON_NUM_THREADS", options.threads.to_string());
    Ok(command)
}

fn their_run(task: &Task, seed: usize, rows: &Path, options: &Options) -> Result<Command, Failure> {
    let mut command = peers::program("solve.py")?;
    command.args(["--case", task.name, "--seed", &seed.to_string(), "--target", &task.target.to_string()]);
    command.arg("--data").arg(rows).args(["--threads", &options.threads.to_string()]);
    steps_arguments(&mut command, task);
    Ok(command)
}

fn steps_arguments(command: &mut Command, task: &Task) {
    command.args(["--most", &task.most.to_string()]);
    command.args(["--every", &task.every.to_string()]);
}

fn one_run(mut command: Command) -> Result<Line, Failure> {
    Ok(json_lines(&mut command)?.remove(0))
}

/// Where our program leaves the rows of a seed for the peer's; gone with this value.
struct Rows(PathBuf);

impl Rows {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("gradiometer-solve-{}", std::process::id())))
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Runs, TASKS, ratio_row, row};

    fn runs(lines: &[&str]) -> Runs {
        let mut runs = Runs::default();
        lines.iter().for_each(|line| runs.add(&Line::parse(line).unwrap()).unwrap());
        runs
    }

    #[test]
    fn a_seed_that_is_not_solved_counts_with_its_time_and_is_told() {
        let ours = runs(&[
            r#"{"seconds":2,"steps":100,"solved":1,"value":0.99}"#,
            r#"{"seconds":8,"steps":400,"solved":0,"value":0.5}"#,
        ]);
        let row = row(&TASKS[0], "Gradiometer", &ours);
        assert!(
            row.ends_with("`, Gradiometer | 1 of 2 | 5.00 (2.00 – 8.00) | 250 (100 – 400) | 20.0 (20.0 – 20.0) |\n"),
            "{row}"
        );
    }

    #[test]
    fn ratios_are_taken_seed_by_seed() {
        let ours = runs(&[r#"{"seconds":2,"steps":100,"solved":1}"#, r#"{"seconds":3,"steps":100,"solved":1}"#]);
        let theirs = runs(&[r#"{"seconds":4,"steps":100,"solved":1}"#, r#"{"seconds":6,"steps":300,"solved":1}"#]);
        let row = ratio_row(&TASKS[0], &ours, &theirs);
        assert!(row.ends_with(" | 0.500 (0.500 – 0.500) | ≤ 0.75 | 1.00 (0.500 – 1.50) |\n"), "{row}");
        assert!(Runs::default().add(&Line::parse(r#"{"seconds":0,"steps":1,"solved":1}"#).unwrap()).is_err());
    }
}
