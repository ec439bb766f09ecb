//! `mean_axis`: the mean along the middle of three axes, over as many entries as each sequence has; large ones too.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    Summed: MeanOrSum, "does not divide", [Factor];
    PaddedLength: Count, "divides by the padded length", [Factor];
    LastAxis: Count, "divides by the length of the last axis", [Factor];
    PaddingFilled: Mask, "sends the mean's gradient to the padding too", [];
    WrongAxis: Broadcast, "repeats each entry in turn where the row is repeated", [Transposed, Geometry];
    FirstOnly: TimeStep, "sends everything to the first entry", [Broadcast, Mask];
    Zero: Detached, "sends nothing back", [];
    Negated: Sign, "subtracts", [];
}

/// Means over the first `lengths[n]` of the padded steps.
#[derive(Clone, Debug)]
pub struct MeanAxis {
    steps: usize,
    features: usize,
    lengths: Vec<usize>,
}

impl Operation for MeanAxis {
    type Mistake = Mistake;
    const NAME: &'static str = "mean_axis";

    fn cases() -> Vec<Self> {
        vec![
            Self { steps: 5, features: 2, lengths: vec![3, 5] },
            Self { steps: 4, features: 3, lengths: vec![2, 4, 3] },
            Self { steps: 100_000, features: 1, lengths: vec![99_000] },
        ]
    }

    fn large(&self) -> bool {
        self.steps > 1000
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.lengths.len(), self.steps, self.features])]
    }

    fn outputs(&self) -> usize {
        self.lengths.len() * self.features
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.lengths.len(), self.features].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut y = vec![S::ZERO; self.outputs()];
        for (n, &length) in self.lengths.iter().enumerate() {
            for f in 0..self.features {
                // In blocks: in single precision, one long sum would lose what is measured.
                let column: Vec<S> = (0..length).map(|t| x[0][(n * self.steps + t) * self.features + f]).collect();
                let blocks: S = column.chunks(256).map(|block| block.iter().copied().sum::<S>()).sum();
                y[n * self.features + f] = blocks / S::of(length as f64);
            }
        }
        y
    }

    fn backward<S: Scalar>(&self, _: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { steps, features, .. }) = (|m| wrong == Some(m), self);
        let mut dx = vec![S::ZERO; self.lengths.len() * steps * features];
        for (k, dx) in dx.iter_mut().enumerate() {
            let (n, t, f) = (k / features / steps, k / features % steps, k % features);
            let length = self.lengths[n];
            let count = match wrong {
                Some(Mistake::Summed) => 1,
                Some(Mistake::PaddedLength) => steps,
                Some(Mistake::LastAxis) => features,
                Some(Mistake::FirstOnly) if t == 0 => 1,
                _ => length,
            };
            let skipped = is(Mistake::Zero) || is(Mistake::FirstOnly) && t > 0;
            if (t < length || is(Mistake::PaddingFilled)) && !skipped {
                let f = if is(Mistake::WrongAxis) { (t * features + f) / steps } else { f };
                let g = dy[n * features + f] / S::of(count as f64);
                *dx = if is(Mistake::Negated) { -g } else { g };
            }
        }
        vec![dx]
    }
}
