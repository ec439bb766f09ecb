//! `gather`: `y[r, k] = sin x[r, index[r, k]]`, an index possibly twice in a row.

use crate::operation::{Argument, Operation, input, mistakes};
use crate::scalar::Scalar;

mistakes! {
    LastWins: Duplicates, "overwrites an entry that is gathered again", [TimeStep];
    CountedAgain: Duplicates, "multiplies by how often the index occurs and adds all the same", [Factor, Mask];
    ForwardIndex: Transpose, "gathers the upstream gradient with the index instead of scattering it", [Geometry, NotAccumulated];
    FlatIndex: Layout, "takes the index for one into the whole array", [Geometry, Mask];
    OffByOne: Layout, "takes the index for one that starts at 1", [Geometry, Transposed];
    LastUnwritten: Unwritten, "stops before the last of the indices", [Mask, TimeStep];
    Negated: Sign, "subtracts", [];
    Halved: Factor, "halves", [];
}

/// Entries of each row picked by index.
#[derive(Clone, Debug)]
pub struct Gather {
    width: usize,
    picked: usize,
    indices: Vec<usize>,
}

impl Operation for Gather {
    type Mistake = Mistake;
    const NAME: &'static str = "gather";

    fn cases() -> Vec<Self> {
        vec![
            Self { width: 5, picked: 4, indices: vec![1, 3, 1, 0, 4, 4, 2, 0, 2, 0, 2, 3] },
            Self { width: 3, picked: 2, indices: vec![2, 0, 1, 1, 0, 2, 2, 2] },
        ]
    }

    fn arguments(&self) -> Vec<Argument> {
        vec![input("x", &[self.indices.len() / self.picked, self.width])]
    }

    fn outputs(&self) -> usize {
        self.indices.len()
    }

    fn output_shape(&self) -> Vec<usize> {
        [self.indices.len() / self.picked, self.picked].to_vec()
    }

    fn forward<S: Scalar>(&self, x: &[&[S]]) -> Vec<S> {
        self.indices.iter().enumerate().map(|(k, &i)| x[0][k / self.picked * self.width + i].sin_cos().0).collect()
    }

    fn backward<S: Scalar>(&self, x: &[&[S]], dy: &[S], wrong: Option<Mistake>) -> Vec<Vec<S>> {
        let (is, width) = (|m| wrong == Some(m), self.width);
        let mut dx = vec![S::ZERO; x[0].len()];
        for (k, &index) in self.indices.iter().enumerate() {
            if is(Mistake::LastUnwritten) && k + 1 == self.indices.len() {
                continue;
            }
            let row = k / self.picked * width;
            let g = dy[k] * x[0][row + index].sin_cos().1;
            match wrong {
                Some(Mistake::LastWins) => dx[row + index] = g,
                Some(Mistake::CountedAgain) => {
                    let own = &self.indices[k / self.picked * self.picked..][..self.picked];
                    dx[row + index] += g * S::of(own.iter().filter(|&&i| i == index).count() as f64);
                }
                Some(Mistake::ForwardIndex) => {
                    dx[row + k % self.picked % width] += dy[k / self.picked * self.picked + index % self.picked];
                }
                Some(Mistake::FlatIndex) => dx[index] += g,
                Some(Mistake::OffByOne) => dx[row + (index + width - 1) % width] += g,
                Some(Mistake::Negated) => dx[row + index] -= g,
                Some(Mistake::Halved) => dx[row + index] += g / S::of(2.0),
                _ => dx[row + index] += g,
            }
        }
        vec![dx]
    }
}
