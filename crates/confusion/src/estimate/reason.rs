//! Why a number is undefined.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a metric is undefined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing was counted.
    #[serde(rename = "no rows")]
    NoRows,
    /// Recall is a share of the rows of the class, and there are none.
    #[serde(rename = "the class never occurs")]
    NeverOccurs,
    /// Precision is a share of the predictions of the class, and there are none.
    #[serde(rename = "the class is never predicted")]
    NeverPredicted,
    /// F1 needs the class on at least one of the two axes.
    #[serde(rename = "the class neither occurs nor is predicted")]
    NeitherOccursNorPredicted,
    /// A correlation needs two different values on each axis.
    #[serde(rename = "all rows are of one class")]
    OneActualClass,
    /// A correlation needs two different values on each axis.
    #[serde(rename = "all predictions are of one class")]
    OnePredictedClass,
    /// A logarithm of 0 would have to be taken.
    #[serde(rename = "a row is scored 0 or 1 and is of the other class")]
    CertainAndWrong,
    /// What would be needed does not fit in memory.
    #[serde(rename = "too many classes")]
    TooManyClasses,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRows => "no rows",
            Self::NeverOccurs => "the class never occurs",
            Self::NeverPredicted => "the class is never predicted",
            Self::NeitherOccursNorPredicted => "the class neither occurs nor is predicted",
            Self::OneActualClass => "all rows are of one class",
            Self::OnePredictedClass => "all predictions are of one class",
            Self::CertainAndWrong => "a row is scored 0 or 1 and is of the other class",
            Self::TooManyClasses => "too many classes",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_written_as_it_is_displayed() {
        for reason in [
            Reason::NoRows,
            Reason::NeverOccurs,
            Reason::NeverPredicted,
            Reason::NeitherOccursNorPredicted,
            Reason::OneActualClass,
            Reason::OnePredictedClass,
            Reason::CertainAndWrong,
            Reason::TooManyClasses,
        ] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.to_string());
        }
    }
}
