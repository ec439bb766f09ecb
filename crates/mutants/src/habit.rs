//! [`Habit`]: mistakes that no single call shows, since the numbers of one call may be right: what a backward pass does from
//! call to call, with the buffer it writes to, and in the second derivative.

use gradiometer_gradcheck::Fault;

use crate::class::Class;
use crate::operation::Mutant;

/// A bad habit of a backward pass, whatever the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Keeps the point of the first forward pass.
    FirstForward,
    /// Keeps the point of the last forward pass, whatever point the gradient is asked at.
    LastForward,
    /// Keeps the first upstream gradient.
    FirstUpstream,
    /// Scales the upstream gradient to length one, so that it is not linear in it.
    UpstreamClipped,
    /// Says that it adds to the gradient, and overwrites it.
    Overwrites,
    /// Says that it writes the gradient, and adds to what lies there.
    Adds,
    /// Leaves the second half of the gradient as it was.
    TailUntouched,
    /// Gives half the gradient at every second call.
    EverySecondCall,
    /// The second derivative is zero.
    SecondDetached,
    /// The second derivative has the wrong sign.
    SecondSign,
    /// The second derivative is half of it.
    SecondHalved,
    /// The first derivative where the second is asked.
    SecondIsFirst,
}

impl Habit {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::FirstForward,
        Self::LastForward,
        Self::FirstUpstream,
        Self::UpstreamClipped,
        Self::Overwrites,
        Self::Adds,
        Self::TailUntouched,
        Self::EverySecondCall,
        Self::SecondDetached,
        Self::SecondSign,
        Self::SecondHalved,
        Self::SecondIsFirst,
    ];

    /// The operations that are given bad habits: every value is needed again in their backward passes, and their second
    /// derivatives are not zero.
    pub const OPERATIONS: [&'static str; 4] = ["bilinear", "gelu", "layer_norm", "lstm"];

    /// Whether it is one of the second derivative.
    pub fn of_second_order(self) -> bool {
        matches!(self, Self::SecondDetached | Self::SecondSign | Self::SecondHalved | Self::SecondIsFirst)
    }

    pub(crate) fn second_order_factor(self) -> f64 {
        match self {
            Self::SecondDetached => 0.0,
            Self::SecondSign => -1.0,
            Self::SecondHalved => 0.5,
            _ => 1.0,
        }
    }

    /// Its description.
    pub fn mutant(self) -> Mutant {
        let (class, name, also): (_, _, &[Fault]) = match self {
            Self::FirstForward => (Class::Cache, "keeps the point of the first forward pass", &[]),
            Self::LastForward => (Class::Cache, "keeps the point of the last forward pass", &[]),
            Self::FirstUpstream => (Class::Cache, "keeps the first upstream gradient", &[Fault::UpstreamIgnored]),
            Self::UpstreamClipped => (Class::Upstream, "scales the upstream gradient to length one", &[]),
            Self::Overwrites => (Class::Accumulation, "overwrites the gradient that it should add to", &[]),
            Self::Adds => (Class::Accumulation, "adds to the gradient that it should overwrite", &[Fault::Unwritten]),
            Self::TailUntouched => (Class::Unwritten, "leaves the second half of the gradient as it was", &[]),
            Self::EverySecondCall => (Class::Cache, "gives half at every second call", &[Fault::NotDeterministic]),
            Self::SecondDetached => (Class::SecondOrder, "has no second derivative", &[]),
            Self::SecondSign => (Class::SecondOrder, "has the wrong sign in the second derivative", &[]),
            Self::SecondHalved => (Class::SecondOrder, "halves the second derivative", &[]),
            Self::SecondIsFirst => (Class::SecondOrder, "gives the first derivative for the second", &[]),
        };
        Mutant { class, name, also }
    }
}
