//! Ridge of more features than rows, and with a little L1: solved by way of the rows, and compared with what solves for the features, here and in the crate.

use gradiometer_regularize::{
    Beside, Categorical, Columns, Dense, Design, Error, Family, Folds, Lambdas, Options, Path, Penalty, Problem,
    Solver, Sparse,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Numbers between −1 and 1 that look random.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }
}

const LAMBDAS: [f64; 5] = [30.0, 3.0, 0.3, 0.03, 3e-3];

fn options(solver: Solver) -> Options {
    Options { lambdas: Lambdas::Given(LAMBDAS.to_vec()), tolerance: 1e-12, solver, ..Options::default() }
}

fn response(family: Family, rows: usize, numbers: &mut Numbers) -> Vec<f64> {
    (0..rows)
        .map(|i| match family {
            Family::Binomial => f64::from(u8::from(numbers.next() > 0.2 * (i % 3) as f64 - 0.2)),
            Family::Poisson => (2.0 + 2.0 * numbers.next()).floor(),
            Family::Multinomial => (i % 3) as f64,
            _ => 3.0 * numbers.next(),
        })
        .collect()
}

/// `∂ℓ/∂η` and the curvature of a parabola.
fn derivatives(family: Family, y: f64, eta: f64) -> (f64, f64) {
    match family {
        Family::Gaussian => (eta - y, 1.0),
        Family::Binomial => {
            let p = 1.0 / (1.0 + (-eta).exp());
            (p - y, p * (1.0 - p))
        }
        Family::Poisson => (eta.exp() - y, eta.exp()),
        // The curvature of a majorizer: its steps never rise, and the loss's own is zero beyond delta.
        Family::Huber { delta } => ((eta - y).clamp(-delta, delta), (delta / (eta - y).abs()).min(1.0)),
        _ => unreachable!("no such family here"),
    }
}

/// `A x = b` by elimination with row pivots.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let m = b.len();
    for k in 0..m {
        let pivot = (k..m).max_by(|&i, &j| a[i][k].abs().total_cmp(&a[j][k].abs())).unwrap();
        a.swap(k, pivot);
        b.swap(k, pivot);
        for i in k + 1..m {
            let share = a[i][k] / a[k][k];
            let above = a[k].clone();
            a[i].iter_mut().zip(&above).skip(k).for_each(|(x, above)| *x -= share * above);
            b[i] -= share * b[k];
        }
    }
    for k in (0..m).rev() {
        let known: f64 = (k + 1..m).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    b
}

struct Case<'a> {
    x: &'a [f64],
    rows: usize,
    y: &'a [f64],
    family: Family,
    weights: &'a [f64],
    offset: &'a [f64],
    factors: &'a [f64],
    intercept: bool,
    standardize: bool,
}

/// Newton's method on all coefficients at once, and the intercept first: dense normal equations of `p + 1` unknowns.
fn brute_force(case: &Case<'_>, lambda: f64) -> Vec<f64> {
    let (n, p) = (case.rows, case.factors.len());
    let total: f64 = case.weights.iter().sum();
    let w: Vec<f64> = case.weights.iter().map(|w| w / total).collect();
    let l2: Vec<f64> = (0..p)
        .map(|j| {
            let column = &case.x[j * n..][..n];
            let mean: f64 = column.iter().zip(&w).map(|(x, w)| x * w).sum();
            let variance: f64 = column.iter().zip(&w).map(|(x, w)| w * (x - mean).powi(2)).sum();
            lambda * case.factors[j] * if case.standardize { variance } else { 1.0 }
        })
        .collect();
    let x = |i: usize, j: usize| if j == 0 { 1.0 } else { case.x[(j - 1) * n + i] };
    let mut beta = vec![0.0; p + 1];
    for round in 0..400 {
        let (mut slope, mut bend) = (vec![0.0; p + 1], vec![vec![0.0; p + 1]; p + 1]);
        for (i, w) in w.iter().enumerate() {
            let eta = case.offset[i] + (0..=p).map(|j| x(i, j) * beta[j]).sum::<f64>();
            let (first, second) = derivatives(case.family, case.y[i], eta);
            for (a, (slope, bend)) in slope.iter_mut().zip(&mut bend).enumerate() {
                *slope += w * first * x(i, a);
                bend.iter_mut().enumerate().for_each(|(b, bend)| *bend += w * second * x(i, a) * x(i, b));
            }
        }
        for j in 0..p {
            slope[j + 1] += l2[j] * beta[j + 1];
            bend[j + 1][j + 1] += l2[j];
        }
        if !case.intercept {
            bend[0].fill(0.0);
            bend.iter_mut().for_each(|row| row[0] = 0.0);
            (bend[0][0], slope[0]) = (1.0, 0.0);
        }
        // Small enough a start for Poisson; full steps at the end.
        let share = if round < 20 { 0.5 } else { 1.0 };
        let step = solve(bend, slope);
        beta.iter_mut().zip(step).for_each(|(beta, step)| *beta -= share * step);
    }
    beta
}

