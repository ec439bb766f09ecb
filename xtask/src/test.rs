//! `cargo xtask test`: the gate. Its stages run in order, cheapest first, and the first that fails ends it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::{cargo, docs};

const HELP: &str = "\
Usage: cargo xtask test

Runs, in this order and until the first that fails:
  fmt      cargo fmt --all --check
  clippy   cargo clippy --release --workspace --all-targets -- -D warnings
  doc      cargo doc --release --workspace --no-deps, warnings refused
  test     cargo test --release --workspace, the examples in the documentation included
  candle   cargo clippy and cargo test of gradiometer-gradcheck with the feature candle, which no other crate asks for
and prints how long each took.

A test that needs a browser or a file that is not there says `skipped` and passes. GRADIOMETER_REQUIRE_BROWSER=1 makes
the first an error; GRADIOMETER_DATA names the folder of the second.
";

/// One program of the gate.
struct Stage {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

/// One profile throughout: `--release` is said everywhere, so that no crate is compiled for two of them.
const STAGES: [Stage; 6] = [
    Stage { name: "fmt", arguments: &["fmt", "--all", "--check"], environment: &[] },
    Stage {
        name: "clippy",
        arguments: &["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"],
        environment: &[],
    },
    Stage { name: "doc", arguments: &docs::ARGUMENTS, environment: &docs::ENVIRONMENT },
    Stage { name: "test", arguments: &["test", "--release", "--workspace"], environment: &[] },
    // Asked for with the workspace, Candle's features would have Burn compiled anew for `cargo run`.
    Stage {
        name: "candle clippy",
        arguments: &[
            "clippy",
            "--release",
            "--package",
            "gradiometer-gradcheck",
            "--features",
            "candle",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
        environment: &[],
    },
    Stage {
        name: "candle",
        arguments: &["test", "--release", "--package", "gradiometer-gradcheck", "--features", "candle"],
        environment: &[],
    },
];

/// Runs the gate.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some(argument) = arguments.first() {
        if matches!(argument.as_str(), "--help" | "-h") {
            print!("{HELP}");
            return Ok(());
        }
        return Err(Failure::Usage(format!("`test` has no option `{argument}`; it always runs everything")));
    }
    require_components()?;

    let mut times = Vec::new();
    let outcome = run_stages(&STAGES, &mut times, |stage| {
        let mut command = cargo::command(stage.arguments);
        command.envs(stage.environment.iter().copied());
        command
    });
    eprint!("{}", summary(&times));
    outcome
}

/// Runs the stages until one fails, noting each one's time, the failing one's included.
fn run_stages(
    stages: &[Stage],
    times: &mut Vec<(&'static str, Duration)>,
    command: impl Fn(&Stage) -> Command,
) -> Result<(), Failure> {
    for stage in stages {
        let words = words(stage);
        eprintln!("== {}: {words}", stage.name);
        let start = Instant::now();
        let status = command(stage).status();
        times.push((stage.name, start.elapsed()));
        match status {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(Failure::failed(format!("stage `{}` failed ({status}): {words}", stage.name))),
            Err(error) => {
                return Err(Failure::failed(format!("stage `{}` did not start ({error}): {words}", stage.name)));
            }
        }
    }
    Ok(())
}

/// The stage as a person would type it.
fn words(stage: &Stage) -> String {
    let variables: String = stage.environment.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    format!("{variables}cargo {}", stage.arguments.join(" "))
}

/// Says what to install where cargo lacks a part that the gate needs, before any of the long stages.
fn require_components() -> Result<(), Failure> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let answered = cargo::command(&[subcommand, "--version"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !answered {
            return Err(Failure::failed(format!(
                "`cargo {subcommand}` is not installed. Add it with `rustup component add {component}`, or, where Rust \
                 came with the system, install its package of that name"
            )));
        }
    }
    Ok(())
}

fn summary(times: &[(&str, Duration)]) -> String {
    let total: Duration = times.iter().map(|(_, time)| *time).sum();
    let mut text = String::from("\n");
    for (name, time) in times.iter().copied().chain([("total", total)]) {
        text.push_str(&format!("{name:<8}{:>14}\n", in_words(time)));
    }
    text
}

/// `12.3 s`, or `2 min 05 s` from a minute on.
fn in_words(time: Duration) -> String {
    if time < Duration::from_mins(1) {
        return format!("{:.1} s", time.as_secs_f64());
    }
    let seconds = time.as_secs_f64().round() as u64;
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{STAGES, Stage, in_words, run_stages, summary, words};
    use crate::failure::Failure;

    #[test]
    fn every_stage_that_compiles_names_the_one_profile() {
        for stage in STAGES.iter().filter(|stage| stage.name != "fmt") {
            assert!(stage.arguments.contains(&"--release"), "{}", words(stage));
            // Of a part of the workspace cargo would ask other features, and compile Burn anew; these are built without Burn.
            let without_burn = stage.name.starts_with("candle") && stage.arguments.contains(&"gradiometer-gradcheck");
            assert!(without_burn || stage.arguments.contains(&"--workspace"), "{}", words(stage));
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_first_failure_ends_the_gate_and_is_named_with_its_command() {
        let stages = ["good", "bad", "never"].map(|name| Stage { name, arguments: &[], environment: &[] });
        let mut times = Vec::new();
        let outcome =
            run_stages(&stages, &mut times, |stage| Command::new(if stage.name == "good" { "true" } else { "false" }));
        let Err(Failure::Failed(message)) = outcome else { panic!("a failing stage passed") };
        assert!(message.contains("`bad`") && message.contains("exit status: 1"), "{message}");
        assert_eq!(times.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["good", "bad"]);
    }

    #[test]
    fn a_program_that_is_not_there_fails_the_gate() {
        let stages = [Stage { name: "absent", arguments: &[], environment: &[] }];
        let outcome = run_stages(&stages, &mut Vec::new(), |_| Command::new("no-such-program-anywhere"));
        assert!(matches!(outcome, Err(Failure::Failed(message)) if message.contains("`absent` did not start")));
    }

    #[test]
    fn a_stage_reads_as_a_person_would_type_it() {
        let documentation = STAGES.iter().find(|stage| stage.name == "doc").unwrap();
        assert_eq!(words(documentation), "RUSTDOCFLAGS=-Dwarnings cargo doc --release --workspace --no-deps");
    }

    #[test]
    fn times_are_given_in_seconds_and_from_a_minute_on_in_minutes() {
        assert_eq!(in_words(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(in_words(Duration::from_secs(125)), "2 min 05 s");
        assert_eq!(in_words(Duration::from_millis(119_700)), "2 min 00 s");
        let text = summary(&[("fmt", Duration::from_secs(1)), ("test", Duration::from_secs(2))]);
        assert!(text.lines().last().unwrap().ends_with("3.0 s"), "{text}");
    }
}
