//! A small confusion matrix as text: rows actual, columns predicted, with totals.

use super::Terminal;
use gradiometer_confusion::{Estimate, Matrix};

/// More classes than this are a picture, not a table: the most confused pairs are listed instead.
const MOST_CLASSES: usize = 12;
const MOST_PAIRS: usize = 5;
const LABEL: usize = 14;

pub(super) fn table(matrix: &Matrix, terminal: &Terminal) -> String {
    let counts = matrix.counts();
    let k = counts.classes();
    let totals = counts.predicted_totals();
    let cell = totals.iter().chain([&counts.total()]).map(|n| n.to_string().len()).max().unwrap_or(1);
    let names: Vec<String> = matrix.labels().iter().map(|l| label(l, LABEL)).collect();
    let name = names.iter().map(|n| n.chars().count()).max().unwrap_or(0).max("predicted".len());
    let column = (cell.max(names.iter().map(|n| n.chars().count().min(7)).max().unwrap_or(1)).max(3)) + 1;
    if k > MOST_CLASSES || name + (k + 1) * column + 10 > terminal.columns() {
        return pairs(matrix, terminal);
    }
    let mut out = String::from("confusion matrix: rows actual, columns predicted\n");
    out.push_str(&" ".repeat(name));
    for n in &names {
        out.push_str(&format!("{:>column$}", label(n, column - 1)));
    }
    out.push_str(&format!("{:>column$}  recall\n", "all"));
    for (i, n) in names.iter().enumerate() {
        out.push_str(&format!("{n:>name$}"));
        for (j, &count) in counts.row(i).iter().enumerate() {
            let text = format!("{:>column$}", if count == 0 { ".".to_owned() } else { count.to_string() });
            out.push_str(&match (i == j, count) {
                (true, _) => terminal.paint("1", &text),
                (false, 0) => terminal.paint("2", &text),
                (false, _) => terminal.paint("33", &text),
            });
        }
        let sum: u64 = counts.row(i).iter().sum();
        out.push_str(&format!("{sum:>column$}  {}\n", percent(matrix.class(i).recall, terminal)));
    }
    out.push_str(&format!("{:>name$}", "all"));
    for sum in &totals {
        out.push_str(&format!("{sum:>column$}"));
    }
    out.push_str(&format!("{:>column$}\n", counts.total()));
    out
}

fn percent(estimate: Estimate, terminal: &Terminal) -> String {
    match estimate.value() {
        Some(value) => format!("{:.1} %", value * 100.0),
        None => if terminal.unicode { "—" } else { "none" }.to_owned(),
    }
}

fn pairs(matrix: &Matrix, terminal: &Terminal) -> String {
    let pairs = matrix.most_confused(MOST_PAIRS);
    let mut out = format!("confusion: {} classes, {} rows", matrix.labels().len(), matrix.counts().total());
    if pairs.is_empty() {
        out.push_str(", no mistakes\n");
        return out;
    }
    out.push_str("; most often mistaken:\n");
    let arrow = if terminal.unicode { "→" } else { "->" };
    for pair in pairs {
        let of = matrix.class(pair.actual).actual;
        let (actual, predicted) = (&matrix.labels()[pair.actual], &matrix.labels()[pair.predicted]);
        out.push_str(&format!(
            "  actual {} {arrow} predicted {}: {} of {of}\n",
            label(actual, 30),
            label(predicted, 30),
            pair.count
        ));
    }
    out
}

/// At most `room` characters, none of them a control character.
fn label(text: &str, room: usize) -> String {
    let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    if text.chars().count() <= room {
        return text.chars().map(clean).collect();
    }
    text.chars().take(room.saturating_sub(1)).map(clean).chain(['~']).collect()
}
