//! Why a statistic has no value.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares the reasons with the words that they are displayed and written as, so that the two cannot differ.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $words:literal,)*) => {
        /// Why a metric is undefined. In JSON its words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[$doc])* #[serde(rename = $words)] $name,)*
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }

        impl fmt::Display for Reason {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $words,)*
                })
            }
        }
    };
}

reasons! {
    /// Nothing was counted.
    NoRows = "no rows",
    /// Recall is a share of the rows of the class, and there are none.
    NeverOccurs = "the class never occurs",
    /// Precision is a share of the predictions of the class, and there are none.
    NeverPredicted = "the class is never predicted",
    /// F1 needs the class on at least one of the two axes.
    NeitherOccursNorPredicted = "the class neither occurs nor is predicted",
    /// Specificity is a share of the rows of other classes, and there are none.
    AlwaysOccurs = "every row is of the class",
    /// The negative predictive value is a share of the predictions of other classes, and there are none.
    AlwaysPredicted = "every prediction is of the class",
    /// The denominator is the number of false positives, or a power of it.
    NoFalsePositives = "no false positives: the ratio is unbounded",
    /// The denominator is the number of false negatives, or a power of it.
    NoFalseNegatives = "no false negatives: the ratio is unbounded",
    /// The denominator is the number of true negatives.
    NoTrueNegatives = "no true negatives: the ratio is unbounded",
    /// The logarithm of a share of which there is nothing.
    NoTruePositives = "no true positives: the logarithm is unbounded",
    /// The logarithm of the odds of a rate of 0 or 1.
    CertainRate = "recall or specificity is 0 or 1: its odds have no logarithm",
    /// An odds ratio of 0 by 0.
    NoOdds = "neither both kinds of right answers nor both kinds of mistakes occur",
    /// Recall and specificity are compared with their sum.
    NothingRight = "recall and specificity are both 0",
    /// A correlation needs two different values on each axis.
    OneActualClass = "all rows are of one class",
    /// A correlation needs two different values on each axis.
    OnePredictedClass = "all predictions are of one class",
    /// Agreement beyond chance needs something that chance could get wrong.
    OneClassThroughout = "all rows and all predictions are of one and the same class",
    /// The statistic compares classes, and there is only one.
    OnlyOneClass = "the matrix has only one class",
    /// A pair of rows is the same or different on each axis; all are the same on both, or all different.
    PairsAllAlike = "the pairs of rows are all together, or all apart, on both axes",
    /// The denominator is the sum of actual × predicted over the classes.
    NoClassOnBothAxes = "no class both occurs and is predicted",
    /// An average over the classes needs the recall of each.
    SomeClassNeverOccurs = "a class never occurs",
    /// An average over the classes needs the precision of each.
    SomeClassNeverPredicted = "a class is never predicted",
    /// The logarithm of the share of the predictions of a class of which there are rows.
    OccursUnpredicted = "a class that occurs is never predicted: the divergence is unbounded",
    /// An average over the classes needs the F1 of each.
    SomeClassNeitherOccursNorPredicted = "a class neither occurs nor is predicted",
    /// Of rows with any number of labels: precision is a share of the labels that are given.
    NothingPredicted = "no row is given a label",
    /// Of rows with any number of labels: recall is a share of the labels that rows have.
    NothingOccurs = "no row has a label",
    /// Of rows with any number of labels: there is none on either axis.
    NoLabels = "no row has or is given a label",
    /// A logarithm of 0 would have to be taken.
    CertainAndWrong = "a row is scored 0 or 1 and is of the other class",
    /// What would be needed does not fit in memory.
    TooManyClasses = "too many classes",
}

impl Reason {
    /// What is said of a statistic of the whole matrix that needs this class's own.
    pub(crate) fn of_some_class(self) -> Self {
        match self {
            Self::NeverOccurs => Self::SomeClassNeverOccurs,
            Self::NeverPredicted => Self::SomeClassNeverPredicted,
            Self::NeitherOccursNorPredicted => Self::SomeClassNeitherOccursNorPredicted,
            Self::AlwaysOccurs => Self::OneActualClass,
            Self::AlwaysPredicted => Self::OnePredictedClass,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_written_as_it_is_displayed() {
        for &reason in Reason::ALL {
            let json = serde_json::to_value(reason).unwrap();
            assert_eq!(json, reason.to_string());
            assert_eq!(serde_json::from_value::<Reason>(json).unwrap(), reason);
        }
    }
}
