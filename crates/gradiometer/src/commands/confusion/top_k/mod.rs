//! Is the right class among the first k? By the scores of all classes.

mod columns;
mod scan;

use std::collections::BTreeMap;

use anyhow::{bail, ensure};
use gradiometer_confusion::{Confidence, Estimate, Matrix};
use gradiometer_report::confusion as picture;
use gradiometer_table::Source;

use super::reading::Excluded;
use super::text::told;
use crate::cli::Confusion;
use crate::document::top_k::{TopKAccuracyDocument, TopKDocument};
use columns::Columns;

/// Among how many of the first classes the actual one is looked for, where it is not said.
const USUAL: [usize; 3] = [1, 3, 5];

/// Ranks of the text, at most.
const MOST_RANKS: usize = 10;

/// The ranks of the actual classes, judged.
pub(super) struct TopK {
    /// The pattern of the columns of scores.
    pub scores: String,
    pub rows: u64,
    pub excluded: Excluded,
    /// Rows whose highest score is that of several classes; `None` where scores do not predict.
    pub ties: Option<u64>,
    pub accuracies: Vec<(usize, Estimate)>,
    pub mean_reciprocal_rank: Estimate,
    pub ranks: Vec<u64>,
}

/// What the scores say: ranks, and where they predict, the matrix.
pub(super) struct Ranked {
    pub top_k: TopK,
    pub matrix: Option<Matrix>,
    pub rows_read: u64,
}

/// Ranks the classes of each row by `--scores`; the first is what is predicted, where there is no `--predicted`.
///
/// The ranks are read for themselves: a table has one column of predictions and may have a thousand of scores, and whatever else is asked
/// of the predictions is not slowed by these.
///
/// # Errors
/// What cannot be ranked, and what the table says.
pub(super) fn rank(
    source: &Source,
    options: &Confusion,
    pattern: &str,
    confidence: Confidence,
) -> anyhow::Result<Ranked> {
    let counting = &options.counting;
    let predicts = options.predicted.is_none();
    for (option, given) in [
        ("--weight", counting.weight.is_some()),
        ("--score", counting.score.is_some()),
        ("--slice", !counting.slice.is_empty()),
        ("--compare", counting.compare.is_some()),
    ] {
        if given && predicts {
            bail!("{option} with --scores takes a column of predictions: give it as --predicted COLUMN")
        }
    }
    let columns = Columns::find(source, options, pattern)?;
    let ks = ks(&options.multiple.top_k, columns.classes.len())?;
    let scan = scan::scan(source, &columns, &counting.labels, predicts)?;
    let top_k = TopK {
        scores: pattern.to_owned(),
        rows: scan.ranks.rows(),
        excluded: scan.excluded,
        ties: predicts.then_some(scan.ties),
        accuracies: ks.into_iter().map(|k| (k, scan.ranks.top_k_accuracy_by(k, confidence))).collect(),
        mean_reciprocal_rank: scan.ranks.mean_reciprocal_rank(confidence.level),
        ranks: scan.ranks.ranks().to_vec(),
    };
    Ok(Ranked { top_k, matrix: scan.matrix, rows_read: scan.rows_read })
}

fn ks(given: &[usize], classes: usize) -> anyhow::Result<Vec<usize>> {
    if given.is_empty() {
        return Ok(USUAL.into_iter().filter(|&k| k == 1 || k < classes).collect());
    }
    for &k in given {
        ensure!(k > 0, "--top-k 0: the actual class is never among the first 0; 1 is the least");
        ensure!(
            k < classes,
            "--top-k {k}: the actual class is always among the first {k} of {classes} classes; {} is the most that tells anything",
            classes - 1
        );
    }
    let mut ks = given.to_vec();
    ks.sort_unstable();
    ks.dedup();
    Ok(ks)
}

impl TopK {
    /// What a person should know.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(ties) = self.ties.filter(|&ties| ties > 0) {
            notes.push(format!(
                "{ties} rows have the highest score in several columns: the first of these columns is what was predicted, and in ranks \
                 equal classes come before the actual one, so that top-1 accuracy is lower than accuracy"
            ));
        }
        notes
    }

    /// As the page lists them, beside those of the matrix.
    pub fn metrics(&self) -> Vec<picture::Metric> {
        let metric = |name: String, formula: &str, estimate| picture::Metric {
            name,
            formula: formula.to_owned(),
            direction: picture::Direction::Higher,
            estimate,
        };
        let accuracy = "rows whose actual class is among the first k by score / N";
        let top = self.accuracies.iter().map(|(k, estimate)| metric(format!("Top-{k} accuracy"), accuracy, *estimate));
        let mean =
            metric("Mean reciprocal rank".to_owned(), "Σ 1 / rank of the actual class / N", self.mean_reciprocal_rank);
        top.chain([mean]).collect()
    }

    pub fn text(&self) -> String {
        let mut out = format!("ranks by {} of {} classes: {} rows", self.scores, self.ranks.len(), self.rows);
        for (reason, n) in &self.excluded {
            out.push_str(&format!(" + {n} left out ({reason})"));
        }
        out.push('\n');
        for (k, accuracy) in &self.accuracies {
            out.push_str(&format!("  {:<26}  {}\n", format!("top-{k} accuracy"), told(accuracy)));
        }
        out.push_str(&format!("  {:<26}  {}\n", "mean reciprocal rank", told(&self.mean_reciprocal_rank)));
        let last = self.ranks.iter().rposition(|&rows| rows > 0).map_or(0, |place| place + 1);
        let ranks = self.ranks.iter().take(last.min(MOST_RANKS)).enumerate();
        let mut ranks: Vec<String> = ranks.map(|(place, rows)| format!("{}: {rows}", place + 1)).collect();
        if last > MOST_RANKS {
            ranks.push(format!("beyond: {}", self.ranks[MOST_RANKS..].iter().sum::<u64>()));
        }
        if !ranks.is_empty() {
            out.push_str(&format!("  {:<26}  {}\n", "rows by rank", ranks.join("  ")));
        }
        out
    }
}

/// What programs read.
pub(super) fn document(of: &TopK) -> TopKDocument {
    TopKDocument {
        scores: of.scores.clone(),
        classes: of.ranks.len(),
        rows: of.rows,
        excluded: of.excluded.iter().map(|(&reason, &n)| (reason, n)).collect::<BTreeMap<_, _>>(),
        ties: of.ties,
        accuracies: of.accuracies.iter().map(|&(k, accuracy)| TopKAccuracyDocument { k, accuracy }).collect(),
        mean_reciprocal_rank: of.mean_reciprocal_rank,
        ranks: of.ranks.clone(),
    }
}
