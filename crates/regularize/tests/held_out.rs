//! What is held out is predicted by models that never saw it, without a second fit; and rows that are streamed give what rows in memory give.

use gradiometer_regularize::{Categorical, Dense, Error, Folds, Lambdas, MomentsByFold, Options, Penalty, Problem};

const ROWS: usize = 90;
const COLUMNS: usize = 6;

/// Numbers without a pattern, between -1 and 1.
fn noise(i: usize) -> f64 {
    let mixed = (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

fn features() -> Vec<f64> {
    (0..ROWS * COLUMNS).map(noise).collect()
}

fn score(x: &[f64], row: usize) -> f64 {
    2.0 * x[row] - x[row + 2 * ROWS] + 0.5 * noise(row + 7777)
}

/// What the held-out rows are given by paths that are solved here once more, at one `λ`.
fn refitted(problem: &Problem<'_>, folds: &Folds, lambda: f64, design: &Dense<'_, f64>) -> Vec<Vec<f64>> {
    let options = Options { lambdas: Lambdas::Given(vec![lambda]), tolerance: 1e-12, ..Options::default() };
    let mut predicted: Vec<Vec<f64>> = Vec::new();
    for fold in 0..folds.count() {
        let weights: Vec<f64> = folds.of().iter().map(|&of| f64::from(u8::from(of as usize != fold))).collect();
        let path = problem.clone().weights(&weights).path(&options).unwrap();
        for (at, model) in path.points[0].models.iter().enumerate() {
            predicted.resize(path.points[0].models.len(), vec![0.0; ROWS]);
            let all = model.predictors(design);
            folds.rows(fold).into_iter().for_each(|row| predicted[at][row] = all[row]);
        }
    }
    predicted
}

fn assert_kept(problem: &Problem<'_>, design: &Dense<'_, f64>) {
    let folds = Folds::random(ROWS, 5, 3).unwrap();
    let options =
        Options { lambdas: Lambdas::Grid { count: 12, ratio: Some(0.02) }, tolerance: 1e-12, ..Options::default() };
    let validated = problem.cross_validate(&options, &folds).unwrap();
    for at in [1, 6, validated.error.len() - 1] {
        let expected = refitted(problem, &folds, validated.path.points[at].lambda, design);
        for fold in &validated.folds {
            let kept = fold.predictors(problem, at);
            assert_eq!(kept.len(), expected.len());
            // The same number more for every class changes nothing: of several classes differences are compared.
            let several = kept.len() > 1;
            for (place, &row) in fold.rows.iter().enumerate() {
                let first = if several { kept[0][place] - expected[0][row] } else { 0.0 };
                for class in 0..kept.len() {
                    let off = kept[class][place] - expected[class][row] - first;
                    assert!(off.abs() < 1e-4, "{problem:?}, lambda {at}, row {row}, class {class}: {off}");
                }
            }
        }
    }
}

#[test]
fn what_is_kept_of_each_fold_is_what_a_second_fit_predicts() {
    let x = features();
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let y: Vec<f64> = (0..ROWS).map(|row| score(&x, row)).collect();
    assert_kept(&Problem::gaussian(&design, &y), &design);
    let two: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(score(&x, row) + noise(row + 99) > 0.0))).collect();
    assert_kept(&Problem::binomial(&design, &two), &design);
    let three: Vec<u32> = (0..ROWS).map(|row| ((score(&x, row) + 4.0) / 2.7) as u32 % 3).collect();
    assert_kept(&Problem::multinomial(&design, &three, 3), &design);
    // Ridge keeps every coefficient: predictions take less memory then.
    assert_kept(&Problem::binomial(&design, &two).penalty(Penalty::l2()), &design);
}

#[test]
fn an_offset_of_classes_counts_in_what_is_held_out() {
    let x = features();
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let codes: Vec<u32> = (0..ROWS).map(|row| (row % 3) as u32).collect();
    // An offset that knows the class, which no feature does.
    let offset: Vec<f64> = (0..ROWS * 3).map(|at| if codes[at / 3] as usize == at % 3 { 4.0 } else { 0.0 }).collect();
    let folds = Folds::stratified(&codes, 5, 1).unwrap();
    let known = Problem::multinomial(&design, &codes, 3).offset(&offset);
    let known = known.cross_validate(&Options::default(), &folds).unwrap();
    let unknown = Problem::multinomial(&design, &codes, 3).cross_validate(&Options::default(), &folds).unwrap();
    assert!(known.error[0] < 0.1 && unknown.error[0] > 1.0, "{} {}", known.error[0], unknown.error[0]);
}

