//! The duality gap again, by other code: plain loops in f64 over an expanded design, for every family. And what has an algebra: weights,
//! merging, designs, folds.

use gradiometer_regularize::{
    Beside, Categorical, Dense, Design, Family, Folds, Lambdas, Moments, Options, Path, Penalty, Problem, Solver,
    Sparse,
};
use proptest::prelude::*;

/// Numbers that look random, from a seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Close to normal: the sum of twelve uniform numbers, less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

struct Data {
    rows: usize,
    columns: usize,
    x: Vec<f64>,
    eta: Vec<f64>,
    numbers: Numbers,
}

fn data(rows: usize, columns: usize, seed: u64) -> Data {
    let mut numbers = Numbers(seed.wrapping_mul(2).wrapping_add(1));
    let mut x = vec![0.0; rows * columns];
    for i in 0..rows {
        let mut last = numbers.normal();
        for j in 0..columns {
            last = 0.5 * last + 0.8 * numbers.normal();
            // Columns of different scales and means.
            x[j * rows + i] = (last + j as f64 % 3.0) * (1.0 + (j % 5) as f64);
        }
    }
    let eta = (0..rows)
        .map(|i| (0..columns.min(4)).map(|j| x[j * rows + i] * [0.8, -0.5, 0.3, 0.2][j] / (1.0 + (j % 5) as f64)).sum())
        .collect();
    Data { rows, columns, x, eta, numbers }
}

fn response(data: &mut Data, family: Family) -> Vec<f64> {
    let eta = data.eta.clone();
    eta.into_iter()
        .map(|eta| match family {
            Family::Binomial => f64::from(u8::from(1.0 / (1.0 + (-eta).exp()) > data.numbers.next())),
            Family::Poisson => (0.4 * eta + 0.5 * data.numbers.next()).exp().floor(),
            _ => eta + data.numbers.normal(),
        })
        .collect()
}

fn loss(family: Family, y: f64, eta: f64) -> f64 {
    match family {
        Family::Gaussian | Family::Multinomial => 0.5 * (y - eta).powi(2),
        Family::Binomial => {
            if eta > 0.0 {
                eta + (-eta).exp().ln_1p() - y * eta
            } else {
                eta.exp().ln_1p() - y * eta
            }
        }
        Family::Poisson => eta.exp() - y * eta,
        Family::Huber { delta } => {
            let r = (y - eta).abs();
            if r <= delta { 0.5 * r * r } else { delta * r - 0.5 * delta * delta }
        }
        Family::Quantile { tau } => ((y - eta) * tau).max((y - eta) * (tau - 1.0)),
    }
}

/// The objective at one point of a path, from coefficients in the units of the data.
fn objective(
    data: &Data,
    y: &[f64],
    weights: &[f64],
    family: Family,
    penalty: &Penalty,
    path: &Path,
    at: usize,
) -> f64 {
    let point = &path.points[at];
    let total: f64 = weights.iter().sum();
    let beta = point.models[0].dense(data.columns);
    let mut sum = 0.0;
    for i in 0..data.rows {
        let eta =
            point.models[0].intercept + (0..data.columns).map(|j| data.x[j * data.rows + i] * beta[j]).sum::<f64>();
        sum += weights[i] / total * loss(family, y[i], eta);
    }
    for (column, beta) in data.x.chunks(data.rows).zip(&beta) {
        let mean: f64 = column.iter().zip(weights).map(|(x, w)| x * w / total).sum();
        let sd = column.iter().zip(weights).map(|(x, w)| (x - mean).powi(2) * w / total).sum::<f64>().sqrt();
        let b = beta * sd;
        sum += point.lambda * (penalty.l1_ratio * b.abs() + 0.5 * (1.0 - penalty.l1_ratio) * b * b);
    }
    sum
}

