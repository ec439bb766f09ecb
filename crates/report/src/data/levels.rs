//! A training in levels, phase by phase: what was trained, how the gradient went through it, and how far that came.

use super::number::{Log, Number};
use gradiometer_run::{Kind, Phase, Record};
use serde::Serialize;

/// One phase. Every gradient is the RMS at a block's output, as the geometric mean over the watched steps of the phase.
#[derive(Serialize)]
pub(crate) struct Level<'a> {
    pub(crate) name: &'a str,
    pub(crate) first_step: u64,
    /// The last step that was recorded; none where the training ended before this phase.
    pub(crate) last_step: Option<u64>,
    blocks: &'a [String],
    loss: &'a str,
    /// The blocks that were trained and then the head, with log10 of their gradient; none where it was always 0 or not finite.
    profile: Vec<(&'a str, Option<Log>)>,
    /// log10 of the first block's gradient over the last one's.
    pub(crate) ratio: Option<Log>,
    /// Blocks of other levels that had a gradient all the same, which there should be none of.
    crossed: Vec<String>,
    /// What the last look at the validation part gave.
    validation_loss: Option<Number>,
    validation_accuracy: Option<Number>,
}

/// The phases of a training; nothing where it has none.
pub(crate) fn of<'a>(phases: &'a [Phase], records: &[Record]) -> Vec<Level<'a>> {
    let mut begin = 0;
    phases
        .iter()
        .enumerate()
        .map(|(index, phase)| {
            let next = phases.get(index + 1).map_or(u64::MAX, |next| next.first_step);
            let end = begin + records[begin..].partition_point(|record| record.step < next);
            let level = Level::of(phase, &records[begin..end]);
            begin = end;
            level
        })
        .collect()
}

impl<'a> Level<'a> {
    fn of(phase: &'a Phase, records: &[Record]) -> Self {
        let blocks = phase.architecture.blocks.iter().filter(|block| block.parent.is_none());
        let profile: Vec<(&str, Option<Log>)> =
            blocks.map(|block| (block.name.as_str(), gradient(&block.name, records))).collect();
        let finite = || profile.iter().filter_map(|(_, log)| *log);
        let ratio = finite().next().zip(finite().next_back()).map(|(first, last)| Log(first.0 - last.0));
        let last = |name| records.iter().rev().find_map(|record| record.scalar(name)).map(Number);
        let is_own = |tensor: &str| phase.architecture.blocks.iter().any(|block| block.name == tensor);
        let gradients =
            records.iter().flat_map(|record| &record.signals).filter(|s| s.kind == Kind::ActivationGradient);
        let mut crossed: Vec<String> =
            gradients.filter(|signal| !is_own(&signal.tensor)).map(|signal| signal.tensor.to_string()).collect();
        crossed.sort();
        crossed.dedup();
        Self {
            name: &phase.name,
            first_step: phase.first_step,
            last_step: records.iter().rev().find(|record| record.scalar("loss").is_some()).map(|record| record.step),
            blocks: &phase.blocks,
            loss: &phase.architecture.loss,
            profile,
            ratio,
            crossed,
            validation_loss: last("validation_loss"),
            validation_accuracy: last("validation_accuracy"),
        }
    }
}

/// log10 of the geometric mean of a block's gradient over the steps at which it has one.
fn gradient(block: &str, records: &[Record]) -> Option<Log> {
    let signals = records.iter().flat_map(|record| &record.signals);
    let logs: Vec<f64> = signals
        .filter(|signal| signal.kind == Kind::ActivationGradient && &*signal.tensor == block)
        .filter_map(|signal| signal.summary.rms().map(f64::log10))
        .filter(|log| log.is_finite())
        .collect();
    (!logs.is_empty()).then(|| Log(logs.iter().sum::<f64>() / logs.len() as f64))
}
