//! Pass, fail, or why neither can be said.

use std::fmt;

/// What a check ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Numeric and analytic derivative agree within the error bar, and the bar is small enough to mean something.
    Pass,
    /// They differ by more than the error bar, at every step that can tell.
    Fail,
    /// Nothing can be said.
    Inconclusive(Reason),
}

/// Why a verdict is neither pass nor fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The error bar is as large as the derivative.
    TooNoisy,
    /// The point lies on a kink where several branches meet, and what they allow cannot be told from here.
    AtKink,
    /// The outputs do not depend on the block in a way that the objective sees: all derivatives are zero within their
    /// bars.
    Unobservable,
    /// No output changes, whatever is done to the inputs.
    Constant,
    /// Every step, however small, leaves the function's domain.
    OutOfDomain,
    /// The block has no elements.
    Empty,
}

impl Reason {
    /// A stable name for documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooNoisy => "too_noisy",
            Self::AtKink => "at_kink",
            Self::Unobservable => "unobservable",
            Self::Constant => "constant",
            Self::OutOfDomain => "out_of_domain",
            Self::Empty => "empty",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooNoisy => "too noisy",
            Self::AtKink => "at a kink",
            Self::Unobservable => "unobservable",
            Self::Constant => "constant function",
            Self::OutOfDomain => "every step leaves the domain",
            Self::Empty => "no elements",
        })
    }
}

impl Verdict {
    /// Whether it is [`Verdict::Pass`].
    pub fn is_pass(self) -> bool {
        self == Self::Pass
    }

    /// Whether it is [`Verdict::Fail`].
    pub fn is_fail(self) -> bool {
        self == Self::Fail
    }

    /// Whether it is neither.
    pub fn is_inconclusive(self) -> bool {
        matches!(self, Self::Inconclusive(_))
    }

    /// `pass`, `fail` or `inconclusive`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive(_) => "inconclusive",
        }
    }

    /// The verdict on two things together: a failure of one is a failure, and a pass needs both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fail, _) | (_, Self::Fail) => Self::Fail,
            (Self::Inconclusive(reason), _) | (_, Self::Inconclusive(reason)) => Self::Inconclusive(reason),
            (Self::Pass, Self::Pass) => Self::Pass,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inconclusive(reason) => write!(f, "inconclusive ({reason})"),
            _ => f.write_str(self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_wins_and_a_pass_needs_both() {
        let unsure = Verdict::Inconclusive(Reason::TooNoisy);
        assert_eq!(unsure.and(Verdict::Fail), Verdict::Fail);
        assert_eq!(Verdict::Pass.and(unsure), unsure);
        assert_eq!(Verdict::Pass.and(Verdict::Pass), Verdict::Pass);
    }
}
