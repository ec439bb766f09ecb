//! Looking at the gradient that flows back through a tensor, without changing it.
//!
//! Burn keeps the gradients of parameters only. A tap is an identity operation with a backward of its own: the gradient
//! of an intermediate tensor passes through it during the backward pass, is shown to a probe there, and goes on
//! untouched.
//!
//! What is looked at, and when, is decided elsewhere ([`watch`](crate::watch)); what a probe sees, it may hold
//! ([`values`](crate::values)).

use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Dispatch, Flex, backend_extension, tensor::FloatTensor};

use burn::prelude::*;

use crate::values::Held;

type Look = Box<dyn FnOnce(Held) + Send>;

/// What is to be done, once, with the values that come by: a handle that can be cloned into the autodiff graph.
#[derive(Clone)]
pub struct Probe(Arc<Mutex<Option<Look>>>);

impl Probe {
    /// A probe that hands the values of the first tensor that comes by to `look`.
    pub fn new(look: impl FnOnce(Held) + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Some(Box::new(look)))))
    }

    fn look(&self, seen: impl FnOnce() -> Held) {
        let look = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(look) = look {
            look(seen());
        }
    }
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}

/// The two operations behind a tap, for every device.
#[backend_extension(Autodiff, Flex, Cube: cfg(any(feature = "cuda", feature = "wgpu")))]
pub trait TapBackend: burn::backend::Backend {
    /// The same tensor; its gradient is shown to the probe when it comes back.
    fn tap(tensor: FloatTensor<Self>, probe: Probe) -> FloatTensor<Self>;
    /// The same tensor, shown to the probe now.
    fn observe(tensor: FloatTensor<Self>, probe: Probe) -> FloatTensor<Self> {
        let data = Self::float_into_data(tensor.clone());
        if let Some(Ok(data)) = burn::tensor::try_read_sync(data) {
            probe.look(|| Held::of_data(data));
        }
        tensor
    }
}

impl TapBackend for Flex {
    fn tap(tensor: FloatTensor<Self>, _probe: Probe) -> FloatTensor<Self> {
        tensor
    }

    fn observe(tensor: FloatTensor<Self>, probe: Probe) -> FloatTensor<Self> {
        probe.look(|| Held::of_flex(tensor.clone()));
        tensor
    }
}

impl<B: TapBackend, C: CheckpointStrategy> TapBackend for Autodiff<B, C> {
    fn tap(tensor: FloatTensor<Self>, probe: Probe) -> FloatTensor<Self> {
        #[derive(Debug)]
        struct TapBackward;
        impl<B: TapBackend> Backward<B, 1> for TapBackward {
            type State = Probe;
            fn backward(self, ops: Ops<Probe, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
                let gradient = B::observe(grads.consume::<B>(&ops.node), ops.state);
                if let [Some(parent)] = ops.parents {
                    grads.register::<B>(parent.id, gradient);
                }
            }
        }
        let (primitive, node) = tensor.into_parts();
        match TapBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(preparation) => preparation.finish(probe, primitive),
            OpsKind::UnTracked(preparation) => preparation.finish(primitive),
        }
    }
}

/// The same tensor; in the backward pass its gradient is shown to `probe` as it passes.
///
/// Without an autodiff graph (on a device without autodiff) the probe sees nothing.
pub fn tap_gradient<const D: usize>(tensor: Tensor<D>, probe: Probe) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::tap(tensor.into_dispatch(), probe))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::activation::sigmoid;

    type Seen = Arc<Mutex<Vec<(Vec<f32>, Vec<usize>)>>>;

    fn remember() -> (Probe, Seen) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&seen);
        let probe = Probe::new(move |seen| {
            seen.read(|values, shape| keep.lock().unwrap().push((values.to_f32(), shape.to_vec())));
        });
        (probe, seen)
    }

    #[test]
    fn a_tap_shows_the_gradient_and_changes_nothing() {
        let device = Device::flex().autodiff();
        let x = Tensor::<2>::from_floats([[0.5, -1.0], [2.0, 0.0]], &device).require_grad();
        let plain = sigmoid(x.clone() * 3.0).sum().backward();
        let expected = x.grad(&plain).unwrap().into_data();

        let (probe, seen) = remember();
        let tapped = sigmoid(tap_gradient(x.clone() * 3.0, probe)).sum().backward();
        assert_eq!(x.grad(&tapped).unwrap().into_data(), expected);
        let seen = seen.lock().unwrap();
        assert_eq!(seen[0].1, [2, 2]);
        let through: Vec<f32> = seen[0].0.iter().map(|g| g * 3.0).collect();
        assert_eq!(through, expected.as_slice::<f32>().unwrap());
    }
}
