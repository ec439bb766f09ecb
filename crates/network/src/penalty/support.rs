//! What penalties have left of a network: the zeros of every parameter, the inputs that a layer still reads, and the units that
//! are dead.

use std::collections::HashMap;

use burn::module::Module;
use gradiometer_kernels::optimizer::Groups;

use super::Penalties;
use crate::plan::{Plan, PlannedBlock, Shape};
use crate::spec::{Activation, Layer};
use crate::watch::ParameterNames;

/// A network with penalties at its present weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Support {
    /// What the penalties cost, in the unit of the loss.
    pub value: f64,
    /// Every trainable tensor, in the order of the network.
    pub parameters: Vec<ParameterSupport>,
    /// Every dense, convolutional and recurrent layer, but those inside of a residual block.
    pub layers: Vec<LayerSupport>,
}

/// A trainable tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterSupport {
    /// Its name: `03.dense.weight`.
    pub name: String,
    /// What its penalties cost.
    pub value: f64,
    /// Numbers in it.
    pub elements: usize,
    /// Of these, exactly 0.
    pub zeros: usize,
}

/// A dense, convolutional or recurrent layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerSupport {
    /// Its name: `03.dense`.
    pub name: String,
    /// How many inputs (features or channels) it has.
    pub inputs: usize,
    /// Those that a weight reads.
    pub kept: Vec<usize>,
    /// How many units (or channels) it has.
    pub units: usize,
    /// Those that read no input, or that no weight of the next layer reads; none of a recurrent layer.
    pub dead: Vec<usize>,
    /// Whether its inputs are the features of a flat sample, one by one and in their order.
    pub reads_features: bool,
}

impl Support {
    /// Of `module`; nothing where it has no penalty.
    pub(crate) fn of<M: Module>(
        penalties: &Penalties,
        module: &M,
        names: &ParameterNames,
        plan: &Plan,
    ) -> Option<Self> {
        if penalties.is_empty() {
            return None;
        }
        let mut support = Self { value: 0.0, parameters: Vec::new(), layers: Vec::new() };
        let mut used: HashMap<String, Used> = HashMap::new();
        penalties.look(module, names, |number, strength, weights| {
            let name = names.name(number).to_string();
            let value = strength.value(weights);
            support.value += value;
            let layer = plan.blocks.iter().find(|block| name.strip_suffix(".weight") == Some(&block.name));
            if let (Some(groups), Some(layer)) = (strength.inputs, layer) {
                used.insert(layer.name.clone(), Used::of(groups, layer.output.units(), weights));
            }
            let zeros = weights.iter().filter(|w| **w == 0.0).count();
            support.parameters.push(ParameterSupport { name, value, elements: weights.len(), zeros });
        });
        let mut as_they_came = true;
        for (place, block) in plan.blocks.iter().enumerate() {
            if let (true, Some(own)) = (sums_inputs(block) || is_recurrent(block), used.get(&block.name)) {
                // What the next layer does not read is of no use, where those between keep the units apart.
                let next = plan.blocks[place + 1..].iter().find(|block| !keeps_apart(block));
                let next = next.filter(|next| sums_inputs(next)).and_then(|next| used.get(&next.name));
                let apart = block.activation != Activation::Softmax;
                let unread = |unit: usize| apart && next.is_some_and(|next| next.inputs.get(unit) == Some(&false));
                let is_dead = |unit: &usize| sums_inputs(block) && (!own.units[*unit] || unread(*unit));
                support.layers.push(LayerSupport {
                    name: block.name.clone(),
                    inputs: own.inputs.len(),
                    kept: (0..own.inputs.len()).filter(|input| own.inputs[*input]).collect(),
                    units: own.units.len(),
                    dead: (0..own.units.len()).filter(is_dead).collect(),
                    reads_features: as_they_came && matches!(block.input, Shape::Flat(_)),
                });
            }
            as_they_came &=
                matches!(block.layer, Layer::Flatten(_)) || (keeps_apart(block) && block.input == block.output);
        }
        Some(support)
    }
}

/// Whether the units of a block are sums over its inputs, and nothing else.
fn sums_inputs(block: &PlannedBlock) -> bool {
    matches!(block.layer, Layer::Dense(_) | Layer::Conv2d(_))
}

/// Whether the block's weight has all gates of its units side by side, and its states feed on themselves.
fn is_recurrent(block: &PlannedBlock) -> bool {
    matches!(block.layer, Layer::Rnn(_) | Layer::Gru(_) | Layer::Lstm(_))
}

/// Whether each unit behind the block depends on the same unit before it alone.
fn keeps_apart(block: &PlannedBlock) -> bool {
    let layer = matches!(
        block.layer,
        Layer::Activation(_) | Layer::Dropout(_) | Layer::BatchNorm(_) | Layer::MaxPool(_) | Layer::AvgPool(_)
    );
    layer && block.activation != Activation::Softmax
}

/// Which inputs and which units have a weight that is not 0.
struct Used {
    inputs: Vec<bool>,
    units: Vec<bool>,
}

impl Used {
    /// Of a weight `[inputs, units]`, or of a kernel `[units, inputs, height, width]`.
    fn of(groups: Groups, units: usize, weights: &[f32]) -> Self {
        let mut used = Self { inputs: vec![false; groups.count], units: vec![false; units] };
        let is_matrix = groups.outer == 1 && groups.inner == units;
        for (index, _) in weights.iter().enumerate().filter(|(_, w)| **w != 0.0) {
            used.inputs[index / groups.inner % groups.count] = true;
            used.units[if is_matrix { index % groups.inner } else { index / groups.inner / groups.count }] = true;
        }
        used
    }
}
