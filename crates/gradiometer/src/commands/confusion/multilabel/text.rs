//! What people read on the terminal.

use std::collections::BTreeMap;

use console::{measure_text_width, pad_str};
use gradiometer_confusion::{Estimate, GuardVerdict};

use super::super::text::{shown, told};
use super::judge::{Judged, Label, named};
use crate::cli::Showing;

/// Labels that are told unless all are asked for; those of the least F1.
const MOST_LABELS: usize = 40;

/// Characters of a label.
const LONGEST: usize = 32;

const COLUMNS: [&str; 10] = ["label", "TP", "FP", "FN", "TN", "support", "precision", "recall", "F1", "Jaccard"];

pub(super) fn text(judged: &Judged, showing: &Showing) -> String {
    let mut out = format!("{}: {} rows, {} labels", shown(&judged.name), judged.rows_used, judged.labels.len());
    if let Some([actual, predicted]) = judged.labels_per_row {
        out.push_str(&format!("; on the average a row has {actual:.2} and is given {predicted:.2}"));
    }
    let verdict = match judged.guard.verdict {
        GuardVerdict::Pass => "pass",
        GuardVerdict::Fail => "fail",
    };
    out.push_str(&format!("\n{verdict}: {}\n", judged.guard.sentence));
    for sentence in judged.guard.sentences.iter().skip(1) {
        out.push_str(&format!("      {sentence}\n"));
    }
    if !judged.guard.look_at.is_empty() {
        out.push_str(&format!("      look at {}\n", judged.guard.look_at.join(", ")));
    }
    out.push('\n');
    let told_labels = labels(judged, showing.all);
    let mut undefined = Undefined::new();
    let mut lines = vec![COLUMNS.map(str::to_owned).to_vec()];
    lines.extend(told_labels.iter().map(|label| line(label, &mut undefined)));
    for (averaging, scores) in &judged.averages {
        let name = format!("{} average", averaging.name());
        let mut fields = vec![name.clone()];
        fields.resize(6, String::new());
        fields.extend(named(scores).map(|(score, estimate)| cell(&name, score, &estimate, &mut undefined)));
        lines.push(fields);
    }
    out.push_str(&table(&lines, told_labels.len()));
    if told_labels.len() < judged.labels.len() {
        out.push_str(&format!(
            "these are the {} labels of the least F1; --all shows all {}\n",
            told_labels.len(),
            judged.labels.len()
        ));
    }
    for ((score, reason), names) in &undefined {
        let more = names.len().saturating_sub(5);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let names = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        out.push_str(&format!("undefined {score} of {names}{more}: {reason}\n"));
    }
    out.push_str(&format!("\nsubset accuracy  {}\n", told(&judged.subset_accuracy)));
    out.push_str(&format!("Hamming loss     {}\n", told(&judged.hamming_loss)));
    for note in &judged.notes {
        out.push_str(&format!("note: {note}\n"));
    }
    out.push_str(&format!("\n{} rows read = {} counted", judged.rows_read, judged.rows_used));
    for (reason, n) in &judged.excluded {
        out.push_str(&format!(" + {n} left out ({reason})"));
    }
    out.push('\n');
    for (kind, file) in &judged.files {
        out.push_str(&format!("{kind}: {file}\n"));
    }
    out
}

/// Of a score and the reason why it has no value: whose it is.
type Undefined = BTreeMap<(&'static str, String), Vec<String>>;

fn labels(judged: &Judged, all: bool) -> Vec<&Label> {
    let mut labels: Vec<(usize, &Label)> = judged.labels.iter().enumerate().collect();
    if !all && labels.len() > MOST_LABELS {
        let f1 = |label: &Label| label.scores.f1.value().unwrap_or(f64::INFINITY);
        labels.sort_by(|(_, a), (_, b)| f1(a).total_cmp(&f1(b)));
        labels.truncate(MOST_LABELS);
        labels.sort_by_key(|(at, _)| *at);
    }
    labels.into_iter().map(|(_, label)| label).collect()
}

fn line(label: &Label, undefined: &mut Undefined) -> Vec<String> {
    let mut name = shown(&label.name);
    if name.chars().count() > LONGEST {
        name = name.chars().take(LONGEST - 1).chain(['…']).collect();
    }
    let counts =
        [label.true_positive, label.false_positive, label.false_negative, label.true_negative, label.support()];
    let mut fields = vec![name.clone()];
    fields.extend(counts.map(|n| n.to_string()));
    fields.extend(named(&label.scores).map(|(score, estimate)| cell(&name, score, &estimate, undefined)));
    fields
}

fn cell(name: &str, score: &'static str, estimate: &Estimate, undefined: &mut Undefined) -> String {
    match estimate {
        Estimate::Known { .. } => told(estimate),
        Estimate::Undefined { reason } => {
            undefined.entry((score, reason.to_string())).or_default().push(name.to_owned());
            "undefined".to_owned()
        }
    }
}

/// Lines below a head, aligned, with a line of room before the averages.
fn table(lines: &[Vec<String>], labels: usize) -> String {
    let widths: Vec<usize> = (0..COLUMNS.len())
        .map(|at| lines.iter().map(|line| measure_text_width(&line[at])).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        if number == labels + 1 {
            out.push('\n');
        }
        let fields = line.iter().zip(&widths).enumerate().map(|(at, (field, width))| {
            let side = if (1..6).contains(&at) { console::Alignment::Right } else { console::Alignment::Left };
            pad_str(field, *width, side, None).into_owned()
        });
        out.push_str(fields.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}
