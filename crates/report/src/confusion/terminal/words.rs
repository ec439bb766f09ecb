//! What is said beside the picture.

use super::MOST_PAIRS;
use super::paint::Screen;
use crate::confusion::grid::Grid;
use crate::confusion::input::{Input, Verdict};
use crate::confusion::text::{columns, left, percent};
use crate::terminal::wrap::wrap;
use gradiometer_confusion::Estimate;

/// Which axis is which, and how much was counted.
pub(super) fn heading(grid: &Grid<'_>, screen: &Screen) -> String {
    let rows = grid.view.rows;
    let total = grid.total();
    let classes = grid.classes();
    let text = format!(
        "confusion matrix: rows {}, columns {}; {classes} {}, {} {}",
        rows.name(),
        rows.other().name(),
        if classes == 1 { "class" } else { "classes" },
        screen.amount(total),
        grid.unit(total)
    );
    format!("{}\n", wrap(&text, screen.width, 0))
}

pub(super) fn most_confused(grid: &Grid<'_>, screen: &Screen) -> String {
    let (pairs, more) = grid.most_confused(MOST_PAIRS);
    if pairs.is_empty() {
        return if grid.total() == 0.0 { "no rows\n".into() } else { "no mistakes\n".into() };
    }
    let heading = wrap("most often confused, with the share of the actual class", screen.width, 0);
    let mut out = format!("\n{heading}\n");
    let labels = grid.input.matrix.labels();
    let room = (screen.width.saturating_sub(36) / 2).clamp(4, 30);
    let name = |class: usize| screen.label(&labels[class], room);
    let width = |of: fn(&(usize, usize, f64)) -> usize| pairs.iter().map(|p| columns(&name(of(p)))).max().unwrap_or(0);
    let (first, second) = (width(|p| p.0), width(|p| p.1));
    let totals = grid.input.matrix.counts().actual_totals();
    let counts: Vec<String> = pairs.iter().map(|p| screen.amount(p.2)).collect();
    let widest = counts.iter().map(|c| columns(c)).max().unwrap_or(0);
    for ((actual, predicted, mass), count) in pairs.iter().zip(&counts) {
        let whole = match grid.input.weights {
            Some(weights) => weights.actual()[*actual],
            None => totals[*actual] as f64,
        };
        out.push_str(&format!(
            "  {} {} {}  {}{count}  {}\n",
            left(&name(*actual), first),
            screen.arrow(),
            left(&name(*predicted), second),
            " ".repeat(widest - columns(count)),
            percent(mass / whole),
        ));
    }
    if more > 0 {
        out.push_str(&screen.dim(&format!("  and {more} other pairs")));
        out.push('\n');
    }
    out
}

pub(super) fn guard(input: &Input<'_>, screen: &Screen) -> String {
    let Some(guard) = &input.guard else { return String::new() };
    let (code, word) = match guard.verdict {
        Verdict::Pass => ("1;32", "pass"),
        Verdict::Fail => ("1;31", "fail"),
        Verdict::Inconclusive => ("1;33", "inconclusive"),
    };
    let mut out = format!("{}: {}\n", screen.style(code, word), wrap(&guard.sentence, screen.width, word.len() + 2));
    for reason in &guard.reasons {
        out.push_str(&format!("  {}\n", wrap(reason, screen.width, 2)));
    }
    if !guard.look_at.is_empty() {
        out.push_str(&format!("  {}\n", wrap(&format!("look at: {}", guard.look_at.join(", ")), screen.width, 2)));
    }
    out.push('\n');
    out
}

/// `0.917 [0.864, 0.950]`, or why there is none.
fn estimate(estimate: &Estimate, screen: &Screen) -> String {
    match estimate {
        Estimate::Known { value, interval: Some(i) } => format!("{value:.4}  [{:.4}, {:.4}]", i.low, i.high),
        Estimate::Known { value, interval: None } => format!("{value:.4}"),
        Estimate::Undefined { reason } => format!("{}  undefined: {reason}", screen.undefined()),
    }
}

pub(super) fn metrics(input: &Input<'_>, screen: &Screen) -> String {
    let name = input.metrics.iter().map(|m| columns(&m.name)).max().unwrap_or(0).min(screen.width / 2);
    let mut out = String::new();
    for metric in &input.metrics {
        let lead = left(&screen.label(&metric.name, name), name);
        let text = wrap(&estimate(&metric.estimate, screen), screen.width, name + 2);
        out.push_str(&format!("{lead}  {text}\n"));
    }
    out
}

pub(super) fn comparison(input: &Input<'_>, screen: &Screen) -> String {
    let Some(comparison) = &input.comparison else { return String::new() };
    let mut out = format!("{}\n", wrap(&comparison.sentence, screen.width, 0));
    for difference in &comparison.differences {
        let [a, b, d] = [&difference.first, &difference.second, &difference.difference].map(|e| estimate(e, screen));
        let text = format!("{}: {a} against {b}, difference {d}", difference.metric);
        out.push_str(&format!("  {}\n", wrap(&text, screen.width, 4)));
    }
    for test in &comparison.tests {
        let p = match &test.p_value {
            Estimate::Known { value, .. } => format!("p = {value:.3e}"),
            Estimate::Undefined { reason } => format!("undefined: {reason}"),
        };
        out.push_str(&format!("  {}\n", wrap(&format!("{}: {p}", test.name), screen.width, 4)));
    }
    out
}

pub(super) fn notes(input: &Input<'_>, screen: &Screen) -> String {
    input.notes.iter().map(|note| format!("{}\n", wrap(note, screen.width, 0))).collect()
}
