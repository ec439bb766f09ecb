//! Curves, calibration and thresholds, against scikit-learn and brute force.

use gradiometer_confusion::thresholds::{BinnedScores, BinsError, Costs, Scores};
use gradiometer_confusion::{Estimate, Level, Reason};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    scores: Vec<f64>,
    actual: Vec<bool>,
    roc_auc: f64,
    average_precision: f64,
    brier: f64,
    log_loss: Option<f64>,
    best_f1: f64,
    best_youden: f64,
}

fn scores(rows: &[(f64, bool)]) -> Scores {
    let mut scores = Scores::new();
    rows.iter().for_each(|&(score, positive)| scores.update(score, positive));
    scores
}

fn binned(rows: &[(f64, bool)], bins: u32) -> BinnedScores {
    let mut scores = BinnedScores::new(bins).unwrap();
    rows.iter().for_each(|&(score, positive)| scores.update(score, positive));
    scores
}

#[test]
fn every_number_is_that_of_scikit_learn() {
    let fixture: Fixture = serde_json::from_str(include_str!("thresholds/scores.json")).unwrap();
    assert!(fixture.cases.len() >= 5);
    for case in fixture.cases {
        let rows: Vec<_> = case.scores.iter().copied().zip(case.actual).collect();
        let scores = scores(&rows);
        let (ranking, calibration) = (scores.ranking(), scores.calibration(10, Level::default()));
        let near = |what: &str, found: Option<f64>, expected: f64| {
            assert!(
                (found.unwrap() - expected).abs() <= 1e-12,
                "{}, {what}: {found:?}, scikit-learn {expected}",
                case.name
            );
        };
        let area = ranking.roc_auc(Level::default());
        near("AUC", area.estimate.value(), case.roc_auc);
        assert_eq!(area.error_bound, 0.0);
        near("AP", ranking.average_precision().estimate.value(), case.average_precision);
        near("Brier", calibration.brier.value(), case.brier);
        near("F1", ranking.best_f1().ok().map(|(_, f1)| f1), case.best_f1);
        near("Youden", ranking.best_youden().ok().map(|(_, j)| j), case.best_youden);
        match case.log_loss {
            Some(loss) => near("log loss", calibration.log_loss.value(), loss),
            None => assert_eq!(calibration.log_loss, Estimate::Undefined { reason: Reason::CertainAndWrong }),
        }
    }
}

#[test]
fn what_is_undefined_has_its_reason() {
    let level = Level::default();
    let empty = Scores::new().ranking();
    assert_eq!(empty.roc_auc(level).estimate, Estimate::Undefined { reason: Reason::NoRows });
    assert_eq!(empty.average_precision().estimate, Estimate::Undefined { reason: Reason::NoRows });
    assert_eq!(empty.best_f1(), Err(Reason::NoRows));
    let negatives = scores(&[(0.3, false), (0.7, false)]).ranking();
    assert_eq!(negatives.roc_auc(level).estimate, Estimate::Undefined { reason: Reason::OneActualClass });
    assert_eq!(negatives.average_precision().estimate, Estimate::Undefined { reason: Reason::NeverOccurs });
    assert_eq!(negatives.best_f1().unwrap_err(), Reason::NeverOccurs);
    assert_eq!(negatives.best_youden().unwrap_err(), Reason::OneActualClass);
    let calibration = Scores::new().calibration(10, level);
    assert_eq!(calibration.brier, Estimate::Undefined { reason: Reason::NoRows });
    let perfect = scores(&[(0.9, true), (0.8, true), (0.1, false), (0.2, false)]).ranking().roc_auc(level);
    assert_eq!(perfect.estimate, Estimate::exact(1.0));
}

#[test]
fn scores_that_cannot_be_used_are_counted_and_costs_refused() {
    let rows = [(f64::NAN, true), (-3.0, false), (7.5, true), (0.5, true), (f64::INFINITY, true)];
    let exact = scores(&rows);
    assert_eq!(exact.excluded().not_a_number, 1);
    assert_eq!(exact.ranking().roc_auc(Level::default()).estimate.value(), Some(1.0));
    let calibration = exact.calibration(10, Level::default());
    assert_eq!((calibration.outside_unit_interval, calibration.bins.len()), (3, 1));
    let binned = binned(&rows, 10);
    assert_eq!((binned.excluded().not_a_number, binned.excluded().outside_unit_interval), (1, 3));
    assert_eq!(binned.ranking().positives() + binned.ranking().negatives(), 1);
    assert_eq!(BinnedScores::new(0), Err(BinsError::None));
    assert_eq!(
        BinnedScores::new(10).unwrap().merge(&BinnedScores::new(20).unwrap()),
        Err(BinsError::Different { left: 10, right: 20 })
    );
    let error = Costs::new(0.0, 1.0, f64::NAN, 0.0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cost of a false negative is NaN: costs must be finite numbers, gains negative ones"
    );
}

