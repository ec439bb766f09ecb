//! `attention`: `softmax(q kᵀ / √d) v` in several heads, each query looking back only where it is causal.

use super::softmax::probabilities;
use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    ScaleForgotten: Attention, "forgets 1/√d in the gradient of the queries", [Factor, Reduction];
    ScaleSquared: Attention, "divides by d instead of √d", [Factor, Reduction, Scale];
    MaskForgotten: Attention, "takes the probabilities of the backward pass without the causal mask", [Mask, Coupling, StaleCache];
    FirstHead: Attention, "reads the first head's values for every head", [StaleCache, Geometry, Gates];
    CrossTermsDropped: Softmax, "drops the row sum of the softmax", [Term];
    KeysAndQueries: Attention, "swaps queries and keys in the scores' gradient", [Transposed, Gates, StaleCache];
    ValuesUntransposed: Transpose, "writes the values' gradient with pᵀ for p", [];
    LastQueryDropped: TimeStep, "stops one query early", [Mask];
    KeysDetached: Detached, "sends nothing back to the keys", [];
    KeysOverwritten: Accumulation, "keeps the last query's gradient of the keys", [TimeStep, Mask];
    DiagonalMasked: Mask, "masks the diagonal too in the values' gradient", [];
    RootRounded: Scale, "has √d rounded to tenths in the gradient of the queries", [];
}

/// Scaled dot-product attention; all arguments are (heads, steps, width), keys and values of other lengths than queries.
#[derive(Clone, Debug)]
pub struct Attention {
    heads: usize,
    queries: usize,
    keys: usize,
    width: usize,
    value_width: usize,
    causal: bool,
}

impl Attention {
    /// How many keys query `t` sees: the last query sees all, and each earlier one a key less.
    fn visible(&self, t: usize) -> usize {
        if self.causal { (t + 1 + self.keys).saturating_sub(self.queries).max(1) } else { self.keys }
    }

    fn scores<S: Scalar>(&self, q: &[S], k: &[S], h: usize, t: usize, visible: usize) -> Vec<S> {
        let query = &q[(h * self.queries + t) * self.width..][..self.width];
        let scores: Vec<S> = (0..visible)
            .map(|j| {
                let key = &k[(h * self.keys + j) * self.width..][..self.width];
                query.iter().zip(key).map(|(&q, &k)| q * k).sum::<S>() / S::of((self.width as f64).sqrt())
            })
            .collect();
        probabilities(&scores, 1.0)
    }
}

impl Operation for Attention {
    type Mistake = Mistake;
    const NAME: &'static str = "attention";

    fn cases() -> Vec<Self> {
        vec![
            Self { heads: 2, queries: 3, keys: 4, width: 3, value_width: 2, causal: true },
            Self { heads: 1, queries: 5, keys: 5, width: 2, value_width: 3, causal: true },
            Self { heads: 3, queries: 2, keys: 3, width: 5, value_width: 2, causal: false },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![
            input("queries", &[self.heads, self.queries, self.width]),
            input("keys", &[self.heads, self.keys, self.width]),
            input("values", &[self.heads, self.keys, self.value_width]),
        ]
    }

    fn outputs(&self) -> usize {
        self.heads * self.queries * self.value_width
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.heads, self.queries, self.value_width].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut y = vec![S::ZERO; self.outputs()];
        for (h, t) in (0..self.heads * self.queries).map(|r| (r / self.queries, r % self.queries)) {
            let p = self.scores(x[0], x[1], h, t, self.visible(t));
            for (j, c) in (0..p.len() * self.value_width).map(|r| (r / self.value_width, r % self.value_width)) {
                y[(h * self.queries + t) * self.value_width + c] +=
                    p[j] * x[2][(h * self.keys + j) * self.value_width + c];
            }
        }
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, &Self { heads, queries, keys, width, value_width, .. }) = (|m| wrong == Some(m), self);
        let [mut dq, mut dk, mut dv] = [x[0], x[1], x[2]].map(|x| vec![S::ZERO; x.len()]);
        for (h, t) in (0..heads * queries).map(|r| (r / queries, r % queries)) {
            if is(Mistake::LastQueryDropped) && t + 1 == queries {
                continue;
            }
            let visible = if is(Mistake::MaskForgotten) { keys } else { self.visible(t) };
            let p = self.scores(x[0], x[1], h, t, visible);
            let g = &dy[(h * queries + t) * value_width..][..value_width];
            let value =
                |j: usize, c: usize| x[2][(if is(Mistake::FirstHead) { j } else { h * keys + j }) * value_width + c];
            let dp: Vec<S> = (0..visible).map(|j| (0..value_width).map(|c| g[c] * value(j, c)).sum()).collect();
            let sum: S = p.iter().zip(&dp).map(|(&p, &g)| p * g).sum();
            let sum = if is(Mistake::CrossTermsDropped) { S::ZERO } else { sum };
            for j in 0..visible {
                let into = if is(Mistake::ValuesUntransposed) { t.min(keys - 1) } else { j };
                let masked = is(Mistake::DiagonalMasked) && j + 1 == visible;
                for c in 0..value_width {
                    dv[(h * keys + into) * value_width + c] += if masked { S::ZERO } else { p[j] * g[c] };
                }
                let score = p[j] * (dp[j] - sum);
                let (root, d) = (S::of((width as f64).sqrt()), S::of(width as f64));
                let query_score = match wrong {
                    Some(Mistake::ScaleForgotten) => score,
                    Some(Mistake::ScaleSquared) => score / d,
                    Some(Mistake::RootRounded) => score / S::of(((width as f64).sqrt() * 10.0).trunc() / 10.0),
                    _ => score / root,
                };
                for c in 0..width {
                    let (q_at, k_at) = ((h * queries + t) * width + c, (h * keys + j) * width + c);
                    let swapped = is(Mistake::KeysAndQueries);
                    dq[q_at] += query_score * if swapped { x[0][q_at] } else { x[1][k_at] };
                    if is(Mistake::KeysOverwritten) {
                        dk[k_at] = S::ZERO;
                    }
                    if !is(Mistake::KeysDetached) {
                        dk[k_at] += score / root * if swapped { x[1][k_at] } else { x[0][q_at] };
                    }
                }
            }
        }
        vec![dq, dk, dv]
    }
}
