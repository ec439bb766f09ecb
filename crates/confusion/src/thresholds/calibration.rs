//! Do scores mean what they say?

use super::scores::{BinnedScores, Scores};
use crate::{Estimate, IntervalMethod, Level, Reason};

/// How well scores serve as probabilities of being positive.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// The mean of `(score − outcome)²` (Brier 1950, Monthly Weather Review 78).
    pub brier: Estimate,
    /// The mean of `−ln` of the probability given to what came true, in nats; undefined where that was 0 in any row.
    pub log_loss: Estimate,
    /// The expected calibration error: the mean of `|observed − mean score|` over the bins, each weighted by its rows (Naeini,
    /// Cooper and Hauskrecht 2015, AAAI). It grows with the number of bins even for perfect scores.
    pub expected_calibration_error: Estimate,
    /// Bins from 0 to 1 that have rows, lowest first. Equal, but where bins of scores are not a multiple of them: there each edge is
    /// the nearest edge of a bin of scores.
    pub bins: Vec<ReliabilityBin>,
    /// Rows with scores outside 0 to 1, left out of all of the above.
    pub outside_unit_interval: u64,
}

/// One point of the reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// The lower edge; scores at it are inside.
    pub low: f64,
    /// The upper edge; scores at it are in the next bin, but for 1.
    pub high: f64,
    /// Rows.
    pub rows: u64,
    /// What the scores promise.
    pub mean_score: f64,
    /// The share of positives, with its Wilson interval.
    pub observed: Estimate,
}

impl Scores {
    /// Calibration in so many equal bins (10 and 15 are usual; 0 counts as 1).
    pub fn calibration(&self, bins: u32, level: Level) -> Calibration {
        let bins = bins.max(1);
        // Sorted, so that sums do not depend on the order of the rows.
        let mut rows: Vec<(f64, bool)> =
            self.positive.iter().map(|s| (*s, true)).chain(self.negative.iter().map(|s| (*s, false))).collect();
        rows.retain(|(score, _)| (0.0..=1.0).contains(score));
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let outside_unit_interval = (self.positive.len() + self.negative.len() - rows.len()) as u64;
        let edge = |bin: u32| f64::from(bin) / f64::from(bins);
        let mut found = Vec::new();
        let mut rest = rows.as_slice();
        for bin in 0..bins {
            let last = bin + 1 == bins;
            let (inside, after) = rest.split_at(rest.partition_point(|(score, _)| last || *score < edge(bin + 1)));
            rest = after;
            let positives = inside.iter().filter(|(_, positive)| *positive).count() as u64;
            let sum = inside.iter().map(|(score, _)| score).sum();
            found.extend(ReliabilityBin::new((edge(bin), edge(bin + 1)), inside.len() as u64, positives, sum, level));
        }
        let brier = rows.iter().map(|&(score, positive)| squared_error(score, positive)).sum();
        let loss = rows.iter().map(|&(score, positive)| log_loss(score, positive)).sum();
        Calibration::new(found, brier, loss, outside_unit_interval)
    }
}

impl BinnedScores {
    /// Calibration in so many bins (10 and 15 are usual; 0 counts as 1, more than there are bins of scores as those). Every number
    /// is as exact as from the scores themselves, in the bins that it reports.
    pub fn calibration(&self, bins: u32, level: Level) -> Calibration {
        let (of, bins) = (u64::from(self.bins()), u64::from(bins.clamp(1, self.bins())));
        let nearest = |bin: u64| ((2 * bin * of + bins) / (2 * bins)) as u32;
        let found = (0..bins).filter_map(|bin| {
            let inside = nearest(bin)..nearest(bin + 1);
            let edges = (self.edge(inside.start), self.edge(inside.end));
            let (rows, positives, sum) = self.within(inside);
            ReliabilityBin::new(edges, rows, positives, sum, level)
        });
        let (brier, loss) = self.losses();
        Calibration::new(found.collect(), brier, loss, self.excluded().outside_unit_interval)
    }
}

impl Calibration {
    /// From the bins, and the sums of the squared errors and the log losses of all rows in them.
    fn new(bins: Vec<ReliabilityBin>, brier: f64, log_loss: f64, outside_unit_interval: u64) -> Self {
        let rows: u64 = bins.iter().map(|bin| bin.rows).sum();
        let mean = |sum: f64| match rows {
            0 => Estimate::Undefined { reason: Reason::NoRows },
            rows => Estimate::exact(sum / rows as f64),
        };
        let gap = |bin: &ReliabilityBin| {
            bin.rows as f64 * (bin.observed.value().unwrap_or(bin.mean_score) - bin.mean_score).abs()
        };
        Self {
            brier: mean(brier),
            log_loss: if log_loss.is_finite() {
                mean(log_loss)
            } else {
                Estimate::Undefined { reason: Reason::CertainAndWrong }
            },
            expected_calibration_error: mean(bins.iter().map(gap).sum()),
            bins,
            outside_unit_interval,
        }
    }
}

impl ReliabilityBin {
    /// None without rows.
    fn new((low, high): (f64, f64), rows: u64, positives: u64, sum: f64, level: Level) -> Option<Self> {
        let observed =
            || Estimate::proportion_by(IntervalMethod::Wilson, level, positives as f64, rows as f64, Reason::NoRows);
        (rows > 0).then(|| Self { low, high, rows, mean_score: sum / rows as f64, observed: observed() })
    }
}

/// `(score − outcome)²`.
pub(super) fn squared_error(score: f64, positive: bool) -> f64 {
    (score - f64::from(u8::from(positive))).powi(2)
}

/// `−ln` of the probability given to what came true.
pub(super) fn log_loss(score: f64, positive: bool) -> f64 {
    if positive { -score.ln() } else { -(-score).ln_1p() }
}
