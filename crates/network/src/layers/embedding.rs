//! A vector for each token.

use burn::module::Param;
use burn::prelude::*;

use super::flow::{Flow, misfit};

/// `[steps] → [steps, size]`.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[tokens, size]`: the vector of each token.
    pub weight: Param<Tensor<2>>,
}

impl Embedding {
    pub(crate) fn forward(&self, x: Flow) -> Flow {
        let Flow::Tokens(tokens) = x else { misfit("embedding", &x) };
        Flow::Sequence(burn::tensor::module::embedding(self.weight.val(), tokens))
    }
}
