//! `cosine_similarity`: `c = ⟨a, b⟩ / (‖a‖ ‖b‖)` of each pair of rows; `da = dc (b / (‖a‖ ‖b‖) − c a / ‖a‖²)`.

use crate::matrix::dot;
use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    NormDetached: Term, "takes the norms for constants", [Coupling];
    NormNotSquared: Term, "divides c a by ‖a‖ instead of ‖a‖²", [Coupling];
    CosineSign: Sign, "adds c a / ‖a‖²", [Term, Coupling];
    OtherNorm: Cache, "divides c a by ‖b‖², the norm computed last", [Term, Coupling];
    RightDetached: Detached, "sends nothing back to b", [];
    Swapped: Gates, "gives a the gradient of b and b that of a", [];
    UpstreamIgnored: Upstream, "does not multiply with the upstream gradient", [];
    FirstUpstream: Broadcast, "multiplies every row with the first row's upstream gradient", [UpstreamIgnored, StaleCache, Factor];
    NormGuarded: Scale, "adds 0.05 to the squared norms on the way back", [Term, Broadcast];
}

/// Cosines between rows.
#[derive(Clone, Debug)]
pub struct CosineSimilarity {
    rows: usize,
    size: usize,
}

impl Operation for CosineSimilarity {
    type Mistake = Mistake;
    const NAME: &'static str = "cosine_similarity";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 6)].map(|(rows, size)| Self { rows, size }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("a", &[self.rows, self.size]), input("b", &[self.rows, self.size])]
    }

    fn outputs(&self) -> usize {
        self.rows
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let rows = x[0].chunks(self.size).zip(x[1].chunks(self.size));
        rows.map(|(a, b)| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let (mut da, mut db) = (Vec::new(), Vec::new());
        for (n, (a, b)) in x[0].chunks(self.size).zip(x[1].chunks(self.size)).enumerate() {
            let guard = S::of(if is(Mistake::NormGuarded) { 0.05 } else { 0.0 });
            let (aa, bb) = (dot(a, a) + guard, dot(b, b) + guard);
            let (norms, cosine) = ((aa * bb).sqrt(), dot(a, b) / (aa * bb).sqrt());
            let g = match wrong {
                Some(Mistake::UpstreamIgnored) => S::ONE,
                Some(Mistake::FirstUpstream) => dy[0],
                _ => dy[n],
            };
            let along = match wrong {
                Some(Mistake::NormDetached) => S::ZERO,
                Some(Mistake::CosineSign) => -cosine / aa,
                Some(Mistake::NormNotSquared) => cosine / aa.sqrt(),
                Some(Mistake::OtherNorm) => cosine / bb,
                _ => cosine / aa,
            };
            da.extend(a.iter().zip(b).map(|(&a, &b)| g * (b / norms - along * a)));
            let right = if is(Mistake::RightDetached) { S::ZERO } else { g };
            db.extend(a.iter().zip(b).map(|(&a, &b)| right * (a / norms - cosine / bb * b)));
        }
        if is(Mistake::Swapped) {
            std::mem::swap(&mut da, &mut db);
        }
        vec![da, db]
    }
}
