//! The faults, by what they are faults of; each a change of a base's spec.
//!
//! A fault comes in two degrees where it has any: 0 is plain, 1 is milder or stands elsewhere. `right` was written before any rule was
//! asked: a rule is right if it names the fault itself or the fault's mechanism in the network, which its remedies then undo. A symptom
//! that many faults share (a loss that does not fall, a plateau) is right nowhere.

mod capacity;
mod depth;
mod output;
mod pace;
mod recurrence;
mod regularization;
mod scale;
mod units;

use gradiometer_diagnose::Rule;
use gradiometer_network::spec::Spec;

use crate::case::Place;

/// A fault and the bases that it is put into.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// Unique.
    pub name: &'static str,
    /// The rules that name it.
    pub right: &'static [Rule],
    /// Where it is.
    pub site: Site,
    /// Names of bases.
    pub bases: &'static [&'static str],
    /// Puts it in, in degree 0 or 1.
    pub inflict: fn(&mut Spec, usize),
}

/// Where a fault is, in words that fit any base.
#[derive(Clone, Copy, Debug)]
pub enum Site {
    /// In no single layer.
    Network,
    /// In the block of this index.
    Block(usize),
    /// In the last block.
    Output,
}

impl Site {
    /// The place in a spec.
    pub fn place(self, spec: &Spec) -> Place {
        match self {
            Self::Network => Place::Network,
            Self::Block(index) => Place::Block(index),
            Self::Output => Place::Block(spec.layers.len() - 1),
        }
    }
}

/// Faults of the first weights and biases: what is wrong with them can be seen before the first step.
const OF_THE_FIRST_WEIGHTS: &[&str] = &[
    "zero-weights",
    "constant-weights",
    "constant-recurrent-weights",
    "constant-kernels",
    "one-layer-too-small",
    "one-layer-too-large",
    "output-too-large",
    "dead-by-bias-in-one-layer",
    "dead-by-bias-in-all-layers",
    "dead-kernels-by-bias",
    "dead-by-negative-weights",
    "saturated-tanh",
    "saturated-sigmoid",
    "saturated-by-bias",
    "saturated-gates",
    "forget-gate-closed",
    "update-gate-closed",
    "plain-recurrence-too-weak",
    "plain-recurrence-too-strong",
    "chaotic-recurrence",
];

/// Whether the cause of this name is one of initialization or depth.
pub fn is_of_initialization_or_depth(name: &str) -> bool {
    OF_THE_FIRST_WEIGHTS.contains(&name) || depth::CAUSES.iter().any(|cause| cause.name == name)
}

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Cause> {
    [
        depth::CAUSES,
        scale::CAUSES,
        units::CAUSES,
        output::CAUSES,
        pace::CAUSES,
        regularization::CAUSES,
        capacity::CAUSES,
        recurrence::CAUSES,
    ]
    .into_iter()
    .flatten()
}

const fn cause(
    name: &'static str,
    right: &'static [Rule],
    site: Site,
    bases: &'static [&'static str],
    inflict: fn(&mut Spec, usize),
) -> Cause {
    Cause { name, right, site, bases, inflict }
}

/// One of two values, by the degree.
fn by<T>(degree: usize, plain: T, other: T) -> T {
    if degree == 0 { plain } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_the_first_weights_are_faults() {
        for name in OF_THE_FIRST_WEIGHTS {
            assert!(all().any(|cause| cause.name == *name), "{name}");
        }
        assert!(is_of_initialization_or_depth("deep-sigmoid"));
        assert!(!is_of_initialization_or_depth("learning-rate-too-high-sgd"));
    }
}
