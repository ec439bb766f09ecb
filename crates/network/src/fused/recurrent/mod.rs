//! Recurrent layers (Elman network, LSTM, GRU), each as one operation over the whole sequence.
//!
//! Composed of Burn's operations, a recurrent layer leaves some twenty nodes per time step in the autodiff graph, and the
//! backward pass of each step's slice writes a gradient as large as the whole sequence: time quadratic in its length. And
//! the gradient that a hidden state receives, the very thing that vanishes through time, is nowhere to be seen. So on the
//! `flex` device a layer is one node, with a backward pass of its own: one product projects all inputs, one
//! elementwise kernel serves each step, one product at the end gives each parameter's gradient, and a [`StateProbe`] sees
//! the gradient of every hidden state go by, against its lag.
//!
//! Other devices, and half-precision types, run the same layer composed of Burn's operations, with the same probe.
//!
//! Not here: initial states other than zero, bidirectional or stacked layers (those are several layers), and how
//! parameters are initialized.

use std::sync::Arc;

use burn::module::Param;
use burn::prelude::*;

mod backward;
mod composed;
mod extent;
mod forward;
mod layer;
mod probe;
mod step;
#[cfg(test)]
mod tests;

pub use probe::StateProbe;

use super::operation::apply;
use super::value::has_fused_kernels;

/// The activation of an Elman network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Activation {
    /// The hyperbolic tangent.
    #[default]
    Tanh,
    /// max(0, ·).
    Relu,
    /// 1/(1 + e^−·).
    Sigmoid,
    /// None at all.
    Linear,
}

/// The kind of recurrent cell. `x` is the input of a step, `h₋` the hidden state before it, `σ` the sigmoid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// Elman's network (*Finding structure in time*, 1990): `h = f(x·W + b + h₋·U)`. One gate.
    Rnn(Activation),
    /// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000). Four gates, in
    /// PyTorch's order input, forget, cell, output: `i, f, o = σ(·)`, `g = tanh(·)` of `x·W + b + h₋·U`;
    /// `c = f·c₋ + i·g`, `h = o·tanh(c)`.
    Lstm,
    /// Gated recurrent unit (Cho et al. 2014) in the variant of cuDNN and PyTorch, the reset after the product. Three
    /// gates, in PyTorch's order reset, update, new: `r, z = σ(x·W + b + h₋·U + c)`, `n = tanh(x·Wₙ + bₙ + r·(h₋·Uₙ + cₙ))`,
    /// `h = (1 − z)·n + z·h₋`, with `c` the recurrent bias.
    Gru,
}

impl Cell {
    /// How many gates lie side by side in the last dimension of the parameters.
    pub fn gates(self) -> usize {
        match self {
            Self::Rnn(_) => 1,
            Self::Gru => 3,
            Self::Lstm => 4,
        }
    }

    /// Whether the cell has a recurrent bias of its own (where it would only add to the bias, it has none).
    pub fn has_recurrent_bias(self) -> bool {
        self == Self::Gru
    }
}

/// Which hidden states a layer puts out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// The last one, `[batch, units]`.
    Last,
    /// All, `[batch, steps, units]`.
    All,
}

/// Parameters that do not make a recurrent layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecurrentError {
    /// A parameter's shape does not follow from the others'.
    #[error(
        "{parameter} has the shape {found:?}, but {cell:?} with {units} units needs {needed:?}: \
         {gates} gates side by side make the last dimension"
    )]
    Shape {
        /// The name of the parameter's field.
        parameter: &'static str,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that it should have.
        needed: Vec<usize>,
        /// The cell.
        cell: Cell,
        /// The units, from the first dimension of the recurrent weight.
        units: usize,
        /// The cell's gates.
        gates: usize,
    },
    /// A recurrent bias where the cell has none, or none where it has one.
    #[error("{cell:?} {}: a GRU has one, the other cells have not", if *.given { "was given a recurrent bias" } else { "was given no recurrent bias" })]
    RecurrentBias {
        /// The cell.
        cell: Cell,
        /// Whether one was given.
        given: bool,
    },
    /// No units or no features.
    #[error("a recurrent layer needs at least one unit and one feature, not {units} and {features}")]
    Empty {
        /// The units.
        units: usize,
        /// The features.
        features: usize,
    },
}