const FAMILIES: [Family; 5] =
    [Family::Gaussian, Family::Binomial, Family::Poisson, Family::Huber { delta: 0.8 }, Family::Quantile { tau: 0.3 }];

#[test]
fn the_objective_that_a_certificate_states_is_that_of_its_coefficients_and_no_neighbour_is_better() {
    for family in FAMILIES {
        for l1_ratio in [1.0, 0.4] {
            for (rows, columns) in [(80, 6), (30, 60)] {
                let mut data = data(rows, columns, 3);
                let y = response(&mut data, family);
                let design = Dense::new(&data.x, rows, columns).unwrap();
                let penalty = Penalty::elastic_net(l1_ratio);
                let options = Options {
                    lambdas: Lambdas::Grid { count: 12, ratio: Some(0.05) },
                    tolerance: 1e-10,
                    ..Options::default()
                };
                let path = Problem::new(&design, family, &y).penalty(penalty.clone()).path(&options).unwrap();
                assert!(path.points.len() > 3, "{family:?}");
                let weights = vec![1.0; rows];
                for at in 0..path.points.len() {
                    let point = &path.points[at];
                    assert!(point.converged, "{family:?} {l1_ratio} {rows}: {:.1e}", point.certificate.relative_gap());
                    let stated = point.certificate.primal;
                    let computed = objective(&data, &y, &weights, family, &penalty, &path, at);
                    assert!((stated - computed).abs() < 1e-9 * (1.0 + stated.abs()), "{family:?}: {stated} {computed}");
                    // Brute force: no small move of a coefficient, nor of the intercept, gains more than the gap allows.
                    for j in 0..=columns {
                        for step in [1e-3, -1e-3] {
                            let mut moved = path.clone();
                            let model = &mut moved.points[at].models[0];
                            if j == columns {
                                model.intercept += step;
                            } else {
                                let mut beta = model.dense(columns);
                                beta[j] += step;
                                (model.columns, model.values) = beta.into_iter().enumerate().unzip();
                            }
                            let other = objective(&data, &y, &weights, family, &penalty, &moved, at);
                            assert!(other >= computed - point.certificate.gap() - 1e-12, "{family:?}, feature {j}");
                        }
                    }
                }
                // The first of a grid is where everything becomes zero, and not before.
                assert!(path.points[0].support().is_empty(), "{family:?}");
                if l1_ratio == 1.0 {
                    assert!(!path.points[2].support().is_empty(), "{family:?}");
                }
            }
        }
    }
}

#[test]
fn within_bounds_no_neighbour_of_a_quantile_is_better() {
    let (rows, columns) = (80, 6);
    let mut data = data(rows, columns, 17);
    let y = response(&mut data, Family::Gaussian);
    let design = Dense::new(&data.x, rows, columns).unwrap();
    let infinite = f64::INFINITY;
    // Some that bind from above, some from below, and one that leaves nothing.
    let bounds =
        vec![(-1.0, 0.2), (0.0, infinite), (-infinite, 0.05), (0.0, 0.0), (-0.01, 0.01), (-infinite, infinite)];
    for l1_ratio in [1.0, 0.4] {
        let penalty = Penalty { bounds: bounds.clone(), ..Penalty::elastic_net(l1_ratio) };
        for tau in [0.3, 0.5] {
            let family = Family::Quantile { tau };
            let options = Options {
                lambdas: Lambdas::Grid { count: 10, ratio: Some(0.02) },
                tolerance: 1e-10,
                ..Options::default()
            };
            let path = Problem::new(&design, family, &y).penalty(penalty.clone()).path(&options).unwrap();
            let last = path.points[9].models[0].dense(columns);
            assert!(
                last.iter().zip(&bounds).any(|(b, (_, high))| *b != 0.0 && (b - high).abs() < 1e-12),
                "no bound binds: {last:?}"
            );
            for at in 0..path.points.len() {
                let point = &path.points[at];
                assert!(point.converged, "{tau} {l1_ratio}: {:.1e}", point.certificate.relative_gap());
                let computed = objective(&data, &y, &vec![1.0; rows], family, &penalty, &path, at);
                assert!((point.certificate.primal - computed).abs() < 1e-9);
                for (j, &(low, high)) in bounds.iter().enumerate() {
                    for step in [1e-3, -1e-3] {
                        let mut moved = path.clone();
                        let model = &mut moved.points[at].models[0];
                        let mut beta = model.dense(columns);
                        assert!(low - 1e-12 <= beta[j] && beta[j] <= high + 1e-12);
                        beta[j] = (beta[j] + step).clamp(low, high);
                        (model.columns, model.values) = beta.into_iter().enumerate().unzip();
                        let other = objective(&data, &y, &vec![1.0; rows], family, &penalty, &moved, at);
                        assert!(other >= computed - point.certificate.gap() - 1e-12, "{tau} {l1_ratio}, feature {j}");
                    }
                }
            }
        }
    }
}

