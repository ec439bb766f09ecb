//! Signals of parameters: the weight, its gradient, and what an update did to it.

use std::collections::HashMap;
use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::prelude::*;
use gradiometer_gauge::{Norm, Summary};
use gradiometer_run::{Kind, Signal};

use crate::tap::{Values, read};

/// The names under which parameters are recorded. Parameters without a name are recorded under their path in the
/// module.
#[derive(Clone, Debug, Default)]
pub struct ParameterNames(HashMap<ParamId, Arc<str>>);

impl ParameterNames {
    /// Gives a parameter a name.
    pub fn insert(&mut self, id: ParamId, name: &str) {
        self.0.insert(id, name.into());
    }
}

/// A trainable parameter seen on a visit, flattened.
struct Visited {
    id: ParamId,
    name: Arc<str>,
    weight: Tensor<1>,
    gradient: Option<Tensor<1>>,
}

struct Visitor<'a, F> {
    names: &'a ParameterNames,
    gradients: Option<&'a GradientsParams>,
    path: Vec<String>,
    see: F,
}

impl<F: FnMut(Visited)> ModuleVisitor for Visitor<'_, F> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let weight = param.val();
        if !weight.is_require_grad() {
            return;
        }
        let name = self.names.0.get(&param.id).cloned().unwrap_or_else(|| self.path.join(".").into());
        let gradient = self.gradients.and_then(|gradients| gradients.get::<D>(param.id)).map(flat);
        (self.see)(Visited { id: param.id, name, weight: flat(weight.inner()), gradient });
    }
}

fn flat<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let elements = x.shape().num_elements();
    x.reshape([elements])
}

fn visit<M: Module>(module: &M, names: &ParameterNames, gradients: Option<&GradientsParams>, see: impl FnMut(Visited)) {
    module.visit(&mut Visitor { names, gradients, path: Vec::new(), see });
}

/// Size and finiteness of every parameter's gradient, in the module's order: what is looked at in every step.
pub(crate) fn gradient_norms<M: Module>(
    module: &M,
    names: &ParameterNames,
    gradients: &GradientsParams,
) -> Vec<(Arc<str>, Norm)> {
    let mut norms = Vec::new();
    visit(module, names, Some(gradients), |parameter| {
        let norm = parameter.gradient.as_ref().map(|gradient| {
            read(gradient, |values, _| match values {
                Values::F32(v) => Norm::of(v),
                Values::F64(v) => Norm::of(v),
                Values::F16(v) => Norm::of(v),
                Values::Bf16(v) => Norm::of(v),
            })
        });
        norms.extend(norm.map(|norm| (parameter.name, norm)));
    });
    norms
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
    let mut kept = HashMap::new();
    visit(module, names, Some(gradients), |parameter| {
        push(signals, &parameter.name, Kind::Weight, &parameter.weight);
        if let Some(gradient) = &parameter.gradient {
            push(signals, &parameter.name, Kind::WeightGradient, gradient);
        }
        kept.insert(parameter.id, parameter.weight);
    });
    Before(kept)
}

/// Adds the signals of what the update did to every weight: after minus before.
pub(crate) fn after_update<M: Module>(module: &M, names: &ParameterNames, before: &Before, signals: &mut Vec<Signal>) {
    visit(module, names, None, |parameter| {
        let Some(old) = before.0.get(&parameter.id) else { return };
        let summary = read(old, |old, _| read(&parameter.weight, |new, _| difference(new, old)));
        signals.extend(summary.map(|summary| Signal {
            tensor: parameter.name,
            kind: Kind::Update,
            lag: None,
            summary,
            units: None,
        }));
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

fn push(signals: &mut Vec<Signal>, name: &Arc<str>, kind: Kind, tensor: &Tensor<1>) {
    let summary = read(tensor, |values, _| values.summary());
    signals.push(Signal { tensor: Arc::clone(name), kind, lag: None, summary, units: None });
}
