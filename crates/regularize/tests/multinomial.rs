//! Several classes, of which every combination of penalties has its conditions of optimality checked by plain loops; what the penalty does not
//! determine has a convention, and what has no optimum is refused.

use gradiometer_regularize::{Dense, Error, Family, Lambdas, Linear, Options, Penalty, Point, Problem};

const ROWS: usize = 90;
const COLUMNS: usize = 6;
const CLASSES: usize = 4;

/// Numbers that look random, from a seed: close to normal.
fn normal(seed: &mut u64) -> f64 {
    let mut next = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..12).map(|_| next()).sum::<f64>() - 6.0
}

/// Columns of different scales and means, classes that the first three tell apart a little, and weights.
fn data() -> (Vec<f64>, Vec<u32>, Vec<f64>) {
    let mut seed = 5;
    let mut x = vec![0.0; ROWS * COLUMNS];
    for (at, x) in x.iter_mut().enumerate() {
        let j = at / ROWS;
        *x = (normal(&mut seed) + j as f64 % 3.0) * (1.0 + (j % 5) as f64);
    }
    let codes = (0..ROWS)
        .map(|i| {
            let logit = |k: usize| x[(k % 3) * ROWS + i] / (1.0 + (k % 3) as f64) * [1.0, -0.7, 0.5, 0.4][k];
            let noisy: Vec<f64> = (0..CLASSES).map(|k| logit(k) + normal(&mut seed)).collect();
            (0..CLASSES).fold(0, |best, k| if noisy[k] > noisy[best] { k } else { best }) as u32
        })
        .collect();
    let weights = (0..ROWS).map(|i| [1.0, 2.0, 0.5, 0.0, 1.5][i % 5]).collect();
    (x, codes, weights)
}

/// Mean and standard deviation of a column.
fn moments(column: &[f64], weights: &[f64]) -> (f64, f64) {
    let mean: f64 = column.iter().zip(weights).map(|(x, w)| x * w).sum();
    (mean, column.iter().zip(weights).map(|(x, w)| w * (x - mean).powi(2)).sum::<f64>().sqrt())
}

