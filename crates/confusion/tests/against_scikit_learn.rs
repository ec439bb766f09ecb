//! Our numbers against scikit-learn's, on matrices that `scikit_learn/make.py` wrote down once.

use gradiometer_confusion::{Counts, Estimate, Matrix};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    counts: Vec<Vec<u64>>,
    accuracy: f64,
    balanced_accuracy: f64,
    mcc: f64,
    precision: Vec<Option<f64>>,
    recall: Vec<Option<f64>>,
    f1: Vec<Option<f64>>,
}

fn agree(what: &str, ours: Estimate, theirs: Option<f64>) {
    match (ours.value(), theirs) {
        (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-12, "{what}: {a}, scikit-learn {b}"),
        (a, b) => assert_eq!(a, b, "{what}"),
    }
}

#[test]
fn every_metric_is_that_of_scikit_learn_where_it_is_defined() {
    let fixture: Fixture = serde_json::from_str(include_str!("scikit_learn/metrics.json")).unwrap();
    assert!(fixture.cases.len() >= 6);
    for case in fixture.cases {
        let labels = (0..case.counts.len()).map(|i| i.to_string()).collect();
        let matrix = Matrix::new(labels, Counts::from_rows(&case.counts).unwrap()).unwrap();
        let name = &case.name;
        agree(&format!("{name}, accuracy"), matrix.accuracy(), Some(case.accuracy));
        agree(&format!("{name}, balanced accuracy"), matrix.balanced_accuracy(), Some(case.balanced_accuracy));
        agree(&format!("{name}, MCC"), matrix.mcc(), Some(case.mcc));
        for (k, class) in matrix.classes().into_iter().enumerate() {
            agree(&format!("{name}, precision of {k}"), class.precision, case.precision[k]);
            agree(&format!("{name}, recall of {k}"), class.recall, case.recall[k]);
            agree(&format!("{name}, F1 of {k}"), class.f1, case.f1[k]);
        }
    }
}