#[test]
fn missing_a_disease_costs_more_than_an_alarm() {
    let rows = [(0.9, true), (0.8, false), (0.6, true), (0.4, false), (0.3, true), (0.1, false)];
    let ranking = scores(&rows).ranking();
    let (point, cost) = ranking.cheapest(&Costs::new(0.0, 1.0, 10.0, 0.0).unwrap()).unwrap();
    assert_eq!((point.threshold, point.false_positives, point.false_negatives, cost), (0.3, 2, 0, 2.0));
    let (point, cost) = ranking.cheapest(&Costs::new(0.0, 10.0, 1.0, 0.0).unwrap()).unwrap();
    assert_eq!((point.threshold, cost), (0.9, 2.0));
    let (point, cost) = ranking.cheapest(&Costs::new(0.0, 10.0, 0.0, 0.0).unwrap()).unwrap();
    assert_eq!((point.threshold, cost), (f64::INFINITY, 0.0));
}

#[test]
fn a_reliability_bin_has_its_edges_its_mean_and_its_share() {
    let rows = [(0.0, false), (0.05, true), (0.1, false), (0.95, true), (1.0, true), (1.0, true)];
    let calibration = scores(&rows).calibration(10, Level::default());
    let bins: Vec<_> = calibration.bins.iter().map(|b| (b.low, b.rows, b.observed.value().unwrap())).collect();
    assert_eq!(bins, [(0.0, 2, 0.5), (0.1, 1, 0.0), (0.9, 3, 1.0)]);
    let expected = (2.0 * (0.5 - 0.025) + 0.1 + 3.0 * (1.0 - 2.95 / 3.0)) / 6.0;
    assert!((calibration.expected_calibration_error.value().unwrap() - expected).abs() < 1e-15);
}

/// Scores on a coarse grid, so that many tie, and some anywhere.
fn rows() -> impl Strategy<Value = Vec<(f64, bool)>> {
    let score = prop_oneof![(0u32..=20).prop_map(|i| f64::from(i) / 20.0), 0.0..=1.0f64];
    prop::collection::vec((score, any::<bool>()), 0..120)
}

