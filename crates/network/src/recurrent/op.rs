//! The recurrent layer as one operation of the autodiff graph, on the `flex` device.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::DType;

use super::backward::Wanted;
use super::curve::Real;
use super::extent::Extent;
use super::forward::{Tape, Weights};
use super::{Cell, Output, StateProbe};
use crate::flex::{contiguous, tensor};

/// What the operation is told besides its tensors.
#[derive(Clone, Debug)]
pub struct Order {
    /// The kind of cell.
    pub cell: Cell,
    /// Which hidden states are put out.
    pub output: Output,
    /// Who looks at the hidden states' gradients.
    pub states: Option<StateProbe>,
}

/// A whole recurrent layer as one operation.
#[backend_extension(Autodiff, Flex)]
pub trait RecurrentBackend: burn::backend::Backend {
    /// `x` `[batch, steps, features]`, `weight` `[features, gates·units]`, `recurrent_weight` `[units, gates·units]`,
    /// `biases` `[1 or 2, gates·units]`; all f32 or all f64, of at least one row and one step.
    fn recurrent(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        recurrent_weight: FloatTensor<Self>,
        biases: FloatTensor<Self>,
        order: Order,
    ) -> FloatTensor<Self>;
}

/// The parameters, contiguous.
#[derive(Clone, Debug)]
struct Parameters {
    weight: FloatTensor<Flex>,
    recurrent_weight: FloatTensor<Flex>,
    biases: FloatTensor<Flex>,
}

impl Parameters {
    fn weights<T: Real>(&self) -> Weights<'_, T> {
        Weights { input: values(&self.weight), recurrent: values(&self.recurrent_weight), biases: values(&self.biases) }
    }
}

fn values<T: Real>(tensor: &FloatTensor<Flex>) -> &[T] {
    T::slice(tensor).expect("the tensor is contiguous, and all tensors of the layer have one type")
}

fn record<T: Real>(x: &FloatTensor<Flex>, parameters: &Parameters, order: &Order) -> (Tape<T>, FloatTensor<Flex>) {
    let shape = x.layout().shape();
    let units = parameters.recurrent_weight.layout().shape()[0];
    let extent = Extent { batch: shape[0], steps: shape[1], features: shape[2], units, gates: order.cell.gates() };
    let tape = Tape::record(order.cell, order.output, extent, values(x), parameters.weights());
    let result = match order.output {
        Output::Last => tensor(tape.result(), &[extent.batch, units]),
        Output::All => tensor(tape.result(), &[extent.batch, extent.steps, units]),
    };
    (tape, result)
}

#[derive(Clone, Debug)]
enum AnyTape {
    F32(Tape<f32>),
    F64(Tape<f64>),
}

fn forward(x: FloatTensor<Flex>, parameters: &Parameters, order: &Order) -> (AnyTape, FloatTensor<Flex>) {
    let x = contiguous(x);
    if x.dtype() == DType::F64 {
        let (tape, result) = record(&x, parameters, order);
        (AnyTape::F64(tape), result)
    } else {
        let (tape, result) = record(&x, parameters, order);
        (AnyTape::F32(tape), result)
    }
}

impl RecurrentBackend for Flex {
    fn recurrent(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        recurrent_weight: FloatTensor<Self>,
        biases: FloatTensor<Self>,
        order: Order,
    ) -> FloatTensor<Self> {
        let parameters = Parameters {
            weight: contiguous(weight),
            recurrent_weight: contiguous(recurrent_weight),
            biases: contiguous(biases),
        };
        forward(x, &parameters, &order).1
    }
}

/// What the backward pass needs.
#[derive(Clone, Debug)]
struct State {
    tape: AnyTape,
    parameters: Parameters,
    states: Option<StateProbe>,
}

#[derive(Debug)]
struct RecurrentBackward;

impl Backward<Flex, 4> for RecurrentBackward {
    type State = State;

    fn backward(self, ops: Ops<State, 4>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = contiguous(grads.consume::<Flex>(&ops.node));
        let State { tape, parameters, states } = ops.state;
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = match tape {
            AnyTape::F32(tape) => replay(tape, &gradient, &parameters, wanted, states),
            AnyTape::F64(tape) => replay(tape, &gradient, &parameters, wanted, states),
        };
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

fn replay<T: Real>(
    tape: Tape<T>,
    gradient: &FloatTensor<Flex>,
    parameters: &Parameters,
    [x, input, recurrent, biases]: [bool; 4],
    states: Option<StateProbe>,
) -> [Option<FloatTensor<Flex>>; 4] {
    let Extent { batch, steps, features, units, .. } = tape.extent;
    let width = tape.extent.width();
    let wanted = Wanted { x, input, recurrent, biases };
    let found = tape.replay(values(gradient), parameters.weights(), wanted, states.as_ref());
    [
        found.x.map(|v| tensor(v, &[batch, steps, features])),
        found.input.map(|v| tensor(v, &[features, width])),
        found.recurrent.map(|v| tensor(v, &[units, width])),
        found.biases.map(|v| {
            let count = v.len() / width;
            tensor(v, &[count, width])
        }),
    ]
}

impl<C: CheckpointStrategy> RecurrentBackend for Autodiff<Flex, C> {
    fn recurrent(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        recurrent_weight: FloatTensor<Self>,
        biases: FloatTensor<Self>,
        order: Order,
    ) -> FloatTensor<Self> {
        let (x, x_node) = x.into_parts();
        let (weight, weight_node) = weight.into_parts();
        let (recurrent_weight, recurrent_node) = recurrent_weight.into_parts();
        let (biases, biases_node) = biases.into_parts();
        let parameters = Parameters {
            weight: contiguous(weight),
            recurrent_weight: contiguous(recurrent_weight),
            biases: contiguous(biases),
        };
        let (tape, result) = forward(x, &parameters, &order);
        let nodes = [x_node, weight_node, recurrent_node, biases_node];
        match RecurrentBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(preparation) => {
                preparation.finish(State { tape, parameters, states: order.states }, result)
            }
            OpsKind::UnTracked(preparation) => preparation.finish(result),
        }
    }
}
