//! From gradients to updates: the spec's optimizer, its schedule, and clipping.

mod adaptive;
mod burn_optimizer;
mod file;
mod fused;
mod gradients;
#[cfg(test)]
mod tests;

use burn::module::Module;

use crate::penalty::Penalties;
use crate::spec::{Clip, OptimizerSpec};
use crate::watch::ParameterNames;
pub(crate) use fused::Seen;
pub(crate) use gradients::Gradients;

/// A penalty whose proximal step cannot be made where the parameters lie.
#[derive(Debug, thiserror::Error)]
#[error(
    "{parameter}: the penalties `l1` and `group_l1` come by a proximal step in the metric of the optimizer, which is made for f32 \
     numbers on the device `flex` only; take that device, or the penalty `l2`"
)]
pub struct NoProximalStep {
    /// The first parameter with such a penalty.
    pub parameter: String,
}

/// What turns gradients into updates, and what it remembers of earlier ones.
pub(crate) enum Optimizer {
    /// On the `flex` device: in place, one pass over each parameter.
    Fused(fused::Fused),
    /// Elsewhere: Burn's.
    Burn(burn_optimizer::BurnOptimizer),
}

/// What is done to every number of the gradients before they are used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cut {
    Scale(f64),
    Clamp(f64),
    /// By unit, as a share of its weights; not in the last layer.
    Adaptive(f64),
}

impl Cut {
    /// What the spec asks for; `norm` is the Euclidean norm of all gradients together.
    ///
    /// By norm: all are scaled by `limit / norm` where the norm exceeds the limit (Pascanu, Mikolov & Bengio 2013), as
    /// PyTorch's `clip_grad_norm_` does. By value: each number is cut to ± the limit. Adaptive: [`adaptive`].
    pub(crate) fn new(clip: Clip, norm: f64) -> Option<Self> {
        match clip {
            Clip::Norm(limit) if norm > limit => Some(Self::Scale(limit / norm)),
            Clip::Norm(_) => None,
            Clip::Value(limit) => Some(Self::Clamp(limit)),
            Clip::Adaptive(limit) => Some(Self::Adaptive(limit)),
        }
    }
}

/// The number of the first parameter of the last layer, which adaptive clipping leaves alone.
fn first_of_last_layer(names: &ParameterNames) -> usize {
    let layer_of = |number: usize| names.name(number).rsplit_once('.').map(|(layer, _)| layer.to_owned());
    let Some(last) = names.len().checked_sub(1) else { return 0 };
    (0..=last).rev().take_while(|&number| layer_of(number) == layer_of(last)).last().unwrap_or(last)
}

impl Optimizer {
    /// The spec's optimizer for the parameters of `module`, before the first update.
    ///
    /// # Errors
    /// A penalty that needs a proximal step, where there is none.
    pub(crate) fn new<M: Module>(
        spec: &OptimizerSpec,
        penalties: &Penalties,
        module: &M,
        names: &ParameterNames,
    ) -> Result<Self, NoProximalStep> {
        if let Some(fused) = fused::Fused::new(spec, penalties, module, names) {
            return Ok(Self::Fused(fused));
        }
        match penalties.first_proximal() {
            Some(number) => Err(NoProximalStep { parameter: names.name(number).to_string() }),
            None => Ok(Self::Burn(burn_optimizer::BurnOptimizer::new(spec, penalties))),
        }
    }

    /// Whether an update itself looks at what it reads and writes of the parameter with this number.
    pub(crate) fn looks_at(&self, number: usize) -> bool {
        matches!(self, Self::Fused(fused) if fused.looks_at(number))
    }

    /// The module after an update. A parameter without a gradient stays as it is. `seen`: where to put what the update shows
    /// of the parameters that it [looks at](Self::looks_at), by their numbers.
    pub(crate) fn step<M: Module>(
        &mut self,
        learning_rate: f64,
        module: M,
        names: &ParameterNames,
        gradients: Gradients,
        cut: Option<Cut>,
        seen: Option<&mut Vec<(usize, Seen)>>,
    ) -> M {
        match (self, gradients) {
            (Self::Fused(fused), Gradients::Here(gradients)) => {
                fused.step(learning_rate, module, names, gradients, cut, seen)
            }
            (Self::Burn(burn), Gradients::Burn(gradients, _)) => {
                burn.step(learning_rate, module, names, gradients, cut)
            }
            _ => unreachable!("gradients are taken in the form that the optimizer wants"),
        }
    }
}
