//! What all readings of a table for a judgement have in common.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{anyhow, ensure};
use gradiometer_confusion::labels::Labels;
use gradiometer_table::{Batch, Source};

/// Why a row is left out.
pub(super) mod reason {
    pub const ACTUAL: &str = "actual is missing";
    pub const PREDICTED: &str = "predicted is missing";
    pub const ACTUAL_LABEL: &str = "actual is not among the labels given";
    pub const SCORE: &str = "a score is missing";
}

/// Rows left out, by reason.
pub(super) type Excluded = BTreeMap<&'static str, u64>;

/// The columns that are read, each once.
#[derive(Default)]
pub(super) struct Places {
    /// Indices into the table's schema.
    pub columns: Vec<usize>,
    known: HashMap<usize, usize>,
}

impl Places {
    /// The place of a column in what is read.
    pub fn of(&mut self, column: usize) -> usize {
        *self.known.entry(column).or_insert_with(|| {
            self.columns.push(column);
            self.columns.len() - 1
        })
    }
}

/// Reads all rows, each thread into a state of its own, and gives the states with the number of rows.
///
/// # Errors
/// A file that breaks off, and what `step` says of a row.
pub(super) fn read<S: Send>(
    source: &Source,
    columns: &[usize],
    start: impl Fn() -> S + Sync,
    step: impl Fn(&mut S, &Batch) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<(Vec<S>, u64)> {
    let rows = AtomicU64::new(0);
    let counted = |state: &mut S, batch: &Batch| -> Result<(), Failure> {
        rows.fetch_add(batch.rows.num_rows() as u64, Ordering::Relaxed);
        step(state, batch).map_err(Failure::Row)
    };
    let states = source.fold(columns, start, counted);
    let rows = rows.into_inner();
    let states = states.map_err(|failure| match failure {
        Failure::Row(error) => error,
        Failure::File(error) => {
            anyhow!("{error}; {rows} rows could be read besides, and a part of a table is not judged as if it were all")
        }
    })?;
    // Every row that the files announce is somewhere.
    ensure!(
        rows == source.rows(),
        "{} has {} rows, of which {rows} were read: this is a mistake of the program",
        source.spec(),
        source.rows()
    );
    Ok((states, rows))
}

/// An error from a thread.
enum Failure {
    /// A file breaks off, or is not what it announced.
    File(gradiometer_table::Error),
    /// A value cannot be what its column is given as.
    Row(anyhow::Error),
}

impl From<gradiometer_table::Error> for Failure {
    fn from(error: gradiometer_table::Error) -> Self {
        Self::File(error)
    }
}

/// # Errors
/// A label that `--labels` has twice.
pub(super) fn check_distinct(labels: &[String]) -> anyhow::Result<()> {
    let mut seen = HashSet::new();
    let twice = labels.iter().find(|label| !seen.insert(label.as_str()));
    twice.map_or(Ok(()), |label| Err(anyhow!("--labels names {label} twice: labels must differ")))
}

/// Labels in their canonical order.
///
/// # Errors
/// None: texts go with texts.
pub(super) fn in_order(labels: impl IntoIterator<Item = String>) -> anyhow::Result<Vec<String>> {
    let mut known = Labels::default();
    for label in labels {
        known.encode_text(&label)?;
    }
    Ok(known.order().into_iter().map(|code| known.text()[code as usize].clone()).collect())
}
