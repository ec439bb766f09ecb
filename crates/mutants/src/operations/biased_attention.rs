//! `biased_attention`: one head with a learnt bias by distance and padding at the end of the keys: `softmax(q kᵀ / √d + b) v`.

use super::softmax::probabilities;
use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    PaddingUnmasked: Attention, "lets padding take part in the backward pass's softmax", [Mask, Coupling, StaleCache];
    BiasScaled: Attention, "divides the bias's gradient by √d too", [Factor, Reduction, Scale];
    KeyScaleForgotten: Attention, "forgets 1/√d in the gradient of the keys", [Factor, Reduction];
    ScaleOfKeys: Attention, "divides by the root of the number of keys instead of the width", [Factor, Reduction, Scale];
    DistanceMirrored: Attention, "adds the bias's gradient at the distance the other way round", [Transposed, Geometry, Gates];
    ValuesForKeys: Attention, "multiplies the scores' gradient with the values for the keys", [Gates, StaleCache, Term];
    BiasUnsummed: Broadcast, "does not sum the bias's gradient over the queries", [TimeStep, NotAccumulated];
    BiasOverwritten: Duplicates, "overwrites the bias's gradient where a distance occurs again", [Broadcast, TimeStep];
    CrossTermsDropped: Softmax, "drops the row sum of the softmax", [Term];
    ProbabilityForgotten: Softmax, "forgets p in front of the softmax's gradient", [Term];
    BiasDetached: Detached, "sends nothing back to the bias", [];
    QueryMean: MeanOrSum, "averages the keys' gradient over the queries", [Factor];
}

/// Attention of `queries` to `keys`, the last `padding` of which do not count; keys and values are as wide.
#[derive(Clone, Debug)]
pub struct BiasedAttention {
    queries: usize,
    keys: usize,
    padding: usize,
    width: usize,
}

impl BiasedAttention {
    /// Place in the bias of the distance from query `t` to key `j`.
    fn distance(&self, t: usize, j: usize) -> usize {
        t + self.keys - 1 - j
    }

    fn weights<S: Scalar>(&self, x: &[&[S]], t: usize, visible: usize) -> Vec<S> {
        let query = &x[0][t * self.width..][..self.width];
        let score = |j: usize| {
            let product: S = query.iter().zip(&x[1][j * self.width..]).map(|(&q, &k)| q * k).sum();
            product / S::of((self.width as f64).sqrt()) + x[3][self.distance(t, j)]
        };
        probabilities(&(0..visible).map(score).collect::<Vec<S>>(), 1.0)
    }
}

impl Operation for BiasedAttention {
    type Mistake = Mistake;
    const NAME: &'static str = "biased_attention";

    fn cases() -> Vec<Self> {
        [(3, 5, 1, 2), (4, 4, 2, 3)]
            .map(|(queries, keys, padding, width)| Self { queries, keys, padding, width })
            .into()
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("queries", &[self.queries, self.width]),
            input("keys", &[self.keys, self.width]),
            input("values", &[self.keys, self.width]),
            parameter("bias", &[self.queries + self.keys - 1]),
        ]
    }

    fn outputs(&self) -> usize {
        self.queries * self.width
    }

    fn output_shape(&self) -> Vec<usize> {
        vec![self.queries, self.width]
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut y = vec![S::ZERO; self.outputs()];
        for t in 0..self.queries {
            for (j, p) in self.weights(x, t, self.keys - self.padding).into_iter().enumerate() {
                (0..self.width).for_each(|c| y[t * self.width + c] += p * x[2][j * self.width + c]);
            }
        }
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { queries, keys, padding, width: d }) = (|m| wrong == Some(m), self);
        let mut gradients: Vec<Vec<S>> = x.iter().map(|x| vec![S::ZERO; x.len()]).collect();
        let visible = if is(Mistake::PaddingUnmasked) { keys } else { keys - padding };
        let root = S::of(if is(Mistake::ScaleOfKeys) { keys as f64 } else { d as f64 }.sqrt());
        for t in 0..queries {
            let (p, g) = (self.weights(x, t, visible), &dy[t * d..][..d]);
            let dp: Vec<S> = (0..visible).map(|j| (0..d).map(|c| g[c] * x[2][j * d + c]).sum()).collect();
            let sum: S = p.iter().zip(&dp).map(|(&p, &g)| p * g).sum();
            let sum = if is(Mistake::CrossTermsDropped) { S::ZERO } else { sum };
            for j in 0..visible {
                let front = if is(Mistake::ProbabilityForgotten) { S::ONE } else { p[j] };
                let score = front * (dp[j] - sum);
                let key_share = match wrong {
                    Some(Mistake::KeyScaleForgotten) => S::ONE,
                    Some(Mistake::QueryMean) => S::ONE / (root * S::of(queries as f64)),
                    _ => S::ONE / root,
                };
                for c in 0..d {
                    let read = if is(Mistake::ValuesForKeys) { x[2] } else { x[1] };
                    gradients[0][t * d + c] += score / root * read[j * d + c];
                    gradients[1][j * d + c] += score * key_share * x[0][t * d + c];
                    gradients[2][j * d + c] += p[j] * g[c];
                }
                let at = self.distance(t, j);
                match wrong {
                    Some(Mistake::BiasDetached) => {}
                    Some(Mistake::BiasUnsummed) if t > 0 => {}
                    Some(Mistake::BiasOverwritten) => gradients[3][at] = score,
                    Some(Mistake::BiasScaled) => gradients[3][at] += score / root,
                    Some(Mistake::DistanceMirrored) => gradients[3][queries + keys - 2 - at] += score,
                    _ => gradients[3][at] += score,
                }
            }
        }
        gradients
    }
}
