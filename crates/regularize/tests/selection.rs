//! Which features are chosen, how surely, and what is left of their coefficients.

use gradiometer_regularize::selection::Criterion;
use gradiometer_regularize::{Dense, Folds, Lambdas, Options, Penalty, Problem};

/// 100 features of which 10 are true, as in the documentation.
fn simulated(rows: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    let x: Vec<f64> = (0..rows * 100).map(|_| normal()).collect();
    let y = (0..rows).map(|i| (0..10).map(|j| x[j * 10 * rows + i]).sum::<f64>() + normal()).collect();
    (x, y)
}

fn is_true(column: usize) -> bool {
    column.is_multiple_of(10)
}

#[test]
fn the_true_features_are_found_and_stability_leaves_the_others_out() {
    let (x, y) = simulated(200, 1);
    let design = Dense::new(&x, 200, 100).unwrap();
    let problem = Problem::gaussian(&design, &y);
    let options = Options::default();
    let validated = problem.cross_validate(&options, &Folds::random(200, 10, 0).unwrap()).unwrap();
    let support = validated.path.points[validated.one_standard_error].support();
    assert_eq!(support.iter().filter(|&&column| is_true(column)).count(), 10);
    assert!(support.len() < 60, "{support:?}");
    assert!(validated.error[validated.minimum] < 1.7, "the noise has a variance of 1");

    let stability = problem.stability(&validated.path, &options, 25, 7).unwrap();
    assert_eq!(stability.halves, 50);
    let strengths = stability.strengths(0.9, 3.0);
    let stable = stability.selected(0.9, strengths);
    assert_eq!(stable, (0..10).map(|j| 10 * j).collect::<Vec<_>>());
    assert_eq!(stability, problem.stability(&validated.path, &options, 25, 7).unwrap());
}

#[test]
fn criteria_weigh_fit_against_size_and_the_extended_one_is_the_strictest() {
    let (x, y) = simulated(150, 3);
    let design = Dense::new(&x, 150, 100).unwrap();
    let problem = Problem::gaussian(&design, &y);
    let path = problem.path(&Options::default()).unwrap();
    let [aic, bic, ebic] = [Criterion::Aic, Criterion::Bic, Criterion::Ebic { gamma: 1.0 }]
        .map(|criterion| problem.criterion(&path, criterion));
    assert!(ebic.minimum <= bic.minimum && bic.minimum <= aic.minimum);
    let chosen = path.points[ebic.minimum].support();
    assert!(chosen.iter().filter(|&&column| is_true(column)).count() >= 9 && chosen.len() < 30, "{chosen:?}");
    for (df, point) in bic.degrees_of_freedom.iter().zip(&path.points) {
        assert_eq!(*df, point.support().len() as f64);
    }
}

#[test]
fn the_degrees_of_freedom_of_ridge_are_the_trace_of_its_hat() {
    let (x, y) = simulated(60, 5);
    // More rows than features, and fewer.
    for columns in [4, 100] {
        let design = Dense::new(&x[..60 * columns], 60, columns).unwrap();
        let problem = Problem::gaussian(&design, &y).penalty(Penalty::l2());
        let options = Options { lambdas: Lambdas::Given(vec![0.7]), tolerance: 1e-12, ..Options::default() };
        let path = problem.path(&options).unwrap();
        let stated = problem.criterion(&path, Criterion::Bic).degrees_of_freedom[0];
        // The hat's trace by its definition: how much each fitted value moves with its own response; the intercept's share is one.
        let mut trace = -1.0;
        for row in 0..60 {
            let fit = |change: f64| {
                let mut moved = y.clone();
                moved[row] += change;
                let path = Problem::gaussian(&design, &moved).penalty(Penalty::l2()).path(&options).unwrap();
                path.points[0].models[0].predictors(&design)[row]
            };
            trace += (fit(1.0) - fit(-1.0)) / 2.0;
        }
        assert!((stated - trace).abs() < 1e-6, "{stated} {trace}");
    }
}

#[test]
fn a_refit_takes_the_shrinkage_off() {
    let (x, y) = simulated(200, 9);
    let design = Dense::new(&x, 200, 100).unwrap();
    let problem = Problem::gaussian(&design, &y);
    let path = problem.path(&Options::default()).unwrap();
    let point = path.points.iter().find(|point| point.support().len() >= 10).unwrap();
    let support = point.support();
    let refit = problem.refit(&support, &Options::default()).unwrap();
    assert_eq!(refit.models[0].columns, support);
    let fitted = refit.models[0].predictors(&design);
    for &j in &support {
        let product: f64 = (0..200).map(|i| x[j * 200 + i] * (y[i] - fitted[i])).sum();
        assert!(product.abs() < 1e-7, "{product}");
    }
    let size = |values: &[f64]| values.iter().map(|value| value.abs()).sum::<f64>();
    assert!(size(&refit.models[0].values) > size(&point.models[0].values));
}
