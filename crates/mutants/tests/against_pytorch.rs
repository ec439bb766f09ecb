//! Values and gradients agree with PyTorch's, where it has the operation too. `pytorch/make.py` made the numbers.

use gradiometer_mutants::{Alteration, Subject, all};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    operation: String,
    x: Vec<Vec<f64>>,
    cotangent: Vec<f64>,
    y: Vec<f64>,
    gradient: Vec<Vec<f64>>,
}

fn assert_close(ours: &[f64], theirs: &[f64], what: &str) {
    let scale = theirs.iter().fold(0.0_f64, |m, v| v.abs().max(m));
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() <= 1e-11 * scale, "{what}: {a} for {b}");
    }
}

#[test]
fn values_and_gradients_are_those_of_pytorch() {
    let fixture: Fixture = serde_json::from_str(include_str!("pytorch/gradients.json")).unwrap();
    let entries = all();
    assert!(fixture.cases.len() >= 30);
    for case in fixture.cases {
        let entry = entries.iter().find(|entry| entry.name == case.operation).unwrap();
        let operation = entry.cases[0].as_ref();
        let x: Vec<&[f64]> = case.x.iter().map(Vec::as_slice).collect();
        assert_close(&operation.forward_f64(&x), &case.y, entry.name);
        let gradient = Subject::new(operation, Alteration::None).gradient(&case.x.concat(), &case.cotangent);
        assert_close(&gradient, &case.gradient.concat(), entry.name);
    }
}
