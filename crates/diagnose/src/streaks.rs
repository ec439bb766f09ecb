//! Units that have been in the same state for so long that it is no chance: the test behind dead and saturated units.
//!
//! **Dead or sparse?** A unit that answers to a share `s` of the samples stays silent over `m` samples with probability
//! `(1−s)^m`. After `m ≥ 300` silent samples, `s` is below 1 % with 95 % confidence (the rule of three: 3/m); such a
//! unit is called idle. A sparse unit, which answers to a few percent of the samples, hardly ever gets there; a layer in
//! which each sample finds 70 % of the units at zero has no idle unit at all.

use gradiometer_run::Units;

use crate::view::View;

/// Samples without an answer after which a unit is idle; see the module.
pub(crate) const SAMPLES: u64 = 300;
/// Watched steps at least, however large the batch: one batch may be peculiar.
pub(crate) const RECORDS: u32 = 3;

/// Streaks of the units of one layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streaks {
    /// Watched steps in a row, by unit.
    lengths: Vec<u32>,
}

impl Streaks {
    /// Takes in the units' states; returns the share of the layer that is idle, none before that can be known.
    pub fn observe(&mut self, states: &[bool], samples: u64) -> Option<f64> {
        self.lengths.resize(states.len(), 0);
        let needed = RECORDS.max(u32::try_from(SAMPLES.div_ceil(samples.max(1))).unwrap_or(u32::MAX));
        let mut idle = 0usize;
        for (length, &state) in self.lengths.iter_mut().zip(states) {
            *length = if state { length.saturating_add(1) } else { 0 };
            idle += usize::from(*length >= needed);
        }
        (!states.is_empty()).then(|| idle as f64 / states.len() as f64)
    }
}

/// Samples behind an activation: the plan's batch, or the count over the size of one sample's output.
pub(crate) fn samples(view: &View<'_>, block: usize, output: &[usize], planned: Option<u64>) -> u64 {
    let one = output.iter().map(|&n| n as u64).product::<u64>().max(1);
    match view.activation(block) {
        Some(signal) if signal.summary.count() >= one => signal.summary.count() / one,
        _ => planned.unwrap_or(1),
    }
}

/// The units of a block's activation in this record.
pub(crate) fn units<'a>(view: &View<'a>, block: usize) -> Option<&'a Units> {
    view.activation(block).and_then(|s| s.units.as_ref())
}
