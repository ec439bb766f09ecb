//! The report in a terminal: pure functions from the input to text. The caller prints, and says what its screen can.

mod levels;
mod sparkline;
pub(crate) mod wrap;

pub use sparkline::sparkline;

use crate::ReportInput;
use crate::confusion::{self, terminal::Depth};
use crate::data::grid::Grid;
use crate::html::{severity_word, verdict_word};
use gradiometer_confusion::Estimate;
use gradiometer_diagnose::{Finding, Severity};
use gradiometer_run::Kind;
use wrap::wrap;

/// What the screen can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Columns; lines are broken to fit. Less than 40 is taken as 40.
    pub width: usize,
    /// Whether ANSI colours are understood and wanted.
    pub color: bool,
    /// Whether block characters can be shown; ASCII is used otherwise.
    pub unicode: bool,
}

impl Terminal {
    /// Plain lines for a file or a pipe: no colour, 100 columns, with block characters.
    pub const PLAIN: Self = Self { width: 100, color: false, unicode: true };

    fn columns(&self) -> usize {
        self.width.max(40)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn severity(&self, severity: Option<Severity>, text: &str) -> String {
        let code = match severity {
            None => "1;32",
            Some(Severity::Info) => "1;36",
            Some(Severity::Warning) => "1;33",
            Some(Severity::Error) => "1;31",
        };
        self.paint(code, text)
    }

    fn dot(&self) -> &'static str {
        if self.unicode { " · " } else { " - " }
    }
}

/// The verdict, the findings with their first remedies, the gradient's profile by depth (or, of a training in levels, what
/// becomes of it within each), the held-out metrics and the
/// confusion matrix with the pairs most often confused. Ends with a line break.
pub fn summary(input: &ReportInput, terminal: &Terminal) -> String {
    let mut out = String::new();
    let word = verdict_word(input.verdict.severity);
    let sentence = wrap(&input.verdict.sentence, terminal.columns(), word.len() + 2);
    out.push_str(&format!("{}: {sentence}\n", terminal.severity(input.verdict.severity, word)));
    for finding in input.findings {
        out.push('\n');
        finding_lines(finding, terminal, &mut out);
    }
    if input.phases.is_empty() {
        if let Some(line) = profile_line(input, terminal) {
            out.push('\n');
            out.push_str(&line);
        }
    } else {
        out.push('\n');
        out.push_str(&levels::lines(input, terminal));
    }
    if !input.held_out.is_empty() {
        out.push('\n');
        out.push_str(&held_out(input, terminal));
    }
    if let Some(matrix) = input.confusion {
        out.push('\n');
        let matrix = confusion::Input::with_basic_metrics(input.name, matrix);
        let picture = confusion::terminal::picture(&matrix, &confusion::View::default(), terminal, Depth::default());
        // Nothing but the matrix itself is given, and that fits itself.
        out.push_str(&picture.expect("a matrix alone is sound"));
    }
    out
}

fn finding_lines(finding: &Finding, terminal: &Terminal, out: &mut String) {
    let dot = terminal.dot();
    // The rule's public name is the one that JSON gives it.
    let rule = serde_json::to_value(finding.rule).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    let sure = (finding.confidence * 100.0).clamp(0.0, 100.0).round();
    let when = if finding.first_step == finding.last_step {
        format!("at step {}", finding.first_step)
    } else {
        format!("since step {}", finding.first_step)
    };
    let word = severity_word(finding.severity).to_lowercase();
    let facts = format!("{word}{dot}{when}{dot}{sure} % sure");
    let fits = rule.chars().count() + 2 + facts.chars().count() <= terminal.columns();
    let (name, facts) = (terminal.severity(Some(finding.severity), &rule), terminal.paint("2", &facts));
    out.push_str(&format!("{name}{}{facts}\n", if fits { "  " } else { "\n  " }));
    let line = |out: &mut String, text: &str, indent: usize| {
        out.push_str(&format!("{}{}\n", " ".repeat(indent), wrap(text, terminal.columns(), indent)));
    };
    line(out, &finding.message, 2);
    if let Some(layers) = layers(&finding.layers, terminal) {
        line(out, &layers, 2);
    }
    for (i, remedy) in finding.remedies.iter().take(3).enumerate() {
        let lead = if i == 0 { "  try  " } else { "       " };
        let text = wrap(&format!("{}: {}", remedy.name, remedy.action), terminal.columns(), lead.len() + 3);
        out.push_str(&format!("{lead}{}. {text}\n", i + 1));
    }
}

