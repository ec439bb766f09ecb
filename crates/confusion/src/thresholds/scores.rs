//! Scores, kept as they are or in bins.

use super::calibration::{log_loss, squared_error};
use super::ranking::{Group, Ranking};
use std::collections::BTreeMap;
use std::ops::Range;

/// Scores and their squared errors are summed in units of 2⁻⁶⁴, so that no order of rows changes a sum; 2⁶⁴ − 1 rows fit.
const SCORE_UNIT: f64 = 1.0 / (1u128 << 64) as f64;

/// Log losses, none of which is above 745, in units of 2⁻⁵⁴.
const LOSS_UNIT: f64 = 1.0 / (1u64 << 54) as f64;

/// Rows that were left out, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExcludedScores {
    /// Scores that are not a number.
    pub not_a_number: u64,
    /// Scores below 0 or above 1, where bins or probabilities are wanted.
    pub outside_unit_interval: u64,
}

/// Scores and whether each row is positive, all kept: 8 bytes a row. Any score but NaN will do; calibration wants probabilities.
/// Merging in any order gives the same curves and numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    pub(super) positive: Vec<f64>,
    pub(super) negative: Vec<f64>,
    excluded: ExcludedScores,
}

impl Scores {
    /// No rows yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one row; NaN is counted as excluded.
    pub fn update(&mut self, score: f64, positive: bool) {
        if score.is_nan() {
            self.excluded.not_a_number += 1;
        } else if positive {
            // Minus zero is zero: the two must tie.
            self.positive.push(score + 0.0);
        } else {
            self.negative.push(score + 0.0);
        }
    }

    /// Adds the rows of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.positive.extend_from_slice(&other.positive);
        self.negative.extend_from_slice(&other.negative);
        self.excluded.not_a_number += other.excluded.not_a_number;
    }

    /// Rows that were left out.
    pub fn excluded(&self) -> ExcludedScores {
        self.excluded
    }

    /// The rows by score, ties together.
    pub fn ranking(&self) -> Ranking {
        let sorted = |scores: &[f64]| {
            let mut scores = scores.to_vec();
            scores.sort_unstable_by(|a, b| b.total_cmp(a));
            scores
        };
        let (positive, negative) = (sorted(&self.positive), sorted(&self.negative));
        let mut groups = Vec::new();
        let (mut p, mut n) = (0, 0);
        while let Some(threshold) = highest(positive.get(p), negative.get(n)) {
            let tied = |scores: &[f64]| scores.iter().take_while(|score| **score == threshold).count();
            let (positives, negatives) = (tied(&positive[p..]), tied(&negative[n..]));
            p += positives;
            n += negatives;
            groups.push(Group { threshold, positives: positives as u64, negatives: negatives as u64 });
        }
        Ranking::new(groups, false)
    }
}

fn highest(a: Option<&f64>, b: Option<&f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(*b)),
        (a, b) => a.or(b).copied(),
    }
}

/// Scores from 0 to 1 in equal bins, with the positives, the negatives and the mean score of each, and the losses of all: memory by the
/// bins that occur, whatever the rows. Merging is exact and commutative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinnedScores {
    bins: u32,
    /// Those that have rows.
    counts: BTreeMap<u32, Bin>,
    /// `Σ (score − outcome)²`, in [`SCORE_UNIT`].
    squared_errors: u128,
    /// Those of rows that are not infinite, in [`LOSS_UNIT`].
    log_losses: u128,
    /// Rows scored 0 or 1 that are of the other class.
    certain_and_wrong: u64,
    excluded: ExcludedScores,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bin {
    positives: u64,
    negatives: u64,
    /// The sum of the scores, in [`SCORE_UNIT`].
    scores: u128,
}

/// Bins that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BinsError {
    /// No bins at all.
    #[error("scores need at least one bin; 10000 are usual")]
    None,
    /// Two accumulators of different bins were to be merged.
    #[error("scores in {left} bins cannot be merged with scores in {right}: give both the same number of bins")]
    Different {
        /// Bins of the one.
        left: u32,
        /// Bins of the other.
        right: u32,
    },
}

