//! Rows with any number of labels: against scikit-learn's numbers (`scikit_learn/make_multilabel.py`), and what must hold for any.

use gradiometer_confusion::{
    Averaging, Confidence, Counts, EmptyRows, Error, Estimate, GuardVerdict, LabelScores, Level, MultiLabelCounts,
    MultiLabelGuardReason, Reason,
};
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    labels: usize,
    actual: Vec<Vec<usize>>,
    predicted: Vec<Vec<usize>>,
    matrices: Vec<Vec<Vec<u64>>>,
    precision: Vec<Option<f64>>,
    recall: Vec<Option<f64>>,
    f1: Vec<Option<f64>>,
    jaccard: Vec<Option<f64>>,
    support: Vec<u64>,
    subset_accuracy: f64,
    hamming_loss: f64,
    /// Precision, recall, F1 and Jaccard index.
    averages: BTreeMap<String, [Option<f64>; 4]>,
}

fn in_order(scores: LabelScores) -> [Estimate; 4] {
    [scores.precision, scores.recall, scores.f1, scores.jaccard]
}

fn agree(what: &str, ours: Estimate, theirs: Option<f64>) {
    match (ours.value(), theirs) {
        (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-12, "{what}: {a}, scikit-learn {b}"),
        (a, b) => assert_eq!(a, b, "{what}"),
    }
}

#[test]
fn every_number_is_that_of_scikit_learn() {
    let fixture: Fixture = serde_json::from_str(include_str!("scikit_learn/multilabel.json")).unwrap();
    let (mut defined, mut partial) = (0, 0);
    for case in fixture.cases {
        let name = &case.name;
        let mut counts = MultiLabelCounts::new(case.labels);
        for (actual, predicted) in case.actual.iter().zip(&case.predicted) {
            counts.update_sets(actual, predicted).unwrap();
        }
        let of_labels: Vec<[Estimate; 4]> =
            (0..case.labels).map(|label| in_order(counts.scores(label, Confidence::default()))).collect();
        for (label, of_label) in of_labels.iter().enumerate() {
            assert_eq!(counts.label(label), Counts::from_rows(&case.matrices[label]).unwrap(), "{name}, {label}");
            assert_eq!(counts.label(label).actual_totals()[1], case.support[label], "{name}, {label}");
            for (ours, theirs) in of_label.iter().zip([&case.precision, &case.recall, &case.f1, &case.jaccard]) {
                agree(&format!("{name}, {label}"), *ours, theirs[label]);
            }
        }
        agree(
            &format!("{name}, subset accuracy"),
            counts.subset_accuracy(Level::default()),
            Some(case.subset_accuracy),
        );
        agree(&format!("{name}, Hamming loss"), counts.hamming_loss(Level::default()), Some(case.hamming_loss));
        for averaging in Averaging::ALL {
            let what = format!("{name}, {}", averaging.name());
            let ours = in_order(counts.average(averaging, Level::default()));
            for (score, (ours, theirs)) in ours.into_iter().zip(case.averages[averaging.name()]).enumerate() {
                let over_labels = matches!(averaging, Averaging::Macro | Averaging::Weighted);
                if ours.value().is_some() || !over_labels {
                    agree(&what, ours, theirs);
                    defined += 1;
                    continue;
                }
                // Where a label has no score, theirs is the average of the others, and a model is not worse for never giving it.
                partial += 1;
                let weight = |k: usize| if averaging == Averaging::Macro { 1.0 } else { case.support[k] as f64 };
                let known: Vec<(f64, f64)> =
                    (0..case.labels).filter_map(|k| Some((weight(k), of_labels[k][score].value()?))).collect();
                assert!(known.len() < case.labels, "{what}");
                let all: f64 = known.iter().map(|(weight, _)| weight).sum();
                let mean = (all > 0.0).then(|| known.iter().map(|(weight, value)| weight * value).sum::<f64>() / all);
                let mean = mean.map_or(Estimate::Undefined { reason: Reason::NoLabels }, Estimate::exact);
                agree(&format!("{what}, score {score} of the others"), mean, theirs);
            }
        }
    }
    assert!(defined > 700 && partial > 20, "{defined} {partial}");
}

