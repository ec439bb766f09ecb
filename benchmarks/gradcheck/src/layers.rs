//! What is timed: an LSTM, a convolution and a dense network at PyTorch's shapes, with PyTorch's parameters.
//!
//! Plain loops: what is compared is what a user of either side runs, a checker on functions of its own kind.

use gradiometer_gradcheck::{Block, Failure, Function};
use gradiometer_mutants::Random;

use crate::opened::zero;
use crate::{Opened, Precise, Source};

/// A layer or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// 8 → 16, 12 steps, batch 4, two biases: 1,664 parameters; the output is every hidden state.
    Lstm,
    /// 3 → 8 channels, 3×3, of 12×12, batch 2.
    Conv,
    /// 16-32-32-4, tanh between, batch 8.
    Dense,
}

impl Layer {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lstm, Self::Conv, Self::Dense];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lstm => "lstm",
            Self::Conv => "conv",
            Self::Dense => "dense",
        }
    }
}

impl Layer {
    fn blocks(self) -> Vec<Block> {
        let (x, p) = (Block::input, Block::parameter);
        match self {
            Self::Lstm => vec![
                x("x", &[STEPS, BATCH, IN]),
                p("weight_ih", &[4 * HIDDEN, IN]),
                p("weight_hh", &[4 * HIDDEN, HIDDEN]),
                p("bias_ih", &[4 * HIDDEN]),
                p("bias_hh", &[4 * HIDDEN]),
            ],
            Self::Conv => vec![x("x", &[2, 3, 12, 12]), p("weight", &[8, 3, 3, 3]), p("bias", &[8])],
            Self::Dense => {
                let layer = |l: usize| [p("weight", &[WIDTHS[l + 1], WIDTHS[l]]), p("bias", &[WIDTHS[l + 1]])];
                let layers = (0..3).flat_map(layer);
                std::iter::once(x("x", &[ROWS, WIDTHS[0]])).chain(layers).collect()
            }
        }
    }
}

impl Source for Layer {
    fn open<T: Precise>(&self) -> Opened<T> {
        let blocks = self.blocks();
        let mut random = Random::new(7);
        let scaled = |block: &Block| {
            let spread = if block.name == "x" { 1.0 } else { 0.25 };
            (0..block.elements()).map(|_| T::of(spread * random.normal())).collect::<Vec<T>>()
        };
        let point = blocks.iter().flat_map(scaled).collect();
        let function: Box<dyn Function<T>> = match self {
            Self::Lstm => Box::new(Lstm(blocks)),
            Self::Conv => Box::new(Conv(blocks)),
            Self::Dense => Box::new(Dense(blocks)),
        };
        Opened { function, points: vec![point] }
    }
}

/// `flat` cut at the ends of its blocks.
fn parts<'a, S>(blocks: &[Block], mut flat: &'a [S]) -> Vec<&'a [S]> {
    let cut = |block: &Block| {
        let (own, rest) = flat.split_at(block.elements());
        flat = rest;
        own
    };
    blocks.iter().map(cut).collect()
}

fn parts_mut<'a, S>(blocks: &[Block], flat: &'a mut [S]) -> Vec<&'a mut [S]> {
    let mut rest = flat;
    let mut parts = Vec::new();
    for block in blocks {
        let (own, after) = rest.split_at_mut(block.elements());
        parts.push(own);
        rest = after;
    }
    parts
}

