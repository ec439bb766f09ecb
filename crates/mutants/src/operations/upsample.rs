//! `upsample`: linear interpolation along an axis to `out` points, ends aligned.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    Nearest: Term, "sends the gradient to the left neighbour alone", [TimeStep];
    WeightsSwapped: Gates, "swaps the weights of the two neighbours", [Term];
    Overwritten: Accumulation, "overwrites where several outputs meet", [TimeStep];
    CornersUnaligned: Convolution, "scales places by in / out as if the ends were not aligned", [];
    Averaged: MeanOrSum, "divides by the factor of enlargement", [Factor];
    LastUnwritten: Unwritten, "leaves the last input unwritten", [Mask, TimeStep];
    WeightsRounded: Scale, "rounds the weights to tenths", [Term, Factor];
}

/// Interpolation of each row from `length` to `out` points.
#[derive(Clone, Debug)]
pub struct Upsample {
    rows: usize,
    length: usize,
    out: usize,
}

impl Operation for Upsample {
    type Mistake = Mistake;
    const NAME: &'static str = "upsample";

    fn cases() -> Vec<Self> {
        [(2, 5, 12), (3, 4, 7)].map(|(rows, length, out)| Self { rows, length, out }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, self.length])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.out
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.out].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.length);
        rows.flat_map(|row| {
            self.neighbours(true)
                .map(move |(left, right, share)| row[left] * S::of(1.0 - share) + row[right] * S::of(share))
        })
        .collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let mut dx = vec![S::ZERO; x[0].len()];
        for (dx, dy) in dx.chunks_mut(self.length).zip(dy.chunks(self.out)) {
            for ((left, right, mut share), &g) in self.neighbours(!is(Mistake::CornersUnaligned)).zip(dy) {
                let mut g = g;
                match wrong {
                    Some(Mistake::Nearest) => share = 0.0,
                    Some(Mistake::WeightsSwapped) => share = 1.0 - share,
                    Some(Mistake::WeightsRounded) => share = (share * 10.0).round() / 10.0,
                    Some(Mistake::Averaged) => g = g * S::of(self.length as f64 / self.out as f64),
                    Some(Mistake::Overwritten) => dx[left] = S::ZERO,
                    _ => {}
                }
                dx[left] += g * S::of(1.0 - share);
                if !is(Mistake::LastUnwritten) || right + 1 < self.length {
                    dx[right] += g * S::of(share);
                }
            }
        }
        vec![dx]
    }
}

impl Upsample {
    /// For each output its left and right neighbour and the share of the right one.
    fn neighbours(&self, aligned: bool) -> impl Iterator<Item = (usize, usize, f64)> {
        let &Self { length, out, .. } = self;
        (0..out).map(move |k| {
            let scale = if aligned { (length - 1) as f64 / (out - 1) as f64 } else { length as f64 / out as f64 };
            let place = (k as f64 * scale).min((length - 1) as f64);
            let left = (place as usize).min(length - 2);
            (left, left + 1, place - left as f64)
        })
    }
}
