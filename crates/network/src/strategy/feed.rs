//! [`Feed`]: what a level is trained on, which is what the frozen levels below give.
//!
//! Since they are frozen, they give the same at every step. So the outputs for all rows are computed once, when a level
//! begins, and kept; where they would take more than [`KEPT`] bytes, they are computed again for every batch instead. Which of
//! both is decided by size alone, and never by what memory is free, so that a training does the same wherever it goes on.

use std::collections::HashMap;

use burn::module::Module;
use burn::prelude::*;

use crate::data::{Batch, Data, Inputs, Part, Targets};
use crate::layers::Flow;
use crate::network::{Block, Network, Pass};
use crate::plan::Shape;
use crate::session::{input, numbers};

/// Bytes of outputs that are kept at most: 512 MiB, which is 128 million numbers.
const KEPT: u64 = 1 << 29;

/// The inputs of a part of a network.
#[derive(Clone, Debug)]
pub(crate) struct Feed {
    /// All levels below, as they are outside of training.
    below: Network,
    /// The shape of a sample before these.
    first: Shape,
    /// The shape of a sample behind them.
    last: Shape,
    device: Device,
    kept: Option<Kept>,
    /// Whether the inputs are the targets, too.
    reconstructs: bool,
}

/// What the levels below give for every row of the data.
#[derive(Clone, Debug)]
struct Kept {
    /// A part of the data, to know others of the same rows by.
    part: Part,
    /// Where a row's outputs lie, by the row's number in the whole.
    places: HashMap<usize, usize>,
    width: usize,
    values: Vec<f32>,
}

impl Feed {
    /// The inputs of the first level: the data's own. `device` is one without gradients.
    pub fn of_the_data(shape: Shape, device: Device) -> Self {
        let below = Network { blocks: Vec::new() };
        Self { below, first: shape, last: shape, device, kept: None, reconstructs: false }
    }

    /// The same, and whether the inputs are the targets, too.
    pub fn with_targets(self, reconstructs: bool) -> Self {
        Self { reconstructs, ..self }
    }

    /// The inputs of the level behind `blocks`, which are those of the level that this feeds and are frozen from now on; they
    /// give samples of the shape `last`. Computed in batches of `batch_size` rows.
    pub fn behind(&self, blocks: &[Block], last: Shape, data: &Data, batch_size: usize) -> Self {
        self.behind_within(KEPT, blocks, last, data, batch_size)
    }

    /// As [`Feed::behind`], with at most `most` bytes of outputs kept.
    pub(super) fn behind_within(
        &self,
        most: u64,
        blocks: &[Block],
        last: Shape,
        data: &Data,
        batch_size: usize,
    ) -> Self {
        let level = Network { blocks: blocks.to_vec() }.valid();
        let parts = [&data.train, &data.validation, &data.test];
        let rows: u64 = parts.iter().map(|part| part.len() as u64).sum();
        let bytes = rows.saturating_mul(last.elements()).saturating_mul(4);
        let kept = (bytes <= most).then(|| {
            let width = last.elements() as usize;
            let mut kept = Kept {
                part: data.train.clone(),
                places: HashMap::new(),
                width,
                values: Vec::with_capacity(rows as usize * width),
            };
            let mut place = 0;
            for part in parts {
                let indices: Vec<usize> = (0..part.len()).collect();
                for chunk in indices.chunks(batch_size.max(1)) {
                    let batch = self.gather(part, chunk);
                    kept.values.extend(outputs(&level, &batch, self.last, &self.device));
                    for &index in chunk {
                        kept.places.insert(part.rows()[index], place);
                        place += 1;
                    }
                }
            }
            kept
        });
        let below = Network { blocks: self.below.blocks.iter().cloned().chain(level.blocks).collect() };
        Self { below, first: self.first, last, device: self.device.clone(), kept, reconstructs: false }
    }

    /// These rows of a part: what the levels below give for them, and their targets.
    pub fn gather(&self, part: &Part, indices: &[usize]) -> Batch {
        let mut batch = part.gather(indices);
        match self.kept.as_ref().and_then(|kept| kept.gather(part, indices)) {
            Some(values) => batch.inputs = Inputs::Numbers(values),
            None if self.below.blocks.is_empty() => {}
            // Too many to be kept, or rows that nobody knew of when the level began.
            None => batch.inputs = Inputs::Numbers(outputs(&self.below, &batch, self.first, &self.device)),
        }
        if self.reconstructs
            && let Inputs::Numbers(values) = &batch.inputs
        {
            batch.targets = Targets::Numbers { values: values.clone(), width: self.last.elements() as usize };
        }
        batch
    }

    /// Whether the outputs for all rows are kept.
    #[cfg(test)]
    pub fn keeps(&self) -> bool {
        self.kept.is_some()
    }
}

impl Kept {
    /// The outputs for these rows; nothing where one of them is not among those that were computed.
    fn gather(&self, part: &Part, indices: &[usize]) -> Option<Vec<f32>> {
        if !self.part.shares_rows_with(part) {
            return None;
        }
        let mut values = Vec::with_capacity(indices.len() * self.width);
        for &index in indices {
            let place = *self.places.get(&part.rows()[index])?;
            values.extend(&self.values[place * self.width..][..self.width]);
        }
        Some(values)
    }
}

/// What frozen blocks give for a batch, row by row.
fn outputs(blocks: &Network, batch: &Batch, shape: Shape, device: &Device) -> Vec<f32> {
    match blocks.forward(input(batch, shape, device), &mut Pass::plain()) {
        Flow::Flat(x) => numbers(x),
        Flow::Sequence(x) => numbers(x),
        Flow::Image(x) => numbers(x),
        Flow::Tokens(_) => unreachable!("the first level of a text begins with its embedding"),
    }
}
