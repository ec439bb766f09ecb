//! The fused forward pass over a whole sequence.
//!
//! One product projects the inputs of all steps; what remains for each step is the product of the hidden state with the
//! recurrent weight and one elementwise kernel.

use gradiometer_kernels::level;
use gradiometer_kernels::matrix::{Begin, Left, Panels, Right, multiply};

use super::extent::Extent;
use super::step::{GruForward, LstmForward, RnnForward};
use super::{Cell, Output};
use crate::fused::product::product_here;
use crate::fused::value::Value;

/// The parameters of a layer, row-major, gates side by side in the last dimension.
#[derive(Clone, Copy)]
pub(super) struct Weights<'a, T> {
    /// `[features, gates·units]`.
    pub input: &'a [T],
    /// `[units, gates·units]`.
    pub recurrent: &'a [T],
    /// `[1 or 2, gates·units]`: the bias and, for a GRU, the recurrent bias.
    pub biases: &'a [T],
}

/// The weights, laid out once for the products of all steps.
struct Factors<T> {
    input: Panels<T>,
    recurrent: Panels<T>,
}

/// What a forward pass computed: all that the backward pass needs.
#[derive(Clone, Debug)]
pub(super) struct Tape<T> {
    pub cell: Cell,
    pub output: Output,
    pub extent: Extent,
    /// Chunk by chunk ([`Extent`]).
    pub chunks: Vec<Chunk<T>>,
}

/// One chunk's part of the tape. It is made on the thread that fills it.
#[derive(Clone, Debug)]
pub(super) struct Chunk<T> {
    pub rows: usize,
    /// The input, `[step][row][feature]`.
    pub x: Vec<T>,
    /// The activated gates, `[step][row][gate][unit]` (pre-activations for an Elman network).
    pub gates: Vec<T>,
    /// The hidden states, after the zero initial state.
    pub hidden: Vec<T>,
    /// LSTM: the cell states, after the zero initial state.
    pub memory: Vec<T>,
    /// LSTM: tanh of the cell states.
    pub squashed: Vec<T>,
    /// GRU: the new gate's recurrent part, before the reset gate.
    pub candidate: Vec<T>,
}

impl<T: Value> Tape<T> {
    /// Runs the sequence `x` (`[batch, steps, features]`) through the layer, from zero initial states.
    pub fn record(cell: Cell, output: Output, extent: Extent, x: &[T], weights: Weights<'_, T>) -> Self {
        let width = extent.width();
        let factors = Factors {
            input: Panels::of_rows(weights.input, extent.features, width, width),
            // One step has no state before it.
            recurrent: match extent.steps {
                1 => Panels::default(),
                _ => Panels::of_rows(weights.recurrent, extent.units, width, width),
            },
        };
        let inputs = extent.chunks().into_iter().zip(extent.cut(x, extent.steps * extent.features)).collect();
        let chunks = extent.each(inputs, |(rows, x): (usize, &[T])| {
            let mut chunk = Chunk::new(cell, extent, rows, x, &factors, weights.biases);
            chunk.run(cell, extent, &factors, weights.biases);
            chunk
        });
        Self { cell, output, extent, chunks }
    }

    /// The layer's output: the last hidden state, `[batch, units]`, or all of them, `[batch, steps, units]`.
    pub fn result(&self) -> Vec<T> {
        let Extent { steps, units, batch, .. } = self.extent;
        let length = if self.output == Output::All { batch * steps * units } else { batch * units };
        let mut result = vec![T::ZERO; length];
        let parts = self.chunks.iter().zip(self.extent.cut_mut(&mut result, length / batch)).collect();
        self.extent.each(parts, |(chunk, into): (&Chunk<T>, &mut [T])| {
            let states = &chunk.hidden[chunk.rows * units..];
            match self.output {
                Output::All => by_row(states, chunk.rows, units, into),
                Output::Last => into.copy_from_slice(&states[(steps - 1) * chunk.rows * units..]),
            }
        });
        result
    }
}

