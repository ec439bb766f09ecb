//! Two models on the same rows.

use gradiometer_confusion::{Bootstrap, Cells, Error, Level, OverallStatistic, PairedCounts, Reason};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    classes: usize,
    cells: Vec<[u64; 4]>,
    mcnemar_exact: f64,
    mcnemar_mid_p: f64,
    stuart_maxwell: (f64, usize, f64),
}

fn near(what: &str, found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-11 * expected.abs(), "{what}: {found}, expected {expected}");
}

fn paired(classes: usize, cells: &[[u64; 4]]) -> PairedCounts {
    let mut paired = PairedCounts::new(classes);
    for &[actual, a, b, n] in cells {
        paired.update_many(actual as usize, a as usize, b as usize, n).unwrap();
    }
    paired
}

fn bootstrap() -> Bootstrap {
    Bootstrap::new(2000, 11, Level::default()).unwrap()
}

#[test]
fn the_tests_are_those_of_statsmodels_and_scipy() {
    let fixture: Fixture = serde_json::from_str(include_str!("statsmodels/paired.json")).unwrap();
    assert!(fixture.cases.len() >= 4);
    for case in fixture.cases {
        let paired = paired(case.classes, &case.cells);
        near("McNemar, exact", paired.mcnemar().exact(), case.mcnemar_exact);
        near("McNemar, mid-p", paired.mcnemar().mid_p(), case.mcnemar_mid_p);
        let found = paired.stuart_maxwell().unwrap();
        near("Stuart-Maxwell", found.statistic, case.stuart_maxwell.0);
        assert_eq!(found.degrees_of_freedom, case.stuart_maxwell.1);
        near("Stuart-Maxwell, p", found.p_value, case.stuart_maxwell.2);
    }
}

#[test]
fn of_two_classes_stuart_maxwell_is_mcnemar_without_correction() {
    let found = paired(2, &[[0, 0, 1, 30], [0, 1, 0, 14], [0, 0, 0, 100], [1, 1, 1, 90]]).stuart_maxwell().unwrap();
    near("statistic", found.statistic, 16.0 * 16.0 / 44.0);
    assert_eq!(found.degrees_of_freedom, 1);
}

#[test]
fn classes_exchanged_only_within_groups_lose_one_degree_each() {
    // 0 with 1 and 2 with 3: two independent tests of one degree each.
    let found =
        paired(5, &[[0, 0, 1, 30], [0, 1, 0, 14], [2, 2, 3, 9], [2, 3, 2, 25], [4, 4, 4, 7]]).stuart_maxwell().unwrap();
    assert_eq!(found.degrees_of_freedom, 2);
    near("statistic", found.statistic, 256.0 / 44.0 + 256.0 / 34.0);
}

#[test]
fn models_that_agree_have_no_difference_and_empty_ones_no_statistic() {
    let same = paired(3, &[[0, 0, 0, 50], [1, 1, 1, 40], [2, 1, 1, 9], [2, 2, 2, 60]]);
    assert_eq!((same.mcnemar().exact(), same.mcnemar().mid_p()), (1.0, 1.0));
    let test = same.stuart_maxwell().unwrap();
    assert_eq!((test.statistic, test.degrees_of_freedom, test.p_value), (0.0, 0, 1.0));
    let mcc = same.differences(&bootstrap()).mcc;
    assert_eq!((mcc.difference.estimate.value(), mcc.difference.estimate.interval()), (Some(0.0), None));
    assert!(mcc.a.estimate.interval().is_some());
    let empty = PairedCounts::new(3);
    assert_eq!(empty.stuart_maxwell(), Err(Reason::NoRows));
    assert_eq!(empty.differences(&bootstrap()).accuracy.difference.estimate.value(), None);
}

#[test]
fn a_difference_has_the_interval_of_pairs_and_not_of_independent_models() {
    // Both err on 300 rows, only b on 20, only a on 40: the paired variance is (60/n − d²) / n with d = 20/n and n = 1000 rows.
    let found =
        paired(2, &[[0, 0, 0, 640], [0, 1, 1, 300], [0, 0, 1, 20], [0, 1, 0, 40]]).differences(&bootstrap()).accuracy;
    let interval = found.difference.estimate.interval().unwrap();
    let deviation = ((60.0f64 / 1000.0 - 0.02 * 0.02) / 1000.0).sqrt();
    assert!((found.difference.estimate.value().unwrap() - 0.02).abs() < 1e-12);
    assert!((interval.high - interval.low - 2.0 * 1.96 * deviation).abs() < 0.1 * deviation * 3.92, "{interval:?}");
    let alone = found.a.estimate.interval().unwrap();
    assert!(interval.high - interval.low < 0.8 * (alone.high - alone.low));
}

