//! The update of parameters that lie in this process's memory, in place: [`gradiometer_kernels::optimizer`] on the
//! storage of Burn's tensors.
//!
//! To write weights where they were needs no new memory, and to read every number once is what the time of an update
//! consists of: Burn's own Adam is a dozen operations, each through all of the memory.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::prelude::*;
use gradiometer_gauge::Summary;
use gradiometer_kernels::optimizer::{Adam, Algorithm, Groups, Penalty, Piece, RmsProp, Sgd};
use rayon::prelude::*;

use super::{Cut, adaptive, first_of_last_layer};
use crate::penalty::Penalties;
use crate::spec::{self, OptimizerSpec};
use crate::values::{Held, Owned, Values};
use crate::watch::ParameterNames;

/// The least that is worth waking a thread for, in numbers; with its moments it fits a core's own cache.
const PIECE: usize = 1 << 15;

/// Numbers that are updated and looked at together: what was there before, what is there now, gradient and moments are 160 KiB.
const LOOK: usize = 1 << 13;

pub(crate) struct Fused {
    algorithm: Algorithm,
    penalties: Penalties,
    /// By the parameter's number.
    memories: Vec<Memory>,
}

/// What is remembered of a parameter.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// How many numbers the parameter has.
    numbers: usize,
    /// Updates so far.
    pub updates: u64,
    /// As many numbers each as the parameter has, or none.
    pub moments: [Vec<f32>; 2],
}

impl Fused {
    /// Nothing where a parameter does not lie in this process's memory, or is not f32.
    pub(super) fn new<M: Module>(
        spec: &OptimizerSpec,
        penalties: &Penalties,
        module: &M,
        names: &ParameterNames,
    ) -> Option<Self> {
        let algorithm = algorithm(&spec.algorithm);
        let mut sizes = Sizes { names, next: 0, sizes: vec![Some(0); names.len()] };
        module.visit(&mut sizes);
        let moment = |size, i| if i < algorithm.moments() { vec![0.0; size] } else { Vec::new() };
        let memories = sizes.sizes.into_iter().map(|size| {
            size.map(|size| Memory { numbers: size, updates: 0, moments: [moment(size, 0), moment(size, 1)] })
        });
        Some(Self { algorithm, penalties: penalties.clone(), memories: memories.collect::<Option<_>>()? })
    }

    /// Whether an update itself looks at what it reads and writes of this parameter. Of a large one, all threads do so with
    /// what they have at hand; a small one had better be looked at by a thread that has nothing else to do. What a step in
    /// groups changes is not at hand.
    pub(super) fn looks_at(&self, number: usize) -> bool {
        self.memories[number].numbers >= 2 * PIECE && self.penalties.get(number).group_l1 == 0.0
    }

    /// The module after an update. `seen`: where to put what the update shows of the parameters that it
    /// [looks at](Self::looks_at), by their numbers.
    pub(super) fn step<M: Module>(
        &mut self,
        learning_rate: f64,
        module: M,
        names: &ParameterNames,
        gradients: Vec<Option<Held>>,
        cut: Option<Cut>,
        seen: Option<&mut Vec<(usize, Seen)>>,
    ) -> M {
        let first_of_last_layer = first_of_last_layer(names);
        module.map(&mut Updater {
            fused: self,
            learning_rate,
            names,
            next: 0,
            gradients,
            cut,
            first_of_last_layer,
            seen,
        })
    }

    /// The step in groups of the first parameter behind its latest update, on one thread.
    #[cfg(test)]
    pub(super) fn shrink_at_once(&self, learning_rate: f64, lambda: f64, weights: &mut [f32]) {
        let Memory { updates, moments: [first, second], .. } = &self.memories[0];
        let groups = self.penalties.get(0).inputs.expect("it has groups");
        self.algorithm.shrink_groups(learning_rate, *updates, lambda, groups, weights, [first, second]);
    }

    /// What is remembered, for a checkpoint; by the parameter's number.
    pub(crate) fn memories(&self) -> &[Memory] {
        &self.memories
    }

    /// As [`memories`](Self::memories), for a checkpoint that is taken up.
    pub(crate) fn memories_mut(&mut self) -> &mut [Memory] {
        &mut self.memories
    }
}

