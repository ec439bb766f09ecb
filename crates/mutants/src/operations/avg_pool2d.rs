//! `avg_pool2d`: the mean of each window, over its entries inside the image: padding is not counted.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    PaddingCounted: Count, "divides by the whole window where part of it is padding", [Factor];
    Summed: MeanOrSum, "does not divide at all", [Factor];
    HeightOnly: Count, "divides by the window's height squared", [Factor];
    Overlap: Accumulation, "overwrites where windows overlap", [TimeStep];
    PaddingOff: Convolution, "takes the window without its padding", [Transposed];
    StrideSwapped: Convolution, "swaps the strides of height and width", [Transposed];
    FirstOnly: Broadcast, "sends the gradient to the first entry of the window alone", [Mask];
    LastRowUnwritten: Unwritten, "leaves the last row unwritten", [Mask];
}

/// Mean over windows with zero padding that does not count.
#[derive(Clone, Debug)]
pub struct AvgPool2d {
    planes: usize,
    size: [usize; 2],
    window: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
}

impl AvgPool2d {
    fn out(&self) -> [usize; 2] {
        [0, 1].map(|d| (self.size[d] + 2 * self.padding[d] - self.window[d]) / self.stride[d] + 1)
    }

    fn windows(&self, stride: [usize; 2], padding: [usize; 2]) -> Vec<Vec<usize>> {
        let ([height, width], [rows, columns], [wh, ww]) = (self.size, self.out(), self.window);
        (0..self.planes * rows * columns)
            .map(|k| {
                let (plane, top, left) = (k / columns / rows, k / columns % rows * stride[0], k % columns * stride[1]);
                (0..wh * ww)
                    .filter_map(|k| {
                        let row = (top + k / ww).checked_sub(padding[0]).filter(|&row| row < height)?;
                        let column = (left + k % ww).checked_sub(padding[1]).filter(|&column| column < width)?;
                        Some((plane * height + row) * width + column)
                    })
                    .collect()
            })
            .collect()
    }
}

impl Operation for AvgPool2d {
    type Mistake = Mistake;
    const NAME: &'static str = "avg_pool2d";

    fn cases() -> Vec<Self> {
        vec![
            Self { planes: 2, size: [5, 6], window: [3, 2], stride: [2, 1], padding: [1, 0] },
            Self { planes: 1, size: [4, 7], window: [2, 3], stride: [1, 2], padding: [0, 1] },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.planes, self.size[0], self.size[1]])]
    }

    fn outputs(&self) -> usize {
        self.planes * self.out()[0] * self.out()[1]
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.planes, self.out()[0], self.out()[1]].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let windows = self.windows(self.stride, self.padding);
        windows.iter().map(|w| w.iter().map(|&at| x[0][at]).sum::<S>() / S::of(w.len() as f64)).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, [wh, ww], [sh, sw]) = (|m| wrong == Some(m), self.window, self.stride);
        let mut dx = vec![S::ZERO; x[0].len()];
        let stride = if is(Mistake::StrideSwapped) { [sw, sh] } else { [sh, sw] };
        let padding = if is(Mistake::PaddingOff) { [0, 0] } else { self.padding };
        for (window, &g) in self.windows(stride, padding).iter().zip(dy) {
            let count = match wrong {
                Some(Mistake::PaddingCounted) => wh * ww,
                Some(Mistake::Summed) => 1,
                Some(Mistake::HeightOnly) => wh * wh,
                _ => window.len(),
            };
            for (k, &at) in window.iter().enumerate() {
                let row = at / self.size[1] % self.size[0];
                if is(Mistake::FirstOnly) && k > 0 || is(Mistake::LastRowUnwritten) && row + 1 == self.size[0] {
                    continue;
                }
                if is(Mistake::Overlap) {
                    dx[at] = S::ZERO;
                }
                dx[at] += g / S::of(count as f64);
            }
        }
        vec![dx]
    }
}
