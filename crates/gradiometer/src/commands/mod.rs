//! One file a command.

mod check;
mod confusion;
mod diagnose;
mod inspect;
mod opening;
mod progress;
mod regularize;
mod repair;
mod report;
mod self_test;
mod train;

use std::path::Path;
use std::process::ExitCode;

use gradiometer_diagnose::{Finding, Severity};
use gradiometer_network::spec::Spec;
use gradiometer_report::terminal::Terminal;

use crate::cli::{Cli, Command, FailOn, Global, Set};
use crate::output::{Output, stdout_is_terminal};

/// Runs the command of the command line.
///
/// # Errors
/// Bad input, and whatever else keeps the command from being done; the message is for people.
pub fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    let output = Output::new(&cli.global);
    match &cli.command {
        Command::Train(options) => train::run(options, &cli.global, output),
        Command::Inspect(options) => inspect::run(options, &cli.global, output),
        Command::Check(options) => check::run(options, &cli.global, output),
        Command::Regularize(options) => regularize::run(options, &cli.global, output),
        Command::Confusion(options) => confusion::run(options, &cli.global, output),
        Command::Repair(options) => repair::run(options, &cli.global, output),
        Command::Diagnose(options) => diagnose::run(options, output),
        Command::Report(options) => report::run(options, output),
    }
}

/// The spec with what the command line says over it.
fn spec(config: &Path, set: &Set, global: &Global) -> anyhow::Result<Spec> {
    let mut overrides = set.set.clone();
    overrides.extend(global.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
    Ok(Spec::load_with(config, &overrides)?)
}

/// How many threads are to compute, if the command line says so.
fn wanted_threads(global: &Global) -> anyhow::Result<Option<usize>> {
    anyhow::ensure!(global.threads != Some(0), "--threads 0: at least one thread has to compute");
    Ok(global.threads)
}

/// Sets how many threads compute; gives their number.
fn threads(global: &Global) -> anyhow::Result<usize> {
    if let Some(threads) = wanted_threads(global)? {
        // Fails only where something has computed before, which no command does.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
    Ok(rayon::current_num_threads())
}

/// 1 where a finding is as grave as `--fail-on` says, else 0.
fn exit_code(fail_on: Option<FailOn>, findings: &[Finding]) -> ExitCode {
    let least = match fail_on {
        None => return ExitCode::SUCCESS,
        Some(FailOn::Warning) => Severity::Warning,
        Some(FailOn::Error) => Severity::Error,
    };
    ExitCode::from(u8::from(findings.iter().any(|finding| finding.severity >= least)))
}

/// What the screen behind standard output can show.
fn terminal() -> Terminal {
    if !stdout_is_terminal() {
        return Terminal::PLAIN;
    }
    let unicode = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .is_some_and(|locale| locale.to_lowercase().replace('-', "").contains("utf8"));
    Terminal {
        width: usize::from(console::Term::stdout().size().1),
        color: std::env::var_os("NO_COLOR").is_none(),
        unicode,
    }
}
