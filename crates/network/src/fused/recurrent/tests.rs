//! The fused layers against the composed ones, against PyTorch, against numbers worked out by hand, and against
//! differences of their own values.

use std::sync::{Arc, Mutex};

use burn::tensor::{DType, TensorData};
use rand::{RngExt, SeedableRng};

use gradiometer_gauge::Summary;

use super::*;

mod against_composed;
mod against_pytorch;
mod by_hand;
mod odd_inputs;

const CELLS: [Cell; 6] = [
    Cell::Rnn(Activation::Tanh),
    Cell::Rnn(Activation::Relu),
    Cell::Rnn(Activation::Sigmoid),
    Cell::Rnn(Activation::Linear),
    Cell::Lstm,
    Cell::Gru,
];

/// A layer's input and parameters as plain numbers, and the cotangent of its output.
#[derive(Clone)]
struct Case {
    cell: Cell,
    output: Output,
    /// batch, steps, features, units
    sizes: [usize; 4],
    x: Vec<f64>,
    weight: Vec<f64>,
    recurrent_weight: Vec<f64>,
    bias: Vec<f64>,
    recurrent_bias: Vec<f64>,
    cotangent: Vec<f64>,
}

impl Case {
    fn random(cell: Cell, output: Output, sizes: [usize; 4], seed: u64) -> Self {
        let [batch, steps, features, units] = sizes;
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        // 1/√units keeps the states of 100 steps of a linear network finite, too.
        let mut draw = |count: usize, scale: f64| -> Vec<f64> {
            (0..count).map(|_| scale * (2.0 * rng.random::<f64>() - 1.0)).collect()
        };
        let width = cell.gates() * units;
        let scale = 1.0 / (units as f64).sqrt();
        let steps_out = if output == Output::All { steps } else { 1 };
        Self {
            cell,
            output,
            sizes,
            x: draw(batch * steps * features, 1.5),
            weight: draw(features * width, 1.0),
            recurrent_weight: draw(units * width, scale),
            bias: draw(width, 0.5),
            recurrent_bias: draw(if cell.has_recurrent_bias() { width } else { 0 }, 0.5),
            cotangent: draw(batch * steps_out * units, 1.0),
        }
    }

    fn tensor<const D: usize>(&self, values: &[f64], shape: [usize; D], run: Run) -> Tensor<D> {
        let device = if run.autodiff { Device::flex().autodiff() } else { Device::flex() };
        Tensor::from_data(TensorData::new(values.to_vec(), shape), (&device, run.dtype))
    }

    fn layer(&self, run: Run) -> Recurrent {
        let [_, _, features, units] = self.sizes;
        let width = self.cell.gates() * units;
        let bias = |values: &[f64]| Param::from_tensor(self.tensor(values, [width], run));
        Recurrent::new(
            self.cell,
            Param::from_tensor(self.tensor(&self.weight, [features, width], run)),
            Param::from_tensor(self.tensor(&self.recurrent_weight, [units, width], run)),
            bias(&self.bias),
            self.cell.has_recurrent_bias().then(|| bias(&self.recurrent_bias)),
        )
        .expect("the shapes fit")
    }

    /// Σ output·cotangent, in f64, without autodiff.
    fn loss(&self) -> f64 {
        let run = Run { autodiff: false, ..Run::new(DType::F64) };
        let [batch, steps, features, _] = self.sizes;
        let layer = self.layer(run);
        let x = self.tensor(&self.x, [batch, steps, features], run);
        let out = match self.output {
            Output::Last => layer.forward_last(x, None).into_data(),
            Output::All => layer.forward_all(x, None).into_data(),
        };
        out.as_slice::<f64>().unwrap().iter().zip(&self.cotangent).map(|(a, b)| a * b).sum()
    }

