//! The fused backward pass: backpropagation through time over a whole sequence.
//!
//! Step by step, from the last to the first, the gradient of the hidden state becomes the gradient of the gates (in place
//! of the gates on the tape) and, through the recurrent weight, the gradient of the hidden state before. What is summed
//! over time (the parameters' gradients) or independent of it (the input's) is left for one product at the end.

use gradiometer_gauge::Summary;
use gradiometer_kernels::level;
use gradiometer_kernels::matrix::{Begin, Left, Panels, Right, add_column_sums, multiply};

use super::extent::Extent;
use super::forward::{Chunk, Tape, Weights, by_row};
use super::probe::StateProbe;
use super::step::{Accumulate, GruBackward, LstmBackward, RnnBackward};
use super::{Cell, Output};
use crate::fused::product;
use crate::fused::value::Value;

/// Which gradients somebody wants.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    pub x: bool,
    pub input: bool,
    pub recurrent: bool,
    pub biases: bool,
}

/// The gradients that were wanted, each in the shape of what it belongs to.
pub(super) struct Gradients<T> {
    pub x: Option<Vec<T>>,
    pub input: Option<Vec<T>>,
    pub recurrent: Option<Vec<T>>,
    pub biases: Option<Vec<T>>,
}

impl<T: Value> Tape<T> {
    /// The gradients of the loss, from the `gradient` of the layer's output, in the shape of that output.
    pub fn replay(
        mut self,
        gradient: &[T],
        weights: Weights<'_, T>,
        wanted: Wanted,
        states: Option<&StateProbe>,
    ) -> Gradients<T> {
        let extent = self.extent;
        let Extent { units, .. } = extent;
        let (cell, output, width) = (self.cell, self.output, extent.width());
        // From the gates' gradients to the state's. A GRU's new gate has a gradient of its own for what comes from the state.
        let split = if cell == Cell::Gru { 2 * units } else { width };
        let back = [(0, split), (split, width - split)].map(|(first, gates)| match extent.steps {
            1 => Panels::default(),
            _ => Panels::of_transposed(&weights.recurrent[first..], gates, units, width),
        });
        let input = match wanted.x {
            true => Panels::of_transposed(weights.input, width, extent.features, width),
            false => Panels::default(),
        };
        let mut x = vec![T::ZERO; if wanted.x { extent.rows() * extent.features } else { 0 }];
        let per_row = |length: usize| length / extent.batch;
        let gradients = extent.cut(gradient, per_row(gradient.len()));
        let x_per_row = per_row(x.len());
        let parts: Vec<_> = self.chunks.iter_mut().zip(gradients).zip(extent.cut_mut(&mut x, x_per_row)).collect();
        let seen = extent.each(parts, |((chunk, gradient), x)| {
            let seen = chunk.replay(cell, output, extent, &back, gradient, states.is_some());
            if wanted.x {
                chunk.input_gradient(extent, &input, x);
            }
            seen
        });
        if let Some(states) = states {
            show(states, seen);
        }
        Gradients {
            x: wanted.x.then_some(x),
            input: wanted.input.then(|| self.weight_gradient()),
            recurrent: wanted.recurrent.then(|| self.recurrent_gradient()),
            biases: wanted.biases.then(|| self.bias_gradient()),
        }
    }

    fn weight_gradient(&self) -> Vec<T> {
        let Extent { steps, features, .. } = self.extent;
        let width = self.extent.width();
        let mut out = vec![T::ZERO; features * width];
        for chunk in &self.chunks {
            let x = Left::transposed(&chunk.x, features, steps * chunk.rows, features);
            let gates = product::Factor::Rows { values: &chunk.gates, stride: width };
            product::multiply(x, gates, Begin::Out, &mut out, [width; 2]);
        }
        out
    }

    fn recurrent_gradient(&self) -> Vec<T> {
        let Extent { steps, units, .. } = self.extent;
        let width = self.extent.width();
        let mut out = vec![T::ZERO; units * width];
        if steps == 1 {
            return out;
        }
        for chunk in &self.chunks {
            // The gradients of the gates' recurrent parts, as (columns of the recurrent weight, values, stride): for a GRU the new
            // gate's lie apart from the other two's.
            let parts = match self.cell {
                Cell::Gru => vec![(0..2 * units, &chunk.gates, width), (2 * units..width, &chunk.candidate, units)],
                Cell::Rnn(_) | Cell::Lstm => vec![(0..width, &chunk.gates, width)],
            };
            let rows = chunk.rows;
            for (columns, gradient, stride) in parts {
                // From the second step on: the first one's hidden state before is zero.
                let hidden = Left::transposed(&chunk.hidden[rows * units..], units, (steps - 1) * rows, units);
                let gradient = product::Factor::Rows { values: &gradient[rows * stride..], stride };
                product::multiply(hidden, gradient, Begin::Out, &mut out[columns.start..], [columns.len(), width]);
            }
        }
        out
    }

