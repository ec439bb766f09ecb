//! Columns of every type, with missing values, in parts and at once: all against one row after the other.

use gradiometer_confusion::counts::kernel::Bitmap;
use gradiometer_confusion::labels::{Keys, Labels};
use gradiometer_confusion::{Column, Error, Excluded, Exclusion, Matrix, Tally, Values, Weighting};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Row = (Option<u8>, Option<u8>);

fn bitmap(bits: impl Iterator<Item = bool>) -> Vec<u8> {
    let bits: Vec<bool> = bits.collect();
    // One byte more, and set where nothing is: what lies outside must not count.
    let mut bytes = vec![0xff; bits.len() / 8 + 2];
    for (i, bit) in bits.iter().enumerate() {
        if !bit {
            bytes[i / 8] &= !(1 << (i % 8));
        }
    }
    bytes
}

/// Calls `then` with the column in each layout that can hold it.
fn layouts(values: &[Option<u8>], mut then: impl FnMut(&str, Column)) {
    let valid = bitmap(values.iter().map(Option::is_some));
    let valid = values.iter().any(Option::is_none).then(|| Bitmap::new(&valid, 0, values.len()));
    // What lies under a missing value is not a label.
    let raw: Vec<u8> = values.iter().map(|value| value.unwrap_or(77)).collect();
    let mut as_column = |name: &str, values: Values| then(name, Column { values, valid });
    macro_rules! numbers {
        ($($name:ident $type:ty),*) => {$(
            let numbers: Vec<$type> = raw.iter().map(|&value| value as $type).collect();
            as_column(stringify!($name), Values::$name(&numbers));
        )*};
    }
    numbers!(I8 i8, I16 i16, I32 i32, I64 i64, U8 u8, U16 u16, U32 u32, U64 u64, F64 f64);
    let of_all = (0..=255).collect::<Vec<i32>>();
    let dictionary = Values::I32(&of_all).into();
    as_column("dictionary u8", Values::Dictionary { keys: Keys::U8(&raw), values: &dictionary });
    let wide: Vec<u32> = raw.iter().map(|&key| key.into()).collect();
    as_column("dictionary u32", Values::Dictionary { keys: Keys::U32(&wide), values: &dictionary });
}

fn text_layouts(values: &[Option<u8>], mut then: impl FnMut(&str, Column)) {
    let valid = bitmap(values.iter().map(Option::is_some));
    let valid = values.iter().any(Option::is_none).then(|| Bitmap::new(&valid, 0, values.len()));
    let raw: Vec<String> = values.iter().map(|value| value.map_or("none".into(), |value| value.to_string())).collect();
    let text: Vec<&str> = raw.iter().map(String::as_str).collect();
    then("text", Column { values: Values::Text(&text), valid });
    let mut offsets = vec![0i32];
    let mut large = vec![0i64];
    for word in &raw {
        offsets.push(offsets[offsets.len() - 1] + word.len() as i32);
        large.push(large[large.len() - 1] + word.len() as i64);
    }
    let bytes = raw.concat().into_bytes();
    then("strings", Column { values: Values::Strings { offsets: &offsets, bytes: &bytes }, valid });
    then("large strings", Column { values: Values::LargeStrings { offsets: &large, bytes: &bytes }, valid });
}

fn brute(rows: &[Row]) -> (BTreeMap<(String, String), u64>, [u64; 3]) {
    let mut cells = BTreeMap::new();
    let mut missing = [0; 3];
    for row in rows {
        match row {
            (Some(a), Some(p)) => *cells.entry((a.to_string(), p.to_string())).or_insert(0) += 1,
            (None, Some(_)) => missing[0] += 1,
            (Some(_), None) => missing[1] += 1,
            (None, None) => missing[2] += 1,
        }
    }
    (cells, missing)
}

fn cells(matrix: &Matrix) -> BTreeMap<(String, String), u64> {
    let label = |class: usize| matrix.labels()[class].clone();
    matrix.counts().nonzero().map(|(a, p, n)| ((label(a), label(p)), n)).collect()
}

