//! The recurrent layer as one operation of the autodiff graph.

use super::backward::Wanted;
use super::extent::Extent;
use super::forward::{Tape, Weights};
use super::{Cell, Output, StateProbe};
use crate::fused::operation::{Kept, Operation};
use crate::fused::value::{Array, Value};

/// A whole recurrent layer: of `x` `[batch, steps, features]`, `weight` `[features, gates·units]`, `recurrent_weight`
/// `[units, gates·units]` and `biases` `[1 or 2, gates·units]`; of at least one row and one step.
#[derive(Debug)]
pub(super) struct Layer {
    /// The kind of cell.
    pub cell: Cell,
    /// Which hidden states are put out.
    pub output: Output,
    /// Who looks at the hidden states' gradients.
    pub states: Option<StateProbe>,
}

impl Operation<4> for Layer {
    type Kept<T: Value> = Pass<T>;

    fn forward<T: Value>(&self, [x, parameters @ ..]: [Array<T>; 4], tracked: bool) -> (Array<T>, Option<Pass<T>>) {
        let [batch, steps, features] = *x.shape() else { unreachable!("a sequence has three axes") };
        let units = parameters[1].shape()[0];
        let extent = Extent { batch, steps, features, units, gates: self.cell.gates() };
        let tape = Tape::record(self.cell, self.output, extent, x.values(), weights(&parameters));
        let result = match self.output {
            Output::Last => Array::new(tape.result(), &[batch, units]),
            Output::All => Array::new(tape.result(), &[batch, steps, units]),
        };
        (result, tracked.then(|| Pass { tape, parameters, states: self.states.clone() }))
    }
}

fn weights<T: Value>([input, recurrent, biases]: &[Array<T>; 3]) -> Weights<'_, T> {
    Weights { input: input.values(), recurrent: recurrent.values(), biases: biases.values() }
}

/// A forward pass, and the parameters that it was made with.
#[derive(Debug)]
pub(super) struct Pass<T> {
    tape: Tape<T>,
    parameters: [Array<T>; 3],
    states: Option<StateProbe>,
}

impl<T: Value> Kept<T, 4> for Pass<T> {
    fn backward(self, gradient: Array<T>, [x, input, recurrent, biases]: [bool; 4]) -> [Option<Array<T>>; 4] {
        let Extent { batch, steps, features, .. } = self.tape.extent;
        let wanted = Wanted { x, input, recurrent, biases };
        let weights = weights(&self.parameters);
        let found = self.tape.replay(gradient.values(), weights, wanted, self.states.as_ref());
        let [of_input, of_recurrent, of_biases] = self.parameters.each_ref().map(Array::shape);
        [
            found.x.map(|v| Array::new(v, &[batch, steps, features])),
            found.input.map(|v| Array::new(v, of_input)),
            found.recurrent.map(|v| Array::new(v, of_recurrent)),
            found.biases.map(|v| Array::new(v, of_biases)),
        ]
    }
}
