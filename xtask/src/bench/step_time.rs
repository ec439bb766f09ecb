//! Starts the two programs that time training steps, ours and PyTorch's, in turns, and gathers what they print.
//!
//! Ours is the example `step_time` of gradiometer-network. It is called as
//! `step_time SPEC --threads N --blocks N --seconds S --variant unwatched [--variant NAME]...` and prints a JSON line
//! a variant, as benchmarks/stopwatch.py describes it; of a line, `case`, `variant` and `ms_median` are read, and
//! `ratio` (to the bare step, block by block), `peak_mib` and `import_mib` where they are there. PyTorch's variants all
//! begin with `torch`.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use super::json_line::Line;
use super::options::Options;
use super::peers;
use super::statistics::Spread;
use crate::cargo;
use crate::failure::Failure;

/// The blocks that a program times in each of its turns; there are `--pairs` turns. Many short ones rather than a few long
/// ones: what the machine does otherwise changes within seconds, and a ratio is taken of blocks side by side.
pub const BLOCKS_A_TURN: usize = 15;

/// What a side's program reported of one variant of one network, turn by turn.
#[derive(Debug, Default)]
pub struct Turns {
    /// Milliseconds a step: the median of a turn's blocks.
    pub milliseconds: Vec<f64>,
    /// Time over that of the same side's bare step, block by block: the median of a turn's blocks.
    pub ratios: Vec<f64>,
    /// The most memory that the variant's process held, in MiB.
    pub peak_mib: Vec<f64>,
    /// What of it there was before there was a network.
    pub import_mib: Vec<f64>,
}