#[test]
fn streamed_batches_of_any_size_give_the_cross_validation_of_rows_in_memory() {
    let rows = 1000;
    let x: Vec<f64> = (0..rows * COLUMNS).map(|i| 1e3 + noise(i)).collect();
    let y: Vec<f64> = (0..rows).map(|row| 3.0 * x[row] - x[row + 3 * rows] + 0.3 * noise(row + 12345)).collect();
    let weights: Vec<f64> = (0..rows).map(|row| (row % 4) as f64).collect();
    let folds = Folds::permuted_blocks(rows, 7, 11).unwrap();
    let design = Dense::new(&x, rows, COLUMNS).unwrap();
    for (l1_ratio, weights) in [(1.0, None), (0.5, Some(&weights[..]))] {
        let penalty = Penalty::elastic_net(l1_ratio);
        let mut problem = Problem::gaussian(&design, &y).penalty(penalty.clone());
        if let Some(weights) = weights {
            problem = problem.weights(weights);
        }
        let options = Options { tolerance: 1e-10, ..Options::default() };
        let whole = problem.cross_validate(&options, &folds).unwrap();
        for size in [1, 64, 333] {
            let [mut streamed, mut other] = [0, 1].map(|_| MomentsByFold::new(COLUMNS, 7));
            for first in (0..rows).step_by(size) {
                let last = (first + size).min(rows);
                let block: Vec<f64> = x.chunks(rows).flat_map(|column| &column[first..last]).copied().collect();
                let block = Dense::new(&block, last - first, COLUMNS).unwrap();
                let part = if first < rows / 2 { &mut streamed } else { &mut other };
                let weights = weights.map(|weights| &weights[first..last]);
                part.update(&block, &y[first..last], weights, &folds.of()[first..last]).unwrap();
            }
            streamed.merge(other);
            assert_eq!(streamed.total().rows(), rows as u64);
            let found = streamed.cross_validate(&penalty, true, &options).unwrap();
            let near = |a: f64, b: f64| assert!((a - b).abs() <= 1e-8 * b.abs().max(1e-3), "{a} {b}");
            assert_eq!((found.minimum, found.one_standard_error), (whole.minimum, whole.one_standard_error));
            for at in 0..whole.error.len() {
                near(found.error[at], whole.error[at]);
                near(found.standard_error[at], whole.standard_error[at]);
                let (found, whole) = (&found.path.points[at].models[0], &whole.path.points[at].models[0]);
                let (dense, expected) = (found.dense(COLUMNS), whole.dense(COLUMNS));
                dense.iter().zip(&expected).for_each(|(a, b)| near(*a, *b));
                near(found.intercept, whole.intercept);
            }
        }
    }
}

#[test]
fn streamed_rows_of_no_fold_and_folds_of_no_row_are_refused() {
    let x = features();
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let y: Vec<f64> = (0..ROWS).map(|row| score(&x, row)).collect();
    let mut moments = MomentsByFold::new(COLUMNS, 3);
    let far: Vec<u32> = (0..ROWS as u32).map(|row| if row == 5 { 3 } else { 0 }).collect();
    assert_eq!(moments.update(&design, &y, None, &far), Err(Error::Fold { row: 5, fold: 3, folds: 3 }));
    moments.update(&design, &y, None, &[1; ROWS]).unwrap();
    let refused = moments.cross_validate(&Penalty::l1(), true, &Options::default()).unwrap_err();
    assert_eq!(refused, Error::Folds { folds: 3, rows: ROWS });
}

#[test]
fn moments_fit_again_without_a_penalty_what_rows_do() {
    let x = features();
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let y: Vec<f64> = (0..ROWS).map(|row| score(&x, row)).collect();
    let mut moments = MomentsByFold::new(COLUMNS, 2);
    moments.update(&design, &y, None, Folds::permuted_blocks(ROWS, 2, 0).unwrap().of()).unwrap();
    let total = moments.total();
    let (from_sums, from_rows) = (
        total.refit(&[0, 2, 5], &Penalty::l1(), &Options::default()).unwrap(),
        Problem::gaussian(&design, &y).refit(&[0, 2, 5], &Options::default()).unwrap(),
    );
    assert_eq!(from_sums.models[0].columns, [0, 2, 5]);
    for (a, b) in from_sums.models[0].values.iter().zip(&from_rows.models[0].values) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
    let variance = x[..ROWS].iter().map(|v| v * v).sum::<f64>() / ROWS as f64
        - (x[..ROWS].iter().sum::<f64>() / ROWS as f64).powi(2);
    assert!((total.variance(0) - variance).abs() < 1e-12);
}