fn check(name: &str, rows: &[Row], at: usize, actual: Column, predicted: Column) {
    let at = at.min(rows.len());
    let mut whole = Tally::default();
    whole.update(&actual, &predicted, None).unwrap();
    let part = |first: usize, n: usize| {
        let mut tally = Tally::default();
        tally.update(&actual.slice(first, n), &predicted.slice(first, n), None).unwrap();
        tally
    };
    let (first, second) = ((0, at), (at, rows.len() - at));
    let whole = whole.finish().unwrap();
    for (first, second) in [(first, second), (second, first)] {
        let (mut merged, mut updated) = (part(first.0, first.1), part(first.0, first.1));
        merged.merge(part(second.0, second.1)).unwrap();
        assert_eq!(merged.finish().unwrap(), whole, "{name}");
        updated.update(&actual.slice(second.0, second.1), &predicted.slice(second.0, second.1), None).unwrap();
        assert_eq!(updated.finish().unwrap(), whole, "{name}");
    }
    let (expected, missing) = brute(rows);
    assert_eq!(cells(&whole.0), expected, "{name}");
    let reasons = [Exclusion::MissingActual, Exclusion::MissingPredicted, Exclusion::MissingBoth];
    assert_eq!(reasons.map(|reason| whole.1.get(reason)), missing, "{name}");
    let numbers: Vec<u8> = whole.0.labels().iter().map(|label| label.parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "{name}: {numbers:?}");
}

