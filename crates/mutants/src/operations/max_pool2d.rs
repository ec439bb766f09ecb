//! `max_pool2d`: the largest value of each window, with windows that overlap.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    AllTied: Tie, "sends the whole gradient to every entry that is nearly the largest", [Mask];
    FirstOfWindow: Tie, "sends the gradient to the first entry of the window", [Mask];
    Smallest: Tie, "sends the gradient to the smallest entry of the window", [Mask];
    Overlap: Accumulation, "overwrites where windows overlap", [TimeStep];
    Averaged: MeanOrSum, "spreads the gradient over the window like an average", [Mask];
    StrideOff: Convolution, "takes windows as far apart as they are wide", [Mask];
    IndexInWindow: Layout, "takes the index within the window for one within the row", [Mask, Transposed];
    Negated: Sign, "subtracts", [];
}

/// Maximum over windows of height × width.
#[derive(Clone, Debug)]
pub struct MaxPool2d {
    planes: usize,
    size: [usize; 2],
    window: [usize; 2],
    stride: [usize; 2],
    /// Whether points come with ties next to each other, a billionth apart.
    near_ties: bool,
}

impl MaxPool2d {
    fn out(&self) -> [usize; 2] {
        [0, 1].map(|d| (self.size[d] - self.window[d]) / self.stride[d] + 1)
    }

    /// Places in the input of each output's window.
    fn windows(&self, stride: [usize; 2]) -> Vec<Vec<usize>> {
        let ([height, width], [rows, columns], [wh, ww]) = (self.size, self.out(), self.window);
        (0..self.planes * rows * columns)
            .map(|k| {
                let (plane, top, left) = (k / columns / rows, k / columns % rows * stride[0], k % columns * stride[1]);
                (0..wh * ww)
                    .map(|k| (top + k / ww, left + k % ww))
                    .filter(|&(row, column)| row < height && column < width)
                    .map(|(row, column)| (plane * height + row) * width + column)
                    .collect()
            })
            .collect()
    }
}

impl Operation for MaxPool2d {
    type Mistake = Mistake;
    const NAME: &'static str = "max_pool2d";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        vec![
            Self { planes: 2, size: [5, 7], window: [3, 2], stride: [1, 2], near_ties: false },
            Self { planes: 3, size: [4, 6], window: [2, 3], stride: [2, 1], near_ties: true },
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

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let mut x = random.normals(self.planes * self.size[0] * self.size[1]);
        if self.near_ties {
            (1..x.len()).step_by(3).for_each(|k| x[k] = x[k - 1] + 1e-9);
        }
        vec![x]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.windows(self.stride).iter().map(|window| x[0][largest(x[0], window)]).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let mut dx = vec![S::ZERO; x[0].len()];
        let stride = if is(Mistake::StrideOff) { self.window } else { self.stride };
        for (window, &g) in self.windows(stride).iter().zip(dy) {
            let Some(&first) = window.first() else { continue };
            let winner = largest(x[0], window);
            match wrong {
                Some(Mistake::AllTied) => {
                    let near = |&&at: &&usize| x[0][at] > x[0][winner] - S::of(0.2);
                    window.iter().filter(near).for_each(|&at| dx[at] += g);
                }
                Some(Mistake::Averaged) => {
                    window.iter().for_each(|&at| dx[at] += g / S::of(window.len() as f64));
                }
                Some(Mistake::FirstOfWindow) => dx[first] += g,
                Some(Mistake::Smallest) => {
                    dx[window.iter().copied().fold(first, |low, at| if x[0][at] < x[0][low] { at } else { low })] += g;
                }
                Some(Mistake::Overlap) => dx[winner] = g,
                Some(Mistake::IndexInWindow) => {
                    let place = window.iter().position(|&at| at == winner).unwrap_or(0);
                    let last = dx.len() - 1;
                    dx[(first + place).min(last)] += g;
                }
                Some(Mistake::Negated) => dx[winner] -= g,
                _ => dx[winner] += g,
            }
        }
        vec![dx]
    }
}

fn largest<S: Scalar>(x: &[S], window: &[usize]) -> usize {
    window.iter().copied().fold(window[0], |best, at| if x[at] > x[best] { at } else { best })
}
