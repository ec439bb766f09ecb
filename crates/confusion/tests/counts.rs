//! Counts with few classes and with many, and with cells that other types cannot hold.

use gradiometer_confusion::{Counts, Error};
use proptest::prelude::*;
use std::collections::BTreeMap;

proptest! {
    #[test]
    fn many_classes_count_as_few_do(pairs in prop::collection::vec((0usize..9, 0usize..9, 0u64..5), 0..200)) {
        // The same classes, spread among 50,000 of which most never occur.
        let spread = |class: usize| class * 6000;
        let (mut few, mut many) = (Counts::new(9), Counts::new(50_000));
        for &(a, p, n) in &pairs {
            few.update_many(a, p, n).unwrap();
            many.update_many(spread(a), spread(p), n).unwrap();
        }
        let spread_out: Vec<_> = few.nonzero().map(|(a, p, n)| (spread(a), spread(p), n)).collect();
        prop_assert_eq!(many.nonzero().collect::<Vec<_>>(), spread_out);
        prop_assert_eq!((many.total(), many.correct()), (few.total(), few.correct()));
        let class_of: Vec<usize> = (0..50_000).map(|class| class / 6000).collect();
        prop_assert_eq!(&many.relabelled(&class_of, 9).unwrap(), &few);
        for class in 0..9 {
            prop_assert_eq!(many.actual_totals()[spread(class)], few.actual_totals()[class]);
            prop_assert_eq!(many.predicted_totals()[spread(class)], few.predicted_totals()[class]);
            prop_assert_eq!(many.row(spread(class))[spread(3)], few.get(class, 3));
        }
        let mut twice = many.clone();
        twice.merge(&many).unwrap();
        prop_assert!(twice.nonzero().eq(many.nonzero().map(|(a, p, n)| (a, p, 2 * n))));
    }

    #[test]
    fn cells_counted_together_are_those_counted_one_by_one(
        batches in prop::collection::vec(prop::collection::vec((0u32..7, 0u32..7, 0u64..4), 0..40), 1..5),
        weighted in any::<bool>(), spread in prop_oneof![Just(1u32), Just(7000)],
    ) {
        let classes = 7 * spread as usize;
        let (mut together, mut each) = (Counts::new(classes), Counts::new(classes));
        if weighted {
            // From here on each row has a weight, those counted without have 1.
            together.update_weighted(0, classes - 1, 0.5).unwrap();
            each.update_weighted(0, classes - 1, 0.5).unwrap();
        }
        for batch in batches {
            let cells: Vec<_> = batch.into_iter().map(|(a, p, n)| (spread * a, spread * p, n)).collect();
            together.update_cells(&cells).unwrap();
            for (a, p, n) in cells {
                each.update_many(a as usize, p as usize, n).unwrap();
            }
            prop_assert_eq!(&together, &each);
            prop_assert_eq!(together.total_weights(), each.total_weights());
        }
    }

    #[test]
    fn classes_given_one_index_become_one(pairs in prop::collection::vec((0usize..6, 0usize..6, 0.0f64..3.0), 0..100)) {
        let class_of = [0, 1, 0, 2, 2, 1];
        let (mut counts, mut expected, mut rows) = (Counts::new(6), Counts::new(3), BTreeMap::new());
        for &(a, p, weight) in &pairs {
            // Weights of which all sums are exact.
            let weight = (weight * 1024.0).round() / 1024.0;
            counts.update_weighted(a, p, weight).unwrap();
            expected.update_weighted(class_of[a], class_of[p], weight).unwrap();
            *rows.entry((class_of[a], class_of[p])).or_insert(0u64) += 1;
        }
        let folded = counts.relabelled(&class_of, 3).unwrap();
        prop_assert!(folded.nonzero().eq(rows.into_iter().map(|((a, p), n)| (a, p, n))));
        for (a, p, _) in expected.nonzero() {
            prop_assert_eq!(folded.weights(a, p), expected.weights(a, p));
        }
    }
}

#[test]
fn a_cell_beyond_what_floats_and_32_bits_hold_is_exact() {
    let mut counts = Counts::new(2);
    let mut part = Counts::new(2);
    part.update_many(0, 0, (1 << 24) + 1).unwrap();
    part.update(0, 1).unwrap();
    for _ in 0..300 {
        counts.merge(&part).unwrap();
    }
    assert_eq!(counts.get(0, 0), 300 * ((1 << 24) + 1));
    for _ in 0..3 {
        counts.update_many(0, 0, (1 << 53) + 1).unwrap();
    }
    assert_eq!(counts.get(0, 0), 300 * ((1 << 24) + 1) + 3 * ((1 << 53) + 1));
    assert_eq!(counts.total(), counts.get(0, 0) + 300);
}

#[test]
fn rows_without_weights_weigh_one_beside_those_with() {
    let mut plain = Counts::new(2);
    plain.update_many(0, 0, 3).unwrap();
    let mut weighted = Counts::new(2);
    weighted.update_weighted(0, 0, 0.5).unwrap();
    let (mut a, mut b) = (plain.clone(), weighted.clone());
    a.merge(&weighted).unwrap();
    b.merge(&plain).unwrap();
    assert_eq!(a, b);
    assert_eq!((a.get(0, 0), a.weights(0, 0).sum(), a.weights(0, 0).squares()), (4, 3.5, 3.25));
    assert_eq!(a.total_weights().effective_rows(), 3.5 * 3.5 / 3.25);
    let cells = gradiometer_confusion::Cells::new(&a);
    assert_eq!((cells.total(), cells.effective_rows()), (3.5, 3.5 * 3.5 / 3.25));
}

#[test]
fn a_list_of_new_classes_must_fit() {
    let mut counts = Counts::new(2);
    counts.update(1, 1).unwrap();
    assert_eq!(counts.relabelled(&[0], 1), Err(Error::LabelCount { labels: 1, classes: 2 }));
    let error = counts.relabelled(&[0, 4], 2).unwrap_err();
    assert_eq!(error, Error::ClassOutOfRange { axis: "actual", index: 4, classes: 2 });
}

#[test]
fn columns_of_class_indices_are_counted_or_refused_with_their_row() {
    for classes in [5, 5000] {
        let actual: Vec<i64> = (0..3000).map(|i| i * i % 5).collect();
        let predicted: Vec<i64> = (0..3000).map(|i| i % 5).collect();
        let mut columns = Counts::new(classes);
        columns.update_columns(&actual, &predicted).unwrap();
        let mut rows = Counts::new(classes);
        for (&a, &p) in actual.iter().zip(&predicted) {
            rows.update(a as usize, p as usize).unwrap();
        }
        assert_eq!(columns, rows);
        let mut bad = predicted.clone();
        bad[1234] = -1;
        bad[2000] = classes as i64;
        let error = columns.update_columns(&actual, &bad).unwrap_err();
        assert_eq!(error, Error::RowOutOfRange { row: 1234, axis: "predicted", index: -1, classes });
        assert_eq!(columns, rows);
    }
}

#[test]
fn cells_of_which_one_is_refused_change_nothing() {
    for classes in [3, 5000] {
        let mut counts = Counts::new(classes);
        counts.update_cells(&[(1, 2, u64::MAX - 1)]).unwrap();
        let before = counts.clone();
        assert_eq!(counts.update_cells(&[(0, 1, 1), (2, 2, 1)]), Err(Error::Overflow));
        let out_of_range = Error::ClassOutOfRange { axis: "predicted", index: classes, classes };
        assert_eq!(counts.update_cells(&[(0, 1, 1), (2, classes as u32, 0)]), Err(out_of_range));
        assert_eq!(counts, before);
    }
}