    fn run(&self, run: Run) -> Outcome {
        let [batch, steps, features, units] = self.sizes;
        let layer = self.layer(run);
        let x = self.tensor(&self.x, [batch, steps, features], run).require_grad();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&seen);
        let probe = StateProbe::new(move |lag, gradient| {
            assert_eq!(gradient.count(), (batch * units) as u64);
            keep.lock().unwrap().push((lag, facts(&gradient)));
        });
        let states = run.probed.then_some(probe);
        let (value, product) = match (self.output, run.composed) {
            (Output::Last, composed) => {
                let out = if composed {
                    composed::hidden_states(&layer, x.clone(), states.as_ref()).pop().unwrap()
                } else {
                    layer.forward_last(x.clone(), states)
                };
                (numbers(out.clone().into_data()), out * self.tensor(&self.cotangent, [batch, units], run))
            }
            (Output::All, composed) => {
                let out = if composed {
                    Tensor::stack::<3>(composed::hidden_states(&layer, x.clone(), states.as_ref()), 1)
                } else {
                    layer.forward_all(x.clone(), states)
                };
                let product = out.clone() * self.tensor(&self.cotangent, [batch, steps, units], run);
                (numbers(out.into_data()), product.reshape([batch * steps, units]))
            }
        };
        let grads = product.sum().backward();
        let recurrent_bias = layer.recurrent_bias.as_ref().map(|b| b.val().grad(&grads).expect("a gradient"));
        let states = std::mem::take(&mut *seen.lock().unwrap());
        Outcome {
            value,
            x: numbers(x.grad(&grads).expect("a gradient").into_data()),
            weight: numbers(layer.weight.val().grad(&grads).expect("a gradient").into_data()),
            recurrent_weight: numbers(layer.recurrent_weight.val().grad(&grads).expect("a gradient").into_data()),
            bias: numbers(layer.bias.val().grad(&grads).expect("a gradient").into_data()),
            recurrent_bias: recurrent_bias.map(|g| numbers(g.into_data())).unwrap_or_default(),
            states,
        }
    }
}

#[derive(Clone, Copy)]
struct Run {
    dtype: DType,
    composed: bool,
    probed: bool,
    autodiff: bool,
}

impl Run {
    fn new(dtype: DType) -> Self {
        Self { dtype, composed: false, probed: true, autodiff: true }
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Outcome {
    value: Vec<f64>,
    x: Vec<f64>,
    weight: Vec<f64>,
    recurrent_weight: Vec<f64>,
    bias: Vec<f64>,
    recurrent_bias: Vec<f64>,
    /// Of each lag, [`facts`] of the state's gradient.
    states: Vec<(u32, Vec<f64>)>,
}

impl Outcome {
    fn parts(&self) -> [(&'static str, &[f64]); 6] {
        [
            ("value", &self.value),
            ("x", &self.x),
            ("weight", &self.weight),
            ("recurrent weight", &self.recurrent_weight),
            ("bias", &self.bias),
            ("recurrent bias", &self.recurrent_bias),
        ]
    }

    fn assert_close(&self, other: &Self, tolerance: f64, what: &str) {
        for ((name, ours), (_, theirs)) in self.parts().into_iter().zip(other.parts()) {
            assert_near(ours, theirs, tolerance, &format!("{what}: {name}"));
        }
        assert_eq!(self.states.len(), other.states.len(), "{what}: states seen");
        for ((lag, ours), (their_lag, theirs)) in self.states.iter().zip(&other.states) {
            assert_eq!(lag, their_lag, "{what}");
            assert_near(ours, theirs, tolerance, &format!("{what}: state gradient at lag {lag}"));
        }
    }
}

/// Equal to within `tolerance` times the largest of the values; below that, to within the smallest normal f32, where
/// long sequences' gradients end and rounding is no longer relative.
fn assert_near(ours: &[f64], theirs: &[f64], tolerance: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}: number of values");
    let scale = theirs.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * scale + f64::from(f32::MIN_POSITIVE),
            "{what}[{i}]: {a} against {b}, scale {scale}"
        );
    }
}

/// What a look at values has found, all of the values' own size: mean, root mean square, least, greatest and mean magnitude.
fn facts(summary: &Summary) -> Vec<f64> {
    let mean_magnitude = summary.l1() / summary.finite() as f64;
    let of_values = [summary.mean(), summary.rms(), summary.min(), summary.max()];
    of_values.map(|fact| fact.expect("there are values")).into_iter().chain([mean_magnitude]).collect()
}

fn facts_of(values: &[f64]) -> Vec<f64> {
    facts(&Summary::of(values))
}

fn numbers(data: TensorData) -> Vec<f64> {
    data.convert::<f64>().try_into_vec().unwrap()
}
