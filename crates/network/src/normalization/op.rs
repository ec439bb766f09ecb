//! Batch normalization as one operation of the autodiff graph, on the `flex` device.

use std::sync::{Arc, Mutex};

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::{DType, Element};
use gradiometer_kernels::normalization::{self, Moments};
use rayon::prelude::*;

use crate::flex::{Value, contiguous, tensor};

/// What the operation is told besides its tensors.
#[derive(Clone, Debug)]
pub struct Order {
    /// Added to the variance.
    pub epsilon: f64,
    /// Where each channel's moments go.
    pub moments: Arc<Mutex<Vec<Moments>>>,
}

/// Batch normalization as one operation.
#[backend_extension(Autodiff, Flex)]
pub trait BatchNormBackend: burn::backend::Backend {
    /// `x` `[batch, channels, …]`, `gamma` and `beta` `[channels]`; all f32 or all f64, with something in each.
    fn batch_norm_in_training(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        order: Order,
    ) -> FloatTensor<Self>;
}

/// Inputs of fewer numbers are normalized on one thread: waking another costs more than it saves.
const PARALLEL: usize = 1 << 16;

/// What is kept of a forward pass, contiguous.
#[derive(Clone, Debug)]
struct State {
    x: FloatTensor<Flex>,
    gamma: FloatTensor<Flex>,
    epsilon: f64,
    moments: Vec<Moments>,
}

/// Each channel's stretches of memory.
fn by_channel<S>(stretches: impl Iterator<Item = S>, channels: usize) -> Vec<Vec<S>> {
    let mut parts: Vec<Vec<S>> = (0..channels).map(|_| Vec::new()).collect();
    for (number, stretch) in stretches.enumerate() {
        parts[number % channels].push(stretch);
    }
    parts
}

/// One after the other or several at a time, always in their order.
fn each<I: Send, O: Send>(items: Vec<I>, parallel: bool, work: impl Fn(I) -> O + Sync + Send) -> Vec<O> {
    match parallel {
        true => items.into_par_iter().map(work).collect(),
        false => items.into_iter().map(work).collect(),
    }
}

impl State {
    fn forward(&mut self, beta: &FloatTensor<Flex>) -> FloatTensor<Flex> {
        match self.x.dtype() {
            DType::F64 => self.forward_in::<f64>(beta),
            _ => self.forward_in::<f32>(beta),
        }
    }

    /// Channels, and places of each in a row of the batch.
    fn extent(&self) -> (usize, usize) {
        let shape = self.x.layout().shape();
        (shape[1], shape.iter().skip(2).product())
    }

    fn forward_in<T: Value>(&mut self, beta: &FloatTensor<Flex>) -> FloatTensor<Flex> {
        let (channels, places) = self.extent();
        let (x, gamma, beta) = (T::of(&self.x), T::of(&self.gamma), T::of(beta));
        let mut y = vec![T::ZERO; x.len()];
        let inputs = by_channel(x.chunks_exact(places), channels);
        let outputs = by_channel(y.chunks_exact_mut(places), channels);
        let work: Vec<_> = inputs.into_iter().zip(outputs).enumerate().collect();
        self.moments = each(work, x.len() >= PARALLEL, |(channel, (x, mut y))| {
            normalization::forward(&x, &mut y, gamma[channel], beta[channel], self.epsilon)
        });
        tensor(y, self.x.layout().shape())
    }

    fn backward(&self, gradient: &FloatTensor<Flex>, wanted: [bool; 3]) -> [Option<FloatTensor<Flex>>; 3] {
        match self.x.dtype() {
            DType::F64 => self.backward_in::<f64>(gradient, wanted),
            _ => self.backward_in::<f32>(gradient, wanted),
        }
    }

    fn backward_in<T: Value + Element>(
        &self,
        gradient: &FloatTensor<Flex>,
        [of_x, of_gamma, of_beta]: [bool; 3],
    ) -> [Option<FloatTensor<Flex>>; 3] {
        let (channels, places) = self.extent();
        let (x, gamma, gradient) = (T::of(&self.x), T::of(&self.gamma), T::of(gradient));
        let mut into = vec![T::ZERO; if of_x { x.len() } else { 0 }];
        let inputs = by_channel(x.chunks_exact(places), channels);
        let gradients = by_channel(gradient.chunks_exact(places), channels);
        let targets = by_channel(into.chunks_exact_mut(places), channels);
        let work: Vec<_> = inputs.into_iter().zip(gradients).zip(targets).enumerate().collect();
        let sums = each(work, x.len() >= PARALLEL, |(channel, ((x, g), mut into))| {
            let moments = self.moments[channel];
            let sums = normalization::sums(&x, &g, moments, self.epsilon);
            if of_x {
                normalization::backward(&x, &g, sums, gamma[channel], moments, self.epsilon, &mut into);
            }
            sums
        });
        let column = |at: usize| tensor(sums.iter().map(|sums| T::from_f64(sums[at])).collect(), &[channels]);
        [of_x.then(|| tensor(into, self.x.layout().shape())), of_gamma.then(|| column(1)), of_beta.then(|| column(0))]
    }
}

fn begin(
    x: FloatTensor<Flex>,
    gamma: FloatTensor<Flex>,
    beta: FloatTensor<Flex>,
    order: &Order,
) -> (State, FloatTensor<Flex>) {
    let mut state = State { x: contiguous(x), gamma: contiguous(gamma), epsilon: order.epsilon, moments: Vec::new() };
    let result = state.forward(&contiguous(beta));
    order.moments.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone_from(&state.moments);
    (state, result)
}

impl BatchNormBackend for Flex {
    fn batch_norm_in_training(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        order: Order,
    ) -> FloatTensor<Self> {
        begin(x, gamma, beta, &order).1
    }
}

#[derive(Debug)]
struct BatchNormBackward;

impl Backward<Flex, 3> for BatchNormBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let found = ops.state.backward(&gradient, ops.parents.each_ref().map(Option::is_some));
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

impl<C: CheckpointStrategy> BatchNormBackend for Autodiff<Flex, C> {
    fn batch_norm_in_training(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        order: Order,
    ) -> FloatTensor<Self> {
        let (x, x_node) = x.into_parts();
        let (gamma, gamma_node) = gamma.into_parts();
        let (beta, beta_node) = beta.into_parts();
        let (state, result) = begin(x, gamma, beta, &order);
        match BatchNormBackward.prepare::<C>([x_node, gamma_node, beta_node]).compute_bound().stateful() {
            OpsKind::Tracked(preparation) => preparation.finish(state, result),
            OpsKind::UnTracked(preparation) => preparation.finish(result),
        }
    }
}