fn value() -> impl Strategy<Value = Option<u8>> {
    prop_oneof![1 => Just(None), 12 => (0u8..4).prop_map(Some), 2 => (0u8..120).prop_map(Some)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_layout_gives_the_same_matrix(
        rows in prop_oneof![
            prop::collection::vec((value(), value()), 0..200),
            prop::collection::vec(((0u8..4).prop_map(Some), (0u8..4).prop_map(Some)), 0..200),
            prop::collection::vec((value(), value()), 1000..1300),
        ],
        at in 0usize..1200,
    ) {
        let (actual, predicted): (Vec<_>, Vec<_>) = rows.iter().copied().unzip();
        layouts(&actual, |a, left| layouts(&predicted, |p, right| check(&format!("{a}, {p}"), &rows, at, left, right)));
        text_layouts(&actual, |a, left| text_layouts(&predicted, |p, right| check(&format!("{a}, {p}"), &rows, at, left, right)));
    }

    #[test]
    fn a_weight_of_a_whole_number_is_as_many_rows(
        rows in prop::collection::vec((0u8..5, 0u8..5, 0u8..9), 0..200), at in 0usize..200,
    ) {
        let actual: Vec<u8> = rows.iter().map(|row| row.0).collect();
        let predicted: Vec<i64> = rows.iter().map(|row| row.1.into()).collect();
        let weights: Vec<f64> = rows.iter().map(|row| row.2.into()).collect();
        let (a, p): (Column, Column) = (Values::U8(&actual).into(), Values::I64(&predicted).into());
        let mut whole = Tally::default();
        whole.update(&a, &p, Some(Weighting { values: &weights, valid: None })).unwrap();
        let at = at.min(rows.len());
        let mut parts = Tally::default();
        for (first, n) in [(at, rows.len() - at), (0, at)] {
            let weights = Weighting { values: &weights[first..first + n], valid: None };
            parts.update(&a.slice(first, n), &p.slice(first, n), Some(weights)).unwrap();
        }
        let (matrix, _) = whole.finish().unwrap();
        prop_assert_eq!(&parts.finish().unwrap().0, &matrix);
        for (i, left) in matrix.labels().iter().enumerate() {
            for (j, right) in matrix.labels().iter().enumerate() {
                let here = rows.iter().filter(|row| row.0.to_string() == *left && row.1.to_string() == *right);
                let (rows, sum, squares) = here.fold((0, 0.0, 0.0), |(n, s, q), row| {
                    (n + 1, s + f64::from(row.2), q + f64::from(row.2).powi(2))
                });
                let weights = matrix.counts().weights(i, j);
                prop_assert_eq!((matrix.counts().get(i, j), weights.sum(), weights.squares()), (rows, sum, squares));
            }
        }
    }

    #[test]
    fn the_order_of_broken_weights_changes_no_sum_by_more_than_its_last_bit(
        weights in prop::collection::vec(1e-6f64..1e6, 1..100), seed in any::<u64>(),
    ) {
        let sums = |weights: &[f64]| {
            let zeros = vec![0u8; weights.len()];
            let column: Column = Values::U8(&zeros).into();
            let mut tally = Tally::default();
            tally.update(&column, &column, Some(Weighting { values: weights, valid: None })).unwrap();
            tally.finish().unwrap().0.counts().weights(0, 0)
        };
        let mut shuffled = weights.clone();
        shuffled.rotate_left(seed as usize % weights.len());
        shuffled.sort_by_key(|weight| weight.to_bits().wrapping_mul(seed | 1));
        let (a, b) = (sums(&weights), sums(&shuffled));
        prop_assert!((a.sum() - b.sum()).abs() <= f64::EPSILON * a.sum());
        prop_assert!((a.squares() - b.squares()).abs() <= f64::EPSILON * a.squares());
    }
}

fn tally(actual: Values, predicted: Values) -> Result<(Matrix, Excluded), Error> {
    let mut tally = Tally::default();
    tally.update(&actual.into(), &predicted.into(), None)?;
    tally.finish()
}

#[test]
fn booleans_are_labelled_and_counted_with_what_is_missing() {
    let (a, p, v) = ([0b0110_1011], [0b0011_1101], [0b1111_1110]);
    let bits = |bytes| Bitmap::new(bytes, 0, 8);
    let mut counted = Tally::default();
    let actual = Column { values: Values::Booleans(bits(&a)), valid: Some(bits(&v)) };
    counted.update(&actual, &Values::Booleans(bits(&p)).into(), None).unwrap();
    let (matrix, excluded) = counted.finish().unwrap();
    assert_eq!(matrix.labels(), ["false", "true"]);
    assert_eq!([matrix.counts().row(0), matrix.counts().row(1)], [[1, 2], [2, 2]]);
    assert_eq!((excluded.get(Exclusion::MissingActual), excluded.total()), (1, 1));
}

#[test]
fn a_class_only_ever_predicted_or_never_predicted_is_kept() {
    let (matrix, _) = tally(Values::Text(&["cat", "dog"]), Values::Text(&["cow", "dog"])).unwrap();
    assert_eq!(matrix.labels(), ["cat", "cow", "dog"]);
    assert_eq!(matrix.counts().actual_totals(), [1, 0, 1]);
    assert_eq!(matrix.counts().predicted_totals(), [0, 1, 1]);
}

#[test]
fn numbers_as_text_are_ordered_by_value_and_stay_different() {
    let (matrix, _) = tally(Values::Text(&["10", "9", "1.0"]), Values::Text(&["10", "9", "1"])).unwrap();
    assert_eq!(matrix.labels(), ["1", "1.0", "9", "10"]);
    let (matrix, _) = tally(Values::F64(&[0.5, -3.0, 1e300]), Values::I64(&[-3, 10, 9])).unwrap();
    assert_eq!(matrix.labels()[..4], ["-3", "0.5", "9", "10"]);
}

#[test]
fn one_and_the_text_one_are_not_taken_for_each_other() {
    let error = tally(Values::I64(&[1]), Values::Text(&["1"])).unwrap_err().to_string();
    assert!(error.starts_with("predicted labels are text where those before are numbers"), "{error}");
}

#[test]
fn rows_outside_a_list_of_labels_are_excluded_by_axis() {
    let mut given = Tally::with_labels(vec!["2".into(), "1".into(), "7".into()]).unwrap();
    given.update(&Values::U8(&[1, 2, 3, 3]).into(), &Values::U8(&[1, 4, 1, 4]).into(), None).unwrap();
    let (matrix, excluded) = given.finish().unwrap();
    assert_eq!(matrix.labels(), ["2", "1", "7"]);
    assert_eq!((matrix.counts().total(), matrix.counts().get(1, 1)), (1, 1));
    let of = |reason| excluded.get(reason);
    assert_eq!((of(Exclusion::UnknownActual), of(Exclusion::UnknownPredicted)), (2, 1));
    let mut wrong = Tally::with_labels(vec!["1".into(), "x".into()]).unwrap();
    let error = wrong.update(&Values::U8(&[1]).into(), &Values::U8(&[1]).into(), None).unwrap_err();
    assert_eq!(error.to_string(), "the label \"x\" can never occur: the columns hold numbers");
}

#[test]
fn a_bad_weight_or_a_nan_excludes_its_row_and_says_so() {
    let (a, p) = ([0.0, f64::NAN, 1.0, 1.0, 1.0], [0.0, 0.0, f64::NAN, 1.0, 1.0]);
    let mut counted = Tally::default();
    let weights = Weighting { values: &[2.0, 1.0, 1.0, -1.0, f64::NAN], valid: None };
    counted.update(&Values::F64(&a).into(), &Values::F64(&p).into(), Some(weights)).unwrap();
    assert_eq!(counted.rows(), 5);
    let (matrix, excluded) = counted.finish().unwrap();
    let found: Vec<_> = excluded.iter().collect();
    assert_eq!(found, [(Exclusion::NanActual, 1), (Exclusion::NanPredicted, 1), (Exclusion::BadWeight, 2)]);
    assert_eq!(matrix.counts().weights(0, 0).sum(), 2.0);
}

#[test]
fn broken_columns_are_refused_and_nothing_is_counted() {
    let strings = |offsets, bytes| Column::from(Values::Strings { offsets, bytes });
    let numbers: Column = Values::I32(&[5]).into();
    let keys: Column = Values::Dictionary { keys: Keys::U8(&[1]), values: &numbers }.into();
    let nested: Column = Values::Dictionary { keys: Keys::U16(&[0]), values: &keys }.into();
    let cases = [
        (strings(&[0, 9], b"ab"), "actual row 0 has offsets that are not within its bytes"),
        (strings(&[1, 0], b"ab"), "actual row 0 has offsets that are not within its bytes"),
        (strings(&[0, 1], b"\xff"), "actual row 0 is not UTF-8"),
        (keys, "actual has key 1 in a dictionary of 1 values"),
        (nested, "the values of the actual dictionary are a dictionary themselves: resolve the inner one"),
        (Values::I32(&[]).into(), "predicted has 1 rows where 0 are expected: all columns are of one length"),
    ];
    for (column, message) in cases {
        let good = if column.kind() == gradiometer_confusion::labels::Kind::Text {
            Values::Text(&["a"])
        } else {
            Values::I64(&[5])
        };
        let mut counted = Tally::default();
        let error = counted.update(&column, &good.into(), None).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!((counted.rows(), counted.finish().unwrap().0.labels().len()), (0, 0));
        let (mut labels, mut codes) = (Labels::default(), vec![7]);
        if column.rows() == 1 {
            assert_eq!(labels.encode("actual", &column, &mut codes).unwrap_err().to_string(), message);
            assert_eq!((labels.text().len(), codes.len()), (0, 0));
        }
    }
}

#[test]
fn many_rows_on_many_threads_are_all_counted() {
    let rows = 1_000_003usize;
    let actual: Vec<i64> = (0..rows as i64).map(|i| i * i % 70_000).collect();
    let predicted: Vec<i64> = actual.iter().enumerate().map(|(i, &a)| if i % 9 == 0 { a + 1 } else { a }).collect();
    let (matrix, excluded) = tally(Values::I64(&actual), Values::I64(&predicted)).unwrap();
    assert_eq!((matrix.counts().total(), excluded.total()), (rows as u64, 0));
    assert_eq!(matrix.counts().correct(), (rows - rows.div_ceil(9)) as u64);
    let mut labels: Vec<i64> = actual.iter().chain(&predicted).copied().collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(matrix.labels(), labels.iter().map(i64::to_string).collect::<Vec<_>>());
}

/// Words of which some stand for a missing value and some are no classes.
fn words() -> impl Strategy<Value = Vec<(&'static str, &'static str, Option<f64>)>> {
    let word = || prop::sample::select(vec!["a", "b", "c", "NA", "x"]);
    prop::collection::vec((word(), word(), prop::option::weighted(0.9, 0.0..3.0f64)), 0..60)
}

proptest! {
    #[test]
    fn labels_that_stand_for_missing_are_missing_and_others_than_those_given_unknown(
        rows in words(), at in 0usize..60, weighted in any::<bool>(), only in any::<bool>(),
    ) {
        let given: Vec<String> = if only { ["c", "a", "b", "never"].map(str::to_owned).to_vec() } else { Vec::new() };
        let weights: Vec<f64> = rows.iter().map(|row| row.2.unwrap_or(0.0)).collect();
        let there: Vec<bool> = rows.iter().map(|row| row.2.is_some()).collect();
        let count = |tally: &mut Tally, from: usize, to: usize, missing: bool| {
            let [actual, predicted] = [0, 1].map(|axis| -> Vec<&str> {
                rows[from..to].iter().map(|row| if axis == 0 { row.0 } else { row.1 }).collect()
            });
            let present = |words: &[&str]| bitmap(words.iter().map(|word| !missing || *word != "NA"));
            let (valid_a, valid_p, valid_w) = (present(&actual), present(&predicted), bitmap(there[from..to].iter().copied()));
            let n = to - from;
            let column = |words, valid| Column { values: Values::Text(words), valid: Some(Bitmap::new(valid, 0, n)) };
            let weights = weighted.then(|| Weighting { values: &weights[from..to], valid: Some(Bitmap::new(&valid_w, 0, n)) });
            tally.update(&column(&actual, &valid_a), &column(&predicted, &valid_p), weights).unwrap();
        };
        let at = at.min(rows.len());
        let mut expected = if only { Tally::with_labels(given.clone()).unwrap() } else { Tally::default() };
        count(&mut expected, 0, rows.len(), true);
        let expected = expected.finish().unwrap();
        let (mut tally, mut other) = (Tally::default(), Tally::default());
        count(&mut tally, 0, at, false);
        count(&mut other, at, rows.len(), false);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let actual: Vec<&str> = rows.iter().map(|row| row.0).collect();
        tally.encode("actual", &Values::Text(&actual[..at]).into(), &mut first).unwrap();
        other.encode("actual", &Values::Text(&actual[at..]).into(), &mut second).unwrap();
        let code_of = tally.merge(other).unwrap();
        let codes = first.into_iter().chain(second.into_iter().map(|code| code_of[code as usize]));
        let found = tally.finish_as(&given, |label| label == "NA").unwrap();
        prop_assert_eq!(found.matrix.labels(), expected.0.labels());
        // Where all weighted rows are left out, one knows that there were weights.
        let cells = |matrix: &Matrix| -> Vec<_> {
            let counts = matrix.counts();
            counts.nonzero().map(|(a, p, n)| (a, p, n, counts.weights(a, p))).collect()
        };
        prop_assert_eq!(cells(&found.matrix), cells(&expected.0));
        prop_assert_eq!(found.excluded.total(), expected.1.total());
        if !weighted {
            prop_assert_eq!(&found.excluded, &expected.1);
        }
        for (code, actual) in codes.zip(&actual) {
            let place = found.matrix.labels().iter().position(|label| label == actual && *actual != "NA");
            prop_assert_eq!(found.class_of[code as usize].map(|class| class as usize), place);
        }
    }
}
