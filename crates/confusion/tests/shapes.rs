//! Rows of several labels, ranks, and classes with parents.

use gradiometer_confusion::{
    Counts, Hierarchy, HierarchyError, Level, Matrix, MultiLabelCounts, RankCounts, RankError, Reason, Slices,
};
use proptest::prelude::*;
use std::collections::HashMap;

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn labels_are_counted_each_for_itself_and_together() {
    let mut counts = MultiLabelCounts::new(3);
    for (actual, predicted) in [
        ([true, false, true], [true, false, false]),
        ([false, true, false], [false, true, false]),
        ([true, true, false], [true, false, true]),
    ] {
        counts.update(&actual, &predicted).unwrap();
    }
    assert_eq!(counts.label(2), Counts::from_rows(&[vec![1, 1], vec![1, 0]]).unwrap());
    assert_eq!(counts.micro().unwrap(), Counts::from_rows(&[vec![3, 1], vec![2, 3]]).unwrap());
    assert_eq!(counts.f1_micro().value(), Some(6.0 / 9.0));
    assert!((counts.f1_macro().value().unwrap() - (1.0 + 2.0 / 3.0 + 0.0) / 3.0).abs() < 1e-15);
    assert_eq!(counts.subset_accuracy(Level::default()).value(), Some(1.0 / 3.0));
    assert_eq!(counts.hamming_loss().value(), Some(3.0 / 9.0));
    let error = counts.update(&[true; 3], &[true; 2]).unwrap_err();
    assert_eq!(error.to_string(), "a row says of 2 labels whether they are predicted; there are 3");
    assert!(counts.merge(&MultiLabelCounts::new(2)).is_err());
    assert_eq!(counts.rows(), 3);
    let none = MultiLabelCounts::new(2);
    assert_eq!(none.f1_macro(), gradiometer_confusion::Estimate::Undefined { reason: Reason::NoRows });
    assert_eq!(none.hamming_loss().value(), None);
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
    let mut other = ranks.clone();
    assert_eq!(other.update(&[0.1, f64::NAN, 0.3], 0), Err(RankError::NotANumber { class: 1 }));
    assert_eq!(other.update(&[0.1, 0.2], 0), Err(RankError::Scores { given: 2, classes: 3 }));
    assert_eq!(other.update(&[0.1; 3], 3), Err(RankError::ClassOutOfRange { actual: 3, classes: 3 }));
    assert_eq!(other, ranks);
    other.merge(&ranks).unwrap();
    assert_eq!(other.rows(), 6);
    assert!(other.merge(&RankCounts::new(4)).is_err());
}

fn animals() -> Matrix {
    let names = labels(&["animal/cat/lynx", "animal/cat/lion", "animal/dog", "car"]);
    let rows = [vec![5, 2, 1, 0], vec![3, 6, 0, 1], vec![1, 1, 9, 0], vec![0, 0, 1, 8]];
    Matrix::new(names, Counts::from_rows(&rows).unwrap()).unwrap()
}

#[test]
fn fifty_thousand_classes_are_folded_in_memory_of_what_occurs() {
    let names: Vec<String> = (0..50_000).map(|i| format!("{}/{}", i % 20_000, i / 20_000)).collect();
    let mut counts = Counts::new(names.len());
    for class in 0..names.len() {
        let other_of_its_group = if class < 30_000 { class + 20_000 } else { class - 20_000 };
        counts.update_weighted(class, other_of_its_group, 0.5).unwrap();
    }
    let matrix = Matrix::new(names, counts).unwrap();
    let hierarchy = Hierarchy::from_paths(matrix.labels(), '/').unwrap();
    let folded = hierarchy.fold(&matrix, &[]).unwrap();
    assert_eq!((folded.labels().len(), folded.counts().total()), (20_000, 50_000));
    assert_eq!((folded.counts().get(7, 7), folded.counts().correct()), (3, 50_000));
    // Weights are folded with their rows.
    assert_eq!(folded.counts().weights(7, 7).sum(), 1.5);
}

