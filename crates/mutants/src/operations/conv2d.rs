//! `conv2d`: cross-correlation with stride, padding, dilation and groups, each different along height and width.
//!
//! Forward and backward passes run over the same taps (output, input, weight): `y += x w`, `dx += dy w`, `dw += dy x`. Most mistakes
//! are in the taps that the backward pass believes in.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    PaddingForgotten: Convolution, "takes the input's gradient without the padding", [Transposed];
    PaddingOffByOne: Convolution, "pads the weight's gradient by one too many", [];
    StrideOne: Convolution, "takes the stride for 1 in the weight's gradient", [];
    StrideSwapped: Convolution, "swaps the strides of height and width", [];
    DilationForgotten: Convolution, "takes the dilation for 1 in the input's gradient", [Mask];
    Unflipped: Convolution, "reads the kernel flipped in the input's gradient", [Transposed];
    GroupsIgnored: Convolution, "reads the first group's input for every group", [Mask];
    KernelTransposed: Transpose, "writes the kernel's gradient as (width, height)", [];
    BiasOfFirstSample: Broadcast, "takes the gradient of the bias from the first sample", [NotAccumulated];
    BiasMean: MeanOrSum, "averages the gradient of the bias over the places", [Factor];
    WeightOverwritten: Accumulation, "keeps the last sample's gradient of the weight", [Broadcast, TimeStep];
    LastColumnUnwritten: Layout, "skips the last column of odd widths", [Mask];
    InputDetached: Detached, "sends nothing back to the input", [];
}

/// Stride, padding and dilation along (height, width).
#[derive(Clone, Copy, Debug)]
struct Geometry {
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
}

/// `y[n, o, r, c] = b[o] + Σ x[n, i, s r + d p − pad, …] w[o, i, p, q]`, zero outside.
#[derive(Clone, Debug)]
pub struct Conv2d {
    batch: usize,
    channels: [usize; 2],
    size: [usize; 2],
    kernel: [usize; 2],
    groups: usize,
    geometry: Geometry,
}

/// Places in the output, the input and the weight that one product connects.
type Tap = (usize, usize, usize);

impl Conv2d {
    fn out(&self) -> [usize; 2] {
        let Geometry { stride, padding, dilation } = self.geometry;
        [0, 1].map(|d| (self.size[d] + 2 * padding[d] - dilation[d] * (self.kernel[d] - 1) - 1) / stride[d] + 1)
    }

    /// All taps, with the geometry, the flip and the groups that the caller believes in.
    fn taps(&self, geometry: Geometry, flipped: bool, first_group: bool) -> Vec<Tap> {
        let ([height, width], [rows, columns], [kh, kw]) = (self.size, self.out(), self.kernel);
        let ([inputs, outputs], Geometry { stride, padding, dilation }) = (self.channels, geometry);
        let per_group = inputs / self.groups;
        let mut taps = Vec::new();
        for (n, o, r, c) in (0..self.outputs())
            .map(|k| (k / columns / rows / outputs, k / columns / rows % outputs, k / columns % rows, k % columns))
        {
            for (i, p, q) in (0..per_group * kh * kw).map(|k| (k / kw / kh, k / kw % kh, k % kw)) {
                let (row, column) = (r * stride[0] + p * dilation[0], c * stride[1] + q * dilation[1]);
                let (Some(row), Some(column)) = (row.checked_sub(padding[0]), column.checked_sub(padding[1])) else {
                    continue;
                };
                if row < height && column < width {
                    let group = if first_group { 0 } else { o / (outputs / self.groups) };
                    let (p, q) = if flipped { (kh - 1 - p, kw - 1 - q) } else { (p, q) };
                    taps.push((
                        ((n * outputs + o) * rows + r) * columns + c,
                        ((n * inputs + group * per_group + i) * height + row) * width + column,
                        ((o * per_group + i) * kh + p) * kw + q,
                    ));
                }
            }
        }
        taps
    }
}

