//! Folding classes into parents, and unfolding a parent.

use gradiometer_confusion::{Counts, Error, Hierarchy, Matrix};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn matrix(labels: &[&str], rows: &[&[u64]]) -> Matrix {
    let rows: Vec<_> = rows.iter().map(|row| row.to_vec()).collect();
    Matrix::new(labels.iter().map(|&label| label.into()).collect(), Counts::from_rows(&rows).unwrap()).unwrap()
}

fn pets() -> Matrix {
    matrix(
        &["animal/cat", "plant/fern", "animal/dog/poodle", "stone"],
        &[&[5, 1, 3, 0], &[0, 7, 0, 2], &[4, 0, 6, 0], &[0, 0, 1, 8]],
    )
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|&(label, parent)| (label.into(), parent.into())).collect()
}

#[test]
fn mistakes_within_a_parent_move_to_its_diagonal() {
    let pets = pets();
    let folded = Hierarchy::by_separator(&pets, "/", 1).unwrap().fold();
    assert_eq!(folded, matrix(&["animal", "plant", "stone"], &[&[18, 1, 0], &[0, 7, 2], &[1, 0, 8]]));
}

#[test]
fn deeper_folding_leaves_labels_of_fewer_parts_as_they_are() {
    let pets = pets();
    let hierarchy = Hierarchy::by_separator(&pets, "/", 2).unwrap();
    assert_eq!(hierarchy.parents(), ["animal/cat", "plant/fern", "animal/dog", "stone"]);
    assert_eq!(hierarchy.fold().counts(), pets.counts());
    assert_eq!(Hierarchy::by_separator(&pets, "/", 3).unwrap().fold(), pets);
}

#[test]
fn a_map_folds_like_a_separator() {
    let pets = pets();
    let parents = map(&[("animal/cat", "animal"), ("animal/dog/poodle", "animal"), ("plant/fern", "plant")]);
    let (by_map, by_separator) =
        (Hierarchy::by_parents(&pets, &parents).unwrap(), Hierarchy::by_separator(&pets, "/", 1).unwrap());
    assert_eq!(by_map.fold(), by_separator.fold());
    assert_eq!(by_map.parent_of(), [0, 1, 0, 2]);
}

#[test]
fn an_unfolded_parent_keeps_the_rows_of_all_others() {
    let pets = pets();
    let hierarchy = Hierarchy::by_separator(&pets, "/", 1).unwrap();
    assert_eq!(
        hierarchy.unfold("animal").unwrap(),
        matrix(&["animal/cat", "animal/dog/poodle", "(elsewhere)"], &[&[5, 3, 1], &[4, 6, 0], &[0, 1, 17]])
    );
}

#[test]
fn an_unknown_name_is_refused_with_the_nearest() {
    let pets = pets();
    let hierarchy = Hierarchy::by_separator(&pets, "/", 1).unwrap();
    let error = hierarchy.unfold("animals").unwrap_err().to_string();
    assert_eq!(error, "there is no parent \"animals\": did you mean \"animal\"?");
    let error = Hierarchy::by_parents(&pets, &map(&[("stones", "mineral")])).unwrap_err().to_string();
    assert_eq!(error, "there is no class \"stones\": did you mean \"stone\"?");
}

#[test]
fn a_parent_with_the_name_of_a_class_of_its_own_is_refused() {
    let ambiguous = matrix(&["animal/cat", "animal"], &[&[1, 0], &[0, 1]]);
    let error = Hierarchy::by_separator(&ambiguous, "/", 1).unwrap_err();
    assert_eq!(error, Error::ParentIsClass { parent: "animal".into(), child: "animal/cat".into() });
    assert!(error.to_string().contains("rename"), "{error}");
    // A chain: the class becomes part of something else than the group of its name.
    let chain = map(&[("animal/cat", "animal"), ("animal", "living")]);
    assert!(matches!(Hierarchy::by_parents(&ambiguous, &chain), Err(Error::ParentIsClass { .. })));
    // Given to the parent of its own name, it is one of the group.
    let given = map(&[("animal/cat", "animal"), ("animal", "animal")]);
    let folded = Hierarchy::by_parents(&ambiguous, &given).unwrap().fold();
    assert_eq!(folded, matrix(&["animal"], &[&[2]]));
}

#[test]
fn what_gives_no_parents_is_refused() {
    let pets = pets();
    for (separator, depth) in [("", 1), ("/", 0)] {
        let error = Hierarchy::by_separator(&pets, separator, depth).unwrap_err();
        assert_eq!(error, Error::Separator { separator: separator.into(), depth });
    }
    let rooted = matrix(&["/cat", "/dog"], &[&[1, 0], &[0, 1]]);
    let error = Hierarchy::by_separator(&rooted, "/", 1).unwrap_err();
    assert_eq!(error, Error::NamelessParent { label: "/cat".into() });
    assert_eq!(Hierarchy::by_separator(&rooted, "/", 2).unwrap().fold(), rooted);
    let error = Hierarchy::by_parents(&pets, &map(&[("stone", "")])).unwrap_err();
    assert_eq!(error, Error::NamelessParent { label: "stone".into() });
}

#[test]
fn a_child_called_elsewhere_is_refused() {
    let odd = matrix(&["a/b", "(elsewhere)"], &[&[1, 0], &[0, 1]]);
    let hierarchy = Hierarchy::by_separator(&odd, "/", 1).unwrap();
    assert!(matches!(hierarchy.unfold("(elsewhere)"), Err(Error::DuplicateLabel { .. })));
    assert_eq!(hierarchy.unfold("a").unwrap().labels(), ["a/b", "(elsewhere)"]);
}

proptest! {
    #[test]
    fn no_row_and_no_weight_is_lost(
        rows in prop::collection::vec((0usize..6, 0usize..6, 1u32..64), 0..60),
        groups in prop::collection::vec(0usize..3, 6),
    ) {
        let mut counts = Counts::new(6);
        for &(actual, predicted, eighths) in &rows {
            counts.update_weighted(actual, predicted, f64::from(eighths) / 8.0).unwrap();
        }
        let labels = groups.iter().enumerate().map(|(i, group)| format!("{group}::{i}"));
        let matrix = Matrix::new(labels.collect(), counts).unwrap();
        let hierarchy = Hierarchy::by_separator(&matrix, "::", 1).unwrap();
        let folded = hierarchy.fold();
        let of = |i: usize| hierarchy.parent_of()[i];
        for (a, parent) in hierarchy.parents().iter().enumerate() {
            for b in 0..hierarchy.parents().len() {
                let cells = rows.iter().filter(|row| (of(row.0), of(row.1)) == (a, b));
                let (n, eighths) = cells.fold((0, 0), |(n, sum), row| (n + 1, sum + row.2));
                prop_assert_eq!(folded.counts().get(a, b), n);
                prop_assert_eq!(folded.counts().weights(a, b).sum(), f64::from(eighths) / 8.0);
            }
            let unfolded = hierarchy.unfold(parent).unwrap();
            prop_assert_eq!(unfolded.counts().total(), rows.len() as u64);
            prop_assert_eq!(unfolded.counts().total_weights(), matrix.counts().total_weights());
            // The children's own totals are those of the matrix.
            let children = (0..6).filter(|&i| of(i) == a).map(|i| matrix.counts().actual_totals()[i]).collect::<Vec<_>>();
            prop_assert_eq!(&unfolded.counts().actual_totals()[..children.len()], &children[..]);
        }
        prop_assert_eq!(folded.counts().total_weights(), matrix.counts().total_weights());
    }
}
