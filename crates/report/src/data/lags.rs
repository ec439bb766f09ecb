//! The gradient's size against the lag, for recurrent layers.

use super::number::Log;
use super::{decimate, grid};
use gradiometer_run::{Architecture, Kind, Record};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most steps and most lags that are kept of a layer.
const MOST_STEPS: usize = 60;
const MOST_LAGS: usize = 160;

/// One recurrent layer: log10 of the RMS of the state's gradient, by step and lag.
#[derive(Serialize)]
pub(super) struct Lags {
    tensor: String,
    steps: Vec<u64>,
    lags: Vec<u32>,
    cells: Vec<Vec<Option<Log>>>,
}

/// The recurrent layers, in the order of the forward pass.
pub(super) fn of(architecture: &Architecture, records: &[Record]) -> Vec<Lags> {
    let mut layers: HashMap<&str, BTreeMap<u64, BTreeMap<u32, f64>>> = HashMap::new();
    for record in records {
        for signal in record.signals.iter().filter(|s| s.kind == Kind::StateGradient) {
            let finite = signal.summary.is_finite();
            let size = if finite { signal.summary.rms().unwrap_or(f64::NAN) } else { f64::NAN };
            let steps = layers.entry(&signal.tensor).or_default();
            steps.entry(record.step).or_default().insert(signal.lag.unwrap_or(0), size);
        }
    }
    let order = grid::order(architecture);
    let mut layers: Vec<_> = layers.into_iter().collect();
    layers.sort_by_key(|(tensor, _)| (order.get(tensor).copied().unwrap_or(usize::MAX), *tensor));
    layers
        .into_iter()
        .map(|(tensor, steps)| {
            let lags: BTreeSet<u32> = steps.values().flat_map(|lags| lags.keys().copied()).collect();
            let lags: Vec<u32> = lags.into_iter().collect();
            let lags: Vec<u32> = decimate::spread(lags.len(), MOST_LAGS).into_iter().map(|i| lags[i]).collect();
            let steps: Vec<(u64, BTreeMap<u32, f64>)> = steps.into_iter().collect();
            let kept = decimate::spread(steps.len(), MOST_STEPS);
            Lags {
                tensor: tensor.to_owned(),
                steps: kept.iter().map(|&i| steps[i].0).collect(),
                cells: kept
                    .iter()
                    .map(|&i| lags.iter().map(|lag| steps[i].1.get(lag).map(|&rms| Log::of(rms))).collect())
                    .collect(),
                lags,
            }
        })
        .collect()
}
