//! `mse`: the mean of `½ (prediction − target)²` over the entries that are not padding.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    HalfForgotten: Factor, "brings down the 2 of the square and forgets the ½", [];
    Summed: MeanOrSum, "sums over the entries", [Factor];
    PaddingCounted: Count, "divides by all entries, padding too", [Factor, Scale];
    RowsCounted: Count, "divides by the number of rows", [Factor];
    TargetSign: Sign, "has the sign of the prediction's gradient for the target's", [];
    TargetDetached: Detached, "takes the target for a constant", [];
    PaddingNotMasked: Mask, "sends gradients to the padding", [];
    UpstreamIgnored: Upstream, "takes the upstream gradient for 1", [Factor];
    Rounded: Scale, "multiplies with a reciprocal of the count that was rounded to two digits", [Factor];
}

/// Half the mean squared error of rows of different lengths, padded to one width.
#[derive(Clone, Debug)]
pub struct Mse {
    width: usize,
    lengths: Vec<usize>,
}

impl Operation for Mse {
    type Mistake = Mistake;
    const NAME: &'static str = "mse";

    fn cases() -> Vec<Self> {
        vec![Self { width: 5, lengths: vec![3, 5, 4] }, Self { width: 7, lengths: vec![7, 2] }]
    }

    fn arguments(&self) -> Vec<Argument> {
        let shape = [self.lengths.len(), self.width];
        vec![input("prediction", &shape), input("target", &shape)]
    }

    fn outputs(&self) -> usize {
        1
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let real = (0..x[0].len()).filter(|&k| k % self.width < self.lengths[k / self.width]);
        let sum: S = real.map(|k| (x[0][k] - x[1][k]) * (x[0][k] - x[1][k]) * S::of(0.5)).sum();
        vec![sum / S::of(self.lengths.iter().sum::<usize>() as f64)]
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let total = self.lengths.iter().sum::<usize>() as f64;
        let share = match wrong {
            Some(Mistake::HalfForgotten) => 2.0 / total,
            Some(Mistake::Summed) => 1.0,
            Some(Mistake::PaddingCounted) => 1.0 / x[0].len() as f64,
            Some(Mistake::RowsCounted) => 1.0 / self.lengths.len() as f64,
            Some(Mistake::Rounded) => (100.0 / total).trunc() / 100.0,
            _ => 1.0 / total,
        };
        let upstream = if is(Mistake::UpstreamIgnored) { S::ONE } else { dy[0] };
        let entry = |k: usize| {
            let real = k % self.width < self.lengths[k / self.width] || is(Mistake::PaddingNotMasked);
            if real { upstream * (x[0][k] - x[1][k]) * S::of(share) } else { S::ZERO }
        };
        let prediction: Vec<S> = (0..x[0].len()).map(entry).collect();
        let target = prediction.iter().map(|&g| match wrong {
            Some(Mistake::TargetSign) => g,
            Some(Mistake::TargetDetached) => S::ZERO,
            _ => -g,
        });
        vec![prediction.clone(), target.collect()]
    }
}