#[test]
fn a_refit_of_separated_classes_is_refused_unless_bounds_hold_it() {
    let x = features();
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let options = Options { rounds: 100, ..Options::default() };
    let two: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(x[row] > 0.1))).collect();
    let separated = Problem::binomial(&design, &two);
    assert_eq!(separated.refit(&[0, 1], &options), Err(Error::Separated));
    // The second feature says nothing of the classes, and without the first they overlap.
    assert!(separated.refit(&[1], &options).is_ok());
    let bounds = vec![(-3.0, 3.0); COLUMNS];
    let held = separated.clone().penalty(Penalty { bounds, ..Penalty::l1() });
    let held = held.refit(&[0, 1], &options).unwrap();
    assert!(held.models[0].values.iter().all(|value| value.abs() <= 3.0));
    let three: Vec<u32> = (0..ROWS).map(|row| u32::from(x[row] > -0.3) + u32::from(x[row] > 0.3)).collect();
    assert_eq!(Problem::multinomial(&design, &three, 3).refit(&[0], &options), Err(Error::Separated));
}

#[test]
fn a_penalty_of_some_features_costs_them_what_the_whole_one_does() {
    let factors = vec![1.0, 0.0, 2.0, 1.0, 0.5, 1.0];
    let bounds: Vec<(f64, f64)> = (0..COLUMNS).map(|j| (-(j as f64), j as f64 + 1.0)).collect();
    let whole = Penalty { factors, bounds, ..Penalty::elastic_net(0.5) };
    let some = whole.select(&[4, 2]);
    assert_eq!((some.l1_ratio, some.factors, some.bounds), (0.5, vec![0.5, 2.0], vec![(-4.0, 5.0), (-2.0, 3.0)]));
    let grouped = Penalty::group_l1(vec![0, 0, 1, 2, 2, 2]).select(&[3, 0, 4]);
    assert_eq!(grouped.groups, [0, 1, 0]);
    assert_eq!(grouped.factors, [3f64.sqrt(), 2f64.sqrt()]);
}

#[test]
fn categories_are_gathered_as_they_are_spread() {
    use gradiometer_regularize::{Beside, Design};
    let codes: Vec<u32> = (0..ROWS).map(|row| (row % 4) as u32).collect();
    let x = features();
    let (dense, categories) = (Dense::new(&x, ROWS, COLUMNS).unwrap(), Categorical::new(&[(&codes[..], 4)]).unwrap());
    let beside = Beside::new(vec![&dense, &categories]).unwrap();
    let rows = [3, 17, 4, 89];
    for column in 0..beside.columns() {
        let (mut spread, mut gathered) = (vec![0.0; ROWS], [0.0; 4]);
        beside.add_scaled(column, 1.0, &mut spread);
        beside.gather(column, &rows, &mut gathered);
        assert_eq!(gathered, rows.map(|row| spread[row]), "column {column}");
    }
}

#[test]
fn of_two_categories_one_is_taken_and_rounding_takes_no_other() {
    let x = features();
    let codes: Vec<u32> = (0..ROWS).map(|row| u32::from(noise(row + 4242) > 0.1)).collect();
    let categories = Categorical::new(&[(&codes[..], 2)]).unwrap();
    let dense = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let design = gradiometer_regularize::Beside::new(vec![&dense, &categories]).unwrap();
    let y: Vec<f64> = (0..ROWS).map(|row| 100.0 * score(&x, row) + 80.0 * f64::from(codes[row])).collect();
    let path = Problem::gaussian(&design, &y).path(&Options::default()).unwrap();
    assert!(path.points.last().unwrap().support().iter().any(|&column| column >= COLUMNS));
    for point in &path.points {
        let taken = point.support().into_iter().filter(|&column| column >= COLUMNS).count();
        assert!(taken <= 1, "lambda {}: {:?}", point.lambda, point.models[0]);
        assert!(point.converged);
    }
}

#[test]
fn a_refit_of_classes_that_overlap_is_proved() {
    let x = features();
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let two: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(score(&x, row) + noise(row + 99) > 0.0))).collect();
    let counts: Vec<f64> = (0..ROWS).map(|row| (score(&x, row) + 4.0).floor()).collect();
    for problem in [Problem::binomial(&design, &two), Problem::poisson(&design, &counts)] {
        let refit = problem.refit(&[0, 2, 4], &Options::default()).unwrap();
        assert!(refit.converged, "{problem:?}: {:?}", refit.certificate);
        assert_eq!(refit.models[0].columns, [0, 2, 4]);
    }
}
