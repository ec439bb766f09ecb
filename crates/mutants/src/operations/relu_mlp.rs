//! `relu_mlp`: a batch through `relu(relu(x A) B) o`, 5,120 weights in its large form: thousands of kinks nearby.

use crate::matrix::{product, transposed};
use crate::operation::{Argument, Operation, Part, input, mistakes, parameter};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    MaskOfSecond: Mask, "masks the first layer with the second layer's activity", [StaleCache];
    MaskForgotten: Mask, "forgets the mask of the first layer", [];
    MaskBelow: Mask, "masks below 0.6 instead of below zero", [];
    SecondUntransposed: Transpose, "goes back through B read the other way round", [];
    FirstOfLastRow: Accumulation, "keeps the last row's gradient of A", [Broadcast, TimeStep];
    FirstDetached: Detached, "sends nothing back to A", [];
    OutputMean: MeanOrSum, "averages the output weight's gradient over the batch", [];
    StaleHidden: Cache, "takes the hidden layer before the rectifier", [Mask, Term];
}

/// Two hidden layers of rectifiers.
#[derive(Clone, Debug)]
pub struct ReluMlp {
    batch: usize,
    widths: [usize; 3],
}

/// Pre-activations and activations of both layers.
struct Passed<S> {
    raw: [Vec<S>; 2],
    hidden: [Vec<S>; 2],
}

impl ReluMlp {
    fn pass<S: Scalar>(&self, x: &[&[S]]) -> Passed<S> {
        let [a, b, c] = self.widths;
        let rectified = |raw: &Vec<S>| raw.iter().map(|v| v.max(S::ZERO)).collect::<Vec<S>>();
        let first = product(x[0], x[1], self.batch, a, b);
        let hidden = rectified(&first);
        let second = product(&hidden, x[2], self.batch, b, c);
        let last = rectified(&second);
        Passed { raw: [first, second], hidden: [hidden, last] }
    }
}

impl Operation for ReluMlp {
    type Mistake = Mistake;
    const NAME: &'static str = "relu_mlp";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        vec![Self { batch: 3, widths: [3, 8, 7] }, Self { batch: 2, widths: [16, 64, 64] }]
    }

    fn arguments(&self) -> Vec<Argument> {
        let [a, b, c] = self.widths;
        vec![
            input("x", &[self.batch, a]),
            parameter("first", &[a, b]),
            parameter("second", &[b, c]),
            parameter("output", &[c, 1]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let scaled = |argument: &Argument| {
            let fan_in = if argument.part == Part::Parameter { argument.shape[0] } else { 2 };
            random.normals(argument.count()).iter().map(|v| v * (2.0 / fan_in as f64).sqrt()).collect()
        };
        self.arguments().iter().map(scaled).collect()
    }

    fn large(&self) -> bool {
        self.widths[0] > 8
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        product(&self.pass(x).hidden[1], x[3], self.batch, self.widths[2], 1)
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, [a, b, c], batch) = (|m| wrong == Some(m), self.widths, self.batch);
        let Passed { raw, hidden } = self.pass(x);
        let last = if is(Mistake::StaleHidden) { &raw[1] } else { &hidden[1] };
        let mut doutput = product(&transposed(last, batch, c), dy, c, batch, 1);
        if is(Mistake::OutputMean) {
            doutput.iter_mut().for_each(|g| *g = *g / S::of(batch as f64));
        }
        let mut g = product(dy, x[3], batch, 1, c);
        g.iter_mut().zip(&raw[1]).filter(|(_, raw)| **raw <= S::ZERO).for_each(|(g, _)| *g = S::ZERO);
        let dsecond = product(&transposed(&hidden[0], batch, b), &g, b, batch, c);
        let second = if is(Mistake::SecondUntransposed) { x[2].to_vec() } else { transposed(x[2], b, c) };
        let mut g = product(&g, &second, batch, c, b);
        for (k, g) in g.iter_mut().enumerate() {
            let active = match wrong {
                Some(Mistake::MaskForgotten) => true,
                Some(Mistake::MaskOfSecond) => raw[1][k / b * c + k % b % c] > S::ZERO,
                Some(Mistake::MaskBelow) => raw[0][k] > S::of(0.6),
                _ => raw[0][k] > S::ZERO,
            };
            if !active {
                *g = S::ZERO;
            }
        }
        let first = if is(Mistake::FirstOfLastRow) { batch - 1 } else { 0 };
        let mut dfirst =
            product(&transposed(&x[0][first * a..], batch - first, a), &g[first * b..], a, batch - first, b);
        if is(Mistake::FirstDetached) {
            dfirst.fill(S::ZERO);
        }
        vec![product(&g, &transposed(x[1], a, b), batch, b, a), dfirst, dsecond, doutput]
    }
}
