//! The clock.

use crate::columns::Columns;
use gradiometer_confusion::{Error, Tally, Weighting};
use std::hint::black_box;
use std::time::Instant;

/// Runs of which the median counts, after one that does not.
const RUNS: usize = 7;

pub struct Measured {
    /// To count, labels included.
    pub seconds: f64,
    /// To add up the memory of both columns as words of eight bytes, on one thread.
    pub read_seconds: f64,
    /// Rows on the diagonal, or their weights: other tools must find as many.
    pub correct: f64,
    pub cells: usize,
}

/// Counting and reading take turns, so that a change of the machine's speed meets both. Counted in batches of `batch` rows.
pub fn measure(columns: &Columns, batch: usize) -> Result<Measured, Error> {
    let (mut counting, mut reading) = (Vec::new(), Vec::new());
    let mut matrix = None;
    for _ in 0..=RUNS {
        let start = Instant::now();
        let counted = columns.with(|actual, predicted| {
            let mut tally = Tally::default();
            for first in (0..columns.rows()).step_by(batch) {
                let rows = batch.min(columns.rows() - first);
                let (actual, predicted) = (actual.slice(first, rows), predicted.slice(first, rows));
                let weights =
                    columns.weights().get(first..first + rows).map(|values| Weighting { values, valid: None });
                tally.update(black_box(&actual), black_box(&predicted), weights)?;
            }
            tally.finish()
        })?;
        counting.push(start.elapsed().as_secs_f64());
        matrix = Some(counted.0);
        let start = Instant::now();
        black_box(columns.memory().into_iter().map(sum).fold(0, u64::wrapping_add));
        reading.push(start.elapsed().as_secs_f64());
    }
    let counts = matrix.iter().map(|matrix| matrix.counts());
    Ok(Measured {
        seconds: median(&counting[1..]),
        read_seconds: median(&reading[1..]),
        correct: counts
            .clone()
            .map(|counts| (0..counts.classes()).map(|i| counts.weights(i, i).sum()).sum::<f64>())
            .sum(),
        cells: counts.map(|counts| counts.nonzero().count()).sum(),
    })
}

fn sum(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().map(|word| u64::from_ne_bytes(*word)).fold(0, u64::wrapping_add)
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The resident set of this process at its largest; none where the system does not say.
pub fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<f64>().ok()? / 1024.0)
}
