//! Looking at the gradient of the loss with respect to each hidden state, against the lag.

use std::sync::Arc;

use gradiometer_gauge::Summary;

type Look = dyn Fn(u32, Summary) + Send + Sync;

/// What is to be done with the gradients of the hidden states: a handle that can be cloned into the autodiff graph.
#[derive(Clone)]
pub struct StateProbe(Arc<Look>);

impl StateProbe {
    /// A probe that hands each lag (steps − 1 − t: 0 is the last step) and the summary of the total gradient of the loss
    /// with respect to the hidden state h_t of all rows of the batch to `look`. "Total" means through every later step
    /// and, where the layer puts out all states, through the output at t itself.
    ///
    /// Each backward pass calls it once per time step.
    pub fn new(look: impl Fn(u32, Summary) + Send + Sync + 'static) -> Self {
        Self(Arc::new(look))
    }

    pub(super) fn look(&self, lag: u32, gradient: Summary) {
        (self.0)(lag, gradient);
    }
}

impl std::fmt::Debug for StateProbe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StateProbe")
    }
}
