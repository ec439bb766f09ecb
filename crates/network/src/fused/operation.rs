//! The frame of every fused operation: one node of the autodiff graph, on the `flex` device.
//!
//! An [`Operation`] computes its result from its inputs, and, where somebody will ask for gradients, keeps what the backward pass
//! needs. The backward pass uses that up: Burn takes a graph apart as it goes back through it, so no node is gone through twice.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::{Autodiff, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::prelude::*;
use burn::tensor::DType;

use super::value::{Array, Value};

/// An operation of `N` inputs with a backward pass of its own.
pub(crate) trait Operation<const N: usize>: Debug + Send + Sync + 'static {
    /// What is kept for the backward pass.
    type Kept<T: Value>: Kept<T, N>;

    /// The result, and what the backward pass needs if there will be one: if `tracked`.
    fn forward<T: Value>(&self, inputs: [Array<T>; N], tracked: bool) -> (Array<T>, Option<Self::Kept<T>>);
}

/// What an operation keeps for its backward pass.
pub(crate) trait Kept<T, const N: usize>: Debug + Send + 'static {
    /// The gradients of the inputs, each in the shape of its input, from that of the result. Those that are not `wanted` may be left out.
    fn backward(self, gradient: Array<T>, wanted: [bool; N]) -> [Option<Array<T>>; N];
}

/// A tensor of any rank, as [`apply`] takes it.
pub(crate) type Input = FloatTensor<Dispatch>;

/// The result of an operation, as a node of the autodiff graph where there is one. The inputs lie on the `flex` device, are all f32 or
/// all f64, and may be views of any kind.
pub(crate) fn apply<const N: usize, const D: usize>(inputs: [Input; N], operation: Arc<impl Operation<N>>) -> Tensor<D>
where
    [Input; N]: Inputs<N>,
{
    Tensor::from_dispatch(inputs.dispatch(operation))
}

/// An operation of any kind, which finds the type of its inputs.
pub(crate) trait AnyOperation<const N: usize>: Debug + Send + Sync {
    #[doc(hidden)]
    fn run(&self, inputs: [FloatTensor<Flex>; N], tracked: bool) -> (FloatTensor<Flex>, Option<State<N>>);
}

impl<const N: usize, O: Operation<N>> AnyOperation<N> for O {
    fn run(&self, inputs: [FloatTensor<Flex>; N], tracked: bool) -> (FloatTensor<Flex>, Option<State<N>>) {
        fn run<const N: usize, T: Value, O: Operation<N>>(
            operation: &O,
            inputs: [FloatTensor<Flex>; N],
            tracked: bool,
        ) -> (FloatTensor<Flex>, Option<State<N>>) {
            let (result, kept) = operation.forward::<T>(inputs.map(Array::of), tracked);
            let state = kept.map(|kept| {
                let kept: Box<dyn AnyKept<N>> = Box::new(Typed(kept, PhantomData::<fn(T)>));
                State(Arc::new(Mutex::new(Some(kept))))
            });
            (result.into_tensor(), state)
        }
        match inputs[0].dtype() {
            DType::F64 => run::<N, f64, O>(self, inputs, tracked),
            _ => run::<N, f32, O>(self, inputs, tracked),
        }
    }
}

trait AnyKept<const N: usize>: Debug + Send {
    fn run(self: Box<Self>, gradient: FloatTensor<Flex>, wanted: [bool; N]) -> [Option<FloatTensor<Flex>>; N];
}

#[derive(Debug)]
struct Typed<T, K>(K, PhantomData<fn(T)>);

impl<const N: usize, T: Value, K: Kept<T, N>> AnyKept<N> for Typed<T, K> {
    fn run(self: Box<Self>, gradient: FloatTensor<Flex>, wanted: [bool; N]) -> [Option<FloatTensor<Flex>>; N] {
        self.0.backward(Array::of(gradient), wanted).map(|gradient| gradient.map(Array::into_tensor))
    }
}

/// A node's state. Burn wants to be able to clone it, and does not; a clone would share what there is only one of.
#[derive(Clone, Debug)]
pub(crate) struct State<const N: usize>(Arc<Mutex<Option<Box<dyn AnyKept<N>>>>>);

#[derive(Debug)]
struct OperationBackward;

impl<const N: usize> Backward<Flex, N> for OperationBackward {
    type State = State<N>;

    fn backward(self, ops: Ops<State<N>, N>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node);
        let kept = ops.state.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let kept = kept.expect("Burn goes back through a node once");
        let found = kept.run(gradient, ops.parents.each_ref().map(Option::is_some));
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(gradient)) = (parent, gradient) {
                grads.register::<Flex>(parent.id, gradient);
            }
        }
    }
}

fn with_autodiff<C: CheckpointStrategy, const N: usize>(
    inputs: [FloatTensor<Autodiff<Flex, C>>; N],
    operation: &dyn AnyOperation<N>,
) -> FloatTensor<Autodiff<Flex, C>> {
    let tracked = inputs.iter().any(|input| input.is_tracked());
    let mut nodes = Vec::with_capacity(N);
    let inputs = inputs.map(|input| {
        let (input, node) = input.into_parts();
        nodes.push(node);
        input
    });
    let nodes: [_; N] = nodes.try_into().expect("one node an input");
    let (result, state) = operation.run(inputs, tracked);
    match OperationBackward.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(preparation) => {
            let state = state.expect("a tracked operation keeps what its backward pass needs");
            preparation.finish(state, result)
        }
        OpsKind::UnTracked(preparation) => preparation.finish(result),
    }
}

/// Inputs of which there are one to four.
pub(crate) trait Inputs<const N: usize> {
    #[doc(hidden)]
    fn dispatch(self, operation: Arc<dyn AnyOperation<N>>) -> Input;
}

// The number of a node's inputs is a constant in Burn, and each tensor an argument of its own.
macro_rules! of_inputs {
    ($($count:literal $name:ident($($input:ident),+);)+) => {
        #[backend_extension(Autodiff, Flex)]
        pub(crate) trait OperationBackend: burn::backend::Backend {
            $(fn $name($($input: FloatTensor<Self>,)+ operation: Arc<dyn AnyOperation<$count>>) -> FloatTensor<Self>;)+
        }

        impl OperationBackend for Flex {
            $(fn $name($($input: FloatTensor<Self>,)+ operation: Arc<dyn AnyOperation<$count>>) -> FloatTensor<Self> {
                operation.run([$($input),+], false).0
            })+
        }

        impl<C: CheckpointStrategy> OperationBackend for Autodiff<Flex, C> {
            $(fn $name($($input: FloatTensor<Self>,)+ operation: Arc<dyn AnyOperation<$count>>) -> FloatTensor<Self> {
                with_autodiff::<C, $count>([$($input),+], &*operation)
            })+
        }

        $(impl Inputs<$count> for [Input; $count] {
            fn dispatch(self, operation: Arc<dyn AnyOperation<$count>>) -> Input {
                let [$($input),+] = self;
                Dispatch::$name($($input,)+ operation)
            }
        })+
    };
}

of_inputs! {
    1 one(a);
    2 two(a, b);
    3 three(a, b, c);
    4 four(a, b, c, d);
}
