//! Is the right class among the first k?

use crate::metrics::{Range, delta};
use crate::{Confidence, Estimate, Level, Reason};

/// At which rank the actual class of each row came. Merging is exact and commutative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankCounts {
    /// Rows whose actual class came first, second, …
    ranks: Vec<u64>,
    rows: u64,
}

/// A row of scores that cannot be ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RankError {
    /// The number of scores is not that of the classes.
    #[error("a row has {given} scores for {classes} classes")]
    Scores {
        /// Scores given.
        given: usize,
        /// Classes there are.
        classes: usize,
    },
    /// The actual class is none of them.
    #[error("actual class {actual} is out of range: there are {classes} classes, numbered from 0")]
    ClassOutOfRange {
        /// The class given.
        actual: usize,
        /// Classes there are.
        classes: usize,
    },
    /// A rank is none of 1 to the number of classes.
    #[error("there is no rank {rank} among {classes} classes: ranks count from 1")]
    RankOutOfRange {
        /// The rank given.
        rank: usize,
        /// Classes there are.
        classes: usize,
    },
    /// A score is NaN.
    #[error("the score of class {class} is not a number: leave the row out and count it")]
    NotANumber {
        /// The class with that score.
        class: usize,
    },
    /// Two accumulators of different size were to be merged.
    #[error("ranks among {left} classes cannot be merged with ranks among {right}")]
    DifferentClasses {
        /// Classes of the one.
        left: usize,
        /// Classes of the other.
        right: usize,
    },
}

impl RankCounts {
    /// No rows yet, for so many classes.
    pub fn new(classes: usize) -> Self {
        Self { ranks: vec![0; classes], rows: 0 }
    }

    /// Counts a row by the scores of its classes. A class of the same score ranks before the actual one: a model that gives all
    /// classes the same score has not found it.
    ///
    /// # Errors
    /// [`RankError`]; nothing is counted then.
    pub fn update(&mut self, scores: &[f64], actual: usize) -> Result<(), RankError> {
        let classes = self.ranks.len();
        if scores.len() != classes {
            return Err(RankError::Scores { given: scores.len(), classes });
        }
        if actual >= classes {
            return Err(RankError::ClassOutOfRange { actual, classes });
        }
        if let Some(class) = scores.iter().position(|score| score.is_nan()) {
            return Err(RankError::NotANumber { class });
        }
        let before = scores.iter().filter(|score| **score >= scores[actual]).count() - 1;
        self.ranks[before] += 1;
        self.rows += 1;
        Ok(())
    }

    /// Counts a row whose actual class came at this rank, from 1.
    ///
    /// # Errors
    /// [`RankError::RankOutOfRange`]; nothing is counted then.
    pub fn update_rank(&mut self, rank: usize) -> Result<(), RankError> {
        let classes = self.ranks.len();
        let place = rank.checked_sub(1).and_then(|place| self.ranks.get_mut(place));
        *place.ok_or(RankError::RankOutOfRange { rank, classes })? += 1;
        self.rows += 1;
        Ok(())
    }

    /// Adds what `other` has counted.
    ///
    /// # Errors
    /// [`RankError::DifferentClasses`]; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), RankError> {
        if self.ranks.len() != other.ranks.len() {
            return Err(RankError::DifferentClasses { left: self.ranks.len(), right: other.ranks.len() });
        }
        self.ranks.iter_mut().zip(&other.ranks).for_each(|(n, other)| *n += other);
        self.rows += other.rows;
        Ok(())
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The share of rows whose actual class is among the first `k`, with the Wilson interval; top-1 is accuracy, ties counting as wrong.
    pub fn top_k_accuracy(&self, k: usize, level: Level) -> Estimate {
        self.top_k_accuracy_by(k, Confidence { level, ..Confidence::default() })
    }

    /// The same with the interval asked for.
    pub fn top_k_accuracy_by(&self, k: usize, confidence: Confidence) -> Estimate {
        let hits: u64 = self.ranks.iter().take(k).sum();
        let Confidence { method, level } = confidence;
        Estimate::proportion_by(method, level, hits as f64, self.rows as f64, Reason::NoRows)
    }

    /// Rows whose actual class came first, second, …
    pub fn ranks(&self) -> &[u64] {
        &self.ranks
    }

    /// The mean of one over the rank of the actual class (Voorhees 1999, TREC-8), with the interval of a mean. Where a row has one
    /// label, it is the label ranking average precision.
    pub fn mean_reciprocal_rank(&self, level: Level) -> Estimate {
        if self.rows == 0 {
            return Estimate::Undefined { reason: Reason::NoRows };
        }
        let rows = self.rows as f64;
        let mean_of = |of: &dyn Fn(f64) -> f64| {
            let terms = self.ranks.iter().enumerate().filter(|(_, n)| **n > 0);
            terms.map(|(place, &n)| n as f64 * of(1.0 / (place + 1) as f64)).sum::<f64>() / rows
        };
        let mean = mean_of(&|reciprocal| reciprocal);
        let error = (mean_of(&|reciprocal| (reciprocal - mean).powi(2)) / rows).sqrt();
        // Rows that all rank alike say nothing of how the next differs.
        if error > 0.0 { delta::estimate(mean, error, Range::SHARE, level) } else { Estimate::exact(mean) }
    }
}