/// A program of the peers, and its arguments besides those of every program.
pub type Peer = (&'static str, &'static [&'static str]);

/// All that was measured: by network, then by variant.
#[derive(Debug, Default)]
pub struct Measured {
    cases: BTreeMap<String, BTreeMap<String, Turns>>,
    /// The peers' versions, as they reported them.
    pub versions: Vec<String>,
}

impl Measured {
    /// The turns of one variant; `None` where it did not run.
    pub fn turns(&self, case: &str, variant: &str) -> Option<&Turns> {
        self.cases.get(case)?.get(variant)
    }

    /// The spread of the time of a step, in milliseconds.
    pub fn milliseconds(&self, case: &str, variant: &str) -> Option<Spread> {
        Spread::of(self.turns(case, variant)?.milliseconds.iter().copied())
    }

    /// The spread, turn by turn, of one variant's time over another's.
    pub fn over(&self, case: &str, variant: &str, base: &str) -> Option<Spread> {
        let (turns, base) = (self.turns(case, variant)?, self.turns(case, base)?);
        Spread::of(turns.milliseconds.iter().zip(&base.milliseconds).map(|(time, base)| time / base))
    }

    /// The spread of the most memory that the variant's process held, in MiB.
    pub fn peak_mib(&self, case: &str, variant: &str) -> Option<Spread> {
        Spread::of(self.turns(case, variant)?.peak_mib.iter().copied())
    }

    /// Adds the lines of one turn of one program.
    fn add(&mut self, lines: &[Line]) -> Result<(), String> {
        for line in lines {
            let (case, variant) = (line.text("case")?, line.text("variant")?);
            let milliseconds = line.number("ms_median")?;
            if milliseconds <= 0.0 {
                return Err(format!("`ms_median` of {case}, {variant} is {milliseconds}"));
            }
            let turns = self.cases.entry(case.to_owned()).or_default().entry(variant.to_owned()).or_default();
            turns.milliseconds.push(milliseconds);
            turns.ratios.extend(line.number("ratio"));
            turns.peak_mib.extend(line.number("peak_mib"));
            turns.import_mib.extend(line.number("import_mib"));
            for peer in ["torch", "tensorboard"] {
                if let Ok(version) = line.text(peer) {
                    let version = format!("{peer} {version}");
                    if !self.versions.contains(&version) {
                        self.versions.push(version);
                    }
                }
            }
        }
        Ok(())
    }
}

/// Lets both sides take turns over the networks: `variants` are ours and share a process, `peers` have one each.
pub fn alternate(cases: &[&str], variants: &[&str], peers: &[Peer], options: &Options) -> Result<Measured, Failure> {
    // A first call makes the peers' environment: nothing is timed while it installs.
    for (script, _) in peers {
        peers::program(script)?;
    }
    if !options.peers {
        build("step_time")?;
    }
    let mut measured = Measured::default();
    for case in cases {
        for turn in 1..=options.pairs {
            eprintln!("{case}: turn {turn} of {}", options.pairs);
            if !options.peers {
                take_turn(ours(case, variants, options)?, &mut measured)?;
            }
            for (script, arguments) in peers {
                let mut theirs = peers::program(script)?;
                theirs.args(["--case", case]).args(*arguments);
                timing_arguments(&mut theirs, options);
                take_turn(theirs, &mut measured)?;
            }
        }
    }
    Ok(measured)
}

/// Builds an example of one of the crates; `example` starts it.
pub fn build(example: &str) -> Result<(), Failure> {
    // With `--package` instead, cargo would ask other features of Burn's dependencies and compile it anew.
    let status = cargo::command(&["build", "--release", "--workspace", "--example", example])
        .status()
        .map_err(|error| Failure::failed(format!("cannot start cargo: {error}")))?;
    if status.success() { Ok(()) } else { Err(Failure::failed(format!("building {example} ended with {status}"))) }
}

/// An example that [`build`] has built.
pub fn example(name: &str) -> Result<Command, Failure> {
    let directory =
        cargo::release_directory().map_err(|error| Failure::failed(format!("cannot find the build: {error}")))?;
    Ok(Command::new(directory.join("examples").join(name)))
}

fn ours(case: &str, variants: &[&str], options: &Options) -> Result<Command, Failure> {
    let mut command = example("step_time")?;
    command.arg(peers::directory().join("specs").join(format!("{case}.toml")));
    for variant in variants {
        command.args(["--variant", variant]);
    }
    timing_arguments(&mut command, options);
    // Burn computes on rayon's pool, which takes its size from here.
    command.env("RAYON_NUM_THREADS", options.threads.to_string());
    Ok(command)
}

fn timing_arguments(command: &mut Command, options: &Options) {
    command.args(["--threads", &options.threads.to_string()]);
    command.args(["--blocks", &BLOCKS_A_TURN.to_string()]);
    command.args(["--seconds", &options.seconds.to_string()]);
}

fn take_turn(mut command: Command, measured: &mut Measured) -> Result<(), Failure> {
    let lines = json_lines(&mut command)?;
    measured.add(&lines).map_err(|error| Failure::failed(format!("{command:?} printed a line without sense: {error}")))
}

/// Runs a program and reads the JSON lines that it prints.
pub fn json_lines(command: &mut Command) -> Result<Vec<Line>, Failure> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::failed(format!("{command:?} did not start: {error}")))?;
    if !output.status.success() {
        return Err(Failure::failed(format!("{command:?} ended with {}", output.status)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Result<Vec<Line>, String> =
        text.lines().filter(|line| !line.trim().is_empty()).map(Line::parse).collect();
    match lines {
        Ok(lines) if !lines.is_empty() => Ok(lines),
        Ok(_) => Err(Failure::failed(format!("{command:?} printed nothing"))),
        Err(error) => Err(Failure::failed(format!("{command:?} printed what is not a JSON line: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Measured};

    fn measured(lines: &[&str]) -> Result<Measured, String> {
        let mut measured = Measured::default();
        for line in lines {
            measured.add(&[Line::parse(line)?])?;
        }
        Ok(measured)
    }

    #[test]
    fn a_ratio_is_taken_turn_by_turn_so_that_a_slow_minute_cancels() {
        let measured = measured(&[
            r#"{"case":"deep","variant":"unwatched","ms_median":1.0}"#,
            r#"{"case":"deep","variant":"torch","ms_median":2.0,"torch":"2.15"}"#,
            r#"{"case":"deep","variant":"unwatched","ms_median":10.0}"#,
            r#"{"case":"deep","variant":"torch","ms_median":20.0,"torch":"2.15"}"#,
        ])
        .unwrap();
        let ratio = measured.over("deep", "unwatched", "torch").unwrap();
        assert_eq!((ratio.least, ratio.median, ratio.greatest), (0.5, 0.5, 0.5));
        assert_eq!(measured.milliseconds("deep", "torch").unwrap().median, 11.0);
        assert_eq!(measured.versions, ["torch 2.15"]);
        assert!(measured.over("wide", "unwatched", "torch").is_none());
    }

    #[test]
    fn a_time_that_cannot_be_is_refused() {
        assert!(measured(&[r#"{"case":"deep","variant":"torch","ms_median":0}"#]).is_err());
        assert!(measured(&[r#"{"case":"deep","variant":"torch"}"#]).is_err());
    }

    #[test]
    fn what_a_program_says_besides_the_time_is_kept_turn_by_turn() {
        let measured = measured(&[
            r#"{"case":"deep","variant":"torch","ms_median":1,"ratio":1,"peak_mib":700.5,"import_mib":530}"#,
            r#"{"case":"deep","variant":"torch","ms_median":1,"ratio":1.5,"peak_mib":null}"#,
        ])
        .unwrap();
        let turns = measured.turns("deep", "torch").unwrap();
        assert_eq!((&turns.ratios[..], &turns.peak_mib[..]), (&[1.0, 1.5][..], &[700.5][..]));
        assert_eq!(turns.import_mib, [530.0]);
        assert!(measured.peak_mib("deep", "torch-fused").is_none());
    }
}
