//! A batch that is refused counts nothing, and leaves no trace in what is counted after it.

use gradiometer_confusion::labels::Keys;
use gradiometer_confusion::{Column, Error, Tally, Values, Weighting};

fn text<'a>(words: &'a [&'a str]) -> Column<'a> {
    Values::Text(words).into()
}

/// What three good batches give, with a bad one between the first two or without.
fn counted(bad: Option<&dyn Fn(&mut Tally)>) -> String {
    let mut tally = Tally::default();
    tally.update(&text(&["b", "a", "b"]), &text(&["b", "b", "c"]), None).unwrap();
    if let Some(bad) = bad {
        bad(&mut tally);
    }
    for _ in 0..2 {
        tally.update(&text(&["e", "new", "d"]), &text(&["e", "b", "d"]), None).unwrap();
    }
    let (matrix, excluded) = tally.finish().unwrap();
    format!("{:?} {:?} {:?}", matrix.labels(), matrix.counts(), excluded)
}

#[test]
fn a_refused_batch_counts_nothing() {
    let good = counted(None);
    let not_utf8 = |tally: &mut Tally| {
        let actual = Values::Strings { offsets: &[0, 3, 4], bytes: b"new\xff" };
        let error = tally.update(&actual.into(), &text(&["d", "d"]), None).unwrap_err();
        assert_eq!(error, Error::NotUtf8 { axis: "actual", row: 1 });
    };
    assert_eq!(counted(Some(&not_utf8)), good);
    let weighted = |tally: &mut Tally| {
        let predicted = Values::Strings { offsets: &[0, 3, 9], bytes: b"new!" };
        let weights = Weighting { values: &[1.0, f64::NAN], valid: None };
        let error = tally.update(&text(&["d", "d"]), &predicted.into(), Some(weights)).unwrap_err();
        assert_eq!(error, Error::StringOffsets { axis: "predicted", row: 1 });
    };
    assert_eq!(counted(Some(&weighted)), good);
    let keys = |tally: &mut Tally| {
        let values = text(&["new", "zzz"]);
        let column: Column = Values::Dictionary { keys: Keys::U8(&[0, 1, 7]), values: &values }.into();
        let error = tally.update(&column, &column, None).unwrap_err();
        assert!(matches!(error, Error::DictionaryKey { key: 7, values: 2, .. }), "{error}");
    };
    assert_eq!(counted(Some(&keys)), good);
    let kinds = |tally: &mut Tally| {
        assert!(tally.update(&text(&["zzz"]), &Values::I64(&[3]).into(), None).is_err());
    };
    assert_eq!(counted(Some(&kinds)), good);
}

#[test]
fn a_refused_first_batch_does_not_decide_what_labels_are() {
    for labels in [None, Some(vec!["1".to_owned(), "2".to_owned()])] {
        let mut tally = labels.map_or_else(Tally::default, |labels| Tally::with_labels(labels).unwrap());
        assert!(tally.update(&text(&["1"]), &Values::I64(&[1]).into(), None).is_err());
        tally.update(&Values::I64(&[1, 2]).into(), &Values::I64(&[1, 1]).into(), None).unwrap();
        assert_eq!(tally.rows(), 2);
        let (matrix, excluded) = tally.finish().unwrap();
        assert_eq!((matrix.counts().correct(), excluded.total()), (1, 0));
    }
}