fn coefficients(path: &Path, at: usize, columns: usize) -> Vec<Vec<f64>> {
    path.points[at].models.iter().map(|model| [vec![model.intercept], model.dense(columns)].concat()).collect()
}

fn assert_close(a: &[f64], b: &[f64], tolerance: f64, what: &str) {
    let size = b.iter().fold(1e-3f64, |most, b| most.max(b.abs()));
    for (at, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= tolerance * size, "{what}, coefficient {at}: {a} and {b}");
    }
}

#[test]
fn coefficients_are_those_of_newtons_method_on_all_features() {
    let (rows, columns) = (12, 20);
    for (seed, family) in
        [Family::Gaussian, Family::Binomial, Family::Poisson, Family::Huber { delta: 1.5 }].into_iter().enumerate()
    {
        for plain in [false, true] {
            for (intercept, standardize) in [(true, true), (true, false), (false, true), (false, false)] {
                let mut numbers = Numbers(seed as u64 + 7);
                let x: Vec<f64> =
                    (0..rows * columns).map(|at| (numbers.next() + 0.3) * (1.0 + (at / rows % 3) as f64)).collect();
                let y = response(family, rows, &mut numbers);
                let weights: Vec<f64> = (0..rows).map(|i| if plain { 1.0 } else { (i % 4) as f64 }).collect();
                let offset: Vec<f64> = (0..rows).map(|i| if plain { 0.0 } else { 0.1 * (i % 5) as f64 }).collect();
                // One feature is free, and others are held more and less.
                let factors: Vec<f64> = (0..columns)
                    .map(|j| if plain { 1.0 } else { [1.0, 0.4, 2.0, 1.0, 0.0][j.min(4) * usize::from(j < 5)] })
                    .collect();
                let case = Case {
                    x: &x,
                    rows,
                    y: &y,
                    family,
                    weights: &weights,
                    offset: &offset,
                    factors: &factors,
                    intercept,
                    standardize,
                };
                let design = Dense::new(&x, rows, columns).unwrap();
                let problem = Problem::new(&design, family, &y)
                    .weights(&weights)
                    .offset(&offset)
                    .penalty(Penalty { factors: factors.clone(), ..Penalty::l2() })
                    .intercept(intercept)
                    .standardize(standardize);
                let path = problem.path(&options(Solver::Automatic)).unwrap();
                for (at, &lambda) in LAMBDAS.iter().enumerate() {
                    let what = format!(
                        "{family:?}, plain {plain}, intercept {intercept}, standardize {standardize}, {lambda}"
                    );
                    assert!(path.points[at].converged, "{what}: {:?}", path.points[at].certificate);
                    let found = coefficients(&path, at, columns).remove(0);
                    assert_close(&found, &brute_force(&case, lambda), 1e-5, &what);
                }
            }
        }
    }
}