fn algorithm(spec: &spec::Optimizer) -> Algorithm {
    match spec {
        spec::Optimizer::Sgd(sgd) => Algorithm::Sgd(Sgd { momentum: sgd.momentum, nesterov: sgd.nesterov }),
        spec::Optimizer::Adam(adam) => Algorithm::Adam(Adam {
            beta1: adam.beta1 as f32,
            beta2: adam.beta2 as f32,
            epsilon: adam.epsilon as f32,
            weight_decay: 0.0,
        }),
        spec::Optimizer::AdamW(adam) => Algorithm::Adam(Adam {
            beta1: adam.beta1 as f32,
            beta2: adam.beta2 as f32,
            epsilon: adam.epsilon as f32,
            weight_decay: adam.weight_decay as f32,
        }),
        spec::Optimizer::RmsProp(rms) => Algorithm::RmsProp(RmsProp {
            decay: rms.decay as f32,
            momentum: rms.momentum as f32,
            epsilon: rms.epsilon as f32,
        }),
    }
}

/// What an update shows of a parameter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The weights before it.
    pub weights: Summary,
    /// The gradient, before it was cut; nothing where there is none.
    pub gradient: Option<Summary>,
    /// The weights behind it minus those before it.
    pub change: Summary,
}

impl Seen {
    fn unchanged(values: Values<'_>) -> Self {
        let change = values.summary_of_difference(values).unwrap_or_default();
        Self { weights: values.summary(), gradient: None, change }
    }

    fn merge(mut self, other: Self) -> Self {
        self.weights.merge(&other.weights);
        self.change.merge(&other.change);
        match (&mut self.gradient, other.gradient) {
            (Some(gradient), Some(other)) => gradient.merge(&other),
            (none, other) => *none = other,
        }
        self
    }
}

/// The number of elements of every parameter; `None` where it cannot be updated here.
struct Sizes<'a> {
    names: &'a ParameterNames,
    next: usize,
    sizes: Vec<Option<usize>>,
}

impl ModuleVisitor for Sizes<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(number) = self.names.number(param.id, &mut self.next) {
            self.sizes[number] = Owned::of(param.val()).map(|_| param.shape().num_elements());
        }
    }
}

struct Updater<'a> {
    fused: &'a mut Fused,
    learning_rate: f64,
    names: &'a ParameterNames,
    next: usize,
    gradients: Vec<Option<Held>>,
    cut: Option<Cut>,
    first_of_last_layer: usize,
    seen: Option<&'a mut Vec<(usize, Seen)>>,
}

impl ModuleMapper for Updater<'_> {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(number) = self.names.number(param.id, &mut self.next) else { return param };
        let looks = self.fused.looks_at(number);
        let mut seen = self.seen.as_mut().filter(|_| looks);
        let Some(gradient) = self.gradients[number].take() else {
            if let Some(seen) = &mut seen {
                Held::of(param.val()).read(|values, _| seen.push((number, Seen::unchanged(values))));
            }
            return param;
        };
        let Fused { algorithm, penalties, memories } = &mut *self.fused;
        let strength = penalties.get(number);
        let penalty = Penalty { l2: strength.decay(), l1: strength.l1 };
        let Memory { updates, moments: [first, second], .. } = &mut memories[number];
        *updates += 1;
        let shape = param.dims();
        let (id, tensor, mapper) = param.consume();
        let mut weights = Owned::of(tensor).expect("parameters that lie elsewhere have another optimizer");
        let (cut, limit) = match self.cut {
            Some(Cut::Adaptive(limit)) => (None, (number < self.first_of_last_layer).then_some(limit)),
            cut => (cut, None),
        };
        gradient.read(|gradient, _| {
            let Values::F32(gradient) = gradient else { unreachable!("a gradient has the type of its parameter") };
            // A unit's weights lie in several pieces: its norm is known before there are any.
            let clipped = limit.map(|limit| adaptive::clip(weights.values_mut(), gradient, &shape, limit));
            let used = clipped.as_deref().unwrap_or(gradient);
            let whole = Piece { weights: weights.values_mut(), gradient: used, moments: [first, second] };
            let update = Update { algorithm, learning_rate: self.learning_rate, number: *updates, penalty, cut };
            match &mut seen {
                Some(seen) => {
                    let mut shown = in_pieces(whole, &|piece| update.apply_and_look(piece), &Seen::merge);
                    if clipped.is_some() {
                        shown.gradient = Some(Summary::of(gradient));
                    }
                    seen.push((number, shown));
                }
                None => in_pieces(whole, &|piece| update.apply(piece), &|(), ()| ()),
            }
        });
        if let Some(groups) = strength.inputs.filter(|_| strength.group_l1 > 0.0) {
            let step = GroupStep { algorithm, learning_rate: self.learning_rate, number: *updates, groups };
            step.apply(strength.group_l1, weights.values_mut(), [first, second]);
        }
        Param::from_mapped_value(id, weights.into_parameter(), mapper)
    }
}

