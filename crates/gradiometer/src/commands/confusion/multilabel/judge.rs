//! From counts to what is said of them.

use std::collections::BTreeMap;

use gradiometer_confusion::{Averaging, Confidence, EmptyRows, Estimate, LabelScores, MultiLabelGuard};

use super::scan::Scan;
use crate::cli::{Confusion, OrderName};

/// Rows with any number of labels, judged.
pub(super) struct Judged {
    /// What was judged, as it was named.
    pub name: String,
    /// The columns, or patterns, of actual and predicted labels.
    pub columns: [String; 2],
    pub separator: Option<String>,
    /// In the order that was asked for.
    pub labels: Vec<Label>,
    pub averages: Vec<(Averaging, LabelScores)>,
    pub subset_accuracy: Estimate,
    pub hamming_loss: Estimate,
    /// Of a row on the average: labels that it has and is given; `None` without rows.
    pub labels_per_row: Option<[f64; 2]>,
    pub empty: EmptyRows,
    pub guard: MultiLabelGuard,
    pub rows_read: u64,
    pub rows_used: u64,
    pub excluded: BTreeMap<String, u64>,
    pub not_judged: [u64; 2],
    pub notes: Vec<String>,
    /// Files written, by kind.
    pub files: BTreeMap<&'static str, String>,
}

/// One label.
pub(super) struct Label {
    pub name: String,
    pub true_positive: u64,
    pub false_positive: u64,
    pub false_negative: u64,
    pub true_negative: u64,
    pub scores: LabelScores,
}

impl Label {
    pub fn support(&self) -> u64 {
        self.true_positive + self.false_negative
    }
}

/// The scores by name.
pub(super) fn named(scores: &LabelScores) -> [(&'static str, Estimate); 4] {
    [("precision", scores.precision), ("recall", scores.recall), ("f1", scores.f1), ("jaccard", scores.jaccard)]
}

impl Judged {
    pub fn new(name: &str, options: &Confusion, scan: Scan, confidence: Confidence) -> anyhow::Result<Self> {
        let Scan { labels, counts, rows_read, excluded, not_judged } = scan;
        let names = [&options.actual, &options.predicted].map(|name| name.clone().unwrap_or_default());
        let guard = counts.guard(&labels)?;
        let mut judged: Vec<Label> = labels
            .into_iter()
            .enumerate()
            .map(|(at, name)| {
                let table = counts.label(at);
                Label {
                    name,
                    true_positive: table.get(1, 1),
                    false_positive: table.get(0, 1),
                    false_negative: table.get(1, 0),
                    true_negative: table.get(0, 0),
                    scores: counts.scores(at, confidence),
                }
            })
            .collect();
        if options.showing.order == OrderName::Frequency {
            judged.sort_by_key(|label| std::cmp::Reverse(label.support()));
        }
        let mut notes = vec![
            "which label is taken for which is not defined where a row has several: labels are judged one by one, without a matrix of labels \
             against labels"
                .to_owned(),
        ];
        if not_judged != [0, 0] {
            notes.push(format!(
                "labels that are not among --labels are not judged: {} actual and {} predicted ones",
                not_judged[0], not_judged[1]
            ));
        }
        let empty = counts.empty_rows();
        if empty != EmptyRows::default() {
            notes.push(format!(
                "averages over rows leave out what a row has no value of: {} rows have no label (recall), {} are given none (precision), {} \
                 are both (F1, Jaccard)",
                empty.actual, empty.predicted, empty.both
            ));
        }
        let rows = counts.rows();
        Ok(Self {
            name: name.to_owned(),
            columns: names,
            separator: options.multiple.multi_label.clone(),
            labels: judged,
            averages: Averaging::ALL.map(|of| (of, counts.average(of, confidence.level))).to_vec(),
            subset_accuracy: counts.subset_accuracy_by(confidence),
            hamming_loss: counts.hamming_loss(confidence.level),
            labels_per_row: (rows > 0).then(|| counts.label_totals().map(|sum| sum as f64 / rows as f64)),
            empty,
            guard,
            rows_read,
            rows_used: rows,
            excluded: excluded.into_iter().map(|(reason, n)| (reason.to_owned(), n)).collect(),
            not_judged,
            notes,
            files: BTreeMap::new(),
        })
    }
}
