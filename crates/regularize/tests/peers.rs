//! Coefficients against those of other programs, at the same objective: `tests/fixtures` says of which, and how they were made.

use std::path::PathBuf;

use gradiometer_regularize::{Dense, Family, Lambdas, Options, Penalty, Problem, Solver, Sparse};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Fixture {
    name: String,
    family: String,
    classes: Option<usize>,
    huber_delta: Option<f64>,
    quantile: Option<f64>,
    l1_ratio: f64,
    standardize: bool,
    intercept: bool,
    penalty_factors: Option<Vec<f64>>,
    lower: Option<Vec<Option<f64>>>,
    upper: Option<Vec<Option<f64>>>,
    groups: Option<Vec<Vec<usize>>>,
    group_weights: Option<Vec<f64>>,
    grouped_by_feature: Option<bool>,
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    offset: Option<Value>,
    lambdas: Vec<f64>,
    coefficients: Value,
    intercepts: Value,
}

fn fixtures() -> Vec<Fixture> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    paths.iter().map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).collect()
}

fn penalty(fixture: &Fixture) -> Penalty {
    let columns = fixture.x.len();
    let mut penalty = Penalty::elastic_net(fixture.l1_ratio);
    penalty.factors = fixture.penalty_factors.clone().unwrap_or_default();
    penalty.grouped_classes = fixture.grouped_by_feature == Some(true);
    if fixture.lower.is_some() || fixture.upper.is_some() {
        let bound = |bounds: &Option<Vec<Option<f64>>>, at: usize| bounds.as_ref().and_then(|bounds| bounds[at]);
        penalty.bounds = (0..columns)
            .map(|at| {
                (
                    bound(&fixture.lower, at).unwrap_or(f64::NEG_INFINITY),
                    bound(&fixture.upper, at).unwrap_or(f64::INFINITY),
                )
            })
            .collect();
    }
    if let Some(groups) = &fixture.groups {
        penalty.groups = vec![0; columns];
        for (number, group) in groups.iter().enumerate() {
            group.iter().for_each(|&column| penalty.groups[column] = number as u32);
        }
        penalty.factors = fixture.group_weights.clone().unwrap_or_default();
    }
    penalty
}