#[test]
fn fifty_thousand_classes_are_compared_in_memory_of_what_occurs() {
    let classes = 50_000;
    let mut paired = PairedCounts::new(classes);
    for class in 0..classes {
        paired.update_many(class, class, (class + class % 7 / 6) % classes, 3).unwrap();
    }
    let (a, b) = (paired.counts_a(), paired.counts_b());
    assert_eq!((a.correct(), b.correct(), b.get(49_999, 49_999)), (150_000, 150_000 - 3 * 7142, 3));
    assert_eq!(paired.mcnemar().only_a, 3 * 7142);
}

#[test]
fn differences_are_in_the_statistics_of_the_catalogue() {
    let paired = paired(3, &[[0, 0, 0, 50], [0, 1, 0, 7], [1, 1, 1, 40], [1, 1, 2, 4], [2, 1, 2, 9], [2, 2, 2, 60]]);
    let found = paired.differences(&bootstrap());
    for (name, of) in
        [("accuracy", found.accuracy), ("f1_macro", found.f1_macro), ("mcc", found.mcc), ("kappa", found.kappa)]
    {
        let value = |counts| (OverallStatistic::find(name).unwrap().value)(&Cells::new(&counts)).unwrap();
        let (a, b) = (value(paired.counts_a()), value(paired.counts_b()));
        assert_eq!((of.a.estimate.value(), of.b.estimate.value()), (Some(a), Some(b)), "{name}");
        assert_eq!(of.difference.estimate.value(), Some(b - a), "{name}");
    }
}

#[test]
fn a_class_out_of_range_is_named_with_its_model() {
    let error = PairedCounts::new(2).update(0, 1, 2).unwrap_err();
    assert_eq!(error, Error::ClassOutOfRange { axis: "predicted by b", index: 2, classes: 2 });
}

proptest! {
    #[test]
    fn merged_in_any_order_equals_brute_force(rows in prop::collection::vec((0usize..4, 0usize..4, 0usize..4), 0..200), at in 0usize..200) {
        let count = |rows: &[(usize, usize, usize)]| {
            let mut paired = PairedCounts::new(4);
            rows.iter().for_each(|&(actual, a, b)| paired.update(actual, a, b).unwrap());
            paired
        };
        let (left, right) = rows.split_at(at.min(rows.len()));
        let (mut one, mut other) = (count(left), count(right));
        one.merge(&count(right)).unwrap();
        other.merge(&count(left)).unwrap();
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(&one, &count(&rows));
        let found = one.mcnemar();
        prop_assert_eq!(found.only_a, rows.iter().filter(|(y, a, b)| a == y && b != y).count() as u64);
        prop_assert_eq!(found.only_b, rows.iter().filter(|(y, a, b)| a != y && b == y).count() as u64);
        for (actual, predicted) in [(0, 0), (1, 2), (3, 1)] {
            let n = rows.iter().filter(|(y, _, b)| (*y, *b) == (actual, predicted)).count() as u64;
            prop_assert_eq!(one.counts_b().get(actual, predicted), n);
        }
    }

    #[test]
    fn exchanging_the_models_mirrors_everything(cells in prop::collection::vec((0u64..3, 0u64..3, 0u64..3, 1u64..50), 1..12)) {
        let one = paired(3, &cells.iter().map(|&(y, a, b, n)| [y, a, b, n]).collect::<Vec<_>>());
        let other = paired(3, &cells.iter().map(|&(y, a, b, n)| [y, b, a, n]).collect::<Vec<_>>());
        prop_assert_eq!(one.mcnemar().exact(), other.mcnemar().exact());
        prop_assert!(one.mcnemar().mid_p() <= one.mcnemar().exact());
        let (x, y) = (one.stuart_maxwell().unwrap(), other.stuart_maxwell().unwrap());
        prop_assert!((x.statistic - y.statistic).abs() <= 1e-9 * (1.0 + x.statistic));
        prop_assert_eq!(x.degrees_of_freedom, y.degrees_of_freedom);
    }
}
