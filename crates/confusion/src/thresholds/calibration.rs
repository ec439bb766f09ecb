//! Do scores mean what they say?

use super::scores::Scores;
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
    /// Equal bins from 0 to 1 that have rows, lowest first.
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
            if inside.is_empty() {
                continue;
            }
            let n = inside.len() as f64;
            let positives = inside.iter().filter(|(_, positive)| *positive).count() as f64;
            found.push(ReliabilityBin {
                low: edge(bin),
                high: edge(bin + 1),
                rows: inside.len() as u64,
                mean_score: inside.iter().map(|(score, _)| score).sum::<f64>() / n,
                observed: Estimate::proportion_by(IntervalMethod::Wilson, level, positives, n, Reason::NoRows),
            });
        }
        let n = rows.len() as f64;
        let mean = |sum: f64| {
            if rows.is_empty() { Estimate::Undefined { reason: Reason::NoRows } } else { Estimate::exact(sum / n) }
        };
        let gap = |bin: &ReliabilityBin| {
            bin.rows as f64 * (bin.observed.value().unwrap_or(bin.mean_score) - bin.mean_score).abs()
        };
        let brier = rows.iter().map(|&(score, positive)| (score - f64::from(u8::from(positive))).powi(2)).sum();
        let loss: f64 =
            rows.iter().map(|&(score, positive)| if positive { -score.ln() } else { -(-score).ln_1p() }).sum();
        Calibration {
            brier: mean(brier),
            log_loss: if loss.is_finite() {
                mean(loss)
            } else {
                Estimate::Undefined { reason: Reason::CertainAndWrong }
            },
            expected_calibration_error: mean(found.iter().map(gap).sum()),
            bins: found,
            outside_unit_interval,
        }
    }
}