/// The proximal step of a group penalty, behind an update of one parameter.
struct GroupStep<'a> {
    algorithm: &'a Algorithm,
    learning_rate: f64,
    /// The update's, counted from 1.
    number: u64,
    groups: Groups,
}

impl GroupStep<'_> {
    /// On all threads where that pays and groups lie one behind the other.
    fn apply(&self, lambda: f64, weights: &mut [f32], moments: [&[f32]; 2]) {
        let Groups { outer, count, inner } = self.groups;
        let together = if outer == 1 { (PIECE / inner.max(1)).clamp(1, count) } else { count };
        weights.par_chunks_mut(outer * together * inner).enumerate().for_each(|(chunk, weights)| {
            let first = chunk * together * inner;
            // A moment that the algorithm does without has no numbers.
            let moments = moments.map(|moment| moment.get(first..first + weights.len()).unwrap_or_default());
            let groups = Groups { count: weights.len() / (outer * inner), ..self.groups };
            self.algorithm.shrink_groups(self.learning_rate, self.number, lambda, groups, weights, moments);
        });
    }
}

/// An update of one parameter.
struct Update<'a> {
    algorithm: &'a Algorithm,
    learning_rate: f64,
    /// Counted from 1.
    number: u64,
    penalty: Penalty,
    cut: Option<Cut>,
}

impl Update<'_> {
    fn apply(&self, piece: Piece<'_>) {
        let cut: Vec<f32>;
        let gradient = match self.cut {
            None => piece.gradient,
            Some(Cut::Scale(factor)) => {
                cut = piece.gradient.iter().map(|g| g * factor as f32).collect();
                &cut
            }
            Some(Cut::Adaptive(_)) => unreachable!("units are clipped before there are pieces"),
            Some(Cut::Clamp(limit)) => {
                cut = piece.gradient.iter().map(|g| g.clamp(-limit as f32, limit as f32)).collect();
                &cut
            }
        };
        self.algorithm.update(self.learning_rate, self.number, self.penalty, Piece { gradient, ..piece });
    }

    /// In parts that stay in the core's own cache, before and after.
    fn apply_and_look(&self, mut piece: Piece<'_>) -> Seen {
        let mut seen: Option<Seen> = None;
        let mut before = Vec::with_capacity(LOOK);
        while !piece.weights.is_empty() {
            let middle = LOOK.min(piece.weights.len());
            let (Piece { weights, gradient, moments }, rest) = piece.split_at(middle);
            piece = rest;
            before.clear();
            before.extend_from_slice(weights);
            self.apply(Piece { weights: &mut *weights, gradient, moments });
            let part = Seen {
                weights: Summary::of(&before),
                gradient: Some(Summary::of(gradient)),
                change: Summary::of_difference(weights, &before).expect("an update changes no length"),
            };
            seen = Some(match seen {
                Some(seen) => seen.merge(part),
                None => part,
            });
        }
        seen.unwrap_or_default()
    }
}

/// What `of` makes of a parameter, on all threads where that pays. The pieces follow from the number of values alone: what is
/// merged of them does not depend on the number of threads.
fn in_pieces<S: Send>(
    whole: Piece<'_>,
    of: &(impl Fn(Piece<'_>) -> S + Sync),
    merge: &(impl Fn(S, S) -> S + Sync),
) -> S {
    let n = whole.weights.len();
    if n < 2 * PIECE {
        return of(whole);
    }
    let (left, right) = whole.split_at(n / 2);
    let (left, right) = rayon::join(|| in_pieces(left, of, merge), || in_pieces(right, of, merge));
    merge(left, right)
}