fn three_rows() -> MultiLabelCounts {
    let mut counts = MultiLabelCounts::new(3);
    for (actual, predicted) in [
        ([true, false, true], [true, false, false]),
        ([false, true, false], [false, true, false]),
        ([true, true, false], [true, false, true]),
    ] {
        counts.update(&actual, &predicted).unwrap();
    }
    counts
}

#[test]
fn labels_are_counted_each_for_itself_and_together() {
    let counts = three_rows();
    assert_eq!(counts.label(2), Counts::from_rows(&[vec![1, 1], vec![1, 0]]).unwrap());
    assert_eq!(counts.micro().unwrap(), Counts::from_rows(&[vec![3, 1], vec![2, 3]]).unwrap());
    assert_eq!(counts.average(Averaging::Micro, Level::default()).f1.value(), Some(6.0 / 9.0));
    let f1 = counts.average(Averaging::Macro, Level::default()).f1.value().unwrap();
    assert!((f1 - (1.0 + 2.0 / 3.0 + 0.0) / 3.0).abs() < 1e-15);
    assert_eq!(counts.subset_accuracy(Level::default()).value(), Some(1.0 / 3.0));
    assert_eq!(counts.hamming_loss(Level::default()).value(), Some(3.0 / 9.0));
    assert_eq!(counts.label_totals(), [5, 4]);
    assert_eq!((counts.rows(), counts.empty_rows()), (3, EmptyRows::default()));
}

#[test]
fn what_is_undefined_says_why() {
    let undefined = |reason| Estimate::Undefined { reason };
    let average = |counts: &MultiLabelCounts, averaging| counts.average(averaging, Level::default());
    let none = MultiLabelCounts::new(2);
    for averaging in Averaging::ALL {
        assert_eq!(in_order(average(&none, averaging)), [undefined(Reason::NoRows); 4]);
    }
    assert_eq!(none.hamming_loss(Level::default()), undefined(Reason::NoRows));
    let mut counts = MultiLabelCounts::new(2);
    counts.update_sets(&[0], &[]).unwrap();
    counts.update_sets(&[], &[]).unwrap();
    assert_eq!(average(&counts, Averaging::Micro).precision, undefined(Reason::NothingPredicted));
    assert_eq!(average(&counts, Averaging::Samples).precision, undefined(Reason::NothingPredicted));
    assert_eq!(average(&counts, Averaging::Macro).precision, undefined(Reason::SomeClassNeverPredicted));
    assert_eq!(average(&counts, Averaging::Macro).f1, undefined(Reason::SomeClassNeitherOccursNorPredicted));
    // A label that never occurs has no weight.
    assert_eq!(average(&counts, Averaging::Weighted).recall.value(), Some(0.0));
    assert_eq!(counts.scores(1, Confidence::default()).recall, undefined(Reason::NeverOccurs));
    assert_eq!(counts.empty_rows(), EmptyRows { actual: 1, predicted: 2, both: 1 });
}

#[test]
fn bad_rows_are_refused_and_nothing_is_counted() {
    let mut counts = three_rows();
    let error = counts.update(&[true; 3], &[true; 2]).unwrap_err();
    assert_eq!(error.to_string(), "a row says of 2 labels whether they are predicted; there are 3");
    let error = counts.update_sets(&[0], &[2, 2]).unwrap_err();
    assert_eq!(error, Error::LabelsNotAscending { axis: "predicted", label: 2 });
    let error = counts.update_sets(&[0, 3], &[]).unwrap_err();
    assert_eq!(error, Error::ClassOutOfRange { axis: "actual", index: 3, classes: 3 });
    let two = [[true, false], [true, true]];
    assert_eq!(counts.update_columns(&two, &two), Err(Error::LabelCount { labels: 2, classes: 3 }));
    let error =
        counts.update_columns(&[vec![true], vec![true], vec![true]], &[vec![true], vec![], vec![true]]).unwrap_err();
    assert_eq!(error, Error::Lengths { axis: "predicted", found: 0, expected: 1 });
    assert_eq!(counts.merge(&MultiLabelCounts::new(2)), Err(Error::DifferentClasses { left: 3, right: 2 }));
    let other = three_rows();
    assert_eq!(counts.merge_relabelled(&other, &[0, 1]), Err(Error::LabelCount { labels: 2, classes: 3 }));
    assert_eq!(counts.merge_relabelled(&other, &[0, 1, 1]), Err(Error::SharedIndex { index: 1 }));
    let out_of_range = Error::ClassOutOfRange { axis: "merged", index: 3, classes: 3 };
    assert_eq!(counts.merge_relabelled(&other, &[0, 1, 3]), Err(out_of_range));
    assert_eq!(counts, three_rows());
}

