//! `kl_divergence`: `Σ q (ln q − ln p)` of each row, of log-probabilities `ln p` and probabilities `q`, divided by the rows.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::random::Random;
use crate::scalar::Scalar;

mistakes! {
    OneForgotten: Term, "forgets the + 1 of the derivative of q ln q", [];
    LogSign: Sign, "has + q for − q", [];
    ElementMean: Count, "divides by the elements where the forward pass divides by the rows", [Factor];
    Summed: MeanOrSum, "does not divide at all", [Factor];
    TargetDetached: Detached, "takes q for a constant", [];
    Exponential: Term, "has e^{ln p} for q", [StaleCache, Coupling];
    LogTarget: Term, "forgets ln p in the gradient of q", [];
    UpstreamIgnored: Upstream, "takes the upstream gradient for 1", [Factor];
}

/// Divergence of given log-probabilities from q, batch mean.
#[derive(Clone, Debug)]
pub struct KlDivergence {
    rows: usize,
    classes: usize,
}

impl Operation for KlDivergence {
    type Mistake = Mistake;
    const NAME: &'static str = "kl_divergence";

    fn cases() -> Vec<Self> {
        [(3, 4), (2, 5)].map(|(rows, classes)| Self { rows, classes }).into()
    }

    fn arguments(&self) -> Vec<Argument> {
        let shape = [self.rows, self.classes];
        vec![input("log_p", &shape), input("q", &shape)]
    }

    fn outputs(&self) -> usize {
        1
    }

    fn point(&self, random: &mut Random) -> Vec<Vec<f64>> {
        let count = self.rows * self.classes;
        vec![random.uniforms(count, -3.0, -0.5), random.uniforms(count, 0.05, 0.6)]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        vec![x[1].iter().zip(x[0]).map(|(&q, &p)| q * (q.ln() - p)).sum::<S>() / S::of(self.rows as f64)]
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let is = |m| wrong == Some(m);
        let count = match wrong {
            Some(Mistake::ElementMean) => self.rows * self.classes,
            Some(Mistake::Summed) => 1,
            _ => self.rows,
        };
        let g = if is(Mistake::UpstreamIgnored) { S::ONE } else { dy[0] } / S::of(count as f64);
        let log = x[0].iter().zip(x[1]).map(|(&p, &q)| match wrong {
            Some(Mistake::LogSign) => g * q,
            Some(Mistake::Exponential) => -(g * p.exp()),
            _ => -(g * q),
        });
        let target = x[0].iter().zip(x[1]).map(|(&p, &q)| match wrong {
            Some(Mistake::TargetDetached) => S::ZERO,
            Some(Mistake::OneForgotten) => g * (q.ln() - p),
            Some(Mistake::LogTarget) => g * (q.ln() + S::ONE),
            _ => g * (q.ln() + S::ONE - p),
        });
        vec![log.collect(), target.collect()]
    }
}
