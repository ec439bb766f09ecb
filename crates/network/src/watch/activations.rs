//! Signals of activations: what a tap behind a block sees, forward and backward.

use std::sync::{Arc, Mutex, PoisonError};

use burn::prelude::*;
use gradiometer_gauge::UnitCounts;
use gradiometer_run::{Kind, Signal, Units};

use crate::layers::{Flow, bounds};
use crate::network::{Block, Taps};
use crate::recurrent::StateProbe;
use crate::tap::{Probe, Values, read, tap_gradient};

/// Where the signals of one step are gathered; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered(Arc<Mutex<Vec<Signal>>>);

impl Gathered {
    pub(crate) fn push(&self, signal: Signal) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(signal);
    }

    pub(crate) fn take(&self) -> Vec<Signal> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A probe that adds the summary of what it sees, under this name.
    pub(crate) fn probe(&self, tensor: Arc<str>, kind: Kind) -> Probe {
        let gathered = self.clone();
        Probe::new(move |values, _| {
            gathered.push(Signal { tensor, kind, lag: None, summary: values.summary(), units: None });
        })
    }
}

/// Which part of a forward and backward pass is gathered.
#[derive(Clone, Debug)]
pub(crate) struct ActivationTaps {
    gathered: Gathered,
    /// Whether the pass has a backward pass whose gradients are wanted too.
    gradients: bool,
}

impl ActivationTaps {
    pub(crate) fn new(gathered: Gathered, gradients: bool) -> Self {
        Self { gathered, gradients }
    }

    fn look<const D: usize>(&self, block: &Block, y: Tensor<D>) -> Tensor<D> {
        let name = Arc::clone(&block.name);
        let activation = block.responds_with();
        let (summary, units) = read(&y, |values, shape| {
            (values.summary(), activation.map(|activation| units_of(values, shape, bounds(activation))))
        });
        let tensor = Arc::clone(&name);
        self.gathered.push(Signal { tensor, kind: Kind::Activation, lag: None, summary, units });
        match self.gradients {
            true => tap_gradient(y, self.gathered.probe(name, Kind::ActivationGradient)),
            false => y,
        }
    }
}

impl Taps for ActivationTaps {
    fn behind(&mut self, block: &Block, output: Flow) -> Flow {
        match output {
            Flow::Flat(y) => Flow::Flat(self.look(block, y)),
            Flow::Sequence(y) => Flow::Sequence(self.look(block, y)),
            Flow::Image(y) => Flow::Image(self.look(block, y)),
            tokens @ Flow::Tokens(_) => tokens,
        }
    }

    fn states(&mut self, block: &Block) -> Option<StateProbe> {
        if !self.gradients {
            return None;
        }
        let name = Arc::clone(&block.name);
        let gathered = self.gathered.clone();
        Some(StateProbe::new(move |lag, values: Values<'_>| {
            gathered.push(Signal {
                tensor: Arc::clone(&name),
                kind: Kind::StateGradient,
                lag: Some(lag),
                summary: values.summary(),
                units: None,
            });
        }))
    }
}

/// Which units of `[batch, units]`, `[batch, steps, units]` or `[batch, channels, height, width]` did not respond.
fn units_of(values: Values<'_>, shape: &[usize], bounds: Option<(f64, f64)>) -> Units {
    let (units, places) = match *shape {
        [_, channels, height, width] => (channels, height * width),
        [.., units] => (units, 1),
        [] => (1, 1),
    };
    let mut counts = UnitCounts::new(units, bounds);
    let counted = match values {
        Values::F32(v) => counts.update_channels(v, places),
        Values::F64(v) => counts.update_channels(v, places),
        Values::F16(v) => counts.update_channels(v, places),
        Values::Bf16(v) => counts.update_channels(v, places),
    };
    debug_assert!(counted.is_ok(), "a tensor holds as many values as its shape says");
    Units { inactive: counts.inactive(), saturated: counts.saturated() }
}