fn family(fixture: &Fixture) -> Family {
    match fixture.family.as_str() {
        "gaussian" => Family::Gaussian,
        "binomial" => Family::Binomial,
        "poisson" => Family::Poisson,
        "multinomial" => Family::Multinomial,
        "huber" => Family::Huber { delta: fixture.huber_delta.unwrap() },
        "quantile" => Family::Quantile { tau: fixture.quantile.unwrap() },
        other => panic!("a fixture of the family {other}"),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

/// The families of which there are fixtures that this test compares; `kept` chooses among them.
fn compare(kept: impl Fn(&Fixture) -> bool, sparse: bool, solver: Solver) {
    let mut compared = 0;
    for fixture in fixtures().iter().filter(|fixture| kept(fixture)) {
        let (n, p) = (fixture.y.len(), fixture.x.len());
        let values = fixture.x.concat();
        let dense = Dense::new(&values, n, p).unwrap();
        let (mut starts, mut indices, mut present) = (vec![0], Vec::new(), Vec::new());
        for column in &fixture.x {
            for (row, &value) in column.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                indices.push(row as u32);
                present.push(value);
            }
            starts.push(present.len());
        }
        let compressed = Sparse::new(&starts, &indices, &present, n).unwrap();
        let codes: Vec<u32> = fixture.y.iter().map(|&y| y as u32).collect();
        let offset = fixture.offset.as_ref().map(|offset| match fixture.family.as_str() {
            "multinomial" => serde_json::from_value::<Vec<Vec<f64>>>(offset.clone()).unwrap().concat(),
            _ => numbers(offset),
        });
        let design: &dyn gradiometer_regularize::Design = if sparse { &compressed } else { &dense };
        let mut problem = match fixture.classes {
            Some(classes) if fixture.family == "multinomial" => Problem::multinomial(design, &codes, classes),
            _ => Problem::new(design, family(fixture), &fixture.y),
        }
        .penalty(penalty(fixture))
        .intercept(fixture.intercept)
        .standardize(fixture.standardize);
        if let Some(weights) = &fixture.weights {
            problem = problem.weights(weights);
        }
        if let Some(offset) = &offset {
            problem = problem.offset(offset);
        }
        let options = Options {
            lambdas: Lambdas::Given(fixture.lambdas.clone()),
            tolerance: 1e-13,
            solver,
            ..Options::default()
        };
        let path = problem.path(&options).unwrap_or_else(|error| panic!("{}: {error}", fixture.name));
        assert_eq!(path.points.len(), fixture.lambdas.len(), "{}", fixture.name);
        for (at, point) in path.points.iter().enumerate() {
            let place = format!("{} at lambda {}", fixture.name, point.lambda);
            assert_eq!(point.lambda, fixture.lambdas[at], "fixtures descend");
            let gap = point.certificate.relative_gap();
            let good = 1e-10;
            assert!(gap < good, "{place}: relative gap {gap:.1e}");
            let (coefficients, intercepts): (Vec<Vec<f64>>, Vec<f64>) = if fixture.family == "multinomial" {
                let classes: Vec<Vec<f64>> = serde_json::from_value(fixture.coefficients[at].clone()).unwrap();
                // Intercepts are determined up to a common constant.
                let intercepts = numbers(&fixture.intercepts[at]);
                let mean = intercepts.iter().sum::<f64>() / intercepts.len() as f64;
                (classes, intercepts.iter().map(|intercept| intercept - mean).collect())
            } else {
                (vec![numbers(&fixture.coefficients[at])], vec![numbers(&fixture.intercepts)[at]])
            };
            let ours: Vec<f64> = point.models.iter().map(|model| model.intercept).collect();
            let mean = if point.models.len() > 1 { ours.iter().sum::<f64>() / ours.len() as f64 } else { 0.0 };
            let scale = coefficients.iter().flatten().fold(1.0f64, |largest, value| largest.max(value.abs()));
            for (class, (model, peer)) in point.models.iter().zip(&coefficients).enumerate() {
                for (j, (ours, peer)) in model.dense(p).iter().zip(peer).enumerate() {
                    let off = (ours - peer).abs();
                    assert!(off <= 1e-6 * scale, "{place}: class {class}, feature {j}: {ours} here, {peer} there");
                }
                let (ours, peer) = (model.intercept - mean, intercepts[class]);
                assert!(
                    (ours - peer).abs() <= 2e-6 * scale.max(peer.abs()),
                    "{place}: intercept {ours} here, {peer} there"
                );
            }
        }
        compared += 1;
    }
    assert!(compared > 0, "no fixture was compared");
}

#[test]
fn least_squares_are_those_of_glmnet_and_scikit_learn() {
    compare(|fixture| fixture.family == "gaussian" && fixture.groups.is_none(), false, Solver::Automatic);
}

#[test]
fn every_solver_finds_the_same() {
    compare(|fixture| fixture.family == "gaussian" && fixture.groups.is_none(), false, Solver::Gram);
    compare(|fixture| fixture.family == "gaussian" && fixture.groups.is_none(), true, Solver::WorkingSet);
    for family in ["gaussian", "binomial", "poisson", "huber"] {
        compare(|fixture| fixture.family == family && fixture.groups.is_none(), true, Solver::Residuals);
    }
}

#[test]
fn logistic_regressions_are_those_of_glmnet_and_scikit_learn() {
    compare(|fixture| fixture.family == "binomial" && fixture.groups.is_none(), false, Solver::Automatic);
}

#[test]
fn poisson_regressions_are_those_of_glmnet() {
    compare(|fixture| fixture.family == "poisson" && fixture.groups.is_none(), true, Solver::Automatic);
}

#[test]
fn hubers_regressions_are_those_of_convex_programming() {
    compare(|fixture| fixture.family == "huber", false, Solver::Automatic);
}

#[test]
fn multinomial_regressions_are_those_of_glmnet() {
    compare(|fixture| fixture.family == "multinomial", false, Solver::Automatic);
    compare(|fixture| fixture.family == "multinomial", true, Solver::Automatic);
}

#[test]
fn quantile_regressions_are_those_of_linear_programming() {
    compare(|fixture| fixture.family == "quantile", false, Solver::Automatic);
}

#[test]
fn group_lassos_are_those_of_convex_programming_and_adelie() {
    compare(|fixture| fixture.groups.is_some(), false, Solver::Automatic);
}
