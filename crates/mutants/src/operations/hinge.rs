//! `hinge`: the sum over the other classes of `max(0, margin + xⱼ − x_target)` for each row.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    TargetOnce: Accumulation, "writes the target's gradient once instead of once a violation", [Mask];
    TargetDropped: Term, "sends nothing back to the target", [Detached, Mask];
    MarginForgotten: Mask, "decides without the margin", [];
    TargetNotSkipped: Mask, "lets the target violate against itself", [];
    AllViolate: Mask, "takes every class for a violation", [];
    Negated: Sign, "lowers the target's score", [];
    Averaged: MeanOrSum, "divides by the number of classes", [];
    WorstOnly: Tie, "counts the worst violation alone", [Mask];
    UpstreamIgnored: Upstream, "does not multiply with the upstream gradient", [];
}

const MARGIN: f64 = 1.0;

/// Multi-class hinge loss of Weston and Watkins.
#[derive(Clone, Debug)]
pub struct Hinge {
    classes: usize,
    targets: Vec<usize>,
}

impl Operation for Hinge {
    type Mistake = Mistake;
    const NAME: &'static str = "hinge";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        vec![Self { classes: 6, targets: vec![2, 0, 5, 2] }, Self { classes: 4, targets: vec![3, 1, 0] }]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("scores", &[self.targets.len(), self.classes])]
    }

    fn outputs(&self) -> usize {
        self.targets.len()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.classes).zip(&self.targets);
        rows.map(|(row, &target)| {
            let others = (0..self.classes).filter(|&c| c != target);
            others.map(|c| (S::of(MARGIN) + row[c] - row[target]).max(S::ZERO)).sum()
        })
        .collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let mut dx = vec![S::ZERO; x[0].len()];
        for (n, (row, &target)) in x[0].chunks(self.classes).zip(&self.targets).enumerate() {
            let dx = &mut dx[n * self.classes..][..self.classes];
            let mut g = if is(Mistake::UpstreamIgnored) { S::ONE } else { dy[n] };
            if is(Mistake::Averaged) {
                g = g / S::of(self.classes as f64);
            }
            let margin = S::of(if is(Mistake::MarginForgotten) { 0.0 } else { MARGIN });
            let others = (0..self.classes).filter(|&c| c != target);
            let worst = others.clone().fold(usize::from(target == 0), |w, c| if row[c] > row[w] { c } else { w });
            for c in others {
                let violates = margin + row[c] - row[target] > S::ZERO || is(Mistake::AllViolate);
                if !violates || is(Mistake::WorstOnly) && c != worst {
                    continue;
                }
                dx[c] += g;
                match wrong {
                    Some(Mistake::TargetDropped) => {}
                    Some(Mistake::TargetOnce) => dx[target] = -g,
                    Some(Mistake::Negated) => dx[target] += g,
                    _ => dx[target] -= g,
                }
            }
            if is(Mistake::TargetNotSkipped) {
                dx[target] += g;
            }
        }
        vec![dx]
    }
}
