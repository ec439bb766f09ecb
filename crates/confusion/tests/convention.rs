//! Matrices that other programs wrote, and which way round they are.

use gradiometer_confusion::{Axis, Convention, Error, Matrix, Orientation};

/// The cat detector: 50 true positives, 5 false positives, 10 false negatives, 100 true negatives.
const ROWS_ACTUAL: [[u64; 2]; 2] = [[50, 10], [5, 100]];
const ROWS_PREDICTED: [[u64; 2]; 2] = [[50, 5], [10, 100]];

fn rows(rows: [[u64; 2]; 2]) -> Vec<Vec<u64>> {
    rows.map(|row| row.to_vec()).to_vec()
}

fn labels() -> Vec<String> {
    vec!["cat".into(), "other".into()]
}

fn cats() -> Matrix {
    Matrix::from_rows_of(Axis::Actual, labels(), &rows(ROWS_ACTUAL)).unwrap()
}

#[test]
fn the_cat_detector_is_the_same_matrix_whoever_wrote_it() {
    for &convention in Convention::ALL {
        let written = match convention {
            Convention::Caret | Convention::Yardstick | Convention::MatlabPlotconfusion => ROWS_PREDICTED,
            _ => ROWS_ACTUAL,
        };
        let matrix = Matrix::from_convention(convention, labels(), &rows(written)).unwrap();
        assert_eq!(matrix, cats(), "{convention:?}");
        assert_eq!(matrix.class(0).precision.value(), Some(50.0 / 55.0), "{convention:?}");
        assert_eq!(matrix.class(0).recall.value(), Some(50.0 / 60.0), "{convention:?}");
        assert_eq!(matrix.rows_of(convention.rows()), rows(written), "{convention:?}");
    }
}

#[test]
fn an_axis_is_named_as_it_is_in_every_export() {
    assert_eq!((Axis::Actual.to_string(), Axis::Actual.other().to_string()), ("actual".into(), "predicted".into()));
    assert_eq!(Axis::Predicted.other(), Axis::Actual);
}

#[test]
fn known_totals_tell_a_transposed_matrix() {
    let transposed = Matrix::from_rows_of(Axis::Actual, labels(), &rows(ROWS_PREDICTED)).unwrap();
    assert_eq!(cats().orientation(&[60, 105]), Ok(Orientation::AsGiven));
    assert_eq!(transposed.orientation(&[60, 105]), Ok(Orientation::Transposed));
    assert_eq!(cats().orientation(&[61, 105]), Ok(Orientation::Neither));
    let balanced = Matrix::from_rows_of(Axis::Actual, labels(), &[vec![5, 2], vec![2, 9]]).unwrap();
    assert_eq!(balanced.orientation(&[7, 11]), Ok(Orientation::CannotTell));
}

#[test]
fn totals_of_another_number_of_classes_are_refused() {
    let error = cats().orientation(&[60, 100, 5]).unwrap_err();
    assert_eq!(error, Error::TotalCount { totals: 3, classes: 2 });
    assert_eq!(error.to_string(), "3 totals were given for 2 classes: give one for each, in the order of the labels");
}

#[test]
fn a_ragged_matrix_is_refused_with_its_row_as_it_was_written() {
    let error = Matrix::from_convention(Convention::Caret, labels(), &[vec![1, 2], vec![3]]).unwrap_err();
    assert_eq!(error, Error::NotSquare { row: 1, length: 1, classes: 2 });
    let error = Matrix::from_convention(Convention::Caret, vec!["cat".into()], &rows(ROWS_ACTUAL)).unwrap_err();
    assert_eq!(error, Error::LabelCount { labels: 1, classes: 2 });
}
