//! The fused backward pass: backpropagation through time over a whole sequence.
//!
//! Step by step, from the last to the first, the gradient of the hidden state becomes the gradient of the gates (in place
//! of the gates on the tape) and, through the recurrent weight, the gradient of the hidden state before. What is summed
//! over time (the parameters' gradients) or independent of it (the input's) is left for one product at the end.

use gradiometer_kernels::level;
use rayon::prelude::*;

use super::curve::Real;
use super::extent::Extent;
use super::forward::{Tape, Weights};
use super::probe::StateProbe;
use super::product::{self, Matrix, Target};
use super::step::{Accumulate, GruBackward, LstmBackward, RnnBackward};
use super::{Cell, Output};

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

/// One chunk's part of the tape while the gates become their gradients.
struct Chunk<'a, T> {
    rows: usize,
    gates: &'a mut [T],
    hidden: &'a [T],
    memory: &'a [T],
    squashed: &'a [T],
    candidate: &'a mut [T],
    gradient: &'a [T],
    seen: &'a mut [T],
}

impl<T: Real> Tape<T> {
    /// The gradients of the loss, from the `gradient` of the layer's output, in the shape of that output.
    pub fn replay(
        mut self,
        gradient: &[T],
        weights: Weights<'_, T>,
        wanted: Wanted,
        states: Option<&StateProbe>,
    ) -> Gradients<T> {
        let extent = self.extent;
        let mut seen = vec![T::ZERO; if states.is_some() { extent.rows() * extent.units } else { 0 }];
        let transposed = product::transpose(weights.recurrent, extent.units, extent.width());
        let (cell, output) = (self.cell, self.output);
        let mut chunks = self.chunks_back(gradient, &mut seen);
        let run = |chunk: &mut Chunk<'_, T>| chunk.run(cell, output, extent, &transposed);
        if extent.parallel() && chunks.len() > 1 {
            chunks.par_iter_mut().for_each(run);
        } else {
            chunks.iter_mut().for_each(run);
        }
        drop(chunks);
        if let Some(states) = states {
            show(states, extent, &seen);
        }
        Gradients {
            x: wanted.x.then(|| self.input_gradient(weights.input)),
            input: wanted.input.then(|| self.weight_gradient()),
            recurrent: wanted.recurrent.then(|| self.recurrent_gradient()),
            biases: wanted.biases.then(|| self.bias_gradient()),
        }
    }

    fn chunks_back<'a>(&'a mut self, gradient: &'a [T], seen: &'a mut [T]) -> Vec<Chunk<'a, T>> {
        let extent = self.extent;
        let Extent { steps, units, .. } = extent;
        let (lstm, gru) = (usize::from(self.cell == Cell::Lstm), usize::from(self.cell == Cell::Gru));
        let seen_per_row = seen.len() / extent.batch;
        let gates = extent.cut_mut(&mut self.gates, steps * extent.width());
        let hidden = extent.cut(&self.hidden, (steps + 1) * units);
        let memory = extent.cut(&self.memory, lstm * (steps + 1) * units);
        let squashed = extent.cut(&self.squashed, lstm * steps * units);
        let candidate = extent.cut_mut(&mut self.candidate, gru * steps * units);
        let gradient = extent.cut(gradient, gradient.len() / extent.batch);
        let seen = extent.cut_mut(seen, seen_per_row);
        let states = hidden.into_iter().zip(memory).zip(squashed).zip(candidate);
        let rows = extent.chunks().into_iter().zip(gates).zip(gradient).zip(seen);
        rows.zip(states)
            .map(|((((rows, gates), gradient), seen), (((hidden, memory), squashed), candidate))| Chunk {
                rows,
                gates,
                hidden,
                memory,
                squashed,
                candidate,
                gradient,
                seen,
            })
            .collect()
    }

    /// The gradients of the gates' recurrent parts, as (columns of the recurrent weight, values, stride): for a GRU the
    /// new gate's lie apart from the other two's.
    fn recurrent_parts(&self) -> Vec<(std::ops::Range<usize>, &[T], usize)> {
        let Extent { units, .. } = self.extent;
        let width = self.extent.width();
        match self.cell {
            Cell::Gru => vec![(0..2 * units, &self.gates, width), (2 * units..width, &self.candidate, units)],
            Cell::Rnn(_) | Cell::Lstm => vec![(0..width, &self.gates, width)],
        }
    }

    fn input_gradient(&self, input: &[T]) -> Vec<T> {
        let Extent { features, .. } = self.extent;
        let (rows, width) = (self.extent.rows(), self.extent.width());
        let mut out = vec![T::ZERO; rows * features];
        product::add_parallel(
            Target::new(&mut out, features),
            Matrix::new(&self.gates, rows, width),
            Matrix::new(input, features, width).transposed(),
        );
        self.extent.scatter(&out, features, 0)
    }

    fn weight_gradient(&self) -> Vec<T> {
        let Extent { features, .. } = self.extent;
        let (rows, width) = (self.extent.rows(), self.extent.width());
        let mut out = vec![T::ZERO; features * width];
        product::add_parallel(
            Target::new(&mut out, width),
            Matrix::new(&self.x, rows, features).transposed(),
            Matrix::new(&self.gates, rows, width),
        );
        out
    }

    fn recurrent_gradient(&self) -> Vec<T> {
        let extent = self.extent;
        let Extent { steps, units, .. } = extent;
        let width = extent.width();
        let mut out = vec![T::ZERO; units * width];
        for (columns, values, stride) in self.recurrent_parts() {
            let chunks =
                extent.cut(&self.hidden, (steps + 1) * units).into_iter().zip(extent.cut(values, steps * stride));
            for (rows, (hidden, gradient)) in extent.chunks().into_iter().zip(chunks) {
                // From the second step on: the first one's hidden state before is zero.
                let length = (steps - 1) * rows;
                if length == 0 {
                    continue;
                }
                product::add_parallel(
                    Target { data: &mut out[columns.start..], columns: columns.len(), stride: width },
                    Matrix::new(&hidden[rows * units..], length, units).transposed(),
                    Matrix::with_stride(&gradient[rows * stride..], length, columns.len(), stride),
                );
            }
        }
        out
    }

    fn bias_gradient(&self) -> Vec<T> {
        let width = self.extent.width();
        let mut out = vec![T::ZERO; width];
        product::add_column_sums(&mut out, &self.gates, width);
        if self.cell == Cell::Gru {
            // The reset and update gates see both biases alike; the new gate's recurrent bias goes through the reset.
            out.extend_from_within(..2 * self.extent.units);
            out.resize(2 * width, T::ZERO);
            product::add_column_sums(&mut out[width + 2 * self.extent.units..], &self.candidate, self.extent.units);
        }
        out
    }
}

