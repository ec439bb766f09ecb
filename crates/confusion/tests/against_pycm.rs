//! Our statistics against PyCM's, on matrices that `pycm/make.py` wrote down once with what PyCM says of them.
//!
//! Equal is within 1e-12, relative above 1. Where PyCM's own formula in 60 digits gives something else than PyCM does, the fixture holds
//! both, and ours must be the one of 60 digits. What else differs is a fault of PyCM that [`fault`] names and proves.

use gradiometer_confusion::catalogue::{CLASS, OVERALL};
use gradiometer_confusion::{
    Cells, ClassCells, ClassStatistic, Counts, INTERPRETATIONS, Interpretation, OverallStatistic, Reason,
};
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Deserialize)]
struct Fixture {
    class_names: Vec<String>,
    overall_names: Vec<String>,
    documentation: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    counts: Vec<Vec<u64>>,
    overall: Vec<Theirs>,
    /// By statistic, then by class.
    classes: Option<Vec<Vec<Theirs>>>,
}

/// What PyCM gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Theirs {
    Value(Option<f64>),
    Words(String),
    /// What it gives, and what its formula gives with 60 digits.
    Rounded([Option<f64>; 2]),
}

impl Theirs {
    fn value(&self) -> Option<f64> {
        match self {
            Self::Value(value) | Self::Rounded([_, value]) => *value,
            Self::Words(words) => panic!("{words} is no number"),
        }
    }
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("pycm/statistics.json")).unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
}

fn equal(ours: Result<f64, Reason>, theirs: Option<f64>) -> bool {
    match (ours, theirs) {
        (Ok(a), Some(b)) => near(a, b),
        (Err(_), None) => true,
        _ => false,
    }
}

/// Whether a difference is a fault of PyCM in this very case, with the proof.
fn class_fault(name: &str, class: &ClassCells, ours: Result<f64, Reason>, theirs: Option<f64>) -> bool {
    let ClassCells { tp, fn_, fp, tn } = *class;
    match (name, ours, theirs) {
        // √3/π turns a natural logarithm of odds into standard deviations (Hasselblad and Hedges 1995); theirs is to the base 10.
        ("DP", Ok(ours), Some(theirs)) => near(ours, theirs * 10f64.ln()),
        // 0 is the ratio of 0 to something; theirs divides by LR−, which has no value without true negatives.
        ("DOR", Ok(ours), None) => ours == 0.0 && tn == 0.0 && fp > 0.0 && fn_ > 0.0,
        // Where one kind of mistake is missing the association is complete: 1. Theirs divides by FP·FN first.
        ("Q", Ok(ours), None) => ours == 1.0 && fp * fn_ == 0.0 && tp * tn > 0.0,
        // 0 for a recall of 0, also where there are no other rows, and so no specificity, of which it is a mean.
        ("AGM", Err(Reason::AlwaysOccurs), Some(theirs)) => theirs == 0.0 && tn + fp == 0.0,
        _ => false,
    }
}

/// Whether a difference is a fault of PyCM in this very case, with the proof.
fn overall_fault(name: &str, cells: &Cells, ours: Result<f64, Reason>, theirs: Option<f64>) -> bool {
    let missing = |margin: &[f64], other: &[f64]| margin.iter().zip(other).any(|(a, b)| *a == 0.0 && *b > 0.0);
    let (actual, predicted) = (cells.actual(), cells.predicted());
    match (name, ours, theirs) {
        // x log x is 0 at 0 (Cover and Thomas 2006, ch. 2): a class that never occurs adds nothing. Theirs takes the logarithm of 0.
        ("KL Divergence", Ok(_), None) => actual.contains(&0.0) && !missing(predicted, actual),
        // −p log 0 is unbounded. Theirs leaves it out, and so says less than the entropy, which is the least there can be.
        ("Cross Entropy", Err(Reason::OccursUnpredicted), Some(_)) => missing(predicted, actual),
        // The quantile is 1.95996…, which theirs rounds to 1.96: a ten-thousandth of the half width.
        ("95% CI (low)" | "95% CI (high)" | "Kappa 95% CI (low)" | "Kappa 95% CI (high)", Ok(ours), Some(theirs)) => {
            let (centre, error) = match name.starts_with("Kappa") {
                true => ("Kappa", "Kappa Standard Error"),
                false => ("Overall ACC", "Standard Error"),
            };
            let value = |name| (OverallStatistic::find(name).unwrap().value)(cells).unwrap();
            let sign = if name.ends_with("(low)") { -1.0 } else { 1.0 };
            near(theirs, value(centre) + sign * 1.96 * value(error))
                && near(ours, value(centre) + sign * 1.959_963_984_540_054 * value(error))
        }
        _ => false,
    }
}