#[test]
fn a_model_that_gives_no_label_is_caught() {
    let mut counts = MultiLabelCounts::new(10);
    for row in 0..100 {
        counts.update_sets(if row % 10 == 0 { &[3] } else { &[] }, &[]).unwrap();
    }
    assert_eq!(counts.hamming_loss(Level::default()).value(), Some(0.01));
    let names = |n: usize| (0..n).map(|label| label.to_string()).collect::<Vec<_>>();
    assert_eq!(counts.guard(&names(9)), Err(Error::LabelCount { labels: 9, classes: 10 }));
    let guard = counts.guard(&names(10)).unwrap();
    assert_eq!(guard.verdict, GuardVerdict::Fail);
    let expected = [
        MultiLabelGuardReason::NoBetterThanNoLabel { hamming_loss: 0.01, without: 0.01 },
        MultiLabelGuardReason::NeverPredicted { labels: vec!["3".to_owned()], occurrences: 10 },
    ];
    assert_eq!(guard.reasons, expected);
    assert_eq!(
        guard.sentence,
        "A Hamming loss of 0.0100 is no better than giving no row any label, which loses 0.0100."
    );
    assert_eq!(guard.sentences[1], "The label \"3\" is never predicted and occurs 10 times.");
    assert_eq!(guard.look_at, ["recall", "f1", "jaccard"]);
    let mut good = MultiLabelCounts::new(2);
    for row in 0..100 {
        good.update_sets(&[row % 2], &[(row / 10 + row) % 2]).unwrap();
        good.update_sets(&[row % 2], &[row % 2]).unwrap();
    }
    assert_eq!(good.guard(&names(2)).unwrap().verdict, GuardVerdict::Pass, "{:?}", good.guard(&names(2)));
    assert_eq!(MultiLabelCounts::new(2).guard(&names(2)).unwrap().reasons, [MultiLabelGuardReason::NoRows]);
}

#[test]
fn labels_of_a_row_that_go_together_tell_less_than_as_many_rows() {
    // Ten labels that are always all right or all wrong are one observation, not ten.
    let (mut together, mut apart) = (MultiLabelCounts::new(10), MultiLabelCounts::new(1));
    let all: Vec<usize> = (0..10).collect();
    for row in 0..50 {
        let right = row % 5 > 0;
        together.update_sets(&all, if right { &all } else { &[] }).unwrap();
        (0..10).for_each(|_| apart.update_sets(&[0], if right { &[0] } else { &[] }).unwrap());
    }
    let width = |counts: &MultiLabelCounts| {
        let recall = counts.average(Averaging::Micro, Level::default()).recall;
        assert_eq!(recall.value(), Some(0.8));
        let interval = recall.interval().unwrap();
        interval.high - interval.low
    };
    let ratio = width(&together) / width(&apart);
    assert!((2.5..4.0).contains(&ratio), "{ratio}, about the root of 10");
}

#[test]
fn intervals_hold_what_they_promise() {
    // Each row has two of four labels; whether they are found depends on the row, so that labels of a row go together.
    let mut state = 7u64;
    let mut uniform = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let (truth, runs, rows) = (0.6, 400, 150);
    let mut held = [0; 3];
    for _ in 0..runs {
        let mut counts = MultiLabelCounts::new(4);
        for row in 0..rows {
            let actual = if row % 2 == 0 { [0, 1] } else { [2, 3] };
            let found = if uniform() < truth { &actual[..] } else { &[] };
            counts.update_sets(&actual, found).unwrap();
        }
        let found = [
            (counts.average(Averaging::Micro, Level::default()).recall, truth),
            (counts.average(Averaging::Samples, Level::default()).f1, truth),
            (counts.hamming_loss(Level::default()), (1.0 - truth) / 2.0),
        ];
        for (held, (estimate, truth)) in held.iter_mut().zip(found) {
            *held += u32::from(estimate.interval().unwrap().contains(truth));
        }
    }
    // 95 % of 400 is 380, give or take 3 × 4.4.
    assert!(held.iter().all(|held| (366..=394).contains(held)), "{held:?} of {runs}");
}

