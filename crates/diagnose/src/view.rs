//! A record by indices: which signal of it belongs to which block or parameter.
//!
//! Filled anew at every record into the same memory, because it runs inside the training loop.

use std::sync::Arc;

use gradiometer_gauge::Summary;
use gradiometer_run::{Kind, Record, Signal};

use crate::anatomy::Anatomy;

const ABSENT: u32 = u32::MAX;

/// Where in a record each tensor stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    activation: Vec<u32>,
    activation_gradient: Vec<u32>,
    weight: Vec<u32>,
    weight_gradient: Vec<u32>,
    update: Vec<u32>,
    /// (block, lag, signal), sorted.
    states: Vec<(u32, u32, u32)>,
    gradient_rms: Vec<Option<f64>>,
    // What stood at each position of the record before: names repeat from step to step, and an equal pointer
    // saves the hash. The Arc is kept so that its address cannot be given to another name.
    signal_memory: Vec<(Arc<str>, Kind, u32)>,
    scalar_memory: Vec<(Arc<str>, u32)>,
}

impl Slots {
    /// Reads the places of everything in `record`.
    pub fn fill(&mut self, record: &Record, anatomy: &mut Anatomy) {
        self.states.clear();
        self.gradient_rms.clear();
        for (position, scalar) in record.scalars.iter().enumerate() {
            let Some(tensor) = &scalar.tensor else { continue };
            if &*scalar.name != "gradient_rms" {
                continue;
            }
            let known = self.scalar_memory.get(position).filter(|(t, _)| Arc::ptr_eq(t, tensor)).map(|m| m.1);
            let index = known.unwrap_or_else(|| anatomy.parameter(tensor) as u32);
            if known.is_none() {
                remember(&mut self.scalar_memory, position, (Arc::clone(tensor), index));
            }
            put(&mut self.gradient_rms, index as usize, Some(scalar.value), None);
        }
        for list in [
            &mut self.activation,
            &mut self.activation_gradient,
            &mut self.weight,
            &mut self.weight_gradient,
            &mut self.update,
        ] {
            list.clear();
        }
        for (position, signal) in record.signals.iter().enumerate() {
            let known = self
                .signal_memory
                .get(position)
                .filter(|(t, k, _)| *k == signal.kind && Arc::ptr_eq(t, &signal.tensor))
                .map(|m| m.2);
            let index = known.unwrap_or_else(|| match signal.kind {
                Kind::Activation | Kind::ActivationGradient | Kind::StateGradient => {
                    anatomy.block(&signal.tensor).map_or(ABSENT, |i| i as u32)
                }
                Kind::Weight | Kind::WeightGradient | Kind::Update => anatomy.parameter(&signal.tensor) as u32,
            });
            if known.is_none() {
                remember(&mut self.signal_memory, position, (Arc::clone(&signal.tensor), signal.kind, index));
            }
            if index == ABSENT {
                continue;
            }
            let list = match signal.kind {
                Kind::Activation => &mut self.activation,
                Kind::ActivationGradient => &mut self.activation_gradient,
                Kind::Weight => &mut self.weight,
                Kind::WeightGradient => &mut self.weight_gradient,
                Kind::Update => &mut self.update,
                Kind::StateGradient => {
                    if let Some(lag) = signal.lag {
                        self.states.push((index, lag, position as u32));
                    }
                    continue;
                }
            };
            put(list, index as usize, position as u32, ABSENT);
        }
        self.states.sort_unstable();
    }
}

fn put<T: Copy>(list: &mut Vec<T>, index: usize, value: T, empty: T) {
    if index >= list.len() {
        list.resize(index + 1, empty);
    }
    list[index] = value;
}

fn remember<T: Clone>(memory: &mut Vec<T>, position: usize, value: T) {
    if position < memory.len() {
        memory[position] = value;
    } else if position == memory.len() {
        memory.push(value);
    } else {
        // Positions without a tensor leave gaps; filling them with a copy is harmless, since a copy is correct
        // wherever its name stands.
        memory.resize(position + 1, value);
    }
}

/// A record with its places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub record: &'a Record,
    pub slots: &'a Slots,
}

impl<'a> View<'a> {
    fn get(&self, list: &[u32], index: usize) -> Option<&'a Signal> {
        list.get(index).filter(|&&p| p != ABSENT).map(|&p| &self.record.signals[p as usize])
    }

    pub fn activation(&self, block: usize) -> Option<&'a Signal> {
        self.get(&self.slots.activation, block)
    }

    pub fn activation_gradient(&self, block: usize) -> Option<&'a Summary> {
        self.get(&self.slots.activation_gradient, block).map(|s| &s.summary)
    }

    pub fn weight(&self, parameter: usize) -> Option<&'a Summary> {
        self.get(&self.slots.weight, parameter).map(|s| &s.summary)
    }

    pub fn weight_gradient(&self, parameter: usize) -> Option<&'a Summary> {
        self.get(&self.slots.weight_gradient, parameter).map(|s| &s.summary)
    }

    pub fn update(&self, parameter: usize) -> Option<&'a Summary> {
        self.get(&self.slots.update, parameter).map(|s| &s.summary)
    }

    /// RMS of a parameter's gradient: from the scalar of every step, else from the signal.
    pub fn gradient_rms(&self, parameter: usize) -> Option<f64> {
        self.slots
            .gradient_rms
            .get(parameter)
            .copied()
            .flatten()
            .or_else(|| self.weight_gradient(parameter).and_then(Summary::rms))
    }

    /// Gradients of a block's hidden state by lag, in the order of the lag.
    pub fn states(&self, block: usize) -> impl Iterator<Item = (u32, &'a Summary)> + '_ {
        self.slots
            .states
            .iter()
            .filter(move |s| s.0 as usize == block)
            .map(|&(_, lag, p)| (lag, &self.record.signals[p as usize].summary))
    }

    /// Whether this step was watched, so that signals are there.
    pub fn watched(&self) -> bool {
        !self.record.signals.is_empty()
    }
}

/// Natural logarithm of a summary's total norm, `√count · RMS`; −∞ for all zeros, none for no finite value.
pub(crate) fn log_norm(summary: &Summary) -> Option<f64> {
    summary.rms().map(|rms| rms.ln() + 0.5 * (summary.finite() as f64).ln())
}
