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
