//! What penalties have left of a network, and the smaller network that is made of it.

use std::path::Path;

use gradiometer_network::compact::{Compact, Cost};
use gradiometer_network::strategy::Strategy;
use serde::{Deserialize, Serialize};

use super::Number;

/// What penalties cost, and what they have left.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PenaltyDocument {
    /// What they cost at the final weights, in the unit of the loss, which does not contain it.
    pub value: Number,
    /// Trainable numbers.
    pub elements: usize,
    /// Of these, exactly 0.
    pub zeros: usize,
    /// Every trainable tensor.
    pub parameters: Vec<ParameterZeros>,
    /// Every dense, convolutional and recurrent layer, but those inside of a residual block.
    pub layers: Vec<LayerKept>,
}

/// A trainable tensor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParameterZeros {
    /// Its name.
    pub name: String,
    /// What its penalties cost.
    pub value: Number,
    /// Numbers in it.
    pub elements: usize,
    /// Of these, exactly 0.
    pub zeros: usize,
}

/// What a layer reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerKept {
    /// Its name.
    pub name: String,
    /// Inputs in all.
    pub inputs: usize,
    /// Those that a weight reads, counted from 0.
    pub kept: Vec<usize>,
    /// Their names; `null` where they are not the features of the data.
    pub features: Option<Vec<String>>,
    /// Units in all.
    pub units: usize,
    /// Those that read no input, or that no weight of the next layer reads; none of a recurrent layer.
    pub dead: Vec<usize>,
}

impl PenaltyDocument {
    /// Of a network as it stands; nothing where it has no penalties.
    pub fn of(strategy: &dyn Strategy) -> Option<Self> {
        let support = strategy.support()?;
        let names = &strategy.data().feature_names;
        let layers = support.layers.into_iter().map(|layer| LayerKept {
            features: (layer.reads_features && layer.inputs == names.len())
                .then(|| layer.kept.iter().map(|&input| names[input].clone()).collect()),
            name: layer.name,
            inputs: layer.inputs,
            kept: layer.kept,
            units: layer.units,
            dead: layer.dead,
        });
        let parameters = support.parameters.into_iter().map(|parameter| ParameterZeros {
            name: parameter.name,
            value: Number(parameter.value),
            elements: parameter.elements,
            zeros: parameter.zeros,
        });
        let parameters: Vec<_> = parameters.collect();
        Some(Self {
            value: Number(support.value),
            elements: parameters.iter().map(|parameter| parameter.elements).sum(),
            zeros: parameters.iter().map(|parameter| parameter.zeros).sum(),
            parameters,
            layers: layers.collect(),
        })
    }
}

/// A smaller network that gives the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CompactDocument {
    /// The folder with its spec and its weights.
    pub directory: String,
    /// What the network before costs.
    pub before: CostDocument,
    /// What this one costs.
    pub after: CostDocument,
    /// Samples of the batch that was timed, at most.
    pub batch_size: usize,
    /// Rows on which both were run.
    pub rows: usize,
    /// The largest difference of two outputs on these.
    pub difference: f64,
    /// The inputs that it reads, counted from 0; `null` where it reads all.
    pub inputs: Option<Vec<usize>>,
    /// Their names; `null` where they are not the features of the data, or it reads all.
    pub features: Option<Vec<String>>,
    /// Every dense, convolutional and recurrent layer, but those inside of a residual block.
    pub layers: Vec<CompactLayer>,
    /// What could have gone, and why it stays.
    pub notes: Vec<String>,
}

/// What a network costs to keep and to run.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CostDocument {
    /// Trainable numbers.
    pub parameters: u64,
    /// Bytes of all weights and running statistics.
    pub bytes: u64,
    /// The median time of a forward pass over a batch.
    pub milliseconds: f64,
}

/// A layer before and after.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CompactLayer {
    /// Its name before.
    pub name: String,
    /// Inputs before.
    pub inputs_before: usize,
    /// Inputs after.
    pub inputs_after: usize,
    /// Units before.
    pub units_before: usize,
    /// Units after.
    pub units_after: usize,
}

impl CompactDocument {
    /// Of a smaller network that was written there.
    pub fn new(compact: &Compact, dir: &Path) -> Self {
        let cost = |cost: Cost| CostDocument {
            parameters: cost.parameters,
            bytes: cost.bytes,
            milliseconds: cost.milliseconds,
        };
        let layers = compact.layers.iter().map(|layer| CompactLayer {
            name: layer.name.clone(),
            inputs_before: layer.inputs[0],
            inputs_after: layer.inputs[1],
            units_before: layer.units[0],
            units_after: layer.units[1],
        });
        Self {
            directory: dir.display().to_string(),
            before: cost(compact.before),
            after: cost(compact.after),
            batch_size: compact.spec.training.batch_size,
            rows: compact.rows,
            difference: compact.difference,
            inputs: compact.inputs.clone(),
            features: compact.features.clone(),
            layers: layers.collect(),
            notes: compact.notes.clone(),
        }
    }
}
