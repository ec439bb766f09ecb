//! `embedding_bag`: for each bag of indices the mean of their rows, each weighted.

use crate::operation::{Argument, Operation, input, mistakes, parameter};
use crate::scalar::Scalar;

mistakes! {
    LastWins: Duplicates, "overwrites the row of an index that occurs again", [TimeStep, Broadcast];
    RepeatSkipped: Duplicates, "skips an index that repeats the one before", [TimeStep, Mask];
    Summed: MeanOrSum, "does not divide by the bag's size", [Factor];
    LongestBag: Count, "divides by the longest bag's size", [Factor];
    WeightForgotten: Term, "forgets the weights", [Broadcast];
    WeightDetached: Detached, "sends nothing back to the weights", [];
    WeightUnsummed: Broadcast, "does not sum the weights' gradient over the features", [NotAccumulated];
    StaleBag: Cache, "reads the upstream gradient of the bag before", [Geometry, TimeStep];
}

/// Weighted means of rows; bag `k` holds the indices `bags[k]`.
#[derive(Clone, Debug)]
pub struct EmbeddingBag {
    rows: usize,
    features: usize,
    bags: Vec<Vec<usize>>,
}

impl EmbeddingBag {
    fn entries(&self) -> impl Iterator<Item = (usize, usize)> {
        self.bags.iter().enumerate().flat_map(|(bag, rows)| rows.iter().map(move |&row| (bag, row)))
    }
}

impl Operation for EmbeddingBag {
    type Mistake = Mistake;
    const NAME: &'static str = "embedding_bag";

    fn cases() -> Vec<Self> {
        vec![
            Self { rows: 5, features: 2, bags: vec![vec![1, 4, 1], vec![3, 0], vec![4, 4, 2, 0]] },
            Self { rows: 3, features: 4, bags: vec![vec![2, 2], vec![0, 1, 2]] },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![parameter("table", &[self.rows, self.features]), input("weights", &[self.entries().count()])]
    }

    fn outputs(&self) -> usize {
        self.bags.len() * self.features
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.bags.len(), self.features].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        let mut y = vec![S::ZERO; self.outputs()];
        for ((bag, row), &weight) in self.entries().zip(x[1]) {
            for f in 0..self.features {
                let size = S::of(self.bags[bag].len() as f64);
                y[bag * self.features + f] += weight * x[0][row * self.features + f] / size;
            }
        }
        y
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, d) = (|m| wrong == Some(m), self.features);
        let (mut table, mut weights) = (vec![S::ZERO; x[0].len()], vec![S::ZERO; x[1].len()]);
        let longest = self.bags.iter().map(Vec::len).max().unwrap_or(1);
        let mut before = None;
        for (k, (bag, row)) in self.entries().enumerate() {
            let size = match wrong {
                Some(Mistake::Summed) => 1,
                Some(Mistake::LongestBag) => longest,
                _ => self.bags[bag].len(),
            };
            let read = if is(Mistake::StaleBag) { bag.saturating_sub(1) } else { bag };
            let again = is(Mistake::RepeatSkipped) && before == Some((bag, row));
            before = Some((bag, row));
            for f in 0..d {
                let g = dy[read * d + f] / S::of(size as f64);
                if !is(Mistake::WeightDetached) && (!is(Mistake::WeightUnsummed) || f == 0) {
                    weights[k] += g * x[0][row * d + f];
                }
                let g = if is(Mistake::WeightForgotten) { g } else { g * x[1][k] };
                match wrong {
                    Some(Mistake::LastWins) => table[row * d + f] = g,
                    _ if again => {}
                    _ => table[row * d + f] += g,
                }
            }
        }
        vec![table, weights]
    }
}
