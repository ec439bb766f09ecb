//! `residual`: `y = x + relu(x a + c) b`, a branch beside the identity, with gains by feature.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    SkipDropped: Detached, "sends nothing back along the identity", [Term, Mask];
    BranchDropped: Detached, "sends nothing back through the branch to x", [Term, Mask];
    MaskedInPlace: Alias, "masks the upstream gradient in place, and the identity receives the masked one", [Mask, Term];
    ScaledInPlace: Alias, "multiplies the upstream gradient with b in place before the identity adds it", [Term, Broadcast];
    MaskOfOutput: Mask, "takes the rectifier's mask from the sum", [StaleCache];
    SkipTwice: Factor, "adds the identity's gradient twice", [Term];
    GainFromMasked: Cache, "uses x where the branch's activation belongs in b's gradient", [Mask, Term];
    GainUnsummed: Broadcast, "takes a's gradient from the first row", [TimeStep, NotAccumulated];
    BranchInPlace: Alias, "writes the branch's gradient over the upstream one, which the bias then reads", [Term, Broadcast];
}

/// A residual block.
#[derive(Clone, Debug)]
pub struct Residual {
    rows: usize,
    features: usize,
}

impl Operation for Residual {
    type Mistake = Mistake;
    const NAME: &'static str = "residual";
    const SMOOTH: bool = false;

    fn cases() -> Vec<Self> {
        [(4, 3), (3, 5)].map(|(rows, features)| Self { rows, features }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        let d = self.features;
        vec![input("x", &[self.rows, d]), parameter("a", &[d]), parameter("c", &[d]), parameter("b", &[d])]
    }

    fn outputs(&self) -> usize {
        self.rows * self.features
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.rows, self.features].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let d = self.features;
        let y = |(k, &v): (usize, &S)| v + (v * x[1][k % d] + x[2][k % d]).max(S::ZERO) * x[3][k % d];
        x[0].iter().enumerate().map(y).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, d) = (|m| wrong == Some(m), self.features);
        let mut dx = Vec::new();
        let [mut da, mut dc, mut db] = [(); 3].map(|()| vec![S::ZERO; d]);
        for (k, (&v, &g)) in x[0].iter().zip(dy).enumerate() {
            let (f, y) = (k % d, self.forward(x)[k]);
            let inner = v * x[1][f] + x[2][f];
            let active = if is(Mistake::MaskOfOutput) { y > S::ZERO } else { inner > S::ZERO };
            let through = if active { g * x[3][f] } else { S::ZERO };
            let identity = match wrong {
                Some(Mistake::SkipDropped) => S::ZERO,
                Some(Mistake::MaskedInPlace) if !active => S::ZERO,
                Some(Mistake::ScaledInPlace) => g * x[3][f],
                Some(Mistake::SkipTwice) => g + g,
                _ => g,
            };
            let branch = if is(Mistake::BranchDropped) { S::ZERO } else { through * x[1][f] };
            dx.push(identity + branch);
            if !is(Mistake::GainUnsummed) || k < d {
                da[f] += through * v;
            }
            dc[f] += if is(Mistake::BranchInPlace) { branch } else { through };
            let activation = if is(Mistake::GainFromMasked) { v } else { inner.max(S::ZERO) };
            db[f] += g * activation;
        }
        vec![dx, da, dc, db]
    }
}
