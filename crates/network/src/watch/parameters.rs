//! Signals of parameters: the weight, its gradient, and what an update did to it.

use std::collections::HashMap;
use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::prelude::*;
use gradiometer_gauge::{Norm, Summary};
use gradiometer_run::{Kind, Signal};

use crate::tap::{Values, read, read_unordered};

/// The trainable parameters of a module, in its order, with the names under which they are recorded.
#[derive(Clone, Debug, Default)]
pub struct ParameterNames {
    entries: Vec<Entry>,
    by_id: HashMap<ParamId, Arc<str>>,
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

    /// Adds a parameter with this name and number of axes.
    pub fn insert(&mut self, id: ParamId, name: &str, rank: usize) {
        let name: Arc<str> = name.into();
        self.by_id.insert(id, Arc::clone(&name));
        self.entries.push(Entry { id, name, rank });
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

/// A trainable parameter seen on a visit, flattened.
struct Visited {
    id: ParamId,
    name: Arc<str>,
    weight: Tensor<1>,
}

struct Visitor<'a, F> {
    names: &'a ParameterNames,
    see: F,
}

impl<F: FnMut(Visited)> ModuleVisitor for Visitor<'_, F> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(name) = self.names.by_id.get(&param.id) {
            (self.see)(Visited { id: param.id, name: Arc::clone(name), weight: flat(param.val().inner()) });
        }
    }
}

fn flat<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let elements = x.shape().num_elements();
    x.reshape([elements])
}

fn visit<M: Module>(module: &M, names: &ParameterNames, see: impl FnMut(Visited)) {
    module.visit(&mut Visitor { names, see });
}

/// What `look` makes of every gradient, in the module's order.
fn gradients_of<T>(
    names: &ParameterNames,
    gradients: &GradientsParams,
    look: impl Fn(Values<'_>) -> T,
) -> Vec<(Arc<str>, T)> {
    fn one<const D: usize, T>(gradients: &GradientsParams, id: ParamId, look: impl Fn(Values<'_>) -> T) -> Option<T> {
        gradients.get::<D>(id).map(|gradient| read_unordered(&gradient, look))
    }
    let seen = names.entries.iter().filter_map(|entry| {
        let seen = match entry.rank {
            1 => one::<1, T>(gradients, entry.id, &look),
            2 => one::<2, T>(gradients, entry.id, &look),
            3 => one::<3, T>(gradients, entry.id, &look),
            4 => one::<4, T>(gradients, entry.id, &look),
            5 => one::<5, T>(gradients, entry.id, &look),
            _ => one::<6, T>(gradients, entry.id, &look),
        };
        seen.map(|seen| (Arc::clone(&entry.name), seen))
    });
    seen.collect()
}

/// Size and finiteness of every parameter's gradient, in the module's order: what is looked at in every step.
pub(crate) fn gradient_norms(names: &ParameterNames, gradients: &GradientsParams) -> Vec<(Arc<str>, Norm)> {
    gradients_of(names, gradients, |values| match values {
        Values::F32(v) => Norm::of(v),
        Values::F64(v) => Norm::of(v),
        Values::F16(v) => Norm::of(v),
        Values::Bf16(v) => Norm::of(v),
    })
}

/// The weights of before an update, kept to see what it does.
pub(crate) struct Before(HashMap<ParamId, Tensor<1>>);

/// Adds the signals of every weight and its gradient; keeps the weights for [`after_update`].
pub(crate) fn before_update<M: Module>(
    module: &M,
    names: &ParameterNames,
    gradients: &GradientsParams,
    signals: &mut Vec<Signal>,
) -> Before {
    let mut kept = HashMap::with_capacity(names.entries.len());
    visit(module, names, |parameter| {
        let summary = read(&parameter.weight, |values, _| values.summary());
        signals.push(signal(parameter.name, Kind::Weight, summary));
        kept.insert(parameter.id, parameter.weight);
    });
    let seen = gradients_of(names, gradients, |values| values.summary());
    signals.extend(seen.into_iter().map(|(name, summary)| signal(name, Kind::WeightGradient, summary)));
    Before(kept)
}

/// Adds the signals of what the update did to every weight: after minus before.
pub(crate) fn after_update<M: Module>(module: &M, names: &ParameterNames, before: &Before, signals: &mut Vec<Signal>) {
    visit(module, names, |parameter| {
        let Some(old) = before.0.get(&parameter.id) else { return };
        let summary = read(old, |old, _| read(&parameter.weight, |new, _| difference(new, old)));
        signals.extend(summary.map(|summary| signal(parameter.name, Kind::Update, summary)));
    });
}

/// Nothing where type or length have changed, which no update does.
fn difference(new: Values<'_>, old: Values<'_>) -> Option<Summary> {
    match (new, old) {
        (Values::F32(new), Values::F32(old)) => Summary::of_difference(new, old),
        (Values::F64(new), Values::F64(old)) => Summary::of_difference(new, old),
        (Values::F16(new), Values::F16(old)) => Summary::of_difference(new, old),
        (Values::Bf16(new), Values::Bf16(old)) => Summary::of_difference(new, old),
        _ => return None,
    }
    .ok()
}

fn signal(tensor: Arc<str>, kind: Kind, summary: Summary) -> Signal {
    Signal { tensor, kind, lag: None, summary, units: None }
}