#[test]
fn every_statistic_of_pycm_is_in_the_catalogue() {
    let fixture = fixture();
    let words = |name: &str| Interpretation::find(name).is_ok();
    let missing = |names: &[String], known: &dyn Fn(&str) -> bool| {
        names.iter().filter(|name| !known(name) && !words(name)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(missing(&fixture.class_names, &|name| ClassStatistic::find(name).is_ok()), [""; 0]);
    assert_eq!(missing(&fixture.overall_names, &|name| OverallStatistic::find(name).is_ok()), [""; 0]);
    // PyCM counts a pair of numbers as one statistic, and its P-Value, which has a fixture of its own, as one more.
    assert_eq!((fixture.class_names.len(), fixture.overall_names.len()), (65, 69 + 3 - 1));
    // And no name is claimed that PyCM has not.
    let names = fixture.class_names.iter().chain(&fixture.overall_names).map(String::as_str);
    let theirs: HashSet<&str> = names.chain(["P-Value"]).collect();
    let ours = CLASS.iter().flat_map(|s| s.pycm).chain(OVERALL.iter().flat_map(|s| s.pycm));
    for name in ours.chain(INTERPRETATIONS.iter().flat_map(|scale| scale.pycm)) {
        assert!(theirs.contains(name), "{name}");
    }
}

#[test]
fn statistics_of_a_class_are_those_of_pycm() {
    let fixture = fixture();
    let (mut compared, mut faults, mut failures) = (0, HashSet::new(), Vec::new());
    for (number, case) in fixture.cases.iter().enumerate() {
        let Some(theirs) = &case.classes else { continue };
        let cells = Cells::new(&Counts::from_rows(&case.counts).unwrap());
        let classes = ClassCells::all(&cells);
        for (name, theirs) in fixture.class_names.iter().zip(theirs) {
            let Ok(statistic) = ClassStatistic::find(name) else { continue };
            for ((class, ours), theirs) in classes.iter().zip(statistic.values(&cells)).zip(theirs) {
                compared += 1;
                if !equal(ours, theirs.value()) {
                    if class_fault(name, class, ours, theirs.value()) {
                        faults.insert(name.as_str());
                    } else {
                        failures.push(format!("{number} {name}: {ours:?}, PyCM {theirs:?}, {class:?}"));
                    }
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {compared}:\n{}",
        failures.len(),
        failures[..failures.len().min(40)].join("\n")
    );
    assert!(compared > 50_000);
    // A fault that no case shows any longer must go from the table.
    assert_eq!(faults, HashSet::from(["DP", "DOR", "Q", "AGM"]));
}

#[test]
fn statistics_of_the_whole_matrix_are_those_of_pycm() {
    let fixture = fixture();
    let (mut compared, mut faults, mut failures) = (0, HashSet::new(), Vec::new());
    for (number, case) in fixture.cases.iter().enumerate() {
        let cells = Cells::new(&Counts::from_rows(&case.counts).unwrap());
        for (name, theirs) in fixture.overall_names.iter().zip(&case.overall) {
            let Ok(statistic) = OverallStatistic::find(name) else { continue };
            let ours = (statistic.value)(&cells);
            compared += 1;
            if !equal(ours, theirs.value()) {
                if overall_fault(name, &cells, ours, theirs.value()) {
                    faults.insert(name.as_str());
                } else {
                    failures.push(format!("{number} {name}: {ours:?}, PyCM {theirs:?}, {:?}", case.counts));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {compared}:\n{}",
        failures.len(),
        failures[..failures.len().min(40)].join("\n")
    );
    assert!(compared > 60_000 && fixture.cases.len() == fixture.documentation + 1000);
    let ends = ["95% CI (low)", "95% CI (high)", "Kappa 95% CI (low)", "Kappa 95% CI (high)"];
    assert_eq!(faults, HashSet::from_iter(ends.into_iter().chain(["KL Divergence", "Cross Entropy"])));
}

#[test]
fn words_are_those_of_pycm() {
    let fixture = fixture();
    let (mut compared, mut failures) = (0, Vec::new());
    let mut check = |number: usize, scale: &Interpretation, value: Result<f64, Reason>, theirs: &Theirs| {
        let theirs = match theirs {
            Theirs::Words(words) => Some(words.to_lowercase()),
            Theirs::Value(None) => None,
            other => panic!("{other:?} are no words"),
        };
        // Next to a limit of the scale the last digit decides.
        let allowed = |value: f64| [value - 1e-12, value, value + 1e-12].map(|x| scale.words(x));
        let same = match (scale.statistic, value) {
            // Its logarithm is to the wrong base, and so are its words.
            ("discriminant_power", Ok(value)) => allowed(value / 10f64.ln()).contains(&theirs.as_deref()),
            // What has no value there has one here, as the test of values proves.
            ("yule_q", Ok(1.0)) if theirs.is_none() => true,
            (_, Ok(value)) => allowed(value).contains(&theirs.as_deref()),
            (_, Err(_)) => theirs.is_none(),
        };
        compared += 1;
        if !same {
            failures.push(format!("{number} {}: {value:?}, PyCM {theirs:?}", scale.name));
        }
    };
    for (number, case) in fixture.cases.iter().enumerate() {
        let cells = Cells::new(&Counts::from_rows(&case.counts).unwrap());
        for (name, theirs) in fixture.overall_names.iter().zip(&case.overall) {
            if let Ok(scale) = Interpretation::find(name) {
                check(number, scale, (OverallStatistic::find(scale.statistic).unwrap().value)(&cells), theirs);
            }
        }
        for (name, theirs) in fixture.class_names.iter().zip(case.classes.iter().flatten()) {
            if let Ok(scale) = Interpretation::find(name) {
                let values = ClassStatistic::find(scale.statistic).unwrap().values(&cells);
                values.into_iter().zip(theirs).for_each(|(value, theirs)| check(number, scale, value, theirs));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {compared}:\n{}",
        failures.len(),
        failures[..failures.len().min(40)].join("\n")
    );
    assert!(compared > 15_000);
}

#[derive(Deserialize)]
struct PValues {
    cases: Vec<PValue>,
}

#[derive(Deserialize)]
struct PValue {
    counts: Vec<Vec<u64>>,
    pycm: Option<f64>,
    /// By exact fractions.
    exact: f64,
}

#[test]
fn p_values_are_those_of_pycm_and_of_exact_fractions() {
    let fixture: PValues = serde_json::from_str(include_str!("pycm/p_value.json")).unwrap();
    let statistic = OverallStatistic::find("P-Value").unwrap();
    let (mut faults, cases) = (Vec::new(), fixture.cases.len());
    for PValue { counts, pycm, exact } in fixture.cases {
        let ours = (statistic.value)(&Cells::new(&Counts::from_rows(&counts).unwrap())).unwrap();
        assert!((ours - exact).abs() <= 1e-11 * exact, "{ours}, exactly {exact}, {counts:?}");
        match pycm {
            // One less a sum that rounding has carried past one.
            Some(theirs) if theirs < 0.0 => faults.push("negative"),
            Some(theirs) => assert!((ours - theirs).abs() <= 1e-12, "{ours}, PyCM {theirs}, {counts:?}"),
            None => faults.push("none"),
        }
    }
    assert!(cases > 200 && faults.contains(&"none"), "{cases} {faults:?}");
}

#[test]
fn under_weights_the_p_value_is_that_of_the_effective_rows() {
    let value = |counts: &Counts| {
        (OverallStatistic::find("no_information_rate_p_value").unwrap().value)(&Cells::new(counts)).unwrap()
    };
    let rows = [(0, 0, 31), (0, 1, 9), (1, 0, 6), (1, 1, 14)];
    let (mut plain, mut weighted) = (Counts::new(2), Counts::new(2));
    for (actual, predicted, n) in rows {
        plain.update_many(actual, predicted, n).unwrap();
        (0..n).for_each(|_| weighted.update_weighted(actual, predicted, 0.25).unwrap());
    }
    // Equal weights tell as much as rows without.
    assert!(near(value(&plain), value(&weighted)) && value(&plain) > 0.1, "{}", value(&plain));
}
