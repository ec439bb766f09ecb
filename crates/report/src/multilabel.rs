//! The page of rows with any number of labels: a table of the labels with bars, and their averages.
//!
//! There is no matrix: which label is taken for which is not defined where a row has several.

use gradiometer_confusion::{Averaging, Estimate, GuardVerdict, LabelScores};
use serde::Serialize;

use crate::Rows;
use crate::confusion::html::Account;
use crate::html::{Heading, document};

/// The scripts of this page, in the order in which they are joined into one.
pub(crate) const SCRIPTS: [&str; 10] = [
    include_str!("page/base.js"),
    include_str!("page/words.js"),
    include_str!("page/scale.js"),
    include_str!("page/frame.js"),
    include_str!("page/controls.js"),
    include_str!("page/confusion/model.js"),
    include_str!("page/confusion/metrics.js"),
    include_str!("page/confusion/facts.js"),
    include_str!("page/multilabel/labels.js"),
    include_str!("page/multilabel/page.js"),
];

/// All that the page shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// The table.
    pub name: String,
    /// Whether the scores mean anything.
    pub verdict: GuardVerdict,
    /// The verdict in one sentence.
    pub sentence: String,
    /// What else speaks against the scores.
    pub reasons: Vec<String>,
    /// Names of the scores to look at.
    pub look_at: Vec<String>,
    /// The labels, in the order in which they are shown at first.
    pub labels: Vec<Label>,
    /// Their averages.
    pub averages: Vec<(Averaging, LabelScores)>,
    /// The share of rows right in all labels.
    pub subset_accuracy: Estimate,
    /// The share of (row, label) that is wrong.
    pub hamming_loss: Estimate,
    /// Labels that a row has and is given, on the average; `None` without rows.
    pub labels_per_row: Option<[f64; 2]>,
    /// Where the rows went.
    pub rows: Rows,
    /// The share of intervals that hold the truth.
    pub level: f64,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// One label.
#[derive(Clone, Debug)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Rows that have it and are given it.
    pub true_positive: u64,
    /// Rows that are given it and do not have it.
    pub false_positive: u64,
    /// Rows that have it and are not given it.
    pub false_negative: u64,
    /// What it scores.
    pub scores: LabelScores,
}

#[derive(Serialize)]
struct Island<'a> {
    name: &'a str,
    guard: Guard<'a>,
    labels: Vec<Row<'a>>,
    averages: Vec<(&'static str, [Estimate; 4])>,
    subset_accuracy: Estimate,
    hamming_loss: Estimate,
    labels_per_row: Option<[f64; 2]>,
    rows: Account<'a>,
    level: f64,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Guard<'a> {
    reasons: &'a [String],
    look_at: &'a [String],
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    counts: [u64; 3],
    scores: [Estimate; 4],
}

fn in_order(scores: &LabelScores) -> [Estimate; 4] {
    [scores.precision, scores.recall, scores.f1, scores.jaccard]
}

/// The page as one self-contained HTML file; `plain` is the same as text, for where no script runs.
pub fn html(page: &Page, plain: &str) -> String {
    let island = Island {
        name: &page.name,
        guard: Guard { reasons: &page.reasons, look_at: &page.look_at },
        labels: page
            .labels
            .iter()
            .map(|label| Row {
                name: &label.name,
                counts: [label.true_positive, label.false_negative, label.false_positive],
                scores: in_order(&label.scores),
            })
            .collect(),
        averages: page.averages.iter().map(|(averaging, scores)| (averaging.name(), in_order(scores))).collect(),
        subset_accuracy: page.subset_accuracy,
        hamming_loss: page.hamming_loss,
        labels_per_row: page.labels_per_row,
        rows: Account::of(&page.rows),
        level: page.level,
        notes: &page.notes,
    };
    // The types behind the island have string keys only and no failing Serialize.
    let json = serde_json::to_string(&island).expect("the page's data is always JSON");
    let (class, badge) = match page.verdict {
        GuardVerdict::Pass => ("ok", "Pass"),
        GuardVerdict::Fail => ("error", "Fail"),
    };
    document(&Heading { name: &page.name, class, badge, sentence: &page.sentence, plain }, &json, &SCRIPTS)
}
