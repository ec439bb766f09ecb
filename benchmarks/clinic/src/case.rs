//! What a case is: a spec, and what is known of it before it is trained.

use gradiometer_diagnose::Rule;
use gradiometer_network::spec::Spec;

/// A training with a known answer.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique: `cause/base/degree`, or `well/change/base`, or `base/name`.
    pub name: String,
    /// What it is ill of, or what is odd about it.
    pub cause: String,
    /// What is trained.
    pub spec: Spec,
    /// Whether it is ill.
    pub condition: Condition,
    /// The data whose best known score it is held against.
    pub data: &'static str,
    /// Which half of the cases it is in.
    pub part: Part,
}

/// Whether a case is ill.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Nothing is wrong.
    Healthy,
    /// A fault was put in.
    Sick {
        /// The name of the case without the fault.
        twin: String,
        /// The rules that name this fault or its mechanism in the network; a mere symptom, such as a loss that does not fall,
        /// is not among them.
        right: &'static [Rule],
        /// Where the fault is.
        place: Place,
    },
}

/// Where a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the whole network, its training or its data: no layer would be wrong.
    Network,
    /// In the block at this place of the spec, from 0: it has to be among the layers of the finding.
    Block(usize),
}

impl Place {
    /// Whether one of a finding's layers is the place; nothing where the whole network is.
    pub fn is_among(self, layers: &[String]) -> Option<bool> {
        let Self::Block(index) = self else { return None };
        let prefix = format!("{index:02}.");
        Some(layers.iter().any(|layer| layer.starts_with(&prefix)))
    }
}

/// A half of the cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Part {
    /// Rules may be looked at and changed with these.
    Tuning,
    /// These are only ever measured.
    Measured,
}

/// FNV-1a: a hash that is the same on every machine and in every version.
pub fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_block_and_what_is_inside_of_it() {
        let layers = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(Place::Block(2).is_among(&layers(&["00.dense", "02.dense.weight"])), Some(true));
        assert_eq!(Place::Block(2).is_among(&layers(&["00.dense", "12.dense", "01.residual.02.dense"])), Some(false));
        assert_eq!(Place::Block(2).is_among(&[]), Some(false));
        assert_eq!(Place::Network.is_among(&layers(&["00.dense"])), None);
    }
}