/// The mean loss, and its derivatives by standardized coefficients (`features × classes`) and by intercepts.
fn loss(x: &[f64], codes: &[u32], weights: &[f64], models: &[Linear]) -> (f64, Vec<Vec<f64>>, Vec<f64>) {
    let beta: Vec<Vec<f64>> = models.iter().map(|model| model.dense(COLUMNS)).collect();
    let (mut value, mut slopes, mut intercepts) = (0.0, vec![vec![0.0; CLASSES]; COLUMNS], vec![0.0; CLASSES]);
    for i in 0..ROWS {
        let eta: Vec<f64> = (0..CLASSES)
            .map(|k| models[k].intercept + (0..COLUMNS).map(|j| x[j * ROWS + i] * beta[k][j]).sum::<f64>())
            .collect();
        let sum: f64 = eta.iter().map(|eta| eta.exp()).sum();
        value += weights[i] * (sum.ln() - eta[codes[i] as usize]);
        for k in 0..CLASSES {
            let off = weights[i] * (eta[k].exp() / sum - f64::from(u8::from(codes[i] as usize == k)));
            intercepts[k] += off;
            for (j, slopes) in slopes.iter_mut().enumerate() {
                slopes[k] += off * x[j * ROWS + i];
            }
        }
    }
    for (j, slopes) in slopes.iter_mut().enumerate() {
        let sd = moments(&x[j * ROWS..][..ROWS], weights).1;
        slopes.iter_mut().for_each(|slope| *slope /= sd);
    }
    (value, slopes, intercepts)
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Checks the stated objective, and that zero is in the subdifferential.
fn check(point: &Point, penalty: &Penalty, what: &str) {
    let (x, codes, raw) = data();
    let total: f64 = raw.iter().sum();
    let weights: Vec<f64> = raw.iter().map(|w| w / total).collect();
    let (mut objective, slopes, intercepts) = loss(&x, &codes, &weights, &point.models);
    let tolerance = 1e-6;
    assert!(intercepts.iter().all(|slope| slope.abs() < tolerance), "{what}: {intercepts:?}");
    let sum: f64 = point.models.iter().map(|model| model.intercept).sum();
    assert!(sum.abs() < 1e-9, "{what}: intercepts sum to {sum}");
    let beta: Vec<Vec<f64>> = (0..COLUMNS)
        .map(|j| {
            let sd = moments(&x[j * ROWS..][..ROWS], &weights).1;
            point.models.iter().map(|model| model.dense(COLUMNS)[j] * sd).collect()
        })
        .collect();
    let grouped = penalty.grouped_classes || !penalty.groups.is_empty();
    let blocks: Vec<Vec<usize>> = if penalty.groups.is_empty() {
        (0..COLUMNS).map(|j| vec![j]).collect()
    } else {
        let last = *penalty.groups.iter().max().unwrap();
        (0..=last).map(|group| (0..COLUMNS).filter(|&j| penalty.groups[j] == group).collect()).collect()
    };
    for (at, features) in blocks.iter().enumerate() {
        let factor = penalty.factors.get(at).copied().unwrap_or((features.len() as f64).sqrt());
        let (l1, l2) = (point.lambda * penalty.l1_ratio * factor, point.lambda * (1.0 - penalty.l1_ratio) * factor);
        let values: Vec<f64> = features.iter().flat_map(|&j| beta[j].clone()).collect();
        let slopes: Vec<f64> = features.iter().flat_map(|&j| slopes[j].clone()).collect();
        let size = norm(&values);
        objective += 0.5 * l2 * size * size;
        if grouped {
            objective += l1 * size;
            if size == 0.0 {
                assert!(norm(&slopes) <= l1 + tolerance, "{what}, group {at}: {} beyond {l1}", norm(&slopes));
            } else {
                let left: Vec<f64> = values.iter().zip(&slopes).map(|(b, g)| g + l2 * b + l1 * b / size).collect();
                assert!(norm(&left) < tolerance, "{what}, group {at}: {left:?}");
            }
            continue;
        }
        let sd = moments(&x[at * ROWS..][..ROWS], &weights).1;
        let (lower, upper) = penalty.bounds.get(at).copied().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        for (&b, &g) in values.iter().zip(&slopes) {
            objective += l1 * b.abs();
            let (left, right) = if b == 0.0 { (g - l1, g + l1) } else { (g + l1 * b.signum(), g + l1 * b.signum()) };
            // At a bound only the derivative to the inside counts.
            let hair = 1e-12 * sd;
            assert!(b <= lower * sd + hair || left + l2 * b <= tolerance, "{what}, feature {at}: {b} {left}");
            assert!(b >= upper * sd - hair || right + l2 * b >= -tolerance, "{what}, feature {at}: {b} {right}");
            assert!(b >= lower * sd - hair && b <= upper * sd + hair);
        }
        if factor == 0.0 && penalty.bounds.is_empty() {
            let sum: f64 = values.iter().sum();
            assert!(sum.abs() < 1e-9 * (1.0 + size), "{what}: coefficients without a penalty sum to {sum}");
        }
    }
    let stated = point.certificate.primal;
    assert!((stated - objective).abs() < 1e-10, "{what}: {stated} stated, {objective} computed");
}

#[test]
fn every_penalty_meets_its_conditions_of_optimality() {
    let (x, codes, weights) = data();
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let bounds = vec![(-0.05, 0.3), (0.0, 0.8), (-0.1, 0.0), (-1.0, 1.0), (f64::NEG_INFINITY, 0.02), (0.0, 0.0)];
    let factors = vec![1.0, 0.0, 0.5, 1.0, 2.0, 1.0];
    for l1_ratio in [1.0, 0.6, 0.0] {
        let plain = Penalty::elastic_net(l1_ratio);
        let penalties = [
            ("plain", plain.clone()),
            ("factors", Penalty { factors: factors.clone(), ..plain.clone() }),
            ("bounds", Penalty { bounds: bounds.clone(), ..plain.clone() }),
            ("bounds and factors", Penalty { bounds: bounds.clone(), factors: factors.clone(), ..plain.clone() }),
            ("grouped classes", Penalty { grouped_classes: true, ..plain.clone() }),
            (
                "grouped classes and factors",
                Penalty { grouped_classes: true, factors: factors.clone(), ..plain.clone() },
            ),
            ("groups", Penalty { groups: vec![0, 1, 0, 2, 2, 2], ..plain.clone() }),
            ("groups and factors", Penalty { groups: vec![0, 1, 0, 2, 2, 2], factors: vec![1.0, 0.0, 0.7], ..plain }),
        ];
        for (name, penalty) in penalties {
            let options = Options {
                lambdas: Lambdas::Grid { count: 6, ratio: Some(0.02) },
                tolerance: 1e-13,
                ..Options::default()
            };
            let problem = Problem::multinomial(&design, &codes, CLASSES).weights(&weights).penalty(penalty.clone());
            let path = problem.path(&options).unwrap();
            for (at, point) in path.points.iter().enumerate() {
                let what = format!("{name}, L1 ratio {l1_ratio}, point {at}");
                assert!(point.certificate.relative_gap() < 1e-11, "{what}: {:.1e}", point.certificate.relative_gap());
                check(point, &penalty, &what);
            }
            // The first of a grid is where all that L1 penalizes becomes zero, and not before.
            if l1_ratio == 1.0 {
                let free = |j: &usize| {
                    let block = penalty.groups.get(*j).map_or(*j, |&group| group as usize);
                    penalty.factors.get(block) == Some(&0.0)
                };
                assert!(path.points[0].support().iter().all(free), "{name}");
                assert!(!path.points[1].support().iter().all(free), "{name}");
            }
        }
    }
}

#[test]
fn a_grouped_feature_is_used_by_all_classes_or_none() {
    let (x, codes, _) = data();
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let problem = Problem::multinomial(&design, &codes, CLASSES).penalty(Penalty::grouped_classes());
    let path = problem.path(&Options::default()).unwrap();
    assert!(path.points.iter().any(|point| (1..COLUMNS).contains(&point.support().len())));
    for point in &path.points {
        assert!(point.converged);
        assert!(point.models.iter().all(|model| model.columns == point.support()), "lambda {}", point.lambda);
    }
}

#[test]
fn what_has_no_optimum_or_no_meaning_is_refused() {
    let (mut x, codes, _) = data();
    // Of class 0 the last feature is above all others.
    for (x, &code) in x[(COLUMNS - 1) * ROWS..].iter_mut().zip(&codes) {
        *x = if code == 0 { 3.0 + x.abs() } else { -x.abs() };
    }
    let design = Dense::new(&x, ROWS, COLUMNS).unwrap();
    let solve = |penalty| Problem::multinomial(&design, &codes, CLASSES).penalty(penalty).path(&Options::default());
    let mut factors = vec![1.0; COLUMNS];
    factors[COLUMNS - 1] = 0.0;
    let separated = solve(Penalty { factors: factors.clone(), ..Penalty::l1() }).unwrap_err();
    assert_eq!(separated, Error::SeparatedWithoutPenalty { feature: COLUMNS - 1 });
    assert!(separated.to_string().contains("feature 5"));
    assert_eq!(solve(Penalty { factors, ..Penalty::grouped_classes() }).unwrap_err(), separated);
    assert!(solve(Penalty::l1()).is_ok());
    let bounds = vec![(0.0, 1.0); COLUMNS];
    assert_eq!(solve(Penalty { bounds, ..Penalty::grouped_classes() }).unwrap_err(), Error::BoundsOfGroups);
    let mut one_bound = Penalty { bounds: vec![(0.0, f64::INFINITY); COLUMNS], ..Penalty::l1() };
    assert!(solve(one_bound.clone()).is_ok());
    one_bound.factors = vec![1.0, 1.0, 0.0, 1.0, 1.0, 1.0];
    assert!(matches!(solve(one_bound), Err(Error::Unsupported { what }) if what.contains("feature 2")));
    let y: Vec<f64> = codes.iter().map(|&code| f64::from(code)).collect();
    let numbers = Problem::new(&design, Family::Gaussian, &y).penalty(Penalty::grouped_classes());
    assert!(matches!(numbers.path(&Options::default()), Err(Error::Unsupported { .. })));
}
