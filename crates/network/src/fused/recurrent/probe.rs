//! Looking at the gradient of the loss with respect to each hidden state, against the lag.

use std::sync::Arc;

use crate::values::Values;

type Look = dyn Fn(u32, Values<'_>) + Send + Sync;

/// What is to be done with the gradients of the hidden states: a handle that can be cloned into the autodiff graph.
#[derive(Clone)]
pub struct StateProbe(Arc<Look>);

impl StateProbe {
    /// A probe that hands each lag (steps − 1 − t: 0 is the last step) and the total gradient of the loss with respect
    /// to the hidden state h_t, `[batch, units]` in row-major order, to `look`. "Total" means through every later step
    /// and, where the layer puts out all states, through the output at t itself.
    ///
    /// Each backward pass calls it once per time step.
    pub fn new(look: impl Fn(u32, Values<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(look))
    }

    pub(super) fn look(&self, lag: u32, values: Values<'_>) {
        (self.0)(lag, values);
    }
}

impl std::fmt::Debug for StateProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StateProbe")
    }
}
