//! Do the scores of rows with several labels mean anything?

use super::MultiLabelCounts;
use crate::{Error, GuardVerdict, Level};

/// Two-sided, so that 5 % lie beyond the one end that is looked at.
const LEVEL: f64 = 0.9;

/// Labels that a sentence names.
const NAMED: usize = 3;

/// Whether a small share of wrong labels may be believed. A fail does not say that the model is bad, but that its Hamming loss does not
/// show that it is good.
#[derive(Clone, Debug, PartialEq)]
pub struct MultiLabelGuard {
    /// Fail if there is any reason to.
    pub verdict: GuardVerdict,
    /// Every reason, the gravest first.
    pub reasons: Vec<MultiLabelGuardReason>,
    /// The verdict for people.
    pub sentence: String,
    /// Every reason for people.
    pub sentences: Vec<String>,
    /// The metrics that tell more; none where the verdict is pass.
    pub look_at: Vec<&'static str>,
}

/// Why a small share of wrong labels means little.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MultiLabelGuardReason {
    /// Nothing was counted.
    NoRows,
    /// Giving no row any label scores as much: the mean difference over rows is not below zero at 5 % (one-sided, normal).
    NoBetterThanNoLabel {
        /// The share of (row, label) that is wrong.
        hamming_loss: f64,
        /// The same where no row is given a label.
        without: f64,
    },
    /// Labels that occur are never predicted.
    NeverPredicted {
        /// The labels.
        labels: Vec<String>,
        /// How often they occur, all together.
        occurrences: u64,
    },
}

impl MultiLabelGuardReason {
    fn look_at(&self) -> &'static [&'static str] {
        match self {
            Self::NoRows => &[],
            Self::NoBetterThanNoLabel { .. } => &["recall", "f1", "jaccard"],
            Self::NeverPredicted { .. } => &["recall"],
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::NoRows => "No rows were counted, so there is nothing to judge.".into(),
            Self::NoBetterThanNoLabel { hamming_loss, without } => format!(
                "A Hamming loss of {hamming_loss:.4} is no better than giving no row any label, which loses {without:.4}."
            ),
            Self::NeverPredicted { labels, occurrences } => {
                // Quoted, so that control characters in a label stay harmless.
                let names: Vec<String> = labels.iter().take(NAMED).map(|label| format!("{label:?}")).collect();
                let more = match labels.len().saturating_sub(NAMED) {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                let (noun, is, occur) =
                    if labels.len() == 1 { ("label", "is", "occurs") } else { ("labels", "are", "occur") };
                let names = names.join(", ");
                format!("The {noun} {names}{more} {is} never predicted and {occur} {occurrences} times.")
            }
        }
    }
}

impl MultiLabelCounts {
    /// Judges whether a small Hamming loss means anything on these rows: where labels are rare, a model that gives none is mostly right.
    ///
    /// # Errors
    /// [`Error::LabelCount`] where there is not a name for each label.
    pub fn guard(&self, labels: &[String]) -> Result<MultiLabelGuard, Error> {
        if labels.len() != self.labels() {
            return Err(Error::LabelCount { labels: labels.len(), classes: self.labels() });
        }
        if self.rows == 0 {
            return Ok(MultiLabelGuard::new(vec![MultiLabelGuardReason::NoRows]));
        }
        let mut reasons = Vec::new();
        let shapes = self.sorted_shapes();
        let (rows, all) = (self.rows as f64, self.labels().max(1) as f64);
        let mean = |of: fn(&[f64; 3]) -> f64| shapes.iter().map(|(shape, n)| of(shape) * n).sum::<f64>() / rows;
        // Mistakes of a row less the labels that it has, which are its mistakes where none is given.
        let difference = |[_, predicted, hits]: &[f64; 3]| predicted - 2.0 * hits;
        let mean_difference = mean(difference);
        let squares: f64 = shapes.iter().map(|(shape, n)| n * (difference(shape) - mean_difference).powi(2)).sum();
        let level = Level::new(LEVEL).expect("it lies between 0 and 1");
        if mean_difference + level.quantile() * squares.sqrt() / rows >= 0.0 {
            reasons.push(MultiLabelGuardReason::NoBetterThanNoLabel {
                hamming_loss: mean(|[actual, predicted, hits]| actual + predicted - 2.0 * hits) / all,
                without: mean(|[actual, ..]| *actual) / all,
            });
        }
        let never: Vec<usize> = (0..self.labels())
            .filter(|&label| {
                let [fp, fn_, tp] = self.tables[label];
                fp + tp == 0 && fn_ > 0
            })
            .collect();
        if !never.is_empty() {
            reasons.push(MultiLabelGuardReason::NeverPredicted {
                occurrences: never.iter().map(|&label| self.tables[label][1]).sum(),
                labels: never.into_iter().map(|label| labels[label].clone()).collect(),
            });
        }
        Ok(MultiLabelGuard::new(reasons))
    }
}

impl MultiLabelGuard {
    fn new(reasons: Vec<MultiLabelGuardReason>) -> Self {
        let mut look_at: Vec<&'static str> = Vec::new();
        for name in reasons.iter().flat_map(MultiLabelGuardReason::look_at) {
            if !look_at.contains(name) {
                look_at.push(name);
            }
        }
        let sentences: Vec<String> = reasons.iter().map(MultiLabelGuardReason::sentence).collect();
        let pass = "The labels that are given are better than none, and every label that occurs is predicted.";
        Self {
            verdict: if reasons.is_empty() { GuardVerdict::Pass } else { GuardVerdict::Fail },
            sentence: sentences.first().map_or_else(|| pass.to_owned(), String::clone),
            reasons,
            sentences,
            look_at,
        }
    }
}
