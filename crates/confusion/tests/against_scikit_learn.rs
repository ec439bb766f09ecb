//! Our numbers against scikit-learn's, on matrices that `scikit_learn/make.py` and `make_report.py` wrote down once.

use gradiometer_confusion::{Cells, ClassStatistic, Counts, Estimate, Matrix, OverallStatistic};
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
        (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-12 * a.abs().max(1.0), "{what}: {a}, scikit-learn {b}"),
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

#[derive(Deserialize)]
struct Reports {
    documentation: usize,
    reports: Vec<Report>,
}

/// Precision, recall and F1, in this order.
#[derive(Deserialize)]
struct Report {
    /// Of the documentation's examples; the others are those in `pycm/statistics.json`.
    counts: Option<Vec<Vec<u64>>>,
    r#macro: [Option<f64>; 3],
    weighted: [Option<f64>; 3],
    micro: [Option<f64>; 3],
    /// With the support as the fourth.
    classes: Option<[Vec<Option<f64>>; 4]>,
}

#[derive(Deserialize)]
struct Matrices {
    cases: Vec<CountsOnly>,
}

#[derive(Deserialize)]
struct CountsOnly {
    counts: Vec<Vec<u64>>,
}

const SCORES: [&str; 3] = ["precision", "recall", "f1"];

#[test]
fn the_report_is_that_of_scikit_learn() {
    let reports: Reports = serde_json::from_str(include_str!("scikit_learn/report.json")).unwrap();
    let matrices: Matrices = serde_json::from_str(include_str!("pycm/statistics.json")).unwrap();
    let (mut averages, mut partial, mut classes) = (0, 0, 0);
    assert_eq!(reports.reports.len(), reports.documentation + matrices.cases.len());
    for (number, report) in reports.reports.iter().enumerate() {
        let counts = match &report.counts {
            Some(counts) => counts,
            None => &matrices.cases[number - reports.documentation].counts,
        };
        let cells = Cells::new(&Counts::from_rows(counts).unwrap());
        let of_classes = |name| ClassStatistic::find(name).unwrap().values(&cells);
        if let Some(theirs) = &report.classes {
            for (name, theirs) in SCORES.into_iter().chain(["support"]).zip(theirs) {
                for (ours, theirs) in of_classes(name).into_iter().zip(theirs) {
                    agree(&format!("{number}, {name}"), ours.map_or_else(undefined, Estimate::exact), *theirs);
                    classes += 1;
                }
            }
        }
        for (kind, theirs) in [("macro", report.r#macro), ("weighted", report.weighted), ("micro", report.micro)] {
            for (score, theirs) in SCORES.into_iter().zip(theirs) {
                averages += 1;
                let name = format!("{score}_{kind}");
                let ours = (OverallStatistic::find(&name).unwrap().value)(&cells);
                if let Ok(ours) = ours {
                    agree(&format!("{number}, {name}"), Estimate::exact(ours), theirs);
                    continue;
                }
                // Where a class has no score, theirs is the average of the others: a model that never dares to predict a class is
                // not worse for it. Ours has no value.
                partial += 1;
                let weight = |k: usize| if kind == "macro" { 1.0 } else { cells.actual()[k] };
                let known: Vec<(f64, f64)> =
                    of_classes(score).into_iter().enumerate().filter_map(|(k, s)| Some((weight(k), s.ok()?))).collect();
                assert!(known.len() < cells.classes(), "{number}, {name}");
                let all: f64 = known.iter().map(|(w, _)| w).sum();
                // And where no class with any weight has one, 0.
                let mean = if all == 0.0 { 0.0 } else { known.iter().map(|(w, s)| w * s).sum::<f64>() / all };
                agree(&format!("{number}, {name} of the others"), Estimate::exact(mean), theirs);
            }
        }
    }
    assert!(averages > 9_000 && partial > 100 && classes > 5_000, "{averages} {partial} {classes}");
}

fn undefined(reason: gradiometer_confusion::Reason) -> Estimate {
    Estimate::Undefined { reason }
}
