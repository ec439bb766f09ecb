//! `conv1d`: causal and dilated, as in a temporal network: `y[n, o, t] = Σ w[o, i, p] x[n, i, t − dilation p]`.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    Anticausal: Convolution, "looks ahead where the forward pass looks back", [Transposed];
    DilationOffByOne: Convolution, "counts the dilation one too large for the weight's gradient", [];
    FirstTapDropped: Convolution, "starts at the second tap of the kernel", [Mask, TimeStep];
    KernelReversed: Convolution, "writes the weight's gradient in reversed order of taps", [Transposed, Gates];
    ChannelsTransposed: Transpose, "reads the weight as (inputs, outputs, taps)", [];
    LastStepDropped: TimeStep, "stops one time step early", [Mask];
    WeightMean: MeanOrSum, "averages the weight's gradient over the batch", [Factor];
    UpstreamOnes: Upstream, "takes the upstream gradient for all ones", [];
    InputSign: Sign, "subtracts the gradient of the input", [];
}

/// A causal convolution over time.
#[derive(Clone, Debug)]
pub struct Conv1d {
    batch: usize,
    inputs: usize,
    outputs: usize,
    steps: usize,
    taps: usize,
    dilation: usize,
}

impl Operation for Conv1d {
    type Mistake = Mistake;
    const NAME: &'static str = "conv1d";

    fn cases() -> Vec<Self> {
        vec![
            Self { batch: 2, inputs: 3, outputs: 2, steps: 9, taps: 3, dilation: 2 },
            Self { batch: 3, inputs: 2, outputs: 4, steps: 5, taps: 2, dilation: 1 },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.batch, self.inputs, self.steps]),
            parameter("weight", &[self.outputs, self.inputs, self.taps]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch * self.outputs * self.steps
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.outputs, self.steps].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut y = vec![S::ZERO; self.outputs()];
        for [n, o, i, t, p] in self.indices() {
            if let Some(past) = t.checked_sub(self.dilation * p) {
                y[(n * self.outputs + o) * self.steps + t] +=
                    x[1][(o * self.inputs + i) * self.taps + p] * x[0][(n * self.inputs + i) * self.steps + past];
            }
        }
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { batch, inputs, outputs, steps, taps, dilation }) = (|m| wrong == Some(m), self);
        let [mut dx, mut dw] = [x[0], x[1]].map(|x| vec![S::ZERO; x.len()]);
        for [n, o, i, t, p] in self.indices() {
            let mut g = dy[(n * outputs + o) * steps + t];
            if is(Mistake::UpstreamOnes) {
                g = S::ONE;
            }
            if is(Mistake::FirstTapDropped) && p == 0 || is(Mistake::LastStepDropped) && t + 1 == steps {
                continue;
            }
            let at = (o * inputs + i) * taps + p;
            let past = if is(Mistake::Anticausal) {
                Some(t + dilation * p).filter(|&t| t < steps)
            } else {
                t.checked_sub(dilation * p)
            };
            if let Some(past) = past {
                let read = if is(Mistake::ChannelsTransposed) { (i * outputs + o) * taps + p } else { at };
                let g = if is(Mistake::InputSign) { -g } else { g };
                dx[(n * inputs + i) * steps + past] += g * x[1][read];
            }
            let dilation = if is(Mistake::DilationOffByOne) { dilation + 1 } else { dilation };
            if let Some(past) = t.checked_sub(dilation * p) {
                let written = if is(Mistake::KernelReversed) { at + taps - 1 - 2 * p } else { at };
                let divisor = if is(Mistake::WeightMean) { batch as f64 } else { 1.0 };
                dw[written] += g * x[0][(n * inputs + i) * steps + past] / S::of(divisor);
            }
        }
        vec![dx, dw]
    }
}

impl Conv1d {
    /// Every (sample, output, input, time, tap).
    fn indices(&self) -> impl Iterator<Item = [usize; 5]> {
        let &Self { batch, inputs, outputs, steps, taps, .. } = self;
        (0..batch * outputs * inputs * steps * taps).map(move |k| {
            [
                k / taps / steps / inputs / outputs,
                k / taps / steps / inputs % outputs,
                k / taps / steps % inputs,
                k / taps % steps,
                k % taps,
            ]
        })
    }
}