fn families() -> impl Strategy<Value = Family> {
    prop_oneof![
        Just(Family::Gaussian),
        Just(Family::Binomial),
        Just(Family::Poisson),
        Just(Family::Multinomial),
        Just(Family::Huber { delta: 0.5 }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(300) })]

    #[test]
    fn rows_and_features_lead_to_the_same_solution(
        (rows, columns) in (3usize..10).prop_flat_map(|rows| (Just(rows), rows + 1..24)),
        seed in any::<u64>(),
        family in families(),
        weighted in any::<bool>(),
        factors in prop_oneof![Just(false), Just(true)],
        (groups, intercept, standardize) in (any::<bool>(), any::<bool>(), any::<bool>()),
        coarse in any::<bool>(),
    ) {
        let mut numbers = Numbers(seed);
        // Coarse numbers make columns and rows that repeat, are constant, or depend on each other.
        let x: Vec<f64> = (0..rows * columns)
            .map(|_| if coarse { (1.5 * numbers.next()).round() } else { numbers.next() })
            .collect();
        let y = response(family, rows, &mut numbers);
        let codes: Vec<u32> = y.iter().map(|&y| y.max(0.0) as u32).collect();
        let weights: Vec<f64> = (0..rows).map(|_| (2.0 + 3.0 * numbers.next()).max(0.0)).collect();
        let mut penalty = Penalty::l2();
        if factors {
            penalty.factors = (0..columns).map(|_| 1.0 + 0.9 * numbers.next()).collect();
        } else if groups && family != Family::Multinomial {
            penalty.groups = (0..columns as u32).map(|j| j / 3).collect();
        }
        let design = Dense::new(&x, rows, columns).unwrap();
        let mut problem = match family {
            Family::Multinomial => Problem::multinomial(&design, &codes, 3),
            family => Problem::new(&design, family, &y),
        }
        .penalty(penalty)
        .intercept(intercept)
        .standardize(standardize);
        if weighted {
            problem = problem.weights(&weights);
        }
        let tolerance = 1e-9;
        let solve = |solver| problem.path(&Options { tolerance, ..options(solver) });
        match (solve(Solver::Automatic), solve(Solver::WorkingSet)) {
            (Ok(by_rows), Ok(by_features)) => {
                prop_assert_eq!(by_rows.points.len(), by_features.points.len());
                for (a, b) in by_rows.points.iter().zip(&by_features.points) {
                    let gap = a.certificate.relative_gap();
                    // Huber's steps are those of a majorizer, which in odd designs are short: then the point says so.
                    let slow = matches!(family, Family::Huber { .. }) && !a.converged && gap < 1e-3;
                    prop_assert!(a.converged || slow, "lambda {}: relative gap {gap:.1e}", a.lambda);
                    if a.converged && b.converged {
                        let apart = (a.certificate.primal - b.certificate.primal).abs();
                        prop_assert!(apart <= 1.01 * tolerance * a.certificate.null, "{apart:.1e}");
                    }
                }
            }
            (Err(a), Err(b)) => prop_assert_eq!(a, b),
            (a, b) => prop_assert!(false, "{:?} and {:?}", a, b),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(1), ..ProptestConfig::with_cases(300) })]

    #[test]
    fn with_a_little_l1_rows_and_features_lead_to_the_same_solution(
        (rows, columns) in (3usize..10).prop_flat_map(|rows| (Just(rows), rows + 1..40)),
        seed in any::<u64>(),
        l1_ratio in prop_oneof![Just(1e-3), Just(1e-2), Just(0.05)],
        (weighted, factors, intercept, standardize) in (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()),
        coarse in any::<bool>(),
    ) {
        let mut numbers = Numbers(seed);
        let x: Vec<f64> = (0..rows * columns)
            .map(|_| if coarse { (1.5 * numbers.next()).round() } else { numbers.next() })
            .collect();
        let y = response(Family::Gaussian, rows, &mut numbers);
        let weights: Vec<f64> = (0..rows).map(|_| (2.0 + 3.0 * numbers.next()).max(0.0)).collect();
        let mut penalty = Penalty::elastic_net(l1_ratio);
        if factors {
            penalty.factors = (0..columns).map(|_| 1.0 + 0.9 * numbers.next()).collect();
        }
        let design = Dense::new(&x, rows, columns).unwrap();
        let mut problem = Problem::gaussian(&design, &y).penalty(penalty).intercept(intercept).standardize(standardize);
        if weighted {
            problem = problem.weights(&weights);
        }
        let lambdas = Lambdas::Given(vec![300.0, 30.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01]);
        let solve = |solver| problem.path(&Options { lambdas: lambdas.clone(), tolerance: 1e-11, ..options(solver) });
        match (solve(Solver::Automatic), solve(Solver::WorkingSet)) {
            (Ok(by_rows), Ok(by_features)) => {
                for (a, b) in by_rows.points.iter().zip(&by_features.points) {
                    prop_assert!(a.converged && b.converged, "{:?} {:?}", a.certificate, b.certificate);
                    let (a, b) = (a.models[0].dense(columns), b.models[0].dense(columns));
                    // The gap bounds the square of what coefficients are off by.
                    assert_close(&a, &b, 1e-4, "a little L1");
                }
            }
            (Err(a), Err(b)) => prop_assert_eq!(a, b),
            (a, b) => prop_assert!(false, "{:?} and {:?}", a, b),
        }
    }
}

