//! The architecture as the rules need it: indices instead of names, and the chain along which depth is counted.
//!
//! Not for measurements: nothing here changes while a network trains.

use std::collections::HashMap;
use std::sync::Arc;

use gradiometer_run::{Architecture, Block};

/// A trainable tensor and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub path: Arc<str>,
    /// The block, where the architecture knows it.
    pub block: Option<usize>,
    /// A weight proper: two axes or more. Biases and the scales of a normalization are not.
    pub matrix: bool,
    /// The longest axis, 1 where unknown.
    pub longest_axis: usize,
}

/// The network by indices.
#[derive(Clone, Debug)]
pub(crate) struct Anatomy {
    pub architecture: Architecture,
    pub parameters: Vec<Parameter>,
    /// Blocks along which depth is counted, in the order of the forward pass; see [`Anatomy::new`].
    pub chain: Vec<usize>,
    blocks_by_name: HashMap<Arc<str>, usize>,
    parameters_by_path: HashMap<Arc<str>, usize>,
}

impl Anatomy {
    /// Indexes `architecture`.
    ///
    /// The chain holds blocks that carry weights (a parameter of two axes, or parts that do). A parent stands for its
    /// parts, so no gradient is counted twice; only a residual block is a layer of its own, while any other
    /// container is replaced by its parts, which are then the layers. Flatten, pooling, dropout and normalization
    /// are no layers: they would add steps of depth that nothing has to learn across.
    pub fn new(architecture: &Architecture) -> Self {
        let architecture = architecture.clone();
        let mut parameters = Vec::new();
        let mut blocks_by_name = HashMap::new();
        let mut parameters_by_path = HashMap::new();
        for (index, block) in architecture.blocks.iter().enumerate() {
            blocks_by_name.insert(Arc::from(block.name.as_str()), index);
            for parameter in &block.parameters {
                let path: Arc<str> = Arc::from(parameter.path.as_str());
                parameters_by_path.insert(Arc::clone(&path), parameters.len());
                parameters.push(Parameter {
                    path,
                    block: Some(index),
                    matrix: parameter.shape.len() >= 2,
                    longest_axis: parameter.shape.iter().copied().max().unwrap_or(1).max(1),
                });
            }
        }
        let blocks = &architecture.blocks;
        let parent = |b: &Block| b.parent.as_deref().and_then(|p| blocks.iter().find(|o| o.name == p));
        let has_parts = |b: &Block| blocks.iter().any(|o| o.parent.as_deref() == Some(&b.name));
        let inside_residual = |b: &Block| {
            std::iter::successors(parent(b), |p| parent(p)).take(blocks.len()).any(|p| p.kind == "residual")
        };
        let has_weights = |b: &Block| b.parameters.iter().any(|p| p.shape.len() >= 2);
        let chain = blocks
            .iter()
            .enumerate()
            .filter(|(_, b)| !inside_residual(b))
            .filter(|(_, b)| if has_parts(b) { b.kind == "residual" } else { has_weights(b) })
            .map(|(i, _)| i)
            .collect();
        Self { architecture, parameters, chain, blocks_by_name, parameters_by_path }
    }

    pub fn blocks(&self) -> &[Block] {
        &self.architecture.blocks
    }

    pub fn block(&self, name: &str) -> Option<usize> {
        self.blocks_by_name.get(name).copied()
    }

    /// The parameter's index; one that the architecture does not know is added, and taken for a weight if its name
    /// says so.
    pub fn parameter(&mut self, path: &Arc<str>) -> usize {
        if let Some(&index) = self.parameters_by_path.get(path) {
            return index;
        }
        let index = self.parameters.len();
        self.parameters_by_path.insert(Arc::clone(path), index);
        self.parameters.push(Parameter {
            path: Arc::clone(path),
            block: None,
            matrix: path.ends_with("weight"),
            longest_axis: 1,
        });
        index
    }

    /// The block whose output is the network's.
    pub fn last_block(&self) -> Option<usize> {
        (0..self.blocks().len()).rev().find(|&i| self.blocks()[i].parent.is_none())
    }

    /// Whether a block of this kind occurs.
    pub fn has_kind(&self, kind: &str) -> bool {
        self.blocks().iter().any(|b| b.kind == kind)
    }

    /// Names of blocks, in the order of the forward pass.
    pub fn block_names(&self, blocks: impl IntoIterator<Item = usize>) -> Vec<String> {
        let mut indices: Vec<usize> = blocks.into_iter().collect();
        indices.sort_unstable();
        indices.dedup();
        indices.into_iter().map(|i| self.blocks()[i].name.clone()).collect()
    }

    /// Paths of parameters, in the order of the forward pass, those unknown to the architecture last and by name.
    pub fn parameter_paths(&self, parameters: impl IntoIterator<Item = usize>) -> Vec<String> {
        let mut chosen: Vec<&Parameter> = parameters.into_iter().map(|i| &self.parameters[i]).collect();
        chosen.sort_by_key(|p| (p.block.unwrap_or(usize::MAX), Arc::clone(&p.path)));
        chosen.into_iter().map(|p| p.path.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::dense_net;

    #[test]
    fn a_residual_block_is_one_layer_and_what_has_no_weights_is_none() {
        let mut architecture = dense_net(5, "relu", "he_normal");
        let part = |name: &str, parent: &str, architecture: &Architecture| Block {
            name: name.into(),
            parent: Some(parent.into()),
            ..architecture.blocks[1].clone()
        };
        let inner = part("01.dense.00.dense", "01.dense", &architecture);
        architecture.blocks[1].kind = "residual".into();
        architecture.blocks[1].parameters.clear();
        architecture.blocks.insert(2, inner);
        architecture.blocks[4].kind = "flatten".into();
        architecture.blocks[4].parameters.clear();
        let anatomy = Anatomy::new(&architecture);
        assert_eq!(anatomy.block_names(anatomy.chain.clone()), ["00.dense", "01.dense", "02.dense", "04.dense"]);
        // Any other container is no layer; its parts are.
        architecture.blocks[1].kind = "sequence".into();
        let anatomy = Anatomy::new(&architecture);
        assert_eq!(anatomy.block_names(anatomy.chain.clone())[1], "01.dense.00.dense");
    }
}
