//! `weight_norm`: `y = x Wᵀ` with `Wₒ = gₒ vₒ / ‖vₒ‖`, a weight split into length and direction.

use crate::matrix::{dot, product, transposed};
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    DirectionUnprojected: Normalization, "takes the norm of v for a constant", [Term];
    LengthByNorm: Normalization, "divides the gradient of g by the norm twice", [Term, Broadcast];
    GainForgotten: Term, "forgets g in the gradient of v", [Broadcast];
    GainDetached: Detached, "sends nothing back to g", [];
    GainOfOneInput: Broadcast, "does not sum the gradient of g over the inputs", [NotAccumulated];
    StaleWeight: Cache, "multiplies with the weight saved before the gain was applied", [Term, Broadcast];
    WeightTransposed: Transpose, "writes the gradient of v as (inputs, outputs)", [];
    ProjectionSign: Sign, "adds the projection", [Term, Coupling];
    NormGuarded: Scale, "adds 0.05 to the norm on the way back", [Term, Broadcast];
}

/// A dense layer with normalized weight.
#[derive(Clone, Debug)]
pub struct WeightNorm {
    batch: usize,
    inputs: usize,
    outputs: usize,
}

impl Operation for WeightNorm {
    type Mistake = Mistake;
    const NAME: &'static str = "weight_norm";

    fn cases() -> Vec<Self> {
        [(3, 4, 2), (2, 3, 5)].map(|(batch, inputs, outputs)| Self { batch, inputs, outputs }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("x", &[self.batch, self.inputs]),
            parameter("direction", &[self.outputs, self.inputs]),
            parameter("gain", &[self.outputs]),
        ]
    }

    fn outputs(&self) -> usize {
        self.batch * self.outputs
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.batch, self.outputs].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let weight = self.weight(x);
        product(x[0], &transposed(&weight, self.outputs, self.inputs), self.batch, self.inputs, self.outputs)
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { batch, inputs, outputs }) = (|m| wrong == Some(m), self);
        let mut weight = self.weight(x);
        if is(Mistake::StaleWeight) {
            weight = x[1].to_vec();
        }
        let dx = product(dy, &weight, batch, outputs, inputs);
        let dw = product(&transposed(dy, batch, outputs), x[0], outputs, batch, inputs);
        let (mut dv, mut dg) = (Vec::new(), Vec::new());
        for o in 0..outputs {
            let (v, dw) = (&x[1][o * inputs..][..inputs], &dw[o * inputs..][..inputs]);
            let mut norm = dot(v, v).sqrt();
            if is(Mistake::NormGuarded) {
                norm += S::of(0.05);
            }
            let gain = if is(Mistake::GainForgotten) { S::ONE } else { x[2][o] };
            let along = dot(v, dw) / (norm * norm);
            let part = match wrong {
                Some(Mistake::DirectionUnprojected) => S::ZERO,
                Some(Mistake::ProjectionSign) => -along,
                _ => along,
            };
            dv.extend(v.iter().zip(dw).map(|(&v, &g)| gain / norm * (g - v * part)));
            dg.push(match wrong {
                Some(Mistake::GainDetached) => S::ZERO,
                Some(Mistake::GainOfOneInput) => v[0] * dw[0] / norm,
                Some(Mistake::LengthByNorm) => along,
                _ => along * norm,
            });
        }
        if is(Mistake::WeightTransposed) {
            dv = transposed(&dv, outputs, inputs);
        }
        vec![dx, dv, dg]
    }
}

impl WeightNorm {
    fn weight<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[1].chunks(self.inputs).zip(x[2]);
        rows.flat_map(|(v, &gain)| v.iter().map(move |&d| gain * d / dot(v, v).sqrt())).collect()
    }
}
