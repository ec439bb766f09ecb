//! Ranks of the actual class: against scikit-learn's numbers (`scikit_learn/make_top_k.py`), and what must hold for any.

use gradiometer_confusion::{Estimate, Level, RankCounts, RankError, Reason};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    actual: Vec<usize>,
    scores: Vec<Vec<f64>>,
    ties: bool,
    ranking_precision: f64,
    top_k: Vec<(usize, f64)>,
}

#[test]
fn every_number_is_that_of_scikit_learn() {
    let fixture: Fixture = serde_json::from_str(include_str!("scikit_learn/top_k.json")).unwrap();
    let (mut compared, mut tied) = (0, 0);
    for case in fixture.cases {
        let mut ranks = RankCounts::new(case.scores[0].len());
        for (scores, &actual) in case.scores.iter().zip(&case.actual) {
            ranks.update(scores, actual).unwrap();
        }
        let mean = ranks.mean_reciprocal_rank(Level::default()).value().unwrap();
        assert!((mean - case.ranking_precision).abs() < 1e-12, "{mean} {}", case.ranking_precision);
        for (k, theirs) in case.top_k {
            let ours = ranks.top_k_accuracy(k, Level::default()).value().unwrap();
            if case.ties {
                // They break ties by the place of the class, and may find by it what the scores have not told.
                tied += 1;
                assert!(ours <= theirs + 1e-12, "{k}: {ours} {theirs}");
            } else {
                compared += 1;
                assert!((ours - theirs).abs() < 1e-12, "{k}: {ours} {theirs}");
            }
        }
    }
    assert!(compared > 80 && tied > 40, "{compared} {tied}");
}

#[test]
fn a_rank_counts_ties_against_the_model() {
    let mut ranks = RankCounts::new(3);
    ranks.update(&[0.5, 0.3, 0.2], 0).unwrap();
    ranks.update(&[0.5, 0.3, 0.2], 1).unwrap();
    ranks.update(&[0.4, 0.4, 0.4], 1).unwrap();
    let accuracy = |k| ranks.top_k_accuracy(k, Level::default()).value();
    assert_eq!(
        [accuracy(0), accuracy(1), accuracy(2), accuracy(3), accuracy(9)].map(Option::unwrap),
        [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0, 1.0]
    );
    assert_eq!(ranks.ranks(), [1, 1, 1]);
    let mut other = ranks.clone();
    assert_eq!(other.update(&[0.1, f64::NAN, 0.3], 0), Err(RankError::NotANumber { class: 1 }));
    assert_eq!(other.update(&[0.1, 0.2], 0), Err(RankError::Scores { given: 2, classes: 3 }));
    assert_eq!(other.update(&[0.1; 3], 3), Err(RankError::ClassOutOfRange { actual: 3, classes: 3 }));
    assert_eq!(other.update_rank(0), Err(RankError::RankOutOfRange { rank: 0, classes: 3 }));
    assert_eq!(other.update_rank(4), Err(RankError::RankOutOfRange { rank: 4, classes: 3 }));
    assert_eq!(other, ranks);
    (1..=3).for_each(|rank| other.update_rank(rank).unwrap());
    ranks.merge(&ranks.clone()).unwrap();
    assert_eq!((other.rows(), &other), (6, &ranks));
    assert!(other.merge(&RankCounts::new(4)).is_err());
}

#[test]
fn the_mean_reciprocal_rank_has_the_interval_of_a_mean() {
    let none = RankCounts::new(3);
    assert_eq!(none.mean_reciprocal_rank(Level::default()), Estimate::Undefined { reason: Reason::NoRows });
    let mut ranks = RankCounts::new(2);
    (0..400).for_each(|row| ranks.update_rank(1 + row % 2).unwrap());
    let estimate = ranks.mean_reciprocal_rank(Level::default());
    let interval = estimate.interval().unwrap();
    assert_eq!(estimate.value(), Some(0.75));
    // The standard error is 0.25 / √400, on the logit scale divided by ¾·¼.
    let half = 1.959_963_984_540_054 * 0.0125 / 0.1875;
    let back = |logit: f64| 1.0 / (1.0 + (-logit).exp());
    assert!((interval.low - back(3f64.ln() - half)).abs() < 1e-12, "{interval:?}");
    assert!((interval.high - back(3f64.ln() + half)).abs() < 1e-12, "{interval:?}");
}

proptest! {
    #[test]
    fn any_split_and_order_of_merging_gives_the_same(ranks in prop::collection::vec(1usize..8, 0..80), at in 0usize..80) {
        let count = |ranks: &[usize]| {
            let mut counts = RankCounts::new(7);
            ranks.iter().for_each(|&rank| counts.update_rank(rank).unwrap());
            counts
        };
        let (left, right) = ranks.split_at(at.min(ranks.len()));
        let (mut a, mut b) = (count(left), count(right));
        a.merge(&count(right)).unwrap();
        b.merge(&count(left)).unwrap();
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(&a, &count(&ranks));
    }

    #[test]
    fn the_order_of_the_classes_and_an_increasing_function_change_no_rank(
        scores in prop::collection::vec(-3i32..4, 5), actual in 0usize..5, order in Just(vec![0usize, 1, 2, 3, 4]).prop_shuffle()
    ) {
        let scores: Vec<f64> = scores.into_iter().map(f64::from).collect();
        let count = |scores: &[f64], actual: usize| {
            let mut counts = RankCounts::new(5);
            counts.update(scores, actual).unwrap();
            counts
        };
        let permuted: Vec<f64> = order.iter().map(|&class| scores[class].exp()).collect();
        let place = order.iter().position(|&class| class == actual).unwrap();
        prop_assert_eq!(count(&scores, actual), count(&permuted, place));
    }
}
