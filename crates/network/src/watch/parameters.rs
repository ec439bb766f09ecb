//! Looks at parameters: the weight, its gradient, and what an update did to it.

use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::prelude::*;
use gradiometer_gauge::Norm;
use gradiometer_run::Kind;

use super::snapshot::{Of, Shown, What};
use crate::values::Held;

/// The trainable parameters of a module, in its order, with the names under which they are recorded.
#[derive(Clone, Debug, Default)]
pub struct ParameterNames {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    id: ParamId,
    name: Arc<str>,
    rank: usize,
}

impl ParameterNames {
    /// The paths of the module's own fields: `layers.0.weight`.
    pub fn of<M: Module>(module: &M) -> Self {
        let mut paths = Paths { path: Vec::new(), names: Self::default() };
        module.visit(&mut paths);
        paths.names
    }

    /// The name of the parameter with this number: the how-many-th of the module it is.
    pub(crate) fn name(&self, number: usize) -> &Arc<str> {
        &self.entries[number].name
    }

    /// The name of the parameter with this id.
    pub(crate) fn of_id(&self, id: ParamId) -> Option<&Arc<str>> {
        self.entries.iter().find(|entry| entry.id == id).map(|entry| &entry.name)
    }

    /// Adds a parameter with this name and number of axes.
    pub fn insert(&mut self, id: ParamId, name: &str, rank: usize) {
        self.entries.push(Entry { id, name: name.into(), rank });
    }
}

struct Paths {
    path: Vec<String>,
    names: ParameterNames,
}

impl ModuleVisitor for Paths {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.val().is_require_grad() {
            self.names.insert(param.id, &self.path.join("."), D);
        }
    }
}

/// Calls `see` for every trainable parameter, with its number in the module's order.
struct Visitor<'a, F> {
    names: &'a ParameterNames,
    next: usize,
    see: F,
}

impl<F: FnMut(usize, Held)> ModuleVisitor for Visitor<'_, F> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        // A module is visited in the order in which its names were taken, unless somebody has changed it since.
        let entries = &self.names.entries;
        let number = match entries.get(self.next) {
            Some(entry) if entry.id == param.id => Some(self.next),
            _ => entries.iter().position(|entry| entry.id == param.id),
        };
        if let Some(number) = number {
            self.next = number + 1;
            (self.see)(number, Held::of(param.val()));
        }
    }
}

fn visit<M: Module>(module: &M, names: &ParameterNames, see: impl FnMut(usize, Held)) {
    module.visit(&mut Visitor { names, next: 0, see });
}

/// Every parameter's gradient, by its number; none where the loss does not depend on it.
fn gradients_of<'a>(
    names: &'a ParameterNames,
    gradients: &'a GradientsParams,
) -> impl Iterator<Item = Option<Held>> + 'a {
    fn get<const D: usize>(gradients: &GradientsParams, id: ParamId) -> Option<Held> {
        gradients.get::<D>(id).map(Held::of)
    }
    names.entries.iter().map(|entry| match entry.rank {
        1 => get::<1>(gradients, entry.id),
        2 => get::<2>(gradients, entry.id),
        3 => get::<3>(gradients, entry.id),
        4 => get::<4>(gradients, entry.id),
        5 => get::<5>(gradients, entry.id),
        _ => get::<6>(gradients, entry.id),
    })
}

/// Size and finiteness of every parameter's gradient, by its number: what is looked at in every step.
pub(crate) fn gradient_norms(names: &ParameterNames, gradients: &GradientsParams) -> Vec<Option<Norm>> {
    gradients_of(names, gradients).map(|held| Some(held?.read_unordered(|values| values.norm()))).collect()
}

/// The Euclidean norm of all gradients together; NaN where one is not finite.
pub(crate) fn global_norm(norms: &[Option<Norm>]) -> f64 {
    let square = |norm: &Norm| if norm.is_finite() { norm.l2().powi(2) } else { f64::NAN };
    norms.iter().flatten().map(square).sum::<f64>().sqrt()
}

/// The weights of before an update, kept to see what it does; by the parameter's number.
pub(crate) struct Before(Vec<Option<Held>>);

/// Takes hold of every weight and its gradient; keeps the weights for [`after_update`] too.
pub(crate) fn before_update<M: Module>(
    module: &M,
    names: &ParameterNames,
    gradients: &GradientsParams,
    shown: &mut Vec<Shown>,
) -> Before {
    let mut kept = vec![None; names.entries.len()];
    visit(module, names, |number, weight| {
        kept[number] = Some(weight.clone());
        shown.push(Shown::new(Of::Parameter(number), Kind::Weight, What::Values(weight)));
    });
    shown.extend(gradients_of(names, gradients).enumerate().filter_map(|(number, gradient)| {
        Some(Shown::new(Of::Parameter(number), Kind::WeightGradient, What::Values(gradient?)))
    }));
    Before(kept)
}

/// Takes hold of what the update did to every weight.
pub(crate) fn after_update<M: Module>(module: &M, names: &ParameterNames, before: Before, shown: &mut Vec<Shown>) {
    let Before(mut before) = before;
    visit(module, names, |number, weight| {
        if let Some(old) = before[number].take() {
            shown.push(Shown::new(Of::Parameter(number), Kind::Update, What::Change(old, weight)));
        }
    });
}
