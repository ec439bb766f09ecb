//! The network before it exists: every block with its name, shapes, parameters and costs, worked out from the spec.
//!
//! Nothing is allocated here. A layer that does not fit its input is refused with both shapes, and a network that does
//! not fit into memory is refused before the first tensor is made.

mod block;
mod cost;
mod error;
mod shape;

use gradiometer_run::{Architecture, Block as BlockInfo, ParameterInfo, Task};

pub use block::{PlannedBlock, PlannedParameter};
pub(crate) use block::{plan_alone, projection_stride, recurrent_activation};
pub use cost::Memory;
pub use error::PlanError;
pub use shape::Shape;

use crate::spec::{Activation, Layer, Loss, Spec};

/// The blocks of a network, and what it costs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Blocks in the order of the forward pass.
    pub blocks: Vec<PlannedBlock>,
    /// Shape of one sample.
    pub input: Shape,
    /// Numbers that the last block gives for one sample, or for one step of it where every step is a target.
    pub outputs: usize,
}

/// How many outputs the last layer must have for a task and a loss.
///
/// A binary cross-entropy over two classes may also have a single output, the logit of the second class.
pub fn outputs_of(task: &Task) -> usize {
    match task {
        Task::Classification { classes, .. } => classes.len(),
        Task::Regression { targets, .. } => targets.len(),
        Task::NextToken { vocabulary, .. } => *vocabulary,
    }
}

impl Plan {
    /// Works out every block of `spec` for samples of the shape `input`.
    ///
    /// # Errors
    /// A layer that does not fit its input, or a last layer or a loss that does not fit the task.
    pub fn new(spec: &Spec, input: Shape, task: &Task) -> Result<Self, PlanError> {
        // The other way round, a loss for numbers takes classes as one-hot; `diagnose` has something to say of that.
        if let (Loss::CrossEntropy(_), Task::Regression { targets, .. }) = (&spec.loss, task) {
            return Err(PlanError::LossForClasses { loss: spec.loss.kind(), targets: targets.join("`, `") });
        }
        let outputs = outputs_of(task);
        let tokens = match task {
            Task::NextToken { vocabulary, .. } => *vocabulary,
            _ => 0,
        };
        let around = block::Surroundings { outputs, tokens, parent: None, penalty: spec.penalty };
        let blocks = block::plan_layers(&spec.layers, input, &around)?;
        let Some(last) = blocks.last() else { return Err(PlanError::NoLayers) };
        let given = match (last.output, task) {
            (Shape::Flat(n), Task::Classification { .. } | Task::Regression { .. }) => n,
            (Shape::Sequence(_, n), Task::NextToken { .. }) => n,
            (shape, _) => {
                let expected = match (task, input) {
                    (Task::NextToken { .. }, Shape::Tokens(steps)) => Shape::Sequence(steps, outputs),
                    _ => Shape::Flat(outputs),
                };
                return Err(PlanError::output(&last.name, shape, expected, task));
            }
        };
        let single_logit = given == 1 && outputs == 2 && matches!(spec.loss, Loss::BinaryCrossEntropy(_));
        if given != outputs && !single_logit {
            let expected = match last.output {
                Shape::Sequence(steps, _) => Shape::Sequence(steps, outputs),
                _ => Shape::Flat(outputs),
            };
            return Err(PlanError::output(&last.name, last.output, expected, task));
        }
        Ok(Self { blocks, input, outputs: given })
    }

    /// Every block, each before the blocks inside it.
    pub fn all_blocks(&self) -> impl Iterator<Item = &PlannedBlock> {
        let mut ahead: Vec<&PlannedBlock> = self.blocks.iter().rev().collect();
        std::iter::from_fn(move || {
            let block = ahead.pop()?;
            ahead.extend(block.inside.iter().rev());
            Some(block)
        })
    }

    /// Trainable numbers in all.
    pub fn parameters(&self) -> u64 {
        self.all_blocks().flat_map(|block| &block.parameters).map(PlannedParameter::elements).sum()
    }

    /// What readers of a run need to know of the network.
    pub fn architecture(&self, spec: &Spec, task: &Task) -> Architecture {
        Architecture {
            blocks: self.all_blocks().map(block_info).collect(),
            task: task.clone(),
            loss: loss_name(&spec.loss).to_owned(),
            parameters: self.parameters(),
            standardized: spec.data.standardize,
        }
    }

    /// The activation that ends the network.
    pub fn last_activation(&self) -> Activation {
        self.blocks.last().map_or(Activation::Linear, |block| block.activation)
    }
}

/// The name of a loss as the spec writes it.
pub fn loss_name(loss: &Loss) -> &'static str {
    match loss {
        Loss::CrossEntropy(_) => "cross_entropy",
        Loss::BinaryCrossEntropy(_) => "binary_cross_entropy",
        Loss::Mse(_) => "mse",
        Loss::Mae(_) => "mae",
        Loss::Huber(_) => "huber",
    }
}

fn block_info(block: &PlannedBlock) -> BlockInfo {
    let activation = (block.activation != Activation::Linear).then(|| block.activation.name().to_owned());
    BlockInfo {
        name: block.name.clone(),
        kind: block.layer.kind().to_owned(),
        activation,
        parent: block.parent.clone(),
        input: block.input.extents(),
        output: block.output.extents(),
        initializer: block.parameters.first().map(|p| p.initializer.to_string()),
        parameters: block
            .parameters
            .iter()
            .map(|p| ParameterInfo { path: p.path.clone(), shape: p.shape.clone() })
            .collect(),
    }
}

/// Whether a layer's own activation is a spec key, or the layer has a fixed one.
pub(crate) fn activation_of(layer: &Layer) -> Activation {
    match layer {
        Layer::Dense(l) => l.activation,
        Layer::Conv2d(l) => l.activation,
        Layer::Rnn(l) => l.activation,
        Layer::Gru(_) | Layer::Lstm(_) => Activation::Tanh,
        Layer::Residual(l) => l.activation,
        Layer::Activation(l) => l.activation,
        _ => Activation::Linear,
    }
}
