//! The kinds of fault that a wrong gradient may have.

use std::fmt;

/// A kind of fault. The list is that of the mistakes people make in backward passes, grouped by what they leave behind
/// in the numbers: two mistakes that leave the same evidence are one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// The gradient is the negative of the right one.
    Sign,
    /// It is off by a constant factor such as 2 or ½ that is no count of anything.
    Factor,
    /// It is off by `N` or `1/N`, or the ratio of two counts: a mean for a sum, or the wrong `N` (padding, masks).
    Reduction,
    /// It is off by a factor near 1.
    Scale,
    /// A term is missing or one too many.
    Term,
    /// The values are right and lie as the transpose.
    Transposed,
    /// The gradient does not depend on the cotangent as a linear map does: the upstream gradient is ignored.
    UpstreamIgnored,
    /// A broadcast operand's gradient was not summed over the broadcast axis, or over the wrong one.
    Broadcast,
    /// The backward pass uses what the last forward pass left behind, at whatever point that was; or its cache was
    /// overwritten.
    StaleCache,
    /// `=` where `+=` was needed: contributions overwrite one another (also an embedding's repeated rows).
    NotAccumulated,
    /// An input or cotangent is changed in place.
    InputMutated,
    /// The gradient is zero where it is not: the branch was cut off.
    Detached,
    /// The wrong entries pass: `≥` for `>`, a dropout mask or its scale, a causal mask, a clamp's boundary.
    Mask,
    /// Wrong only where several candidates tie, as in the maximum of equal values.
    Tie,
    /// A convolution's or pool's geometry: padding, stride, dilation, groups off by one, or a kernel not flipped.
    Geometry,
    /// The terms that couple the elements of a group are missing or wrong: softmax's off-diagonal, the mean or the
    /// variance path of a normalization.
    Coupling,
    /// A step of the backward pass through time is missing, or it was truncated.
    TimeStep,
    /// Gates or other equal parts of a block are swapped.
    Gates,
    /// Entries of the gradient are never written, or are not finite.
    Unwritten,
    /// The first derivatives are right and the second are wrong.
    SecondOrder,
    /// Wrong for some shapes or memory layouts only.
    Shape,
    /// Two calls give two results.
    NotDeterministic,
    /// The forward-mode derivative is wrong.
    Forward,
}

impl Fault {
    /// Every kind, in the order of the declaration.
    pub const ALL: [Self; 23] = [
        Self::Sign,
        Self::Factor,
        Self::Reduction,
        Self::Scale,
        Self::Term,
        Self::Transposed,
        Self::UpstreamIgnored,
        Self::Broadcast,
        Self::StaleCache,
        Self::NotAccumulated,
        Self::InputMutated,
        Self::Detached,
        Self::Mask,
        Self::Tie,
        Self::Geometry,
        Self::Coupling,
        Self::TimeStep,
        Self::Gates,
        Self::Unwritten,
        Self::SecondOrder,
        Self::Shape,
        Self::NotDeterministic,
        Self::Forward,
    ];

    /// A stable name for documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Factor => "factor",
            Self::Reduction => "reduction",
            Self::Scale => "scale",
            Self::Term => "term",
            Self::Transposed => "transposed",
            Self::UpstreamIgnored => "upstream_ignored",
            Self::Broadcast => "broadcast",
            Self::StaleCache => "stale_cache",
            Self::NotAccumulated => "not_accumulated",
            Self::InputMutated => "input_mutated",
            Self::Detached => "detached",
            Self::Mask => "mask",
            Self::Tie => "tie",
            Self::Geometry => "geometry",
            Self::Coupling => "coupling",
            Self::TimeStep => "time_step",
            Self::Gates => "gates",
            Self::Unwritten => "unwritten",
            Self::SecondOrder => "second_order",
            Self::Shape => "shape",
            Self::NotDeterministic => "not_deterministic",
            Self::Forward => "forward",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sign => "wrong sign",
            Self::Factor => "constant factor",
            Self::Reduction => "mean for sum, or the wrong count",
            Self::Scale => "scale off by a little",
            Self::Term => "a term missing or one too many",
            Self::Transposed => "transposed",
            Self::UpstreamIgnored => "upstream gradient ignored",
            Self::Broadcast => "broadcast axis not summed",
            Self::StaleCache => "stale cache",
            Self::NotAccumulated => "overwritten where it should be added to",
            Self::InputMutated => "input changed in place",
            Self::Detached => "detached",
            Self::Mask => "wrong mask",
            Self::Tie => "wrong at a tie",
            Self::Geometry => "shifted or flipped",
            Self::Coupling => "coupling terms missing",
            Self::TimeStep => "a time step missing",
            Self::Gates => "gates swapped",
            Self::Unwritten => "unwritten or not finite",
            Self::SecondOrder => "second order only",
            Self::Shape => "some shapes or layouts only",
            Self::NotDeterministic => "not deterministic",
            Self::Forward => "forward mode",
        })
    }
}

/// The likely kind of a fault, and the evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// The kind.
    pub kind: Fault,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// The evidence, as a sentence.
    pub because: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        assert_eq!(names.len(), Fault::ALL.len());
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }
}