/// Shows the gradient of every hidden state, `[batch, units]`, from lag 0 on.
fn show<T: Real>(states: &StateProbe, extent: Extent, seen: &[T]) {
    let Extent { steps, units, .. } = extent;
    let chunks: Vec<_> = extent.chunks().into_iter().zip(extent.cut(seen, steps * units)).collect();
    let mut together = Vec::with_capacity(extent.batch * units);
    for lag in 0..steps {
        let step = steps - 1 - lag;
        together.clear();
        for (rows, chunk) in &chunks {
            together.extend_from_slice(&chunk[step * rows * units..][..rows * units]);
        }
        states.look(lag as u32, T::values(&together));
    }
}

impl<T: Real> Chunk<'_, T> {
    fn run(&mut self, cell: Cell, output: Output, extent: Extent, transposed: &[T]) {
        let Extent { steps, units, .. } = extent;
        let (rows, width) = (self.rows, extent.width());
        let (size, row) = (rows * units, rows * width);
        let mut dh = vec![T::ZERO; size];
        let mut carry = vec![T::ZERO; if cell == Cell::Gru { size } else { 0 }];
        let mut dc = vec![T::ZERO; if cell == Cell::Lstm { size } else { 0 }];
        let back = Matrix::new(transposed, width, units);
        for step in (0..steps).rev() {
            self.add_output_gradient(&mut dh, output, extent, step);
            if let Some(seen) = self.seen.get_mut(step * size..(step + 1) * size) {
                seen.copy_from_slice(&dh);
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
                    product::store(Target::new(&mut dh, units), Matrix::new(gates, rows, width), back);
                }
                Cell::Gru => {
                    std::mem::swap(&mut dh, &mut carry);
                    let (two, new) = transposed.split_at(2 * units * units);
                    let both = Matrix::with_stride(gates, rows, 2 * units, width);
                    product::add(Target::new(&mut dh, units), both, Matrix::new(two, 2 * units, units));
                    let candidate = Matrix::new(&self.candidate[step * size..][..size], rows, units);
                    product::add(Target::new(&mut dh, units), candidate, Matrix::new(new, units, units));
                }
            }
        }
    }

    fn add_output_gradient(&self, dh: &mut [T], output: Output, extent: Extent, step: usize) {
        let Extent { steps, units, .. } = extent;
        match output {
            Output::Last if step + 1 == steps => dh.copy_from_slice(self.gradient),
            Output::Last => {}
            Output::All => {
                for (row, sum) in dh.chunks_exact_mut(units).enumerate() {
                    level::run(Accumulate { sum, value: &self.gradient[(row * steps + step) * units..][..units] });
                }
            }
        }
    }
}