/// `mean`: about that of every feature. An intercept alone is as uncertain as the coefficients are, times it; what is predicted
/// there is not.
fn close(a: &Path, b: &Path, columns: usize, mean: f64, tolerance: f64) {
    assert_eq!(a.points.len(), b.points.len());
    for (a, b) in a.points.iter().zip(&b.points) {
        assert!((a.lambda - b.lambda).abs() <= 1e-9 * a.lambda, "{} {}", a.lambda, b.lambda);
        for (a, b) in a.models.iter().zip(&b.models) {
            let [there, here] = [a, b].map(|model| model.intercept + mean * model.dense(columns).iter().sum::<f64>());
            assert!((there - here).abs() <= tolerance * (1.0 + there.abs().min(a.intercept.abs())), "{there} {here}");
            for (a, b) in a.dense(columns).iter().zip(b.dense(columns)) {
                assert!((a - b).abs() <= tolerance * (1.0 + a.abs()), "{a} {b}");
            }
        }
    }
}

fn precise(lambdas: Lambdas) -> Options {
    Options { lambdas, tolerance: 1e-13, ..Options::default() }
}

#[test]
fn a_row_of_weight_two_is_two_rows() {
    for family in FAMILIES {
        let mut data = data(40, 5, 11);
        let y = response(&mut data, family);
        let weights: Vec<f64> = (0..40).map(|i| [1.0, 2.0, 0.0, 3.0][i % 4]).collect();
        let repeated: Vec<usize> = (0..40).flat_map(|i| std::iter::repeat_n(i, weights[i] as usize)).collect();
        let x: Vec<f64> =
            (0..5).flat_map(|j| repeated.iter().map(move |&i| (i, j))).map(|(i, j)| data.x[j * 40 + i]).collect();
        let long: Vec<f64> = repeated.iter().map(|&i| y[i]).collect();
        let (short_design, long_design) =
            (Dense::new(&data.x, 40, 5).unwrap(), Dense::new(&x, repeated.len(), 5).unwrap());
        let options = precise(Lambdas::Grid { count: 8, ratio: Some(0.05) });
        let a = Problem::new(&short_design, family, &y).weights(&weights).path(&options).unwrap();
        let lambdas = a.points.iter().map(|point| point.lambda).collect();
        let b = Problem::new(&long_design, family, &long).path(&precise(Lambdas::Given(lambdas))).unwrap();
        // A quantile can be a whole interval of intercepts; its objective is one number.
        if matches!(family, Family::Quantile { .. }) {
            for (a, b) in a.points.iter().zip(&b.points) {
                assert!((a.certificate.primal - b.certificate.primal).abs() < 1e-9);
            }
        } else {
            close(&a, &b, 5, 0.0, 1e-6);
        }
    }
}

