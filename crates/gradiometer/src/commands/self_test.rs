//! `gradiometer check --self-test`: does the checker find what is wrong, and nothing else?

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use gradiometer_mutants::{Options, Outcome, Precision, Share, run as suite};

use crate::cli::Check;
use crate::document::check::SelfTestDocument;
use crate::output::Output;

pub(super) fn run(options: &Check, output: Output) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let outcomes: Vec<Outcome> = [Precision::F64, Precision::F32]
        .into_iter()
        .map(|precision| {
            output.note(&format!("right and wrong backward passes in {} …", precision.name()));
            let options = if options.short { Options::short(precision) } else { Options::full(precision) };
            suite(&options)
        })
        .collect();
    let missed: Vec<String> = outcomes.iter().flat_map(goals).filter(|goal| !goal.met).map(|goal| goal.text).collect();
    let document = SelfTestDocument {
        verdict: if missed.is_empty() { "pass" } else { "fail" },
        short: options.short,
        seconds: started.elapsed().as_secs_f64(),
        runs: outcomes.iter().map(Into::into).collect(),
    };
    output.result(|| text(&outcomes, &document), &document)?;
    Ok(ExitCode::from(u8::from(!missed.is_empty())))
}

/// Something that the checker is to reach on its own suite.
struct Goal {
    text: String,
    met: bool,
}

/// The goals: of the mutants in `f64` 99 %, of mistakes of one per cent in `f32` 90 %; no false alarm in `f64` and less
/// than 0.1 % in `f32`; at most 2 % inconclusive.
fn goals(outcome: &Outcome) -> Vec<Goal> {
    let double = outcome.precision == Precision::F64;
    let share = |hits: usize, of: usize| hits as f64 / of.max(1) as f64;
    let goal = |what: &str, found: f64, wanted: f64, at_least: bool| Goal {
        text: format!(
            "{} {what}: {:.2} % ({} {:.2} %)",
            outcome.precision.name(),
            100.0 * found,
            if at_least { "at least" } else { "at most" },
            100.0 * wanted
        ),
        met: if at_least { found >= wanted } else { found <= wanted },
    };
    let Share { hits, trials, .. } = outcome.one_percent;
    let found = match double {
        true => goal("mutants found", share(outcome.detected, outcome.mutants), 0.99, true),
        false => goal("mistakes of one per cent found", share(hits, trials), 0.90, true),
    };
    let alarms = share(outcome.false_alarms, outcome.correct);
    vec![
        found,
        goal("false alarms", alarms, if double { 0.0 } else { 0.001 }, false),
        goal("inconclusive", share(outcome.inconclusive, outcome.correct), 0.02, false),
        goal("diagnosed", share(outcome.diagnosed, outcome.found), 0.80, true),
    ]
}

fn text(outcomes: &[Outcome], document: &SelfTestDocument) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let _ = writeln!(text, "In {}\n\n{outcome}", outcome.precision.name());
    }
    for goal in outcomes.iter().flat_map(goals) {
        let _ = writeln!(text, "{}  {}", if goal.met { "met   " } else { "missed" }, goal.text);
    }
    let _ = writeln!(text, "\n{} in {:.0} s", document.verdict, document.seconds);
    text
}