    fn bias_gradient(&self) -> Vec<T> {
        let (units, width) = (self.extent.units, self.extent.width());
        let length = if self.cell == Cell::Gru { 2 * width } else { width };
        let sums = self.extent.each(self.chunks.iter().collect(), |chunk: &Chunk<T>| {
            let mut sums = vec![T::ZERO; length];
            add_column_sums(&mut sums[..width], &chunk.gates, width);
            if self.cell == Cell::Gru {
                // The reset and update gates see both biases alike; the new gate's recurrent bias goes through the reset.
                let (first, second) = sums.split_at_mut(width);
                second[..2 * units].copy_from_slice(&first[..2 * units]);
                add_column_sums(&mut second[2 * units..], &chunk.candidate, units);
            }
            sums
        });
        let mut out = vec![T::ZERO; length];
        for sums in sums {
            out.iter_mut().zip(sums).for_each(|(out, sum)| *out = *out + sum);
        }
        out
    }
}

/// Shows the gradient of every hidden state, from lag 0 on. Each chunk has one summary a lag; they are put together in the order of the
/// chunks, whichever was done first.
fn show(states: &StateProbe, seen: Vec<Vec<Summary>>) {
    let mut chunks = seen.into_iter();
    let mut lags = chunks.next().unwrap_or_default();
    for chunk in chunks {
        lags.iter_mut().zip(&chunk).for_each(|(whole, part)| whole.merge(part));
    }
    (0..).zip(lags).for_each(|(lag, gradient)| states.look(lag, gradient));
}

impl<T: Value> Chunk<T> {
    /// `[rows, steps, features]`.
    fn input_gradient(&self, extent: Extent, input: &Panels<T>, x: &mut [T]) {
        let Extent { steps, features, .. } = extent;
        let (rows, width) = (self.rows, extent.width());
        let gates = Left::rows(&self.gates, steps * rows, width, width);
        by_row(&product::product_here(gates, Right::Panels(input), None), rows, features, x);
    }

    /// Turns the gates into their gradients. Where that is wanted it gives a look at the gradient of each state, from the last one on,
    /// taken while the core has it at hand.
    fn replay(
        &mut self,
        cell: Cell,
        output: Output,
        extent: Extent,
        [back, back_of_new]: &[Panels<T>; 2],
        gradient: &[T],
        look: bool,
    ) -> Vec<Summary> {
        let Extent { steps, units, .. } = extent;
        let (rows, width) = (self.rows, extent.width());
        let (size, row) = (rows * units, rows * width);
        let mut seen = Vec::with_capacity(if look { steps } else { 0 });
        let mut dh = vec![T::ZERO; size];
        let mut carry = vec![T::ZERO; if cell == Cell::Gru { size } else { 0 }];
        let mut dc = vec![T::ZERO; if cell == Cell::Lstm { size } else { 0 }];
        for step in (0..steps).rev() {
            add_output_gradient(&mut dh, gradient, output, extent, step);
            if look {
                seen.push(T::shown(&dh).summary());
            }
            let gates = &mut self.gates[step * row..][..row];
            let before = &self.hidden[step * size..][..size];
            match cell {
                Cell::Rnn(activation) => {
                    let hidden = &self.hidden[(step + 1) * size..][..size];
                    level::run(RnnBackward { activation, gates, hidden, gradient: &dh });
                }
                Cell::Lstm => level::run(LstmBackward {
                    units,
                    gates,
                    previous_cell: &self.memory[step * size..][..size],
                    squashed: &self.squashed[step * size..][..size],
                    gradient: &dh,
                    cell_gradient: &mut dc,
                }),
                Cell::Gru => {
                    let candidate = &mut self.candidate[step * size..][..size];
                    level::run(GruBackward {
                        units,
                        gates,
                        candidate,
                        previous: before,
                        gradient: &dh,
                        carry: &mut carry,
                    });
                }
            }
            if step == 0 {
                break;
            }
            let gates = &self.gates[step * row..][..row];
            match cell {
                Cell::Rnn(_) | Cell::Lstm => {
                    let gates = Left::rows(gates, rows, width, width);
                    multiply(gates, Right::Panels(back), Begin::Zero, &mut dh, units);
                }
                Cell::Gru => {
                    std::mem::swap(&mut dh, &mut carry);
                    let gates = Left::rows(gates, rows, 2 * units, width);
                    multiply(gates, Right::Panels(back), Begin::Out, &mut dh, units);
                    let candidate = Left::rows(&self.candidate[step * size..][..size], rows, units, units);
                    multiply(candidate, Right::Panels(back_of_new), Begin::Out, &mut dh, units);
                }
            }
        }
        seen
    }
}

fn add_output_gradient<T: Value>(dh: &mut [T], gradient: &[T], output: Output, extent: Extent, step: usize) {
    let Extent { steps, units, .. } = extent;
    match output {
        Output::Last if step + 1 == steps => dh.copy_from_slice(gradient),
        Output::Last => {}
        Output::All => {
            for (row, sum) in dh.chunks_exact_mut(units).enumerate() {
                level::run(Accumulate { sum, value: &gradient[(row * steps + step) * units..][..units] });
            }
        }
    }
}
