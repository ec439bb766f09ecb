//! `softmax_backward`: `p (g − ⟨p, g⟩)` of logits and an upstream gradient `g`, differentiated by both.

use super::softmax::probabilities;
use crate::matrix::dot;
use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    ProbabilitiesDetached: SecondOrder, "takes p for a constant", [Detached];
    ProjectionDetached: SecondOrder, "takes ⟨p, g⟩ for a constant", [Term, Coupling];
    OuterDetached: SecondOrder, "takes the p in front for a constant", [Term, Coupling];
    DiagonalOnly: SecondOrder, "goes back through softmax as through an elementwise function", [Coupling, Term];
    UpstreamUncoupled: SecondOrder, "has p c for p (c − ⟨p, c⟩) in g's gradient", [Coupling, Term];
    UpstreamSign: SecondOrder, "adds ⟨p, c⟩ in g's gradient", [Coupling, Sign, Term];
}

/// The gradient of softmax, differentiated.
#[derive(Clone, Debug)]
pub struct SoftmaxBackward {
    rows: usize,
    classes: usize,
}

impl Operation for SoftmaxBackward {
    type Mistake = Mistake;
    const NAME: &'static str = "softmax_backward";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 6)].map(|(rows, classes)| Self { rows, classes }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("logits", &[self.rows, self.classes]), input("upstream", &[self.rows, self.classes])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.classes
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.classes].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.classes).zip(x[1].chunks(self.classes));
        rows.flat_map(|(row, g)| {
            let p = probabilities(row, 1.0);
            let along = dot(&p, g);
            p.iter().zip(g).map(|(&p, &g)| p * (g - along)).collect::<Vec<S>>()
        })
        .collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, classes) = (|m| wrong == Some(m), self.classes);
        let (mut dx, mut dg) = (Vec::new(), Vec::new());
        for ((row, g), c) in x[0].chunks(classes).zip(x[1].chunks(classes)).zip(dy.chunks(classes)) {
            let p = probabilities(row, 1.0);
            let (pg, pc) = (dot(&p, g), dot(&p, c));
            let dp: Vec<S> = (0..classes)
                .map(|k| {
                    let outer = if is(Mistake::OuterDetached) { S::ZERO } else { c[k] * (g[k] - pg) };
                    let inner = if is(Mistake::ProjectionDetached) { S::ZERO } else { pc * g[k] };
                    outer - inner
                })
                .collect();
            let along = if is(Mistake::DiagonalOnly) { S::ZERO } else { dot(&p, &dp) };
            let front = if is(Mistake::ProbabilitiesDetached) { S::ZERO } else { S::ONE };
            dx.extend((0..classes).map(|k| front * p[k] * (dp[k] - along)));
            dg.extend((0..classes).map(|k| match wrong {
                Some(Mistake::UpstreamUncoupled) => p[k] * c[k],
                Some(Mistake::UpstreamSign) => p[k] * (c[k] + pc),
                _ => p[k] * (c[k] - pc),
            }));
        }
        vec![dx, dg]
    }
}
