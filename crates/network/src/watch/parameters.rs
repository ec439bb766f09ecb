//! Looks at parameters: the weight, its gradient, and what an update did to it.

use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::optim::GradientsParams;
use burn::prelude::*;
use gradiometer_gauge::Summary;
use gradiometer_run::Kind;

use super::snapshot::{Of, Shown, What};
use crate::optimize::Seen;
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

    /// Those whose name `is_of` holds for, and then `others`.
    pub(crate) fn part(&self, is_of: impl Fn(&str) -> bool, others: &Self) -> Self {
        let own = self.entries.iter().filter(|entry| is_of(&entry.name));
        Self { entries: own.chain(&others.entries).cloned().collect() }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of the parameter with this id. `next` is the number that is expected, and then the one behind:
    /// a module is visited in the order in which its names were taken, unless somebody has changed it since.
    pub(crate) fn number(&self, id: ParamId, next: &mut usize) -> Option<usize> {
        let number = match self.entries.get(*next) {
            Some(entry) if entry.id == id => *next,
            _ => self.entries.iter().position(|entry| entry.id == id)?,
        };
        *next = number + 1;
        Some(number)
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
        if let Some(number) = self.names.number(param.id, &mut self.next) {
            (self.see)(number, Held::of(param.val()));
        }
    }
}

fn visit<M: Module>(module: &M, names: &ParameterNames, see: impl FnMut(usize, Held)) {
    module.visit(&mut Visitor { names, next: 0, see });
}

/// Every parameter's gradient, by its number; none where the loss does not depend on it.
pub(crate) fn gradients_of(names: &ParameterNames, gradients: &GradientsParams) -> Vec<Option<Held>> {
    fn get<const D: usize>(gradients: &GradientsParams, id: ParamId) -> Option<Held> {
        gradients.get::<D>(id).map(Held::of)
    }
    let of = |entry: &Entry| match entry.rank {
        1 => get::<1>(gradients, entry.id),
        2 => get::<2>(gradients, entry.id),
        3 => get::<3>(gradients, entry.id),
        4 => get::<4>(gradients, entry.id),
        5 => get::<5>(gradients, entry.id),
        _ => get::<6>(gradients, entry.id),
    };
    names.entries.iter().map(of).collect()
}

/// Size and finiteness of all gradients: what is looked at in every step.
#[derive(Debug)]
pub(crate) struct Norms {
    /// The root mean square of every parameter's gradient, by its number, NaN where a value is not finite; none where the
    /// loss does not depend on the parameter.
    pub rms: Vec<Option<f64>>,
    /// The Euclidean norm of all gradients together; NaN where a value is not finite.
    pub whole: f64,
}

impl Norms {
    pub(crate) fn of(gradients: &[Option<Held>]) -> Self {
        let mut square = 0.0;
        let mut rms = |held: &Held| {
            let norm = held.read_unordered(|values| values.norm_of_parts());
            let (rms, l2) = if norm.is_finite() { (norm.rms, norm.l2()) } else { (f64::NAN, f64::NAN) };
            square += l2.powi(2);
            rms
        };
        let rms = gradients.iter().map(|held| held.as_ref().map(&mut rms)).collect();
        Self { rms, whole: f64::sqrt(square) }
    }
}

/// What an update has shown of every parameter, by its number.
pub(crate) fn show_updates(seen: Vec<(usize, Seen)>, shown: &mut Vec<Shown>) {
    let mut show = |number: usize, kind, summary: &Summary| {
        shown.push(Shown::new(Of::Parameter(number), kind, What::Measured(summary.clone(), None)));
    };
    seen.iter().for_each(|(number, seen)| show(*number, Kind::Weight, &seen.weights));
    for (number, seen) in &seen {
        if let Some(gradient) = &seen.gradient {
            show(*number, Kind::WeightGradient, gradient);
        }
    }
    seen.iter().for_each(|(number, seen)| show(*number, Kind::Update, &seen.change));
}

/// The weights of before an update, kept to see what it does; by the parameter's number.
pub(crate) struct Before(Vec<Option<Held>>);

/// Takes hold of every weight and its gradient, but of those parameters that somebody else looks at; keeps the weights for
/// [`after_update`] too.
pub(crate) fn before_update<M: Module>(
    module: &M,
    names: &ParameterNames,
    gradients: &[Option<Held>],
    elsewhere: impl Fn(usize) -> bool,
    shown: &mut Vec<Shown>,
) -> Before {
    let mut kept = vec![None; names.entries.len()];
    visit(module, names, |number, weight| {
        if elsewhere(number) {
            return;
        }
        kept[number] = Some(weight.clone());
        shown.push(Shown::new(Of::Parameter(number), Kind::Weight, What::Values(weight)));
    });
    let here = gradients.iter().enumerate().filter(|(number, _)| !elsewhere(*number));
    shown.extend(here.filter_map(|(number, gradient)| {
        Some(Shown::new(Of::Parameter(number), Kind::WeightGradient, What::Values(gradient.clone()?)))
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
