//! The same layers composed of Burn's own tensor operations: for devices and types without the fused kernels, and the
//! yardstick that the fused kernels are tested against.

use burn::prelude::*;
use burn::tensor::activation;

use super::{Activation, Cell, Recurrent, StateProbe};
use crate::tap::{Probe, tap_gradient};

/// The hidden states of all steps, each `[batch, units]`, from zero initial states.
pub(super) fn hidden_states(layer: &Recurrent, x: Tensor<3>, states: Option<&StateProbe>) -> Vec<Tensor<2>> {
    let [batch, steps, features] = x.dims();
    let [units, width] = layer.recurrent_weight.dims();
    let device = x.device();
    let dtype = x.dtype();
    let recurrent_weight = layer.recurrent_weight.val();
    let projected = x.reshape([batch * steps, features]).matmul(layer.weight.val()) + layer.bias.val().unsqueeze::<2>();
    let projected = projected.reshape([batch, steps, width]);
    let recurrent_bias = layer.recurrent_bias.as_ref().map(|bias| bias.val().unsqueeze::<2>());

    let mut hidden = Tensor::<2>::zeros([batch, units], (&device, dtype));
    let mut memory = Tensor::<2>::zeros([batch, units], (&device, dtype));
    let mut all = Vec::with_capacity(steps);
    for step in 0..steps {
        let input = projected.clone().slice([0..batch, step..step + 1]).reshape([batch, width]);
        let mut recurrent = hidden.clone().matmul(recurrent_weight.clone());
        if let Some(bias) = &recurrent_bias {
            recurrent = recurrent + bias.clone();
        }
        let gate = |all: &Tensor<2>, index: usize| all.clone().slice([0..batch, index * units..(index + 1) * units]);
        hidden = match layer.cell {
            Cell::Rnn(activation) => activate(activation, input + recurrent),
            Cell::Lstm => {
                let gates = input + recurrent;
                let i = activation::sigmoid(gate(&gates, 0));
                let f = activation::sigmoid(gate(&gates, 1));
                let g = activation::tanh(gate(&gates, 2));
                let o = activation::sigmoid(gate(&gates, 3));
                memory = f * memory + i * g;
                o * activation::tanh(memory.clone())
            }
            Cell::Gru => {
                let r = activation::sigmoid(gate(&input, 0) + gate(&recurrent, 0));
                let z = activation::sigmoid(gate(&input, 1) + gate(&recurrent, 1));
                let n = activation::tanh(gate(&input, 2) + r * gate(&recurrent, 2));
                n.clone() + z * (hidden - n)
            }
        };
        if let Some(states) = states {
            let lag = (steps - 1 - step) as u32;
            let states = states.clone();
            hidden =
                tap_gradient(hidden, Probe::new(move |seen| states.look(lag, seen.read(|values, _| values.summary()))));
        }
        all.push(hidden.clone());
    }
    all
}

fn activate(activation: Activation, x: Tensor<2>) -> Tensor<2> {
    match activation {
        Activation::Tanh => activation::tanh(x),
        Activation::Relu => activation::relu(x),
        Activation::Sigmoid => activation::sigmoid(x),
        Activation::Linear => x,
    }
}
