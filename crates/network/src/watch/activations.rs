//! What a tap behind a block sees, forward and backward.

use std::sync::{Arc, Mutex, PoisonError};

use burn::prelude::*;
use gradiometer_run::Kind;

use super::snapshot::{Of, Shown, What};
use crate::fused::recurrent::StateProbe;
use crate::layers::{Flow, bounds};
use crate::network::{Block, Taps};
use crate::tap::{Probe, tap_gradient};
use crate::values::Held;

/// Where what one step shows is gathered; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered(Arc<Mutex<Vec<Shown>>>);

impl Gathered {
    pub(crate) fn push(&self, shown: Shown) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(shown);
    }

    pub(crate) fn take(&self) -> Vec<Shown> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A probe that keeps hold of what it sees, under this name.
    pub(crate) fn probe(&self, tensor: Arc<str>, kind: Kind) -> Probe {
        let gathered = self.clone();
        Probe::new(move |seen| gathered.push(Shown::new(Of::Block(tensor), kind, What::Values(seen))))
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
        let held = Held::of(y.clone());
        let what = match block.responds_with() {
            Some(activation) => What::Units(held, bounds(activation)),
            None => What::Values(held),
        };
        self.gathered.push(Shown::new(Of::Block(Arc::clone(&name)), Kind::Activation, what));
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
        Some(StateProbe::new(move |lag, gradient| {
            gathered.push(Shown::state(Arc::clone(&name), lag, gradient));
        }))
    }
}
