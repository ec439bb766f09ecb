//! The temporary head of a level: what its outputs are judged by while the levels above are still as they were drawn.
//!
//! Under `heads = "supervised"` it is a dense layer to the network's outputs, for an image behind an average over about 2×2
//! places (as in Belilovsky, Eickenberg & Oyallon 2019), for a sequence behind an average over its steps, unless each step is
//! a target of its own. Under `heads = "autoencoder"` it leads back to the level's input: a convolution of 3×3 where the image
//! has kept its size, a dense layer of every step where the sequence has kept its length, and a dense layer from all outputs to
//! all inputs elsewhere.

use gradiometer_run::Task;

use crate::plan::{Plan, PlanError, PlannedBlock, Shape, plan_alone};
use crate::spec::{Activation, Bias, Conv2d, Dense, Flatten, GlobalAvgPool, Heads, Layer, Padding, Pair, Pool, Units};

/// What the layer of a head is called; those before it have this name and their kind's.
const NAME: &str = "head";

/// The head of a level whose blocks begin at `input` and end at `output`, and how many numbers it gives for a sample, or for
/// one step of it.
///
/// # Errors
/// None that a network which was planned can give.
pub(super) fn head(
    heads: Heads,
    whole: &Plan,
    task: &Task,
    input: Shape,
    output: Shape,
) -> Result<(Vec<PlannedBlock>, usize), PlanError> {
    let mut blocks = Vec::new();
    let mut shape = output;
    let mut add = |layer: Layer, name: String, outputs: usize| -> Result<(), PlanError> {
        let block = plan_alone(&name, &layer, shape, outputs)?;
        shape = block.output;
        blocks.push(block);
        Ok(())
    };
    let before = |layer: &Layer| format!("{NAME}.{}", layer.kind());
    let flatten = || Layer::Flatten(Flatten {});
    let outputs = match heads {
        Heads::Supervised => {
            let outputs = whole.outputs;
            match (output, task) {
                (Shape::Sequence(..), Task::NextToken { .. }) | (Shape::Flat(_) | Shape::Tokens(_), _) => {}
                (Shape::Sequence(..), _) => {
                    let pool = Layer::GlobalAvgPool(GlobalAvgPool {});
                    add(pool.clone(), before(&pool), outputs)?;
                }
                (Shape::Image(_, height, width), _) => {
                    let half = |extent: usize| (extent / 2).max(1);
                    if height > 2 || width > 2 {
                        let pool = Layer::AvgPool(Pool { size: Pair([half(height), half(width)]), stride: None });
                        add(pool.clone(), before(&pool), outputs)?;
                    }
                    add(flatten(), before(&flatten()), outputs)?;
                }
            }
            add(dense(outputs), NAME.to_owned(), outputs)?;
            outputs
        }
        Heads::Autoencoder => {
            let all = input.elements() as usize;
            match (input, output) {
                (Shape::Image(channels, ..), Shape::Image(_, height, width))
                    if input.extents()[1..] == [height, width] =>
                {
                    let conv = Conv2d {
                        channels,
                        kernel: Pair([3, 3]),
                        stride: Pair([1, 1]),
                        padding: Padding::Same,
                        activation: Activation::Linear,
                        weights: None,
                        bias: Bias::default(),
                    };
                    add(Layer::Conv2d(conv), NAME.to_owned(), all)?;
                    add(flatten(), before(&flatten()), all)?;
                    all
                }
                (Shape::Sequence(steps, features), Shape::Sequence(kept, _)) if steps == kept => {
                    add(dense(features), NAME.to_owned(), features)?;
                    features
                }
                (_, Shape::Flat(_)) => {
                    add(dense(all), NAME.to_owned(), all)?;
                    all
                }
                _ => {
                    add(flatten(), before(&flatten()), all)?;
                    add(dense(all), NAME.to_owned(), all)?;
                    all
                }
            }
        }
    };
    Ok((blocks, outputs))
}

fn dense(units: usize) -> Layer {
    Layer::Dense(Dense {
        units: Units::Count(units),
        activation: Activation::Linear,
        weights: None,
        bias: Bias::default(),
    })
}