#[test]
fn designs_of_every_kind_give_the_same() {
    let rows = 14;
    let mut numbers = Numbers(3);
    let single: Vec<f32> = (0..rows * 8).map(|_| numbers.next() as f32 + 40.0).collect();
    let mut expanded: Vec<f64> = single.iter().map(|&x| f64::from(x)).collect();
    let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for _ in 0..9 {
        let column: Vec<f64> = (0..rows).map(|_| if numbers.next() < -0.4 { numbers.next() } else { 0.0 }).collect();
        for (row, &value) in column.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            indices.push(row as u32);
            values.push(value);
        }
        starts.push(values.len());
        expanded.extend(column);
    }
    let a: Vec<u32> = (0..rows).map(|i| (i * 7 % 4) as u32).collect();
    let b: Vec<u32> = (0..rows).map(|i| (i * i % 3) as u32).collect();
    for (codes, levels) in [(&a, 4), (&b, 3)] {
        for level in 0..levels {
            expanded.extend(codes.iter().map(|&code| f64::from(u8::from(code == level))));
        }
    }
    let columns = expanded.len() / rows;
    let (numbers_part, sparse, categories) = (
        Dense::new(&single, rows, 8).unwrap(),
        Sparse::new(&starts, &indices, &values, rows).unwrap(),
        Categorical::new(&[(&a, 4), (&b, 3)]).unwrap(),
    );
    let beside = Beside::new(vec![&numbers_part, &sparse, &categories]).unwrap();
    let turned = Columns::new(&beside, (0..columns).rev().collect());
    let turned_back = Columns::new(&turned, (0..columns).rev().collect());
    let whole = Dense::new(&expanded, rows, columns).unwrap();
    let weights: Vec<f64> = (0..rows).map(|i| (i % 3) as f64 + 0.5).collect();
    let factors: Vec<f64> = (0..columns).map(|j| if j == 9 { 0.0 } else { 0.5 + (j % 4) as f64 }).collect();
    for family in [Family::Gaussian, Family::Binomial] {
        let y = response(family, rows, &mut numbers);
        let path = |design: &dyn Design| {
            Problem::new(design, family, &y)
                .weights(&weights)
                .penalty(Penalty { factors: factors.clone(), ..Penalty::l2() })
                .path(&options(Solver::Automatic))
                .unwrap()
        };
        let expected = path(&whole);
        for design in [&beside as &dyn Design, &turned_back] {
            let found = path(design);
            for at in 0..LAMBDAS.len() {
                assert!(found.points[at].converged);
                let (a, b) = (coefficients(&found, at, columns), coefficients(&expected, at, columns));
                assert_close(&a[0], &b[0], 1e-7, &format!("{family:?}"));
            }
        }
    }
}