proptest! {
    #[test]
    fn auc_and_its_interval_are_those_of_all_pairs(rows in rows()) {
        let side = |of: bool| rows.iter().filter(|r| r.1 == of).map(|r| r.0).collect::<Vec<_>>();
        let (p, n) = (side(true), side(false));
        prop_assume!(p.len() > 1 && n.len() > 1);
        let wins = |a: f64, b: f64| if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
        let of_p: Vec<f64> = p.iter().map(|&a| mean(&n.iter().map(|&b| wins(a, b)).collect::<Vec<_>>())).collect();
        let of_n: Vec<f64> = n.iter().map(|&b| mean(&p.iter().map(|&a| wins(a, b)).collect::<Vec<_>>())).collect();
        let variance = |v: &[f64]| v.iter().map(|x| (x - mean(v)).powi(2)).sum::<f64>() / (v.len() - 1) as f64 / v.len() as f64;
        let (auc, error) = (mean(&of_p), (variance(&of_p) + variance(&of_n)).sqrt());
        let found = scores(&rows).ranking().roc_auc(Level::default()).estimate;
        prop_assert!((found.value().unwrap() - auc).abs() < 1e-12);
        if let Some(interval) = found.interval() {
            let low = (auc / (1.0 - auc)).ln() - 1.959_963_984_540_054 * error / (auc * (1.0 - auc));
            prop_assert!((interval.low - 1.0 / (1.0 + (-low).exp())).abs() < 1e-9);
            prop_assert!(interval.low <= auc + 1e-12 && auc <= interval.high + 1e-12);
        }
    }

    #[test]
    fn binned_areas_are_within_their_bound(rows in rows(), bins in 1u32..40) {
        let (exact, coarse) = (scores(&rows).ranking(), binned(&rows, bins).ranking());
        let level = Level::default();
        for (exact, coarse) in [
            (exact.roc_auc(level), coarse.roc_auc(level)),
            (exact.average_precision(), coarse.average_precision()),
        ] {
            match (exact.estimate.value(), coarse.estimate.value()) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() <= coarse.error_bound + 1e-12, "{a} {b} ± {}", coarse.error_bound),
                _ => prop_assert_eq!(exact.estimate, coarse.estimate),
            }
        }
    }

    #[test]
    fn calibration_of_binned_scores_is_that_of_the_scores(rows in rows(), bins in 1u32..15, times in 1u32..9) {
        let level = Level::default();
        let (exact, coarse) = (scores(&rows).calibration(bins, level), binned(&rows, bins * times).calibration(bins, level));
        for (exact, coarse) in [
            (exact.brier, coarse.brier),
            (exact.log_loss, coarse.log_loss),
            (exact.expected_calibration_error, coarse.expected_calibration_error),
        ] {
            match (exact.value(), coarse.value()) {
                (Some(a), Some(b)) => prop_assert!((a - b).abs() <= 1e-13 * a.abs().max(1.0), "{a} {b}"),
                _ => prop_assert_eq!(exact, coarse),
            }
        }
        prop_assert_eq!(exact.bins.len(), coarse.bins.len());
        for (a, b) in exact.bins.iter().zip(&coarse.bins) {
            prop_assert_eq!((a.low, a.high, a.rows, a.observed), (b.low, b.high, b.rows, b.observed));
            prop_assert!((a.mean_score - b.mean_score).abs() <= 1e-14);
        }
    }

    #[test]
    fn bins_that_do_not_fit_have_the_nearest_edges_and_are_exact_for_these(rows in rows(), of in 1u32..40, bins in 0u32..50) {
        let found = binned(&rows, of).calibration(bins, Level::default());
        let mut inside = 0;
        for bin in &found.bins {
            let of_bin: Vec<_> = rows.iter().filter(|(s, _)| *s >= bin.low && (*s < bin.high || bin.high == 1.0)).collect();
            prop_assert_eq!(bin.rows, of_bin.len() as u64);
            let mean = of_bin.iter().map(|(s, _)| s).sum::<f64>() / of_bin.len() as f64;
            let positives = of_bin.iter().filter(|(_, positive)| *positive).count() as f64;
            prop_assert!((bin.mean_score - mean).abs() <= 1e-13);
            prop_assert!((bin.observed.value().unwrap() - positives / of_bin.len() as f64).abs() <= 1e-15);
            // As far from an equal bin's edge as half a bin of scores.
            let equal = f64::from(bins.clamp(1, of));
            for edge in [bin.low, bin.high] {
                prop_assert!(((edge * equal).round() / equal - edge).abs() <= 0.5 / f64::from(of) + 1e-12);
            }
            inside += bin.rows;
        }
        prop_assert_eq!(inside, rows.len() as u64);
    }

    #[test]
    fn a_point_counts_exactly_the_rows_at_its_threshold_or_above(rows in rows(), bins in 1u32..40) {
        for ranking in [scores(&rows).ranking(), binned(&rows, bins).ranking()] {
            let mut last = f64::INFINITY;
            for (i, point) in ranking.operating_points().enumerate() {
                prop_assert!(i == 0 || point.threshold < last);
                last = point.threshold;
                let above = |positive: bool| rows.iter().filter(|r| r.1 == positive && r.0 >= point.threshold).count() as u64;
                prop_assert_eq!((point.true_positives, point.false_positives), (above(true), above(false)));
                let all = point.true_positives + point.false_positives + point.false_negatives + point.true_negatives;
                prop_assert_eq!(all, rows.len() as u64);
            }
            if let Ok((best, f1)) = ranking.best_f1() {
                prop_assert_eq!(best.f1(), Some(f1));
                prop_assert!(ranking.operating_points().all(|p| p.f1().unwrap() <= f1));
            }
        }
    }

    #[test]
    fn merging_in_any_order_changes_nothing(rows in rows(), at in 0usize..120) {
        let (left, right) = rows.split_at(at.min(rows.len()));
        let (mut a, mut b) = (binned(left, 16), binned(right, 16));
        let (whole, other) = (binned(&rows, 16), a.clone());
        a.merge(&b).unwrap();
        b.merge(&other).unwrap();
        prop_assert_eq!(&a, &whole);
        prop_assert_eq!(&b, &whole);
        let (mut a, mut b) = (scores(left), scores(right));
        let other = a.clone();
        a.merge(&b);
        b.merge(&other);
        prop_assert_eq!(a.ranking(), b.ranking());
        prop_assert_eq!(a.calibration(7, Level::default()), b.calibration(7, Level::default()));
    }
}
