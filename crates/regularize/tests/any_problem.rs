//! Problems of any shape, family and penalty: each is refused with a reason, or solved and proved; none panics, and none is silently wrong.

use gradiometer_regularize::{Dense, Error, Family, Lambdas, Options, Penalty, Problem, Solver};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn families() -> impl Strategy<Value = Family> {
    prop_oneof![
        Just(Family::Gaussian),
        Just(Family::Binomial),
        Just(Family::Poisson),
        Just(Family::Multinomial),
        Just(Family::Huber { delta: 0.5 }),
        Just(Family::Quantile { tau: 0.4 }),
    ]
}

/// Few values, so that columns repeat, are constant, or depend on each other.
fn coarse() -> impl Strategy<Value = f64> {
    prop_oneof![4 => (-2i8..3).prop_map(f64::from), 1 => -3.0..3.0f64]
}

#[derive(Clone, Debug)]
struct Case {
    rows: usize,
    columns: usize,
    x: Vec<f64>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
    family: Family,
    penalty: Penalty,
    intercept: bool,
    standardize: bool,
    solver: Solver,
}

fn cases() -> impl Strategy<Value = Case> {
    (2usize..14, 1usize..12).prop_flat_map(|(rows, columns)| {
        let factor = prop_oneof![6 => Just(1.0), 1 => Just(0.0), 2 => 0.2..3.0f64];
        let bound = prop_oneof![3 => Just(f64::INFINITY), 1 => Just(0.0), 2 => 0.1..1.0f64];
        let penalty = (
            prop_oneof![3 => Just(1.0), 1 => Just(0.0), 2 => 0.05..0.95f64],
            prop::option::weighted(0.4, prop::collection::vec(factor, columns)),
            prop::option::weighted(0.2, prop::collection::vec((bound.clone(), bound), columns)),
            prop::option::weighted(0.2, Just((0..columns as u32).map(|j| j / 3).collect::<Vec<u32>>())),
            prop::bool::weighted(0.3),
        )
            .prop_map(|(l1_ratio, mut factors, bounds, groups, grouped_classes)| {
                let grouped = groups.is_some() || grouped_classes;
                if let (Some(factors), Some(groups)) = (&mut factors, &groups) {
                    factors.truncate(groups.len().div_ceil(3));
                }
                Penalty {
                    l1_ratio,
                    factors: factors.unwrap_or_default(),
                    bounds: bounds
                        .filter(|_| !grouped)
                        .map(|bounds| bounds.into_iter().map(|(low, high)| (-low, high)).collect())
                        .unwrap_or_default(),
                    groups: groups.unwrap_or_default(),
                    grouped_classes,
                }
            });
        let solver =
            prop_oneof![Just(Solver::Automatic), Just(Solver::Gram), Just(Solver::WorkingSet), Just(Solver::Residuals)];
        let data = (
            prop::collection::vec(coarse(), rows * columns),
            prop::collection::vec(-2.0..4.0f64, rows),
            prop::option::of(prop::collection::vec(prop_oneof![1 => Just(0.0), 4 => 0.1..3.0f64], rows)),
        );
        (data, families(), penalty, any::<bool>(), any::<bool>(), solver).prop_map(
            move |((x, y, weights), family, mut penalty, intercept, standardize, solver)| {
                // Of the others it is refused at once; that is another test's.
                penalty.grouped_classes &= family == Family::Multinomial;
                let y = match family {
                    Family::Binomial => y.iter().map(|&y| f64::from(u8::from(y > 1.0))).collect(),
                    Family::Poisson => y.iter().map(|&y| y.max(0.0).floor()).collect(),
                    Family::Multinomial => y.iter().map(|&y| ((y + 2.0) / 2.0).floor()).collect(),
                    _ => y,
                };
                Case { rows, columns, x, y, weights, family, penalty, intercept, standardize, solver }
            },
        )
    })
}

proptest! {
    // The same cases everywhere; other seeds and more cases are for who works on a solver.
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn every_problem_is_refused_or_proved(case in cases()) {
        let design = Dense::new(&case.x, case.rows, case.columns).unwrap();
        let codes: Vec<u32> = case.y.iter().map(|&y| y.max(0.0) as u32).collect();
        let mut problem = match case.family {
            Family::Multinomial => Problem::multinomial(&design, &codes, 3),
            family => Problem::new(&design, family, &case.y),
        }
        .penalty(case.penalty.clone())
        .intercept(case.intercept)
        .standardize(case.standardize);
        if let Some(weights) = &case.weights {
            problem = problem.weights(weights);
        }
        let options = Options {
            lambdas: Lambdas::Grid { count: 8, ratio: Some(0.01) },
            solver: case.solver,
            ..Options::default()
        };
        match problem.path(&options) {
            Ok(path) => {
                prop_assert!(!path.points.is_empty());
                for point in &path.points {
                    let gap = point.certificate.relative_gap();
                    // Huber's steps are those of a majorizer, which in odd designs are short: then the point says so.
                    let slow = matches!(case.family, Family::Huber { .. }) && !point.converged && gap < 1e-3;
                    prop_assert!(point.converged || slow, "lambda {}: relative gap {gap:.1e}", point.lambda);
                    prop_assert_eq!(point.converged, gap <= options.tolerance);
                    for model in &point.models {
                        prop_assert!(model.intercept.is_finite() && model.values.iter().all(|value| value.is_finite()));
                        for (&j, &value) in model.columns.iter().zip(&model.values) {
                            let (low, high) = case.penalty.bounds.get(j).copied().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
                            let rounding = 1e-12 * value.abs();
                            prop_assert!(low - rounding <= value && value <= high + rounding);
                        }
                    }
                }
            }
            Err(
                Error::TooFewRows { .. }
                | Error::NoWeight
                | Error::ConstantResponse { .. }
                | Error::EmptyClass { .. }
                | Error::Undetermined { .. }
                | Error::NothingPenalized
                | Error::Separated
                | Error::SeparatedWithoutPenalty { .. }
                | Error::Unsupported { .. },
            ) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