/// In four sums, which the processor computes side by side; a single one would wait for each addition.
fn dot<T: Precise>(a: &[T], b: &[T]) -> T {
    let mut sums = [zero::<T>(); 4];
    let (a, b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest = a.remainder().iter().zip(b.remainder()).fold(zero(), |sum: T, (&a, &b)| sum + a * b);
    for (a, b) in a.zip(b) {
        (0..4).for_each(|k| sums[k] += a[k] * b[k]);
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// `a += factor · b`.
fn add<T: Precise>(a: &mut [T], factor: T, b: &[T]) {
    a.iter_mut().zip(b).for_each(|(a, &b)| *a += factor * b);
}

/// With the exponential that a user's own code would have; the mutants' is made of tanh, which takes twice as long.
fn sigmoid<T: Precise>(x: T) -> T {
    let one = T::of(1.0);
    one / (one + (-x).exp())
}

const STEPS: usize = 12;
const BATCH: usize = 4;
const IN: usize = 8;
const HIDDEN: usize = 16;

struct Lstm(Vec<Block>);

/// A step of one sequence: gates `i, f, g, o`, the cell before and after, the state before.
struct Step<T> {
    gates: [T; 4 * HIDDEN],
    before: [T; HIDDEN],
    cell: [T; HIDDEN],
    state: [T; HIDDEN],
}

impl Lstm {
    fn run<T: Precise>(&self, x: &[T], mut step: impl FnMut(usize, usize, Step<T>, &[T; HIDDEN])) {
        let [input, w, u, b, c] = parts(&self.0, x)[..] else { return };
        for n in 0..BATCH {
            let (mut state, mut cell) = ([zero::<T>(); HIDDEN], [zero::<T>(); HIDDEN]);
            for t in 0..STEPS {
                let input = &input[(t * BATCH + n) * IN..][..IN];
                let gates = std::array::from_fn(|r| {
                    let sum = dot(&w[r * IN..][..IN], input) + dot(&u[r * HIDDEN..][..HIDDEN], &state) + b[r] + c[r];
                    if r / HIDDEN == 2 { sum.tanh() } else { sigmoid(sum) }
                });
                let before = cell;
                cell = std::array::from_fn(|k| gates[HIDDEN + k] * before[k] + gates[k] * gates[2 * HIDDEN + k]);
                let last = state;
                state = std::array::from_fn(|k| gates[3 * HIDDEN + k] * cell[k].tanh());
                step(n, t, Step { gates, before, cell, state: last }, &state);
            }
        }
    }
}

impl<T: Precise> Function<T> for Lstm {
    fn blocks(&self) -> &[Block] {
        &self.0
    }

    fn outputs(&self) -> usize {
        STEPS * BATCH * HIDDEN
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        self.run(x, |n, t, _, state| y[(t * BATCH + n) * HIDDEN..][..HIDDEN].copy_from_slice(state));
        Ok(())
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        let mut passed = Vec::new();
        self.run(x, |n, t, step, _| passed.push((n, t, step)));
        gradient.fill(zero());
        let [input, w, u, ..] = parts(&self.0, x)[..] else { return Ok(()) };
        let [dx, dw, du, db, dc] = &mut parts_mut(&self.0, gradient)[..] else { return Ok(()) };
        let (mut dstate, mut dcell) = ([zero::<T>(); HIDDEN], [zero::<T>(); HIDDEN]);
        for (n, t, step) in passed.iter().rev() {
            if t + 1 == STEPS {
                (dstate, dcell) = ([zero::<T>(); HIDDEN], [zero::<T>(); HIDDEN]);
            }
            let at = (t * BATCH + n) * HIDDEN;
            let mut a = [zero(); 4 * HIDDEN];
            for k in 0..HIDDEN {
                let [i, f, g, o] = [0, 1, 2, 3].map(|gate| step.gates[gate * HIDDEN + k]);
                let (dh, squashed) = (cotangent[at + k] + dstate[k], step.cell[k].tanh());
                let carried = dcell[k] + dh * o * (T::ONE - squashed * squashed);
                let slope = |s: T| s * (T::ONE - s);
                a[k] = carried * g * slope(i);
                a[HIDDEN + k] = carried * step.before[k] * slope(f);
                a[2 * HIDDEN + k] = carried * i * (T::ONE - g * g);
                a[3 * HIDDEN + k] = dh * squashed * slope(o);
                dcell[k] = carried * f;
            }
            dstate = [zero(); HIDDEN];
            let place = (t * BATCH + n) * IN;
            for (r, &a) in a.iter().enumerate() {
                add(&mut dx[place..][..IN], a, &w[r * IN..][..IN]);
                add(&mut dw[r * IN..][..IN], a, &input[place..][..IN]);
                add(&mut dstate, a, &u[r * HIDDEN..][..HIDDEN]);
                add(&mut du[r * HIDDEN..][..HIDDEN], a, &step.state);
                db[r] += a;
                dc[r] += a;
            }
        }
        Ok(())
    }
}

struct Conv(Vec<Block>);

/// Calls `visit(output, input, weight)` for the starts of the rows of 10 outputs and 10 inputs that one weight connects.
fn taps(mut visit: impl FnMut(usize, usize, usize)) {
    for (n, o, i) in (0..2 * 8 * 3).map(|k| (k / 24, k / 3 % 8, k % 3)) {
        for (row, p, q) in (0..10 * 9).map(|k| (k / 9, k / 3 % 3, k % 3)) {
            visit(((n * 8 + o) * 10 + row) * 10, ((n * 3 + i) * 12 + row + p) * 12 + q, ((o * 3 + i) * 3 + p) * 3 + q);
        }
    }
}

impl<T: Precise> Function<T> for Conv {
    fn blocks(&self) -> &[Block] {
        &self.0
    }

    fn outputs(&self) -> usize {
        2 * 8 * 10 * 10
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        let [x, w, b] = parts(&self.0, x)[..] else { return Ok(()) };
        y.chunks_mut(100).enumerate().for_each(|(k, y)| y.fill(b[k % 8]));
        taps(|o, i, k| add(&mut y[o..][..10], w[k], &x[i..][..10]));
        Ok(())
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        gradient.fill(zero());
        let [x, w, _] = parts(&self.0, x)[..] else { return Ok(()) };
        let [dx, dw, db] = &mut parts_mut(&self.0, gradient)[..] else { return Ok(()) };
        taps(|o, i, k| {
            add(&mut dx[i..][..10], w[k], &cotangent[o..][..10]);
            dw[k] += dot(&x[i..][..10], &cotangent[o..][..10]);
        });
        cotangent.iter().enumerate().for_each(|(k, &g)| db[k / 100 % 8] += g);
        Ok(())
    }
}

const ROWS: usize = 8;
const WIDTHS: [usize; 4] = [16, 32, 32, 4];

struct Dense(Vec<Block>);

impl Dense {
    /// The activations of all four layers for one row.
    fn row<T: Precise>(parts: &[&[T]], n: usize) -> [Vec<T>; 4] {
        let mut layers = [const { Vec::new() }; 4];
        layers[0] = parts[0][n * WIDTHS[0]..][..WIDTHS[0]].to_vec();
        for l in 0..3 {
            let (w, b, before) = (parts[1 + 2 * l], parts[2 + 2 * l], &layers[l]);
            let unit = |k: usize| {
                let sum = dot(&w[k * WIDTHS[l]..][..WIDTHS[l]], before) + b[k];
                if l < 2 { sum.tanh() } else { sum }
            };
            layers[l + 1] = (0..WIDTHS[l + 1]).map(unit).collect();
        }
        layers
    }
}

impl<T: Precise> Function<T> for Dense {
    fn blocks(&self) -> &[Block] {
        &self.0
    }

    fn outputs(&self) -> usize {
        ROWS * WIDTHS[3]
    }

    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure> {
        let parts = parts(&self.0, x);
        let rows = y.chunks_mut(WIDTHS[3]).enumerate();
        rows.for_each(|(n, y)| y.copy_from_slice(&Self::row(&parts, n)[3]));
        Ok(())
    }

    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure> {
        gradient.fill(zero());
        let parts = parts(&self.0, x);
        let mut into = parts_mut(&self.0, gradient);
        for n in 0..ROWS {
            let layers = Self::row(&parts, n);
            let mut g = cotangent[n * WIDTHS[3]..][..WIDTHS[3]].to_vec();
            for l in (0..3).rev() {
                let mut before = vec![zero(); WIDTHS[l]];
                for (k, &g) in g.iter().enumerate() {
                    let row = k * WIDTHS[l]..(k + 1) * WIDTHS[l];
                    add(&mut before, g, &parts[1 + 2 * l][row.clone()]);
                    add(&mut into[1 + 2 * l][row], g, &layers[l]);
                    into[2 + 2 * l][k] += g;
                }
                if l > 0 {
                    before.iter_mut().zip(&layers[l]).for_each(|(g, &y)| *g = *g * (T::ONE - y * y));
                }
                g = before;
            }
            into[0][n * WIDTHS[0]..][..WIDTHS[0]].copy_from_slice(&g);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use gradiometer_gradcheck::Checker;

    use super::Layer;
    use crate::Source;

    #[test]
    fn the_layers_that_are_timed_have_right_gradients() {
        for layer in Layer::ALL {
            let opened = layer.open::<f64>();
            Checker::locate().check(opened.function.as_ref(), &opened.points[0]).unwrap().assert_pass();
        }
    }
}