#[test]
fn fifty_thousand_classes_are_sliced_in_memory_of_what_occurs() {
    let mut slices = Slices::new(50_000);
    for class in 0..50_000 {
        slices.update(["even", "odd"][class % 2], class, class / 3 * 3).unwrap();
    }
    let tests = slices.against_rest().unwrap();
    assert_eq!(tests[0].accuracy.value(), Some(8334.0 / 25_000.0));
    assert_eq!(slices.total().unwrap().correct(), 16_667);
}

#[test]
fn folding_adds_up_and_unfolding_gives_the_matrix_back() {
    let matrix = animals();
    let hierarchy = Hierarchy::from_paths(matrix.labels(), '/').unwrap();
    let folded = hierarchy.fold(&matrix, &[]).unwrap();
    assert_eq!(folded.labels(), labels(&["animal", "car"]));
    assert_eq!(*folded.counts(), Counts::from_rows(&[vec![28, 1], vec![1, 8]]).unwrap());
    let one = hierarchy.fold(&matrix, &["animal"]).unwrap();
    assert_eq!(one.labels(), labels(&["animal/cat", "animal/dog", "car"]));
    assert_eq!(one, hierarchy.fold_to_depth(&matrix, 1).unwrap());
    assert_eq!(hierarchy.fold(&matrix, &["animal", "animal/cat"]).unwrap(), matrix);
    // What lies in a folded group stays folded.
    assert_eq!(hierarchy.fold(&matrix, &["animal/cat"]).unwrap(), folded);
}

#[test]
fn parents_may_be_given_and_mistakes_in_them_are_named() {
    let matrix = animals().labels().to_vec();
    let parents = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<HashMap<_, _>>()
    };
    let given = parents(&[("animal/dog", "pet"), ("pet", "thing"), ("car", "thing")]);
    let hierarchy = Hierarchy::from_parents(&matrix, &given).unwrap();
    let folded = hierarchy.fold(&animals(), &[]).unwrap();
    assert_eq!(folded.labels(), labels(&["animal/cat/lynx", "animal/cat/lion", "thing"]));
    let error = hierarchy.fold(&animals(), &["pets"]).unwrap_err();
    assert_eq!(error.to_string(), "there is no group \"pets\"; groups are \"pet\", \"thing\"");
    for circle in [&[("car", "a"), ("a", "b"), ("b", "a")][..], &[("car", "car")], &[("car", "a"), ("a", "car")]] {
        let error = Hierarchy::from_parents(&matrix, &parents(circle)).unwrap_err();
        assert!(matches!(error, HierarchyError::Circle { .. }), "{error}");
    }
    let error = Hierarchy::from_paths(&labels(&["a", "a/b"]), '/').unwrap_err();
    assert_eq!(error, HierarchyError::ClassAndGroup { name: "a".into() });
    let other = Hierarchy::from_paths(&labels(&["a", "b"]), '/').unwrap();
    assert_eq!(other.fold(&animals(), &[]), Err(HierarchyError::Unknown { label: "animal/cat/lynx".into() }));
}

proptest! {
    #[test]
    fn folding_equals_counting_folded_rows(rows in prop::collection::vec((0usize..6, 0usize..6), 0..200)) {
        let names = labels(&["a/x", "b/x", "a/y", "c", "b/y/1", "b/y/2"]);
        let (mut counts, mut expected) = (Counts::new(6), Counts::new(3));
        let group = [0, 1, 0, 2, 1, 1];
        for &(actual, predicted) in &rows {
            counts.update(actual, predicted).unwrap();
            expected.update(group[actual], group[predicted]).unwrap();
        }
        let matrix = Matrix::new(names.clone(), counts).unwrap();
        let folded = Hierarchy::from_paths(&names, '/').unwrap().fold(&matrix, &[]).unwrap();
        prop_assert_eq!(folded.counts(), &expected);
    }
}
