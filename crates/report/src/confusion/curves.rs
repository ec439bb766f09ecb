//! Curves with as many points as can be seen.

use super::input::{Cost, PrecisionRecall, Roc};
use crate::data::rounded;

/// A point this near to the last one kept, as a share of either axis, is left out: half a pixel of the picture.
const NEAR: f64 = 0.001;

/// Places of the points to keep: both ends, `always`, and each that is not [`NEAR`] the last one kept.
fn kept(length: usize, always: Option<usize>, at: impl Fn(usize) -> [f64; 2]) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    for i in 0..length {
        let far = kept.last().is_none_or(|&last| at(i).iter().zip(at(last)).any(|(x, y)| (x - y).abs() >= NEAR));
        if far || i + 1 == length || always == Some(i) {
            kept.push(i);
        }
    }
    kept
}

fn choose(values: &[f64], kept: &[usize]) -> Vec<f64> {
    kept.iter().map(|&i| rounded(values[i])).collect()
}

/// A threshold above every score is infinite, which JSON does not have; the page gets the largest number for it.
fn thresholds(values: &[f64], kept: &[usize]) -> Vec<f64> {
    kept.iter().map(|&i| rounded(values[i].clamp(f64::MIN, f64::MAX))).collect()
}

pub(super) fn thin_roc(roc: &Roc) -> Roc {
    let kept = kept(roc.thresholds.len(), None, |i| [roc.false_positive_rate[i], roc.true_positive_rate[i]]);
    Roc {
        thresholds: thresholds(&roc.thresholds, &kept),
        false_positive_rate: choose(&roc.false_positive_rate, &kept),
        true_positive_rate: choose(&roc.true_positive_rate, &kept),
        ..roc.clone()
    }
}

pub(super) fn thin_precision_recall(curve: &PrecisionRecall) -> PrecisionRecall {
    let kept = kept(curve.thresholds.len(), None, |i| [curve.recall[i], curve.precision[i]]);
    PrecisionRecall {
        thresholds: thresholds(&curve.thresholds, &kept),
        recall: choose(&curve.recall, &kept),
        precision: choose(&curve.precision, &kept),
        ..curve.clone()
    }
}

pub(super) fn thin_cost(cost: &Cost) -> Cost {
    let span = cost.thresholds.last().zip(cost.thresholds.first()).map_or(1.0, |(high, low)| (high - low).abs());
    let most = cost.mean_cost.iter().copied().fold(0.0, f64::max);
    let scaled = |x: f64, by: f64| if by > 0.0 { x / by } else { 0.0 };
    let kept = kept(cost.thresholds.len(), Some(cost.least), |i| {
        [scaled(cost.thresholds[i], span), scaled(cost.mean_cost[i], most)]
    });
    Cost {
        thresholds: thresholds(&cost.thresholds, &kept),
        mean_cost: choose(&cost.mean_cost, &kept),
        least: kept.iter().position(|&i| i == cost.least).unwrap_or(cost.least),
        ..cost.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradiometer_confusion::Estimate;

    #[test]
    fn a_million_points_become_a_picture_that_keeps_both_ends_and_every_jump() {
        let n = 1_000_000;
        let line: Vec<f64> = (0..=n).map(|i| f64::from(i) / f64::from(n)).collect();
        let mut jump = line.clone();
        jump.iter_mut().skip(500_000).for_each(|y| *y = 1.0);
        let roc = Roc {
            class: String::new(),
            thresholds: line.iter().map(|x| if *x == 0.0 { f64::INFINITY } else { 1.0 - x }).collect(),
            false_positive_rate: line,
            true_positive_rate: jump,
            area: Estimate::exact(0.5),
            bin_error: 0.0,
        };
        let thin = thin_roc(&roc);
        assert!((1000..1100).contains(&thin.thresholds.len()), "{}", thin.thresholds.len());
        assert_eq!((thin.false_positive_rate[0], *thin.false_positive_rate.last().unwrap()), (0.0, 1.0));
        assert!(thin.true_positive_rate.windows(2).any(|pair| pair[1] - pair[0] > 0.49));
        assert!(thin.thresholds.iter().all(|t| t.is_finite()));
    }

    #[test]
    fn the_least_cost_stays_where_it_is() {
        let cost = Cost {
            class: String::new(),
            costs: [[0.0, 1.0], [1.0, 0.0]],
            thresholds: (0..10_000).map(|i| f64::from(i) * 1e-4).collect(),
            mean_cost: (0..10_000).map(|i| (f64::from(i) - 1234.0).abs()).collect(),
            least: 1234,
        };
        let thin = thin_cost(&cost);
        assert_eq!((thin.thresholds[thin.least], thin.mean_cost[thin.least]), (0.1234, 0.0));
    }
}