impl BinnedScores {
    /// No rows yet, in so many bins; bin `i` of `n` holds scores from `i/n` on and below `(i+1)/n`, the last one 1 too.
    ///
    /// # Errors
    /// [`BinsError::None`].
    pub fn new(bins: u32) -> Result<Self, BinsError> {
        if bins == 0 {
            return Err(BinsError::None);
        }
        Ok(Self {
            bins,
            counts: BTreeMap::new(),
            squared_errors: 0,
            log_losses: 0,
            certain_and_wrong: 0,
            excluded: ExcludedScores::default(),
        })
    }

    /// Takes one row; a score that is NaN or not from 0 to 1 is counted as excluded.
    pub fn update(&mut self, score: f64, positive: bool) {
        if score.is_nan() {
            self.excluded.not_a_number += 1;
        } else if !(0.0..=1.0).contains(&score) {
            self.excluded.outside_unit_interval += 1;
        } else {
            let bin = self.counts.entry(self.bin(score)).or_default();
            *(if positive { &mut bin.positives } else { &mut bin.negatives }) += 1;
            bin.scores += (score / SCORE_UNIT).round() as u128;
            self.squared_errors += (squared_error(score, positive) / SCORE_UNIT).round() as u128;
            match log_loss(score, positive) {
                loss if loss.is_finite() => self.log_losses += (loss / LOSS_UNIT).round() as u128,
                _ => self.certain_and_wrong += 1,
            }
        }
    }

    /// Adds the rows of `other`.
    ///
    /// # Errors
    /// [`BinsError::Different`]; nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), BinsError> {
        if self.bins != other.bins {
            return Err(BinsError::Different { left: self.bins, right: other.bins });
        }
        for (bin, counts) in &other.counts {
            let bin = self.counts.entry(*bin).or_default();
            bin.positives += counts.positives;
            bin.negatives += counts.negatives;
            bin.scores += counts.scores;
        }
        self.squared_errors += other.squared_errors;
        self.log_losses += other.log_losses;
        self.certain_and_wrong += other.certain_and_wrong;
        self.excluded.not_a_number += other.excluded.not_a_number;
        self.excluded.outside_unit_interval += other.excluded.outside_unit_interval;
        Ok(())
    }

    /// Rows that were left out.
    pub fn excluded(&self) -> ExcludedScores {
        self.excluded
    }

    /// The number of bins.
    pub fn bins(&self) -> u32 {
        self.bins
    }

    /// The rows by bin. A threshold is the lower edge of its bin, and exactly the rows that score at least so much are above it.
    pub fn ranking(&self) -> Ranking {
        let group = |(bin, counts): (&u32, &Bin)| Group {
            threshold: self.edge(*bin),
            positives: counts.positives,
            negatives: counts.negatives,
        };
        Ranking::new(self.counts.iter().rev().map(group).collect(), true)
    }

    /// The rows of some bins, how many of them are positive, and the sum of their scores.
    pub(super) fn within(&self, bins: Range<u32>) -> (u64, u64, f64) {
        let (mut rows, mut positives, mut scores) = (0, 0, 0);
        for (_, bin) in self.counts.range(bins) {
            rows += bin.positives + bin.negatives;
            positives += bin.positives;
            scores += bin.scores;
        }
        (rows, positives, scores as f64 * SCORE_UNIT)
    }

    /// The sums of the squared errors and of the log losses of all rows; the latter is infinite where that of any row is.
    pub(super) fn losses(&self) -> (f64, f64) {
        let log_loss = if self.certain_and_wrong == 0 { self.log_losses as f64 * LOSS_UNIT } else { f64::INFINITY };
        (self.squared_errors as f64 * SCORE_UNIT, log_loss)
    }

    /// The lower edge.
    pub(super) fn edge(&self, bin: u32) -> f64 {
        f64::from(bin) / f64::from(self.bins)
    }

    fn bin(&self, score: f64) -> u32 {
        let mut bin = ((score * f64::from(self.bins)) as u32).min(self.bins - 1);
        // The product is rounded; the edges decide, as thresholds are compared with scores.
        while score < self.edge(bin) {
            bin -= 1;
        }
        while bin + 1 < self.bins && score >= self.edge(bin + 1) {
            bin += 1;
        }
        bin
    }
}