/// `[row][step][…]` to `[step][row][…]`, `width` numbers each.
fn by_step<T: Value>(values: &[T], rows: usize, width: usize) -> Vec<T> {
    let steps = values.len() / (rows * width).max(1);
    let mut turned = Vec::with_capacity(values.len());
    for step in 0..steps {
        (0..rows).for_each(|row| turned.extend_from_slice(&values[(row * steps + step) * width..][..width]));
    }
    turned
}

/// `[step][row][…]` to `[row][step][…]`, `width` numbers each.
pub(super) fn by_row<T: Value>(values: &[T], rows: usize, width: usize, into: &mut [T]) {
    for (row, into) in into.chunks_exact_mut((values.len() / rows.max(1)).max(1)).enumerate() {
        for (step, into) in into.chunks_exact_mut(width).enumerate() {
            into.copy_from_slice(&values[(step * rows + row) * width..][..width]);
        }
    }
}

impl<T: Value> Chunk<T> {
    /// The chunk before its first step, with the inputs' part of all gates.
    fn new(cell: Cell, extent: Extent, rows: usize, x: &[T], factors: &Factors<T>, biases: &[T]) -> Self {
        let Extent { steps, features, units, .. } = extent;
        let states = rows * steps * units;
        let with_initial = states + rows * units;
        let zeros = |wanted: bool, length: usize| vec![T::ZERO; if wanted { length } else { 0 }];
        let (lstm, gru) = (cell == Cell::Lstm, cell == Cell::Gru);
        let x = by_step(x, rows, features);
        let inputs = Left::rows(&x, steps * rows, features, features);
        let gates = product_here(inputs, Right::Panels(&factors.input), Some(&biases[..extent.width()]));
        Self {
            rows,
            x,
            gates,
            hidden: zeros(true, with_initial),
            memory: zeros(lstm, with_initial),
            squashed: zeros(lstm, states),
            candidate: zeros(gru, states),
        }
    }

    fn run(&mut self, cell: Cell, extent: Extent, factors: &Factors<T>, biases: &[T]) {
        let Extent { steps, units, .. } = extent;
        let (rows, width) = (self.rows, extent.width());
        let recurrent = Right::Panels(&factors.recurrent);
        let mut inner = vec![T::ZERO; if cell == Cell::Gru { rows * width } else { 0 }];
        let (size, row) = (rows * units, rows * width);
        for step in 0..steps {
            let (past, future) = self.hidden.split_at_mut((step + 1) * size);
            let (before, hidden) = (&past[step * size..], &mut future[..size]);
            let gates = &mut self.gates[step * row..][..row];
            // The initial state is zero, and so is its product with any finite weight.
            let sees_the_past = step > 0;
            match cell {
                Cell::Rnn(activation) => {
                    if sees_the_past {
                        multiply(Left::rows(before, rows, units, units), recurrent, Begin::Out, gates, width);
                    }
                    level::run(RnnForward { activation, gates, hidden });
                }
                Cell::Lstm => {
                    if sees_the_past {
                        multiply(Left::rows(before, rows, units, units), recurrent, Begin::Out, gates, width);
                    }
                    let (past, future) = self.memory.split_at_mut((step + 1) * size);
                    level::run(LstmForward {
                        units,
                        gates,
                        previous_cell: &past[step * size..],
                        cell: &mut future[..size],
                        squashed: &mut self.squashed[step * size..][..size],
                        hidden,
                    });
                }
                Cell::Gru => {
                    let biases = &biases[width..];
                    if sees_the_past {
                        let before = Left::rows(before, rows, units, units);
                        multiply(before, recurrent, Begin::Columns(biases), &mut inner, width);
                    } else {
                        inner.chunks_exact_mut(width).for_each(|inner| inner.copy_from_slice(biases));
                    }
                    level::run(GruForward {
                        units,
                        gates,
                        recurrent: &inner,
                        candidate: &mut self.candidate[step * size..][..size],
                        previous: before,
                        hidden,
                    });
                }
            }
        }
    }
}