/// Rows as labels that each has and is given.
fn rows() -> impl Strategy<Value = Vec<([bool; 4], [bool; 4])>> {
    prop::collection::vec((any::<[bool; 4]>(), any::<[bool; 4]>()), 0..60)
}

fn count(rows: &[([bool; 4], [bool; 4])]) -> MultiLabelCounts {
    let mut counts = MultiLabelCounts::new(4);
    rows.iter().for_each(|(actual, predicted)| counts.update(actual, predicted).unwrap());
    counts
}

fn set(row: &[bool; 4]) -> Vec<usize> {
    (0..4).filter(|&label| row[label]).collect()
}

fn all(counts: &MultiLabelCounts) -> Vec<Estimate> {
    let level = Level::default();
    let averages = Averaging::ALL.iter().flat_map(|&averaging| in_order(counts.average(averaging, level)));
    averages.chain([counts.subset_accuracy(level), counts.hamming_loss(level)]).collect()
}

proptest! {
    #[test]
    fn any_split_and_order_of_merging_gives_the_same(rows in rows(), at in 0usize..60) {
        let (left, right) = rows.split_at(at.min(rows.len()));
        let (mut a, mut b) = (count(left), count(right));
        a.merge(&count(right)).unwrap();
        b.merge(&count(left)).unwrap();
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(&a, &count(&rows));
        prop_assert_eq!(all(&a), all(&b));
    }

    #[test]
    fn columns_are_the_same_as_rows(rows in rows(), at in 0usize..60) {
        let mut columns = MultiLabelCounts::new(4);
        let (left, right) = rows.split_at(at.min(rows.len()));
        for part in [left, right] {
            let columns_of = |rows: Vec<[bool; 4]>| -> Vec<Vec<bool>> {
                (0..4).map(|label| rows.iter().map(|row| row[label]).collect()).collect()
            };
            let (actual, predicted): (Vec<_>, Vec<_>) = part.iter().copied().unzip();
            columns.update_columns(&columns_of(actual), &columns_of(predicted)).unwrap();
        }
        prop_assert_eq!(columns, count(&rows));
    }

    #[test]
    fn sets_are_the_same_as_truth_values(rows in rows()) {
        let mut sets = MultiLabelCounts::new(0);
        sets.grow(4);
        rows.iter().for_each(|(actual, predicted)| sets.update_sets(&set(actual), &set(predicted)).unwrap());
        prop_assert_eq!(sets, count(&rows));
    }

    #[test]
    fn renaming_the_labels_permutes_their_scores_and_leaves_the_rest(
        rows in rows(), label_of in Just(vec![0usize, 1, 2, 3]).prop_shuffle()
    ) {
        let counts = count(&rows);
        let mut renamed = MultiLabelCounts::new(4);
        renamed.merge_relabelled(&counts, &label_of).unwrap();
        for (label, &renamed_label) in label_of.iter().enumerate() {
            prop_assert_eq!(counts.label(label), renamed.label(renamed_label));
            let confidence = Confidence::default();
            prop_assert_eq!(counts.scores(label, confidence), renamed.scores(renamed_label, confidence));
        }
        for (a, b) in all(&counts).into_iter().zip(all(&renamed)) {
            match (a.value(), b.value()) {
                // Sums over labels in another order.
                (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-14),
                _ => prop_assert_eq!(a.value(), b.value()),
            }
        }
    }

    #[test]
    fn an_interval_holds_its_value_and_stays_in_range(rows in rows()) {
        for estimate in all(&count(&rows)) {
            if let (Some(value), Some(i)) = (estimate.value(), estimate.interval()) {
                prop_assert!(0.0 <= i.low && i.low <= value && value <= i.high && i.high <= 1.0, "{estimate:?}");
            }
        }
    }
}
