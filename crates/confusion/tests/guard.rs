//! When accuracy may be believed.

use gradiometer_confusion::{Counts, GuardReason, GuardVerdict, Matrix, NoInformationTest, Reason};
use proptest::prelude::*;

fn matrix(labels: &[&str], rows: &[Vec<u64>]) -> Matrix {
    Matrix::new(labels.iter().map(|l| (*l).to_owned()).collect(), Counts::from_rows(rows).unwrap()).unwrap()
}

#[test]
fn a_model_that_always_says_no_fails_with_a_sentence_and_what_to_look_at() {
    let guard = matrix(&["no", "yes"], &[vec![999, 0], vec![1, 0]]).guard();
    assert_eq!(guard.verdict, GuardVerdict::Fail);
    assert_eq!(
        guard.sentence,
        "An accuracy of 99.9 % is no better than always answering \"no\", which scores 99.9 % (p = 0.74)."
    );
    assert_eq!(guard.look_at, ["balanced_accuracy", "mcc", "recall"]);
    assert!(guard.reasons.iter().any(|r| matches!(r, GuardReason::NeverPredicted { rows: 1, .. })), "{guard:?}");
    assert!(
        guard.reasons.iter().any(|r| matches!(r, GuardReason::NoBetterThanChance { metric: "balanced_accuracy", .. }))
    );
    let json = serde_json::to_value(&guard).unwrap();
    assert_eq!(json["verdict"], "fail");
    assert_eq!(json["reasons"][0]["reason"], "no_better_than_commonest");
}

#[test]
fn healthy_models_pass_balanced_or_not() {
    for rows in [
        vec![vec![90, 10], vec![12, 88]],
        vec![vec![9_880, 20], vec![15, 85]],
        vec![vec![100, 5], vec![10, 50]],
        vec![vec![900, 40, 10], vec![20, 170, 10], vec![2, 3, 45]],
    ] {
        let labels = ["a", "b", "c"];
        let guard = matrix(&labels[..rows.len()], &rows).guard();
        assert_eq!(guard.verdict, GuardVerdict::Pass, "{guard:?}");
        assert!(guard.reasons.is_empty() && guard.look_at.is_empty());
    }
}

#[test]
fn a_class_that_is_never_predicted_fails_however_good_the_rest() {
    let guard = matrix(&["a", "b", "<b>\n"], &[vec![500, 3, 0], vec![2, 480, 0], vec![4, 3, 0]]).guard();
    assert_eq!(guard.verdict, GuardVerdict::Fail);
    assert_eq!(guard.reasons, [GuardReason::NeverPredicted { classes: vec!["<b>\n".into()], rows: 7 }]);
    assert_eq!(
        guard.sentence,
        "The class \"<b>\\n\" is never predicted: an accuracy of 98.8 % hides that all of its 7 rows are wrong."
    );
}

#[test]
fn chance_one_class_and_no_rows_fail() {
    let chance = matrix(&["a", "b"], &[vec![500, 490], vec![480, 495]]).guard();
    assert!(
        chance.reasons.iter().any(|r| matches!(r, GuardReason::NoBetterThanChance { metric: "mcc", .. })),
        "{chance:?}"
    );
    let reversed = matrix(&["a", "b"], &[vec![5, 90], vec![80, 5]]).guard();
    assert_eq!(reversed.verdict, GuardVerdict::Fail);
    let one = matrix(&["a", "b"], &[vec![70, 0], vec![0, 0]]).guard();
    assert_eq!(one.reasons, [GuardReason::OneActualClass { class: "a".into() }]);
    for empty in [matrix(&[], &[]), matrix(&["a"], &[vec![0]])] {
        assert_eq!(empty.guard().reasons, [GuardReason::NoRows]);
        assert_eq!(NoInformationTest::new(empty.counts()), Err(Reason::NoRows));
    }
}

#[test]
fn an_accuracy_next_to_one_is_not_shown_as_100_percent() {
    let guard = matrix(&["no", "yes"], &[vec![999_999, 0], vec![1, 0]]).guard();
    assert!(guard.sentence.contains("99.9999 %"), "{}", guard.sentence);
}

#[test]
fn the_no_information_test_is_right_where_others_fail() {
    // 927 of 1,030 right where half the rows are of one class: ln p by integration with 40 digits (tests/scipy/make.py).
    let test = NoInformationTest::new(&Counts::from_rows(&[vec![460, 55], vec![48, 467]]).unwrap()).unwrap();
    assert_eq!((test.accuracy, test.rate), (0.9, 0.5));
    assert!((test.ln_p_value + 382.173_093_238_315_3).abs() < 1e-10, "{}", test.ln_p_value);
    // 999,001,000 of 10⁹ against 0.999.
    let billion = Counts::from_rows(&[vec![998_500_000, 500_000], vec![499_000, 501_000]]).unwrap();
    let test = NoInformationTest::new(&billion).unwrap();
    assert!((test.ln_p_value + 1.841_021_899_273_413_4).abs() < 1e-11, "{}", test.ln_p_value);
}

proptest! {
    #[test]
    fn a_perfect_model_of_two_or_more_classes_passes(rows in prop::collection::vec(20u64..2_000, 2..8)) {
        let k = rows.len();
        let perfect: Vec<Vec<u64>> = (0..k).map(|i| (0..k).map(|j| if i == j { rows[i] } else { 0 }).collect()).collect();
        let m = Matrix::new((0..k).map(|i| i.to_string()).collect(), Counts::from_rows(&perfect).unwrap()).unwrap();
        let guard = m.guard();
        // Where nearly all rows are of one class even a perfect score needs many to tell.
        let share = *rows.iter().max().unwrap() as f64 / rows.iter().sum::<u64>() as f64;
        let certain = share.powf(rows.iter().sum::<u64>() as f64) < 0.05;
        prop_assert_eq!(guard.verdict == GuardVerdict::Pass, certain, "{:?}", guard);
    }

    #[test]
    fn a_constant_answer_never_passes(rows in prop::collection::vec(0u64..2_000, 1..8), answer in 0usize..8) {
        let (k, answer) = (rows.len(), answer % rows.len());
        let constant: Vec<Vec<u64>> = (0..k).map(|i| (0..k).map(|j| if j == answer { rows[i] } else { 0 }).collect()).collect();
        let m = Matrix::new((0..k).map(|i| i.to_string()).collect(), Counts::from_rows(&constant).unwrap()).unwrap();
        prop_assert_eq!(m.guard().verdict, GuardVerdict::Fail);
    }
}