impl Operation for Conv2d {
    type Mistake = Mistake;
    const NAME: &'static str = "conv2d";

    fn cases() -> Vec<Self> {
        let geometry = |stride, padding, dilation| Geometry { stride, padding, dilation };
        vec![
            Self {
                batch: 2,
                channels: [2, 3],
                size: [5, 4],
                kernel: [3, 2],
                groups: 1,
                geometry: geometry([2, 1], [1, 0], [1, 2]),
            },
            Self {
                batch: 2,
                channels: [4, 2],
                size: [4, 5],
                kernel: [2, 3],
                groups: 2,
                geometry: geometry([1, 2], [0, 1], [2, 1]),
            },
            Self {
                batch: 1,
                channels: [3, 3],
                size: [3, 7],
                kernel: [1, 3],
                groups: 3,
                geometry: geometry([1, 1], [0, 2], [1, 2]),
            },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        let ([inputs, outputs], [height, width], [kh, kw]) = (self.channels, self.size, self.kernel);
        vec![
            input("x", &[self.batch, inputs, height, width]),
            parameter("weight", &[outputs, inputs / self.groups, kh, kw]),
            parameter("bias", &[outputs]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch * self.channels[1] * self.out()[0] * self.out()[1]
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.channels[1], self.out()[0], self.out()[1]].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let places = self.out()[0] * self.out()[1];
        let mut y: Vec<S> = (0..self.outputs()).map(|k| x[2][k / places % self.channels[1]]).collect();
        self.taps(self.geometry, false, false)
            .iter()
            .for_each(|&(y_at, x_at, w_at)| y[y_at] += x[0][x_at] * x[1][w_at]);
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, g, [kh, kw]) = (|m| wrong == Some(m), self.geometry, self.kernel);
        let [mut dx, mut dw, mut db] = [x[0], x[1], x[2]].map(|x| vec![S::ZERO; x.len()]);

        let believed = match wrong {
            Some(Mistake::PaddingForgotten) => Geometry { padding: [0, 0], ..g },
            Some(Mistake::DilationForgotten) => Geometry { dilation: [1, 1], ..g },
            _ => g,
        };
        for (y_at, x_at, w_at) in self.taps(believed, is(Mistake::Unflipped), is(Mistake::GroupsIgnored)) {
            let skipped = is(Mistake::LastColumnUnwritten) && self.size[1] % 2 == 1 && (x_at + 1) % self.size[1] == 0;
            if !is(Mistake::InputDetached) && !skipped {
                dx[x_at] += dy[y_at] * x[1][w_at];
            }
        }

        let believed = match wrong {
            Some(Mistake::PaddingOffByOne) => Geometry { padding: g.padding.map(|p| p + 1), ..g },
            Some(Mistake::StrideOne) => Geometry { stride: [1, 1], ..g },
            Some(Mistake::StrideSwapped) => Geometry { stride: [g.stride[1], g.stride[0]], ..g },
            _ => g,
        };
        let per_sample = self.outputs() / self.batch;
        for (y_at, x_at, w_at) in self.taps(believed, false, false) {
            let (p, q) = (w_at / kw % kh, w_at % kw);
            let w_at = if is(Mistake::KernelTransposed) { w_at - p * kw - q + q * kh + p } else { w_at };
            if !is(Mistake::WeightOverwritten) || y_at / per_sample + 1 == self.batch {
                dw[w_at] += dy[y_at] * x[0][x_at];
            }
        }

        let places = self.out()[0] * self.out()[1];
        for (k, &g) in dy.iter().enumerate() {
            if is(Mistake::BiasOfFirstSample) && k >= per_sample {
                continue;
            }
            let divisor = if is(Mistake::BiasMean) { places } else { 1 };
            db[k / places % self.channels[1]] += g / S::of(divisor as f64);
        }
        vec![dx, dw, db]
    }
}
