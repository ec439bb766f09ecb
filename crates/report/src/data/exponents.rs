//! The histograms of binary exponents, at a few steps of each tensor.

use super::{GRID_KINDS, decimate, grid};
use gradiometer_run::{Architecture, Kind, Record};
use serde::Serialize;
use std::collections::HashMap;

/// Most histograms in a page, over all tensors and kinds.
const MOST: usize = 3000;
/// Most steps at which a tensor's histogram is kept.
const MOST_STEPS: usize = 12;

/// One tensor's histograms.
#[derive(Serialize)]
pub(super) struct Histograms {
    kind: Kind,
    tensor: String,
    at: Vec<Histogram>,
}

/// The values of one tensor at one step, by ⌊log2 |x|⌋.
#[derive(Serialize)]
struct Histogram {
    step: u64,
    first: i32,
    counts: Vec<u64>,
    count: u64,
    zeros: u64,
    nan: u64,
    infinite: u64,
}

/// The histograms of all tensors, by kind and in the order of the forward pass.
pub(super) fn of(architecture: &Architecture, records: &[Record]) -> Vec<Histograms> {
    let watched: Vec<&Record> = records.iter().filter(|r| !r.signals.is_empty()).collect();
    let tensors = watched.iter().map(|r| r.signals.len()).max().unwrap_or(0).max(1);
    let kept = decimate::spread(watched.len(), (MOST / tensors).clamp(2, MOST_STEPS));
    let order = grid::order(architecture);
    let mut all: Vec<Histograms> = Vec::new();
    let mut places: HashMap<(Kind, &str), usize> = HashMap::new();
    for record in kept.into_iter().map(|i| watched[i]) {
        for signal in record.signals.iter().filter(|s| GRID_KINDS.contains(&s.kind)) {
            let place = *places.entry((signal.kind, &signal.tensor)).or_insert_with(|| {
                all.push(Histograms { kind: signal.kind, tensor: signal.tensor.to_string(), at: Vec::new() });
                all.len() - 1
            });
            let parts = signal.summary.parts();
            all[place].at.push(Histogram {
                step: record.step,
                first: parts.exponents.first,
                counts: parts.exponents.counts.clone(),
                count: parts.count,
                zeros: parts.zeros,
                nan: parts.nan,
                infinite: parts.positive_infinite + parts.negative_infinite,
            });
        }
    }
    let rank = |kind| GRID_KINDS.iter().position(|k| *k == kind);
    all.sort_by_key(|h| (rank(h.kind), order.get(h.tensor.as_str()).copied().unwrap_or(usize::MAX)));
    all
}
