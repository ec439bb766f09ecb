//! Penalties of a network's weights: beside the loss, and apart from it.
//!
//! What can be differentiated, an L2 penalty in the loss, is added to the loss and goes wherever that goes: through the backward
//! pass, clipping, and the gradient check. What cannot, L1 and group L1, comes behind the optimizer's step as a proximal step in
//! the optimizer's own metric ([`gradiometer_kernels::optimizer`]), and leaves zeros that are exact. Its gradient, where there
//! is one, leaves none: it points past 0 from either side.
//!
//! The loss that is reported is that of the data alone, so that it can be compared with that of rows not seen in training, and with
//! that of another penalty. What the penalties cost is reported beside it.

mod strength;
mod support;
#[cfg(test)]
mod tests;

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;
use gradiometer_run::Scalar;

use crate::plan::Plan;
use crate::session::scalar;
use crate::values::{Values, read};
use crate::watch::ParameterNames;
pub use strength::Strength;
pub use support::{LayerSupport, ParameterSupport, Support};

/// The penalties of all parameters of a network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Penalties {
    /// By the parameter's number; empty where there is no penalty at all.
    of: Vec<Strength>,
}

impl Penalties {
    /// As the plan has them.
    pub(crate) fn new(plan: &Plan, names: &ParameterNames) -> Self {
        let planned: Vec<_> = plan.all_blocks().flat_map(|block| &block.parameters).collect();
        if planned.iter().all(|parameter| !parameter.penalty.is_some()) {
            return Self::default();
        }
        let of = |number: usize| {
            let found = planned.iter().find(|parameter| *parameter.path == **names.name(number));
            found.map_or_else(Strength::default, |parameter| parameter.penalty)
        };
        Self { of: (0..names.len()).map(of).collect() }
    }

    #[cfg(test)]
    pub(crate) fn by_number(of: Vec<Strength>) -> Self {
        Self { of }
    }

    /// That of the parameter with this number.
    pub(crate) fn get(&self, number: usize) -> Strength {
        self.of.get(number).copied().unwrap_or_default()
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// The first parameter whose penalty comes by a proximal step.
    pub(crate) fn first_proximal(&self) -> Option<usize> {
        self.of.iter().position(Strength::is_proximal)
    }

    /// `loss` with what of the penalties is a part of it.
    pub(crate) fn add_to<M: Module>(&self, loss: Tensor<1>, module: &M, names: &ParameterNames) -> Tensor<1> {
        let mut adder = Adder { penalties: self, names, next: 0, loss: Some(loss) };
        if self.of.iter().any(|strength| strength.l2_in_loss() > 0.0) {
            module.visit(&mut adder);
        }
        adder.loss.expect("every parameter gives it back")
    }

    /// `penalty`, what all of them cost in the unit of the loss, and `zeros`, the share of the penalized numbers that is exactly
    /// 0; nothing where there is no penalty.
    pub(crate) fn scalars<M: Module>(&self, module: &M, names: &ParameterNames) -> Vec<Scalar> {
        let (mut value, mut zeros, mut numbers) = (0.0, 0, 0);
        self.look(module, names, |_, strength, weights| {
            if strength.is_some() {
                value += strength.value(weights);
                zeros += weights.iter().filter(|w| **w == 0.0).count();
                numbers += weights.len();
            }
        });
        match numbers {
            0 => Vec::new(),
            _ => vec![scalar("penalty", value), scalar("zeros", zeros as f64 / numbers as f64)],
        }
    }

    /// Calls `see` with the number, the penalty and the weights of every parameter.
    fn look<M: Module>(&self, module: &M, names: &ParameterNames, see: impl FnMut(usize, Strength, &[f32])) {
        if !self.is_empty() {
            module.visit(&mut Looker { penalties: self, names, next: 0, see });
        }
    }
}

struct Adder<'a> {
    penalties: &'a Penalties,
    names: &'a ParameterNames,
    next: usize,
    loss: Option<Tensor<1>>,
}

impl ModuleVisitor for Adder<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(number) = self.names.number(param.id, &mut self.next) else { return };
        let l2 = self.penalties.get(number).l2_in_loss();
        if l2 > 0.0 {
            let squares = param.val().square().sum().mul_scalar(0.5 * l2);
            self.loss = self.loss.take().map(|loss| loss + squares);
        }
    }
}

struct Looker<'a, F> {
    penalties: &'a Penalties,
    names: &'a ParameterNames,
    next: usize,
    see: F,
}

impl<F: FnMut(usize, Strength, &[f32])> ModuleVisitor for Looker<'_, F> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(number) = self.names.number(param.id, &mut self.next) else { return };
        let strength = self.penalties.get(number);
        read(&param.val(), |values, _| match values {
            Values::F32(weights) => (self.see)(number, strength, weights),
            other => (self.see)(number, strength, &other.to_f32()),
        });
    }
}
