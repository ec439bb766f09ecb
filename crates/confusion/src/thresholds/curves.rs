//! The areas below the ROC and the precision-recall curve.

use super::ranking::Ranking;
use crate::{Estimate, Interval, Level, Reason};

/// An area, and what binning may have moved it by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// The area with its interval, or why there is none.
    pub estimate: Estimate,
    /// The area of the scores themselves is no further away than this; 0 where they were not binned.
    pub error_bound: f64,
}

impl Ranking {
    /// The area below the ROC curve: the probability that a positive scores higher than a negative, ties counting by half.
    ///
    /// The interval is DeLong's (DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44) on the scale `ln(A / (1 − A))`; there is
    /// none at 0 and 1, nor with only one row of a class. From bins, pairs that share one may count from 0 to 1 and not by half:
    /// the error is at most `Σ pᵢnᵢ / (2PN)`.
    pub fn roc_auc(&self, level: Level) -> Area {
        if self.positives == 0 || self.negatives == 0 {
            let reason = if self.groups.is_empty() { Reason::NoRows } else { Reason::OneActualClass };
            return Area { estimate: Estimate::Undefined { reason }, error_bound: 0.0 };
        }
        let (p, n) = (self.positives as f64, self.negatives as f64);
        // Of each row the share of the other class that it is ranked rightly against, by group.
        let mut above = (0.0, 0.0);
        let placed: Vec<[f64; 4]> = self
            .groups
            .iter()
            .map(|group| {
                let (positives, negatives) = (group.positives as f64, group.negatives as f64);
                let of_positive = (n - above.1 - negatives / 2.0) / n;
                let of_negative = (above.0 + positives / 2.0) / p;
                above = (above.0 + positives, above.1 + negatives);
                [positives, of_positive, negatives, of_negative]
            })
            .collect();
        let area = placed.iter().map(|[positives, place, ..]| positives * place).sum::<f64>() / p;
        let spread = |rows: f64, at: usize| {
            placed.iter().map(|group| group[at] * (group[at + 1] - area).powi(2)).sum::<f64>() / (rows - 1.0) / rows
        };
        let inside = area * (1.0 - area);
        let interval = (p > 1.0 && n > 1.0 && inside > 0.0).then(|| {
            let half = level.quantile() * (spread(p, 0) + spread(n, 2)).sqrt() / inside;
            let logit = (area / (1.0 - area)).ln();
            let back = |t: f64| 1.0 / (1.0 + (-t).exp());
            Interval { low: back(logit - half).min(area), high: back(logit + half).max(area) }
        });
        let shared = placed.iter().map(|[positives, _, negatives, _]| positives / p * (negatives / n)).sum::<f64>();
        let interval = interval.filter(|interval| interval.low < interval.high);
        Area {
            estimate: Estimate::Known { value: area, interval },
            error_bound: if self.binned { shared / 2.0 } else { 0.0 },
        }
    }

    /// Average precision: `Σ (Rᵢ − Rᵢ₋₁) Pᵢ` over the thresholds from the highest down, with recall `R` and precision `P`, without
    /// interpolation, as scikit-learn defines it. No interval is known that needs the curve alone.
    ///
    /// From bins, the precision at a positive lies between that with all negatives of its bin before it and that with none of them.
    pub fn average_precision(&self) -> Area {
        if self.positives == 0 {
            let reason = if self.groups.is_empty() { Reason::NoRows } else { Reason::NeverOccurs };
            return Area { estimate: Estimate::Undefined { reason }, error_bound: 0.0 };
        }
        let (mut hits, mut alarms) = (0.0, 0.0);
        let (mut area, mut least, mut most) = (0.0, 0.0, 0.0);
        for group in &self.groups {
            let (positives, negatives) = (group.positives as f64, group.negatives as f64);
            if positives > 0.0 {
                let all = hits + positives;
                area += positives * all / (all + alarms + negatives);
                least += positives * (hits + 1.0) / (hits + 1.0 + alarms + negatives);
                most += positives * all / (all + alarms);
            }
            hits += positives;
            alarms += negatives;
        }
        let p = self.positives as f64;
        let error_bound = if self.binned { (area - least).max(most - area) / p } else { 0.0 };
        Area { estimate: Estimate::exact(area / p), error_bound }
    }
}
