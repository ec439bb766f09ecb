//! Classes with parents, and more of them than a square has room for.

use gradiometer_confusion::{Counts, Hierarchy, HierarchyError, Matrix, Slices};
use proptest::prelude::*;
use std::collections::HashMap;

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
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
