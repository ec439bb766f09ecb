//! What holds for the rows of every source.

use super::*;
use crate::spec::{Adding, Blobs, Digits};

/// A file of real data, where it is on this machine.
pub(super) fn real(name: &str) -> Option<String> {
    let folder = std::env::var_os("GRADIOMETER_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        std::path::PathBuf::from,
    );
    let path = folder.join(name);
    if path.is_file() {
        return Some(path.display().to_string());
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn spec(source: Source) -> DataSpec {
    let standardize = !matches!(source, Source::Adding(_));
    DataSpec { source, shape: None, validation: 0.15, test: 0.15, stratified: true, standardize }
}

fn digits() -> DataSpec {
    spec(Source::Digits(Digits {}))
}

fn numbers(part: &Part) -> Vec<f32> {
    let all: Vec<usize> = (0..part.len()).collect();
    match part.gather(&all).inputs {
        Inputs::Numbers(values) => values,
        Inputs::Tokens(_) => panic!("numbers"),
    }
}

#[test]
fn the_digits_are_split_into_the_shares_of_the_spec() {
    let data = load(&digits(), 7).unwrap();
    assert_eq!((data.train.len(), data.validation.len(), data.test.len()), (1257, 270, 270));
    assert_eq!(data.rows, Rows { read: 1797, used: 1797, excluded: BTreeMap::new() });
    let Task::Classification { classes, shares } = &data.task else { panic!("classes") };
    assert_eq!(classes.len(), 10);
    assert!(shares.iter().all(|share| (share - 0.1).abs() < 0.005), "{shares:?}");
    for part in [&data.validation, &data.test] {
        for class in 0..10 {
            let count = part.classes().unwrap().iter().filter(|c| **c == class).count();
            assert!((25..=29).contains(&count), "class {class} has {count}");
        }
    }
}

#[test]
fn standardized_features_have_mean_0_and_deviation_1_on_the_training_part() {
    let data = load(&digits(), 7).unwrap();
    let constant = &data.standardization.as_ref().unwrap().constant;
    let x = numbers(&data.train);
    for feature in 0..64 {
        let column = || x.iter().skip(feature).step_by(64).map(|x| f64::from(*x));
        let n = column().count() as f64;
        let mean = column().sum::<f64>() / n;
        let variance = column().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        let expected = if constant.contains(&feature) { 0.0 } else { 1.0 };
        assert!(mean.abs() < 1e-5 && (variance - expected).abs() < 1e-4, "{feature}: {mean} {variance}");
    }
    // The left column's pixels are empty in nearly every digit.
    assert!(constant.contains(&0) && constant.contains(&32), "{constant:?}");
    assert!(data.notes[0].ends_with("the first \"pixel_0_0\""), "{:?}", data.notes);
}

#[test]
fn the_same_seed_gives_the_same_rows_and_another_one_others() {
    for source in [
        Source::Digits(Digits {}),
        Source::Blobs(Blobs { rows: 60, classes: 3, features: 4, noise: 1.0 }),
        Source::Adding(Adding { rows: 60, length: 10 }),
    ] {
        let spec = spec(source);
        assert_eq!(load(&spec, 3).unwrap(), load(&spec, 3).unwrap());
        assert_ne!(load(&spec, 3).unwrap(), load(&spec, 4).unwrap());
    }
}

#[test]
fn adding_comes_as_a_sequence_of_pairs_and_is_not_scaled() {
    let data = load(&spec(Source::Adding(Adding { rows: 4000, length: 10 })), 0).unwrap();
    assert_eq!(data.sample_shape, [10, 2]);
    assert_eq!(data.standardization, None);
    let Task::Regression { targets, guess_loss } = &data.task else { panic!("numbers") };
    assert_eq!(targets, &["sum"]);
    assert!((guess_loss - 1.0 / 6.0).abs() < 0.02, "{guess_loss}");
    let Task::Regression { guess_loss, .. } = data.task_under(&Loss::Mae(crate::spec::NoKeys {})) else { panic!() };
    // The sum of two uniform numbers is 1/3 from its median on average.
    assert!((guess_loss - 1.0 / 3.0).abs() < 0.02, "{guess_loss}");
}

#[test]
fn a_shape_that_does_not_hold_a_sample_is_refused_with_one_that_would() {
    let wrong = DataSpec { shape: Some(vec![1, 8, 9]), ..digits() };
    assert_eq!(
        load(&wrong, 0).unwrap_err().to_string(),
        "data.shape [1, 8, 9] holds 72 numbers, but a sample has 64 (the features pixel_0_0 to pixel_7_7); an image \
         would be [1, 8, 8], a sequence [8, 8]"
    );
    let huge = DataSpec { shape: Some(vec![usize::MAX, 2]), ..digits() };
    assert!(load(&huge, 0).unwrap_err().to_string().contains("holds more than 2⁶⁴ numbers"));
    let right = DataSpec { shape: Some(vec![1, 8, 8]), ..digits() };
    assert_eq!(load(&right, 0).unwrap().sample_shape, [1, 8, 8]);
}

#[test]
fn a_generator_of_one_class_is_refused() {
    let one = spec(Source::Blobs(Blobs { rows: 9, classes: 1, features: 2, noise: 1.0 }));
    assert_eq!(
        load(&one, 0).unwrap_err().to_string(),
        "all 9 rows are of one class, \"0\": a classifier needs at least two; check data.target and the file"
    );
}

#[test]
fn noise_beyond_f32_is_refused_by_row_and_feature() {
    let wild = spec(Source::Blobs(Blobs { rows: 90, classes: 3, features: 2, noise: 1e39 }));
    let message = load(&wild, 0).unwrap_err().to_string();
    assert_eq!(message, "row 0, feature \"x2\": inf is not a finite number; correct the value, or exclude the column");
}

#[test]
fn a_real_text_is_read_whole() {
    let Some(path) = real("tinyshakespeare.txt") else { return };
    let text = crate::spec::Text { path: Some(path), length: 64, stride: None };
    let data = load(&DataSpec { standardize: false, ..spec(Source::Text(text)) }, 0).unwrap();
    assert_eq!(data.vocabulary.as_ref().unwrap().len(), 65);
    let Task::NextToken { vocabulary: 65, guess_loss } = data.task else { panic!("tokens") };
    assert!((3.2..3.4).contains(&guess_loss), "{guess_loss}");
}
