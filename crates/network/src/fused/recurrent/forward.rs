//! The fused forward pass over a whole sequence.
//!
//! One product projects the inputs of all steps; what remains for each step is the product of the hidden state with the
//! recurrent weight and one elementwise kernel.

use gradiometer_kernels::level;
use rayon::prelude::*;

use super::curve::Real;
use super::extent::Extent;
use super::product::{self, Matrix, Target};
use super::step::{GruForward, LstmForward, RnnForward};
use super::{Cell, Output};

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

/// What a forward pass computed: all that the backward pass needs, in the order of the chunks ([`Extent`]).
#[derive(Clone, Debug)]
pub(super) struct Tape<T> {
    pub cell: Cell,
    pub output: Output,
    pub extent: Extent,
    /// The input, `[step][row][feature]` a chunk.
    pub x: Vec<T>,
    /// The activated gates, `[step][row][gate][unit]` a chunk (pre-activations for an Elman network).
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

/// One chunk's part of the tape while it is written.
struct Chunk<'a, T> {
    rows: usize,
    x: &'a [T],
    gates: &'a mut [T],
    hidden: &'a mut [T],
    memory: &'a mut [T],
    squashed: &'a mut [T],
    candidate: &'a mut [T],
}

impl<T: Real> Tape<T> {
    /// Runs the sequence `x` (`[batch, steps, features]`) through the layer, from zero initial states.
    pub fn record(cell: Cell, output: Output, extent: Extent, x: &[T], weights: Weights<'_, T>) -> Self {
        let states = extent.rows() * extent.units;
        let with_initial = states + extent.batch * extent.units;
        let zeros = |wanted: bool, length: usize| vec![T::ZERO; if wanted { length } else { 0 }];
        let (lstm, gru) = (cell == Cell::Lstm, cell == Cell::Gru);
        let mut tape = Self {
            cell,
            output,
            extent,
            x: extent.gather(x, extent.features),
            gates: Vec::with_capacity(extent.rows() * extent.width()),
            hidden: zeros(true, with_initial),
            memory: zeros(lstm, with_initial),
            squashed: zeros(lstm, states),
            candidate: zeros(gru, states),
        };
        let bias = &weights.biases[..extent.width()];
        for _ in 0..extent.rows() {
            tape.gates.extend_from_slice(bias);
        }
        let mut chunks = tape.chunks();
        if extent.parallel() && chunks.len() > 1 {
            chunks.par_iter_mut().for_each(|chunk| chunk.run(cell, extent, weights));
        } else {
            chunks.iter_mut().for_each(|chunk| chunk.run(cell, extent, weights));
        }
        tape
    }

    fn chunks(&mut self) -> Vec<Chunk<'_, T>> {
        let Extent { steps, features, units, .. } = self.extent;
        let extent = self.extent;
        let (lstm, gru) = (usize::from(self.cell == Cell::Lstm), usize::from(self.cell == Cell::Gru));
        let xs = extent.cut(&self.x, steps * features);
        let gates = extent.cut_mut(&mut self.gates, steps * extent.width());
        let hidden = extent.cut_mut(&mut self.hidden, (steps + 1) * units);
        let memory = extent.cut_mut(&mut self.memory, lstm * (steps + 1) * units);
        let squashed = extent.cut_mut(&mut self.squashed, lstm * steps * units);
        let candidate = extent.cut_mut(&mut self.candidate, gru * steps * units);
        let states = hidden.into_iter().zip(memory).zip(squashed).zip(candidate);
        let rows = extent.chunks().into_iter().zip(xs).zip(gates);
        rows.zip(states)
            .map(|(((rows, x), gates), (((hidden, memory), squashed), candidate))| Chunk {
                rows,
                x,
                gates,
                hidden,
                memory,
                squashed,
                candidate,
            })
            .collect()
    }

    /// The layer's output: the last hidden state, `[batch, units]`, or all of them, `[batch, steps, units]`.
    pub fn result(&self) -> Vec<T> {
        let Extent { steps, units, .. } = self.extent;
        match self.output {
            Output::All => self.extent.scatter(&self.hidden, units, 1),
            Output::Last => {
                let chunks = self.extent.chunks().into_iter().zip(self.extent.cut(&self.hidden, (steps + 1) * units));
                chunks.flat_map(|(rows, hidden)| &hidden[steps * rows * units..]).copied().collect()
            }
        }
    }
}

impl<T: Real> Chunk<'_, T> {
    fn run(&mut self, cell: Cell, extent: Extent, weights: Weights<'_, T>) {
        let Extent { steps, features, units, .. } = extent;
        let (rows, width) = (self.rows, extent.width());
        product::add(
            Target::new(self.gates, width),
            Matrix::new(self.x, steps * rows, features),
            Matrix::new(weights.input, features, width),
        );
        let recurrent = Matrix::new(weights.recurrent, units, width);
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
                        product::add(Target::new(gates, width), Matrix::new(before, rows, units), recurrent);
                    }
                    level::run(RnnForward { activation, gates, hidden });
                }
                Cell::Lstm => {
                    if sees_the_past {
                        product::add(Target::new(gates, width), Matrix::new(before, rows, units), recurrent);
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
                    for inner in inner.chunks_exact_mut(width) {
                        inner.copy_from_slice(&weights.biases[width..]);
                    }
                    if sees_the_past {
                        product::add(Target::new(&mut inner, width), Matrix::new(before, rows, units), recurrent);
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
