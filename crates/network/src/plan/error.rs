//! Why a network cannot be built as the spec has it.

use gradiometer_run::Task;

use super::Shape;
use crate::optimize::NoProximalStep;

/// A network that cannot be built.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum PlanError {
    #[error("the network has no layers: add at least one [[layers]] table")]
    NoLayers,
    #[error("layer {layer} takes {expected}, but the layer before it gives {found}; {mend}")]
    Input { layer: String, expected: &'static str, found: Shape, mend: &'static str },
    #[error(
        "layer {layer}: a window of {window_height}×{window_width} does not fit into its input {found}; \
         take a smaller window, or pool less before it"
    )]
    Window { layer: String, window_height: usize, window_width: usize, found: Shape },
    #[error("layer {layer} selects the input {input}, but its input {found} has {count} of them, counted from 0")]
    Select { layer: String, input: usize, count: usize, found: Shape },
    #[error(
        "layer {layer}: the input {from} cannot be added to the output {to} of the layers inside; \
         a projection changes features or channels and divides height and width by whole numbers, nothing else"
    )]
    Residual { layer: String, from: Shape, to: Shape },
    #[error("layer {layer}: a plain recurrent layer has the activation tanh, sigmoid, relu or linear, not {found}")]
    RecurrentActivation { layer: String, found: &'static str },
    #[error(
        "loss: `{loss}` is for classes, but the target `{targets}` is a number; take `loss = \"mse\"` (or `mae`, `huber`), or \
         say `task = \"classification\"` in [data] where numbers stand for classes"
    )]
    LossForClasses { loss: &'static str, targets: String },
    #[error(transparent)]
    Penalty(#[from] NoProximalStep),
    #[error("the network cannot be trained in levels as the spec's strategy has them: {0}")]
    Levels(String),
    #[error("the last layer, {layer}, gives {found}, but {wanted}; end the network with {ending}")]
    Output { layer: String, found: Shape, wanted: String, ending: &'static str },
    #[error(
        "the network needs about {needed} of memory ({parameters} parameters and their optimizer's state: {for_parameters}; \
         activations of a batch of {batch_size}: {for_activations}), but {available} are free; \
         take fewer or smaller layers, or a smaller batch_size"
    )]
    Memory {
        needed: String,
        parameters: u64,
        for_parameters: String,
        for_activations: String,
        batch_size: usize,
        available: String,
    },
}

impl PlanError {
    /// A last layer that gives `found` where the task needs `expected`.
    pub(super) fn output(layer: &str, found: Shape, expected: Shape, task: &Task) -> Self {
        let (wanted, ending) = match task {
            Task::Classification { classes, .. } => {
                (format!("{} classes need {expected}", classes.len()), "a dense layer of `units = \"classes\"`")
            }
            Task::Regression { targets, .. } => {
                (format!("{} target(s) need {expected}", targets.len()), "a dense layer with one unit a target")
            }
            Task::NextToken { vocabulary, .. } => (
                format!("{vocabulary} different tokens need {expected}"),
                "a dense layer of `units = \"classes\"` after a recurrent layer with `return = \"all\"`",
            ),
        };
        Self::Output { layer: layer.to_owned(), found, wanted, ending }
    }
}