#[test]
fn designs_of_every_kind_give_the_same() {
    let rows = 90;
    let mut numbers = Numbers(5);
    let dense: Vec<f64> = (0..rows * 3).map(|_| numbers.normal()).collect();
    let single: Vec<f32> = dense.iter().map(|&x| x as f32).collect();
    let rounded: Vec<f64> = single.iter().map(|&x| f64::from(x)).collect();
    let a: Vec<u32> = (0..rows).map(|i| (i * 7 % 4) as u32).collect();
    let b: Vec<u32> = (0..rows).map(|_| (numbers.next() * 3.0) as u32).collect();
    let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    let mut sparse_columns = Vec::new();
    for _ in 0..4 {
        let column: Vec<f64> = (0..rows).map(|_| if numbers.next() < 0.2 { numbers.normal() } else { 0.0 }).collect();
        for (row, &value) in column.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            indices.push(row as u32);
            values.push(value);
        }
        starts.push(values.len());
        sparse_columns.extend(column);
    }
    let mut expanded = rounded;
    expanded.extend(&sparse_columns);
    for (codes, levels) in [(&a, 4), (&b, 3)] {
        for level in 0..levels {
            expanded.extend(codes.iter().map(|&code| f64::from(u8::from(code == level))));
        }
    }
    let columns = expanded.len() / rows;
    let eta: Vec<f64> =
        (0..rows).map(|i| expanded[i] - expanded[rows * 8 + i] + 0.5 * expanded[rows * 4 + i]).collect();
    let weights: Vec<f64> = (0..rows).map(|i| 0.5 + (i % 3) as f64).collect();
    let (numbers_part, sparse, categories) = (
        Dense::new(&single, rows, 3).unwrap(),
        Sparse::new(&starts, &indices, &values, rows).unwrap(),
        Categorical::new(&[(&a, 4), (&b, 3)]).unwrap(),
    );
    let beside = Beside::new(vec![&numbers_part, &sparse, &categories]).unwrap();
    let whole = Dense::new(&expanded, rows, columns).unwrap();
    for family in [Family::Gaussian, Family::Binomial, Family::Poisson] {
        let y: Vec<f64> = eta
            .iter()
            .map(|&eta| match family {
                Family::Gaussian => eta + 0.3 * numbers.normal(),
                Family::Binomial => f64::from(u8::from(numbers.next() < 1.0 / (1.0 + (-eta).exp()))),
                _ => (0.5 * eta + numbers.next()).exp().floor(),
            })
            .collect();
        // With a little L2, since the categories of a column sum to one and the lasso would not know which to take.
        let penalty = Penalty::elastic_net(0.9);
        let options = precise(Lambdas::Grid { count: 10, ratio: Some(0.02) });
        let solve = |design: &dyn Design, solver| {
            Problem::new(design, family, &y)
                .weights(&weights)
                .penalty(penalty.clone())
                .path(&Options { solver, ..options.clone() })
                .unwrap()
        };
        let expected = solve(&whole, Solver::Automatic);
        for solver in [Solver::Gram, Solver::WorkingSet, Solver::Residuals] {
            close(&solve(&beside, solver), &expected, columns, 0.0, 1e-7);
        }
    }
}

