//! The run in one sentence: what is wrong, where and since when, or that it learned well, with its numbers.

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Severity};
use crate::history::{Chart, Learning};
use crate::wording::number;

/// The conclusion of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// That of the worst finding that still stands; [`Severity::Info`] where there is none.
    pub severity: Severity,
    /// One sentence for a person.
    pub sentence: String,
    /// Whether the network has learned well: at least half of what there was to gain over a guess, and on rows that it has
    /// not seen the loss is lower than a guess's.
    pub learned_well: bool,
}

pub(crate) fn verdict(findings: &[Finding], chart: &Chart) -> Verdict {
    let history = &chart.history;
    let severity = findings.first().map_or(Severity::Info, |f| f.severity);
    if history.records == 0 {
        return Verdict { severity, sentence: "No step was observed.".into(), learned_well: false };
    }
    let numbers = numbers(chart);
    let by_heart = no_better_than_a_guess_elsewhere(chart);
    let others = findings.iter().filter(|f| f.severity == severity).count().saturating_sub(1);
    let more = match others {
        0 => String::new(),
        1 => " (one more finding is as grave)".into(),
        n => format!(" ({n} more findings are as grave)"),
    };
    let sentence = match (severity, history.learning()) {
        (Severity::Error, _) => format!("{}{more}", trimmed(&findings[0].message)),
        (Severity::Warning, Learning::Good) if !by_heart => {
            format!("It learned well: {numbers}; but {}{more}", lowered(trimmed(&findings[0].message)))
        }
        (Severity::Warning, _) => format!("{}{more}; {numbers}", trimmed(&findings[0].message)),
        (Severity::Info, Learning::Good) if by_heart => {
            format!("It learned its training rows, but its loss on others is no better than a guess's: {numbers}")
        }
        (Severity::Info, Learning::Good) => {
            let converged = findings.iter().any(|f| f.rule == crate::Rule::Converged);
            let end = if converged { ", and it has converged" } else { "" };
            format!("It learned well: {numbers}{end}")
        }
        (Severity::Info, Learning::Modest) => format!("It learned something: {numbers}; nothing is wrong with it"),
        (Severity::Info, Learning::Bad) => {
            format!("It has hardly learned yet: {numbers}; no rule says why, so train longer or look at the data")
        }
        (Severity::Info, Learning::Unknown) => format!("Too little was seen to judge: {numbers}"),
    };
    Verdict { severity, sentence: sentence + ".", learned_well: history.learning() == Learning::Good && !by_heart }
}

/// Whether rows that it has not seen fare no better than with a guess.
fn no_better_than_a_guess_elsewhere(chart: &Chart) -> bool {
    let history = &chart.history;
    let elsewhere = history.test_loss.or_else(|| history.validations.last().map(|v| v.loss));
    matches!((elsewhere, history.guess), (Some(loss), Some(guess)) if loss >= guess)
}

fn trimmed(message: &str) -> &str {
    message.trim_end_matches('.')
}

fn lowered(message: &str) -> String {
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// The numbers that say how good it is: held-out ones if there are any.
fn numbers(chart: &Chart) -> String {
    let history = &chart.history;
    let validation = history.validations.last();
    let (kind, loss, accuracy) = if history.test_loss.is_some() || history.test_accuracy.is_some() {
        ("held-out", history.test_loss, history.test_accuracy)
    } else if let Some(v) = validation {
        ("validation", Some(v.loss), v.accuracy)
    } else {
        ("training", history.recent_loss(), history.recent_accuracy())
    };
    let mut parts = Vec::new();
    if let Some(accuracy) = accuracy {
        parts.push(format!("{kind} accuracy {accuracy:.3}"));
    }
    if let Some(loss) = loss {
        let guess = history.guess.map_or(String::new(), |g| format!(" (a guess has {})", number(g)));
        parts.push(format!("{kind} loss {}{guess}", number(loss)));
    }
    parts.push(format!("step {}", history.last_step));
    parts.join(", ")
}
