//! `glu`: `y = a σ(b)`, of the two halves `a` and `b` of each row.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    HalvesSwapped: Gates, "writes the two halves' gradients in each other's place", [Transposed, Term];
    GateDetached: Detached, "sends nothing back through the gate", [Mask];
    ValueUngated: Gates, "sends the upstream gradient to the value without the gate", [Term];
    GateOfValue: Gates, "takes the gate from the value's half", [Term];
    SlopeDropped: Term, "has σ where σ′ belongs", [];
    Negated: Sign, "has σ (σ − 1) for σ′", [Term, Mask];
    Interleaved: Layout, "takes value and gate for interleaved", [Transposed, Gates];
    UpstreamIgnored: Upstream, "does not multiply with the upstream gradient", [];
    OverwrittenValue: Alias, "reads the value where the output was written in place", [Term];
}

/// Gated linear unit.
#[derive(Clone, Debug)]
pub struct Glu {
    rows: usize,
    half: usize,
}

impl Operation for Glu {
    type Mistake = Mistake;
    const NAME: &'static str = "glu";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 5)].map(|(rows, half)| Self { rows, half }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.rows, 2 * self.half])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.half
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.half].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(2 * self.half);
        rows.flat_map(|row| (0..self.half).map(|k| row[k] * row[self.half + k].sigmoid())).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, half) = (|m| wrong == Some(m), self.half);
        let mut dx = Vec::new();
        for (row, dy) in x[0].chunks(2 * half).zip(dy.chunks(half)) {
            let (mut value, mut gate) = (Vec::new(), Vec::new());
            for k in 0..half {
                let (a, b) =
                    if is(Mistake::Interleaved) { (row[2 * k], row[2 * k + 1]) } else { (row[k], row[half + k]) };
                let s = if is(Mistake::GateOfValue) { a.sigmoid() } else { b.sigmoid() };
                let g = if is(Mistake::UpstreamIgnored) { S::ONE } else { dy[k] };
                value.push(if is(Mistake::ValueUngated) { g } else { g * s });
                gate.push(match wrong {
                    Some(Mistake::GateDetached) => S::ZERO,
                    Some(Mistake::SlopeDropped) => g * a * s,
                    Some(Mistake::Negated) => g * a * s * (s - S::ONE),
                    Some(Mistake::OverwrittenValue) => g * a * s * s * (S::ONE - s),
                    _ => g * a * s * (S::ONE - s),
                });
            }
            if is(Mistake::HalvesSwapped) {
                std::mem::swap(&mut value, &mut gate);
            }
            if is(Mistake::Interleaved) {
                dx.extend(value.iter().zip(&gate).flat_map(|(&v, &g)| [v, g]));
            } else {
                dx.extend(value.into_iter().chain(gate));
            }
        }
        vec![dx]
    }
}