/// `layers 00.dense … 12.dense (13)`, or all of them where they are few.
fn layers(names: &[String], terminal: &Terminal) -> Option<String> {
    let ellipsis = if terminal.unicode { "…" } else { "..." };
    match names {
        [] => None,
        [one] => Some(format!("layer {one}")),
        few if few.len() <= 4 => Some(format!("layers {}", few.join(", "))),
        many => Some(format!("layers {} {ellipsis} {} ({})", many[0], many[many.len() - 1], many.len())),
    }
}

/// The RMS of the activation gradients by depth at the last watched step, input on the left.
fn profile_line(input: &ReportInput, terminal: &Terminal) -> Option<String> {
    let grid = Grid::of(Kind::ActivationGradient, input.architecture, input.records)?;
    let (step, profile) = grid.last_profile()?;
    let finite = |v: &&Option<f64>| v.is_some_and(f64::is_finite);
    let ends = (profile.iter().find(finite).copied().flatten(), profile.iter().rfind(finite).copied().flatten());
    let room = terminal.columns().saturating_sub(46).max(8);
    let ends = match ends {
        (Some(first), Some(last)) => format!("{:.1e} at the input, {:.1e} at the output", exp10(first), exp10(last)),
        _ => "no finite value".to_owned(),
    };
    let drawing = sparkline(&shrink(&profile, room), terminal.unicode);
    let lead = "gradient by depth  ";
    let ends = format!("{ends} (step {step})");
    if lead.len() + drawing.chars().count() + 2 + ends.len() <= terminal.columns() {
        return Some(format!("{lead}{drawing}  {ends}\n"));
    }
    Some(format!("{lead}{drawing}\n  {}\n", wrap(&ends, terminal.columns(), 2)))
}

fn exp10(log: f64) -> f64 {
    10f64.powf(log)
}

/// At most `room` values: of neighbours that share a place the one furthest from zero size, NaN first, so that a
/// broken layer is seen however many there are.
fn shrink(values: &[Option<f64>], room: usize) -> Vec<Option<f64>> {
    if values.len() <= room {
        return values.to_vec();
    }
    (0..room)
        .map(|i| {
            let part = &values[i * values.len() / room..(i + 1) * values.len() / room];
            part.iter()
                .copied()
                .flatten()
                .find(|v| v.is_nan())
                .or_else(|| part.iter().copied().flatten().reduce(f64::max))
        })
        .collect()
}

fn held_out(input: &ReportInput, terminal: &Terminal) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (name, value) in input.held_out {
        let accuracy = input.confusion.filter(|_| name == "accuracy").map(|matrix| matrix.accuracy());
        parts.push(match accuracy {
            // The interval is of the matrix; it is shown beside a number that is the matrix's, too.
            Some(Estimate::Known { value: own, interval: Some(i) }) if (own - value).abs() < 5e-4 => {
                format!("{name} {value:.4} [{:.4}, {:.4}]", i.low, i.high)
            }
            _ => format!("{name} {}", number(*value)),
        });
    }
    let lead = "held-out  ";
    format!("{lead}{}\n", wrap(&parts.join(terminal.dot()), terminal.columns(), lead.len()))
}

/// Four significant digits; NaN and infinities by name.
fn number(x: f64) -> String {
    if x.is_nan() {
        "NaN".to_owned()
    } else if x.is_infinite() {
        if x > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else if x != 0.0 && !(1e-3..1e5).contains(&x.abs()) {
        format!("{x:.3e}")
    } else {
        format!("{}", crate::data::rounded((x * 1e4).round() / 1e4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_never_lose_that_they_are_broken() {
        assert_eq!(
            [0.123456, 1e-7, 0.0, f64::NAN, f64::NEG_INFINITY].map(number),
            ["0.1235", "1.000e-7", "0", "NaN", "-Inf"]
        );
    }

    #[test]
    fn a_long_profile_keeps_its_broken_layer() {
        let mut values = vec![Some(-3.0); 200];
        values[101] = Some(f64::NAN);
        values[7] = None;
        let short = shrink(&values, 30);
        assert_eq!(short.len(), 30);
        assert_eq!(short.iter().filter(|v| v.is_some_and(f64::is_nan)).count(), 1);
    }
}