#[test]
fn a_response_in_other_units_has_the_same_grid_and_the_least_error_lies_inside() {
    let (rows, columns) = (40, 90);
    let mut numbers = Numbers(11);
    let x: Vec<f64> = (0..rows * columns).map(|_| numbers.next()).collect();
    let y: Vec<f64> = (0..rows).map(|i| (0..30).map(|j| x[j * rows + i]).sum::<f64>() + 8.0 * numbers.next()).collect();
    let design = Dense::new(&x, rows, columns).unwrap();
    let folds = Folds::random(rows, 8, 1).unwrap();
    let judge = |y: &[f64]| {
        Problem::gaussian(&design, y).penalty(Penalty::l2()).cross_validate(&Options::default(), &folds).unwrap()
    };
    let scaled: Vec<f64> = y.iter().map(|y| 1e6 * y).collect();
    let (one, other) = (judge(&y), judge(&scaled));
    for (a, b) in one.path.points.iter().zip(&other.path.points) {
        assert!((a.lambda - b.lambda).abs() < 1e-12 * a.lambda);
    }
    assert_eq!(one.minimum, other.minimum);
    assert!(5 < one.minimum && one.minimum < 95, "{}", one.minimum);
}

#[test]
fn free_features_that_depend_on_each_other_are_named() {
    let (rows, columns) = (6, 9);
    let mut numbers = Numbers(5);
    let mut x: Vec<f64> = (0..rows * columns).map(|_| numbers.next()).collect();
    let double: Vec<f64> = x[..rows].iter().map(|x| 2.0 * x).collect();
    x[2 * rows..3 * rows].copy_from_slice(&double);
    let y = response(Family::Gaussian, rows, &mut numbers);
    let design = Dense::new(&x, rows, columns).unwrap();
    let factors = (0..columns).map(|j| f64::from(u8::from(j != 0 && j != 2))).collect();
    let penalty = Penalty { factors, ..Penalty::l2() };
    let refused = Problem::gaussian(&design, &y).penalty(penalty).path(&options(Solver::Automatic));
    assert_eq!(refused, Err(Error::Undetermined { feature: 2 }));
}

#[test]
fn a_strength_that_rounding_swallows_is_solved_as_far_as_it_can_be_told() {
    let (rows, columns) = (4, 7);
    let mut numbers = Numbers(9);
    let x: Vec<f64> = (0..rows * columns).map(|_| numbers.next()).collect();
    let y = response(Family::Gaussian, rows, &mut numbers);
    let design = Dense::new(&x, rows, columns).unwrap();
    let path = Problem::gaussian(&design, &y)
        .penalty(Penalty::l2())
        .path(&Options { lambdas: Lambdas::Given(vec![0.1, 1e-300]), ..Options::default() })
        .unwrap();
    assert!(path.points[0].converged);
    for point in &path.points {
        assert_eq!(point.converged, point.certificate.relative_gap() <= Options::default().tolerance);
        assert!(point.models[0].values.iter().all(|value| value.is_finite()));
    }
}

/// Without L1 there is no limit that a violation could be a share of; steps must know all the same when they are near enough.
#[test]
fn ridge_by_features_ends_when_it_is_near_enough() {
    let (rows, columns) = (40, 12);
    let x: Vec<f64> = (0..rows * columns).map(|i| (i as f64 * 1.7).sin() + (i as f64 * 0.31).cos()).collect();
    let y: Vec<f64> = (0..rows).map(|i| f64::from(u8::from(x[i] + x[i + rows] + (i as f64).sin() > 0.0))).collect();
    let design = Dense::new(&x, rows, columns).unwrap();
    for solver in [Solver::WorkingSet, Solver::Residuals] {
        let problem = Problem::new(&design, Family::Binomial, &y).penalty(Penalty::l2());
        let path = problem.path(&Options { solver, ..Options::default() }).unwrap();
        for point in &path.points {
            assert!(point.converged);
            assert!(point.iterations < 20, "{solver:?}, lambda {}: {} steps", point.lambda, point.iterations);
        }
    }
}
