//! The gradients of a step: taken out of the backward pass once, then looked at and used.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;

use super::Optimizer;
use crate::values::Held;
use crate::watch::{ParameterNames, gradients_of};

/// Every parameter's gradient; none where the loss does not depend on it.
pub(crate) enum Gradients {
    /// By the parameter's number.
    Here(Vec<Option<Held>>),
    /// On another device, with the copy that was looked at, if it was.
    Burn(GradientsParams, Option<Vec<Option<Held>>>),
}

impl Gradients {
    /// Of this module, in the form that this optimizer takes.
    pub(crate) fn take<M: Module>(
        backward: burn::tensor::Gradients,
        module: &M,
        names: &ParameterNames,
        optimizer: &Optimizer,
    ) -> Self {
        match optimizer {
            Optimizer::Fused(_) => {
                let mut taker = Taker { names, next: 0, backward, taken: vec![None; names.len()] };
                module.visit(&mut taker);
                Self::Here(taker.taken)
            }
            Optimizer::Burn(_) => Self::Burn(GradientsParams::from_grads(backward, module), None),
        }
    }

    /// The gradients, to be looked at; by the parameter's number.
    pub(crate) fn look(&mut self, names: &ParameterNames) -> &[Option<Held>] {
        match self {
            Self::Here(held) => held,
            Self::Burn(gradients, copied) => copied.get_or_insert_with(|| gradients_of(names, gradients)),
        }
    }
}

struct Taker<'a> {
    names: &'a ParameterNames,
    next: usize,
    backward: burn::tensor::Gradients,
    taken: Vec<Option<Held>>,
}

impl ModuleVisitor for Taker<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(number) = self.names.number(param.id, &mut self.next) {
            self.taken[number] = param.val().grad_remove(&mut self.backward).map(Held::of);
        }
    }
}