/// A recurrent layer. Gates lie side by side in the last dimension of each parameter, in the order that [`Cell`] gives.
#[derive(Module, Debug)]
pub struct Recurrent {
    /// `[features, gates·units]`.
    pub weight: Param<Tensor<2>>,
    /// `[units, gates·units]`.
    pub recurrent_weight: Param<Tensor<2>>,
    /// `[gates·units]`.
    pub bias: Param<Tensor<1>>,
    /// `[3·units]`, of a GRU only.
    pub recurrent_bias: Option<Param<Tensor<1>>>,
    #[module(skip)]
    cell: Cell,
}

impl Recurrent {
    /// A layer of these parameters; units and features follow from their shapes.
    pub fn new(
        cell: Cell,
        weight: Param<Tensor<2>>,
        recurrent_weight: Param<Tensor<2>>,
        bias: Param<Tensor<1>>,
        recurrent_bias: Option<Param<Tensor<1>>>,
    ) -> Result<Self, RecurrentError> {
        let (features, units, gates) = (weight.dims()[0], recurrent_weight.dims()[0], cell.gates());
        if units == 0 || features == 0 {
            return Err(RecurrentError::Empty { units, features });
        }
        if recurrent_bias.is_some() != cell.has_recurrent_bias() {
            return Err(RecurrentError::RecurrentBias { cell, given: recurrent_bias.is_some() });
        }
        let check = |parameter: &'static str, found: Vec<usize>, needed: Vec<usize>| {
            if found == needed {
                Ok(())
            } else {
                Err(RecurrentError::Shape { parameter, found, needed, cell, units, gates })
            }
        };
        let width = gates * units;
        check("recurrent_weight", recurrent_weight.dims().to_vec(), vec![units, width])?;
        check("weight", weight.dims().to_vec(), vec![features, width])?;
        check("bias", bias.dims().to_vec(), vec![width])?;
        if let Some(bias) = &recurrent_bias {
            check("recurrent_bias", bias.dims().to_vec(), vec![width])?;
        }
        Ok(Self { weight, recurrent_weight, bias, recurrent_bias, cell })
    }

    /// The kind of cell.
    pub fn cell(&self) -> Cell {
        self.cell
    }

    /// The units: the length of a hidden state.
    pub fn units(&self) -> usize {
        self.recurrent_weight.dims()[0]
    }

    /// `[batch, steps, features]` to the last hidden state, `[batch, units]`, from a zero initial state. In the backward
    /// pass `states` sees the gradient of every hidden state.
    ///
    /// # Panics
    /// If the features are not as many as the weight has rows, as Burn's own layers do.
    pub fn forward_last(&self, x: Tensor<3>, states: Option<StateProbe>) -> Tensor<2> {
        let [batch, steps, _] = self.check(&x);
        if batch == 0 || steps == 0 {
            return Tensor::zeros([batch, self.units()], (&x.device(), x.dtype()));
        }
        if has_fused_kernels(&x) {
            return self.fused(x, Output::Last, states);
        }
        let mut all = composed::hidden_states(self, x, states.as_ref());
        all.pop().expect("there is at least one step")
    }

    /// `[batch, steps, features]` to all hidden states, `[batch, steps, units]`, from a zero initial state. In the backward
    /// pass `states` sees the gradient of every hidden state.
    ///
    /// # Panics
    /// If the features are not as many as the weight has rows, as Burn's own layers do.
    pub fn forward_all(&self, x: Tensor<3>, states: Option<StateProbe>) -> Tensor<3> {
        let [batch, steps, _] = self.check(&x);
        if batch == 0 || steps == 0 {
            return Tensor::zeros([batch, steps, self.units()], (&x.device(), x.dtype()));
        }
        if has_fused_kernels(&x) {
            return self.fused(x, Output::All, states);
        }
        Tensor::stack(composed::hidden_states(self, x, states.as_ref()), 1)
    }

    fn check(&self, x: &Tensor<3>) -> [usize; 3] {
        let dims = x.dims();
        let features = self.weight.dims()[0];
        assert_eq!(
            dims[2], features,
            "a recurrent layer of {features} features got an input of shape {dims:?} ([batch, steps, features])"
        );
        dims
    }

    fn fused<const D: usize>(&self, x: Tensor<3>, output: Output, states: Option<StateProbe>) -> Tensor<D> {
        let bias = self.bias.val();
        let biases: Tensor<2> = match &self.recurrent_bias {
            Some(recurrent) => Tensor::stack(vec![bias, recurrent.val()], 0),
            None => bias.unsqueeze(),
        };
        let inputs = [
            x.into_dispatch(),
            self.weight.val().into_dispatch(),
            self.recurrent_weight.val().into_dispatch(),
            biases.into_dispatch(),
        ];
        apply(inputs, Arc::new(layer::Layer { cell: self.cell, output, states }))
    }
}
