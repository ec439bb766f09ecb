//! The shares of each block's units that did not respond.

use super::number::Number;
use super::{decimate, grid};
use gradiometer_run::{Architecture, Record, Units};
use serde::Serialize;
use std::collections::HashMap;

/// Most steps that are kept.
const MOST_STEPS: usize = 120;

/// Shares by block and step; `null` where a block was not looked at.
#[derive(Serialize)]
pub(super) struct Shares {
    tensors: Vec<String>,
    /// The number of units of each block.
    units: Vec<usize>,
    steps: Vec<u64>,
    inactive: Vec<Vec<Option<Number>>>,
    saturated: Vec<Vec<Option<Number>>>,
}

/// The shares in all records that have any; none where none has.
pub(super) fn of(architecture: &Architecture, records: &[Record]) -> Option<Shares> {
    let seen = |r: &&Record| r.signals.iter().any(|s| s.units.is_some());
    let looked: Vec<&Record> = records.iter().filter(seen).collect();
    let kept: Vec<&Record> = decimate::spread(looked.len(), MOST_STEPS).into_iter().map(|i| looked[i]).collect();
    let mut blocks: HashMap<&str, Vec<Option<&Units>>> = HashMap::new();
    for (column, record) in kept.iter().enumerate() {
        for signal in &record.signals {
            if let Some(units) = &signal.units {
                blocks.entry(&signal.tensor).or_insert_with(|| vec![None; kept.len()])[column] = Some(units);
            }
        }
    }
    let order = grid::order(architecture);
    let mut rows: Vec<_> = blocks.into_iter().collect();
    rows.sort_by_key(|(tensor, _)| (order.get(tensor).copied().unwrap_or(usize::MAX), *tensor));
    let table = |part: fn(&Units) -> &[bool]| -> Vec<Vec<Option<Number>>> {
        rows.iter().map(|(_, cells)| cells.iter().map(|units| units.and_then(|u| share(part(u)))).collect()).collect()
    };
    (!rows.is_empty()).then(|| Shares {
        inactive: table(|u| &u.inactive),
        saturated: table(|u| &u.saturated),
        units: rows.iter().map(|(_, c)| c.iter().flatten().map(|u| u.inactive.len()).max().unwrap_or(0)).collect(),
        tensors: rows.iter().map(|(tensor, _)| (*tensor).to_owned()).collect(),
        steps: kept.iter().map(|r| r.step).collect(),
    })
}

fn share(flags: &[bool]) -> Option<Number> {
    let set = flags.iter().filter(|f| **f).count();
    (!flags.is_empty()).then(|| Number(set as f64 / flags.len() as f64))
}