#[test]
fn cross_validation_from_moments_is_that_of_brute_force() {
    let mut data = data(120, 9, 21);
    let y = response(&mut data, Family::Gaussian);
    let weights: Vec<f64> = (0..120).map(|i| 1.0 + (i % 4) as f64).collect();
    let offset: Vec<f64> = (0..120).map(|i| 0.1 * (i % 7) as f64).collect();
    let design = Dense::new(&data.x, 120, 9).unwrap();
    let folds = Folds::random(120, 7, 3).unwrap();
    for l1_ratio in [1.0, 0.5, 0.1] {
        let problem =
            Problem::gaussian(&design, &y).weights(&weights).offset(&offset).penalty(Penalty::elastic_net(l1_ratio));
        let quick = problem.cross_validate(&precise(Lambdas::default()), &folds).unwrap();
        assert_eq!(quick.not_converged, 0);
        for (at, point) in quick.path.points.iter().enumerate().step_by(9) {
            let (mut error, mut total) = (0.0, 0.0);
            for fold in 0..7 {
                let kept: Vec<usize> = (0..120).filter(|&row| folds.of()[row] != fold).collect();
                let pick = |values: &[f64]| -> Vec<f64> { kept.iter().map(|&row| values[row]).collect() };
                let x: Vec<f64> = data.x.chunks(120).flat_map(&pick).collect();
                let (w, o, response) = (pick(&weights), pick(&offset), pick(&y));
                let training = Dense::new(&x, kept.len(), 9).unwrap();
                let path = Problem::gaussian(&training, &response)
                    .weights(&w)
                    .offset(&o)
                    .penalty(Penalty::elastic_net(l1_ratio))
                    .path(&precise(Lambdas::Given(vec![point.lambda])))
                    .unwrap();
                let predictors = path.points[0].models[0].predictors(&design);
                for row in folds.rows(fold as usize) {
                    error += weights[row] * (y[row] - predictors[row] - offset[row]).powi(2);
                    total += weights[row];
                }
            }
            let brute = error / total;
            assert!((quick.error[at] - brute).abs() < 1e-8 * brute, "{} {brute}", quick.error[at]);
        }
        assert!(quick.one_standard_error <= quick.minimum);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn moments_merge_to_those_of_all_rows(cut in 1usize..59, other in 1usize..59, shift in -1e4..1e4f64, seed in 0u64..1000) {
        let (rows, columns) = (60, 4);
        let mut numbers = Numbers(seed);
        let x: Vec<f64> = (0..rows * columns).map(|_| shift + numbers.normal()).collect();
        let y: Vec<f64> = (0..rows).map(|_| shift + numbers.normal()).collect();
        let weights: Vec<f64> = (0..rows).map(|i| (i % 4) as f64).collect();
        let part = |from: usize, to: usize| {
            let x: Vec<f64> = (0..columns).flat_map(|j| x[j * rows + from..j * rows + to].to_vec()).collect();
            let mut moments = Moments::new(columns);
            moments.update(&Dense::new(&x, to - from, columns).unwrap(), &y[from..to], Some(&weights[from..to])).unwrap();
            moments
        };
        let (a, b) = (cut.min(other), cut.max(other));
        let mut merged = part(b, rows);
        merged.merge(&part(0, a));
        merged.merge(&part(a, b));
        let options = precise(Lambdas::Given(vec![0.1, 0.01]));
        let from_parts = merged.path(&Penalty::l1(), true, &options).unwrap();
        let design = Dense::new(&x, rows, columns).unwrap();
        let from_rows = Problem::gaussian(&design, &y).weights(&weights).path(&options).unwrap();
        close(&from_parts, &from_rows, columns, shift, 1e-6);
    }

    #[test]
    fn a_feature_in_other_units_has_a_coefficient_in_other_units(scale in 1e-6..1e6f64, column in 0usize..4, seed in 0u64..100) {
        let mut data = data(50, 4, seed);
        let y = response(&mut data, Family::Gaussian);
        let options = precise(Lambdas::Given(vec![0.3, 0.03]));
        let before = Problem::gaussian(&Dense::new(&data.x, 50, 4).unwrap(), &y).path(&options).unwrap();
        let mut scaled = data.x.clone();
        scaled[column * 50..(column + 1) * 50].iter_mut().for_each(|x| *x *= scale);
        let after = Problem::gaussian(&Dense::new(&scaled, 50, 4).unwrap(), &y).path(&options).unwrap();
        for (before, after) in before.points.iter().zip(&after.points) {
            let (b, a) = (before.models[0].dense(4)[column], after.models[0].dense(4)[column]);
            prop_assert!((a * scale - b).abs() <= 1e-8 * (1.0 + b.abs()));
        }
    }
}
