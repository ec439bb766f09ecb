//! The part of a remedy's page that is made by running.

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use gradiometer_network::spec::Spec;

use crate::cases::Case;
use crate::measured::{Before, Measured, Outcome, rule_name, score};
use crate::{difference, folder};

const END: &str = "<!-- made by `cargo run --release -p remedies-bench` -->";

/// The file of a remedy's page.
pub fn path(name: &str) -> PathBuf {
    folder().join(format!("{name}.md"))
}

/// Puts what was measured into the page.
///
/// # Errors
/// A page that is not there, or lacks a marker.
pub fn write(case: &Case, spec: &Spec, measured: &Measured) -> Result<(), Box<dyn Error>> {
    let path = path(&case.remedy.name());
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = put(&text, "facts", &facts(case))?;
    let text = put(&text, "example", &example(case, spec, measured)?)?;
    Ok(std::fs::write(path, text)?)
}

/// The text with another content between the markers of `part`.
///
/// # Errors
/// A marker that is not there.
pub fn put(text: &str, part: &str, content: &str) -> Result<String, String> {
    let (before, after) = around(text, part)?;
    Ok(format!("{before}{content}\n{after}"))
}

/// What stands before the content of `part`, its marker included, and what behind it.
fn around<'a>(text: &'a str, part: &str) -> Result<(&'a str, &'a str), String> {
    let start = format!("<!-- made: {part} -->\n");
    let from = text.find(&start).ok_or_else(|| format!("there is no `{}`", start.trim()))? + start.len();
    let length = text[from..].find(END).ok_or_else(|| format!("there is no `{END}` behind {part}"))?;
    Ok((&text[..from], &text[from + length..]))
}

/// What stands between the markers of `part`.
#[cfg(test)]
pub fn content<'a>(text: &'a str, part: &str) -> Result<&'a str, String> {
    let (before, after) = around(text, part)?;
    Ok(text[before.len()..text.len() - after.len()].trim_end())
}

/// What the program knows of the remedy.
pub fn facts(case: &Case) -> String {
    let rules: Vec<String> = case.remedy.answers().iter().map(|&rule| format!("`{}`", rule_name(rule))).collect();
    format!(
        "| | |\n|---|---|\n| for the findings | {} |\n| costs | {} |\n| from | {} |",
        rules.join(", "),
        case.remedy.cost(),
        case.remedy.source()
    )
}

/// What the remedy does to the example's spec, as lines that differ.
pub fn changed_lines(case: &Case, spec: &Spec) -> Result<String, Box<dyn Error>> {
    let treated = case.remedy.apply(spec)?;
    Ok(difference::of(&spec.to_toml()?, &treated.to_toml()?))
}

fn example(case: &Case, spec: &Spec, measured: &Measured) -> Result<String, Box<dyn Error>> {
    let name = case.remedy.name();
    let mut text = format!(
        "The example is [`specs/{spec}.toml`](specs/{spec}.toml). The lines that the remedy changes, as the program writes \
         them out:\n\n```diff\n{}\n```\n\n",
        changed_lines(case, spec)?,
        spec = case.spec
    );
    let rule = rule_name(case.rule);
    match &measured.before {
        Before::Refused(message) => {
            let _ = write!(
                text,
                "Before, nothing is trained at all: `{}`. With the remedy, over five seeds:\n\n| | after |\n|---|---|\n",
                message.replace('`', "'")
            );
            let after = &measured.after;
            let _ = writeln!(text, "| held-out score, median | {} |", score(after.score()));
            let _ = writeln!(text, "| least and greatest | {} |", range(after));
            let _ = writeln!(text, "| findings at the end | {} |", findings(after));
        }
        Before::Trained(before) => {
            let after = &measured.after;
            text.push_str("Trained over five seeds:\n\n| | before | after |\n|---|---|---|\n");
            let mut row = |what: &str, old: String, new: String| writeln!(text, "| {what} | {old} | {new} |");
            row("held-out score, median", score(before.score()), score(after.score()))?;
            row("least and greatest", range(before), range(after))?;
            row("held-out loss, median", loss(before), loss(after))?;
            row(&format!("seeds with `{rule}` at the end"), of_rule(before, case), of_rule(after, case))?;
            row("all findings at the end", findings(before), findings(after))?;
            row("parameters", before.parameters.to_string(), after.parameters.to_string())?;
            if let Some([old, new]) = measured.milliseconds_per_step {
                row("time of a step, one thread", format!("{old:.2} ms"), format!("{new:.2} ms"))?;
            }
            if let Some((mean, half)) = measured.gain() {
                let _ = writeln!(
                    text,
                    "\nGained: {} ± {half:.3} (mean of five pairs with its 95 % interval).",
                    score(Some(mean))
                );
            }
        }
    }
    let _ = write!(text, "\n![{}: before and after](images/{name}.svg)", name.replace('-', " "));
    Ok(text)
}

fn range(outcome: &Outcome) -> String {
    let finite = || outcome.scores.iter().flatten().copied();
    let lost = outcome.scores.len() - finite().count();
    let ends = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
    let of_those =
        if ends.0 <= ends.1 { format!("{} to {}", score(Some(ends.0)), score(Some(ends.1))) } else { "none".into() };
    if lost > 0 { format!("{of_those}; {lost} not a number") } else { of_those }
}

fn loss(outcome: &Outcome) -> String {
    outcome.loss().map_or_else(|| "not a number".into(), |loss| format!("{loss:.3}"))
}

fn of_rule(outcome: &Outcome, case: &Case) -> String {
    format!("{} of {}", outcome.found.get(&case.rule).copied().unwrap_or(0), outcome.scores.len())
}

fn findings(outcome: &Outcome) -> String {
    let words: Vec<String> = outcome.found.iter().map(|(&rule, n)| format!("`{}` {n}", rule_name(rule))).collect();
    if words.is_empty() { "none".into() } else { words.join(", ") }
}
