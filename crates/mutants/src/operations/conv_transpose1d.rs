//! `conv_transpose1d`: scatters each input over `kernel` outputs, `stride` apart: `y[n, o, stride t + p − padding] += x[n, i, t] w[i, o, p]`.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    StrideDilationSwapped: Convolution, "takes the stride for a dilation", [];
    PaddingForgotten: Convolution, "forgets the padding in the gradient of the input", [];
    StrideOne: Convolution, "takes the stride for 1 in the gradient of the weight", [];
    ChannelsTransposed: Transpose, "writes the gradient of the weight as (outputs, inputs, taps)", [];
    BiasOfOnePlace: Broadcast, "takes the gradient of the bias from the first place", [TimeStep, NotAccumulated];
    BiasDoubled: Factor, "counts the gradient of the bias twice", [];
    LastInputDropped: Layout, "leaves out the last input of an odd length", [Mask, TimeStep];
    WeightDetached: Detached, "sends nothing back to the weight", [];
}

/// A transposed convolution along one axis.
#[derive(Clone, Debug)]
pub struct ConvTranspose1d {
    batch: usize,
    inputs: usize,
    outputs: usize,
    length: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
}

impl ConvTranspose1d {
    fn out(&self) -> usize {
        (self.length - 1) * self.stride + self.kernel - 2 * self.padding
    }

    /// Every (sample, output, place in the output, input, time, tap), for the stride, dilation and padding believed in.
    fn taps(&self, stride: usize, dilation: usize, padding: usize) -> impl Iterator<Item = [usize; 6]> {
        let &Self { batch, inputs, outputs, length, kernel, .. } = self;
        let out = self.out();
        (0..batch * outputs * inputs * length * kernel).filter_map(move |k| {
            let (rest, t, p) = (k / kernel / length, k / kernel % length, k % kernel);
            let place = (t * stride + p * dilation).checked_sub(padding).filter(|&place| place < out)?;
            Some([rest / inputs / outputs, rest / inputs % outputs, place, rest % inputs, t, p])
        })
    }
}

impl Operation for ConvTranspose1d {
    type Mistake = Mistake;
    const NAME: &'static str = "conv_transpose1d";

    fn cases() -> Vec<Self> {
        vec![
            Self { batch: 2, inputs: 3, outputs: 2, length: 5, kernel: 4, stride: 2, padding: 1 },
            Self { batch: 1, inputs: 2, outputs: 3, length: 4, kernel: 5, stride: 3, padding: 2 },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.batch, self.inputs, self.length]),
            parameter("weight", &[self.inputs, self.outputs, self.kernel]),
            parameter("bias", &[self.outputs]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch * self.outputs * self.out()
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.outputs, self.out()].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let out = self.out();
        let mut y: Vec<S> = (0..self.outputs()).map(|k| x[2][k / out % self.outputs]).collect();
        for [n, o, place, i, t, p] in self.taps(self.stride, 1, self.padding) {
            y[(n * self.outputs + o) * out + place] +=
                x[0][(n * self.inputs + i) * self.length + t] * x[1][(i * self.outputs + o) * self.kernel + p];
        }
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { inputs, outputs, length, kernel, stride, padding, .. }) = (|m| wrong == Some(m), self);
        let out = self.out();
        let [mut dx, mut dw, mut db] = [x[0], x[1], x[2]].map(|x| vec![S::ZERO; x.len()]);
        let (believed, dilation) = if is(Mistake::StrideDilationSwapped) { (1, stride) } else { (stride, 1) };
        let pad = if is(Mistake::PaddingForgotten) { 0 } else { padding };
        for [n, o, place, i, t, p] in self.taps(believed, dilation, pad) {
            if is(Mistake::LastInputDropped) && length % 2 == 1 && t + 1 == length {
                continue;
            }
            dx[(n * inputs + i) * length + t] +=
                dy[(n * outputs + o) * out + place] * x[1][(i * outputs + o) * kernel + p];
        }
        let believed = if is(Mistake::StrideOne) { 1 } else { stride };
        for [n, o, place, i, t, p] in self.taps(believed, 1, padding) {
            let at = if is(Mistake::ChannelsTransposed) { o * inputs + i } else { i * outputs + o };
            if !is(Mistake::WeightDetached) {
                dw[at * kernel + p] += dy[(n * outputs + o) * out + place] * x[0][(n * inputs + i) * length + t];
            }
        }
        for (k, &g) in dy.iter().enumerate() {
            if !is(Mistake::BiasOfOnePlace) || k % out == 0 {
                db[k / out % outputs] += if is(Mistake::BiasDoubled) { g + g } else { g };
            }
        }
        vec![dx, dw, db]
    }
}
