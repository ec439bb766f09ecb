//! The rows of one part of the split, and batches of them. All parts share one copy of the numbers.

use std::sync::Arc;

/// One batch, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// What goes into the network: `len` × the sample's shape.
    pub inputs: Inputs,
    /// What is to come out.
    pub targets: Targets,
    /// Samples.
    pub len: usize,
}

/// What goes into a network.
#[derive(Clone, Debug, PartialEq)]
pub enum Inputs {
    /// Features: `len` × the product of the sample's shape.
    Numbers(Vec<f32>),
    /// Tokens of a text: `len` × length.
    Tokens(Vec<i32>),
}

/// What is to come out of a network.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// The index of the class: `len`.
    Classes(Vec<i32>),
    /// Numbers: `len` × width.
    Numbers {
        /// Row-major.
        values: Vec<f32>,
        /// Numbers of one sample.
        width: usize,
    },
    /// The token that follows each token of the input: `len` × length.
    Tokens(Vec<i32>),
}

impl Targets {
    /// The classes, or the tokens, which are classes as well; `None` for numbers.
    pub fn classes(&self) -> Option<&[i32]> {
        match self {
            Self::Classes(classes) | Self::Tokens(classes) => Some(classes),
            Self::Numbers { .. } => None,
        }
    }
}

/// All rows, before they are split.
#[derive(Debug, PartialEq)]
pub(super) enum Store {
    /// Rows of features, row-major.
    Rows { features: Vec<f32>, width: usize, targets: Known },
    /// A text; its rows are windows, known by the index of their first token.
    Text { tokens: Vec<i32>, length: usize },
}

/// The targets of all rows.
#[derive(Debug, PartialEq)]
pub(super) enum Known {
    Classes(Vec<i32>),
    Numbers { values: Vec<f32>, width: usize },
}

/// The rows of one part of the split.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    store: Arc<Store>,
    /// Rows of the store; for a text the windows' first tokens.
    rows: Vec<usize>,
}

impl Part {
    pub(super) fn new(store: Arc<Store>, rows: Vec<usize>) -> Self {
        Self { store, rows }
    }

    /// Samples in this part.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none, as where a share of 0 was asked for.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Where this part's samples stood in the whole: the rows of the table, of those that were used; for a text the
    /// positions of the windows' first characters.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// Whether the rows of both are rows of the same whole.
    pub(crate) fn shares_rows_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.store, &other.store)
    }

    /// The samples with these indices, in this order.
    ///
    /// # Panics
    /// If an index is not below [`len`](Self::len).
    pub fn gather(&self, indices: &[usize]) -> Batch {
        let rows = indices.iter().map(|&index| self.rows[index]);
        let len = indices.len();
        match &*self.store {
            Store::Rows { features, width, targets } => {
                let targets = match targets {
                    Known::Classes(classes) => Targets::Classes(rows.clone().map(|row| classes[row]).collect()),
                    Known::Numbers { values, width } => {
                        Targets::Numbers { values: collect(values, rows.clone(), *width, len), width: *width }
                    }
                };
                Batch { inputs: Inputs::Numbers(collect(features, rows, *width, len)), targets, len }
            }
            Store::Text { tokens, length } => {
                let mut inputs = Vec::with_capacity(len * length);
                let mut next = Vec::with_capacity(len * length);
                for start in rows {
                    inputs.extend_from_slice(&tokens[start..start + length]);
                    next.extend_from_slice(&tokens[start + 1..start + 1 + length]);
                }
                Batch { inputs: Inputs::Tokens(inputs), targets: Targets::Tokens(next), len }
            }
        }
    }

    /// The class of each sample, where there are classes.
    pub fn classes(&self) -> Option<Vec<i32>> {
        match &*self.store {
            Store::Rows { targets: Known::Classes(classes), .. } => {
                Some(self.rows.iter().map(|&row| classes[row]).collect())
            }
            _ => None,
        }
    }
}

fn collect(values: &[f32], rows: impl Iterator<Item = usize>, width: usize, len: usize) -> Vec<f32> {
    let mut gathered = Vec::with_capacity(len * width);
    for row in rows {
        gathered.extend_from_slice(&values[row * width..][..width]);
    }
    gathered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_the_rows_in_the_order_asked_for() {
        let targets = Known::Classes(vec![0, 1, 2, 3]);
        let store = Store::Rows { features: (0..8).map(|x| x as f32).collect(), width: 2, targets };
        let part = Part::new(Arc::new(store), vec![1, 3]);
        let batch = part.gather(&[1, 0, 1]);
        assert_eq!(batch.inputs, Inputs::Numbers(vec![6.0, 7.0, 2.0, 3.0, 6.0, 7.0]));
        assert_eq!(batch.targets, Targets::Classes(vec![3, 1, 3]));
        assert_eq!(batch.len, 3);
    }

    #[test]
    fn several_targets_stay_together() {
        let targets = Known::Numbers { values: vec![1.0, 2.0, 3.0, 4.0], width: 2 };
        let store = Store::Rows { features: vec![0.0, 1.0], width: 1, targets };
        let batch = Part::new(Arc::new(store), vec![0, 1]).gather(&[1]);
        assert_eq!(batch.targets, Targets::Numbers { values: vec![3.0, 4.0], width: 2 });
    }

    #[test]
    fn the_targets_of_a_text_are_its_tokens_one_further() {
        let store = Store::Text { tokens: vec![5, 6, 7, 8, 9], length: 3 };
        let batch = Part::new(Arc::new(store), vec![0, 1]).gather(&[1, 0]);
        assert_eq!(batch.inputs, Inputs::Tokens(vec![6, 7, 8, 5, 6, 7]));
        assert_eq!(batch.targets, Targets::Tokens(vec![7, 8, 9, 6, 7, 8]));
    }
}
