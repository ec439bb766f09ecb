//! `cross_entropy`: the mean over the rows that are not ignored of `−Σ q ln p`, with smoothed targets q.

use super::softmax::probabilities;
use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    Summed: MeanOrSum, "sums over the rows", [Factor];
    IgnoredCounted: Count, "divides by all rows, ignored ones too", [Factor];
    ElementsCounted: Count, "divides by rows × classes", [Factor];
    IgnoredNotSkipped: Mask, "sends gradients to the rows that are ignored", [];
    Negated: Sign, "has q − p for p − q", [];
    SmoothingForgotten: Term, "takes the targets for one-hot", [];
    TargetDropped: Softmax, "forgets to subtract the target", [Term];
    OnlyTarget: Softmax, "sends the gradient to the target's class alone", [Term, Mask];
    UpstreamIgnored: Upstream, "takes the upstream gradient for 1", [Factor];
    Weighted: Softmax, "multiplies with p (1 − p), as if the loss were a squared error", [Term];
}

const SMOOTHING: f64 = 0.1;

/// Cross-entropy of rows of logits with their classes; `None` is ignored.
#[derive(Clone, Debug)]
pub struct CrossEntropy {
    classes: usize,
    targets: Vec<Option<usize>>,
}

impl CrossEntropy {
    fn counted(&self) -> f64 {
        self.targets.iter().flatten().count() as f64
    }

    fn target(&self, class: usize, target: usize, smoothing: f64) -> f64 {
        smoothing / self.classes as f64 + if class == target { 1.0 - smoothing } else { 0.0 }
    }
}

impl Operation for CrossEntropy {
    type Mistake = Mistake;
    const NAME: &'static str = "cross_entropy";

    fn cases() -> Vec<Self> {
        vec![
            Self { classes: 5, targets: vec![Some(2), None, Some(0), Some(4)] },
            Self { classes: 3, targets: vec![None, Some(1), Some(1), None, Some(2), Some(0)] },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("logits", &[self.targets.len(), self.classes])]
    }

    fn outputs(&self) -> usize {
        1
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.classes).zip(&self.targets);
        let losses = rows.filter_map(|(row, &target)| {
            let (p, target) = (probabilities(row, 1.0), target?);
            Some((0..self.classes).map(|c| -S::of(self.target(c, target, SMOOTHING)) * p[c].ln()).sum::<S>())
        });
        vec![losses.sum::<S>() / S::of(self.counted())]
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let count = match wrong {
            Some(Mistake::Summed) => 1.0,
            Some(Mistake::IgnoredCounted) => self.targets.len() as f64,
            Some(Mistake::ElementsCounted) => x[0].len() as f64,
            _ => self.counted(),
        };
        let upstream = if is(Mistake::UpstreamIgnored) { S::ONE } else { dy[0] } / S::of(count);
        let smoothing = if is(Mistake::SmoothingForgotten) { 0.0 } else { SMOOTHING };
        let mut dx = Vec::new();
        for (row, target) in x[0].chunks(self.classes).zip(&self.targets) {
            let p = probabilities(row, 1.0);
            let skipped = target.is_none() && !is(Mistake::IgnoredNotSkipped);
            let target = target.unwrap_or(0);
            for (class, &p) in p.iter().enumerate() {
                let q = S::of(self.target(class, target, smoothing));
                let g = match wrong {
                    Some(Mistake::Negated) => q - p,
                    Some(Mistake::TargetDropped) => p,
                    Some(Mistake::OnlyTarget) if class != target => S::ZERO,
                    Some(Mistake::Weighted) => (p - q) * p * (S::ONE - p),
                    _ => p - q,
                };
                dx.push(if skipped { S::ZERO } else { upstream * g });
            }
        }
        vec![dx]
    }
}
