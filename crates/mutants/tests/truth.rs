//! The right backward passes agree with dual numbers through the same forward pass; every mutant does not.

use gradiometer_mutants::{Case, Dual, Random, all, split};

/// `Jᵀ c` by dual numbers, a coordinate at a time.
fn truth(case: &dyn Case, point: &[Vec<f64>], cotangent: &[f64]) -> Vec<f64> {
    let arguments = case.arguments();
    let mut x: Vec<Dual> = point.concat().into_iter().map(|value| Dual { value, slope: 0.0 }).collect();
    (0..x.len())
        .map(|k| {
            x[k].slope = 1.0;
            let y = case.forward_dual(&split(&arguments, &x));
            x[k].slope = 0.0;
            y.iter().zip(cotangent).map(|(y, c)| y.slope * c).sum()
        })
        .collect()
}

fn gradient(case: &dyn Case, point: &[Vec<f64>], cotangent: &[f64], wrong: Option<usize>) -> Vec<Vec<f64>> {
    let x: Vec<&[f64]> = point.iter().map(Vec::as_slice).collect();
    case.backward_f64(&x, cotangent, wrong)
}

#[test]
fn right_backward_passes_agree_with_dual_numbers() {
    let mut wrong = Vec::new();
    for entry in all() {
        for (k, case) in entry.cases.iter().enumerate().filter(|(_, case)| !case.large()) {
            for seed in 0..3 {
                let mut random = Random::new(seed);
                let point = case.point(&mut random);
                let cotangent = random.normals(case.outputs());
                let truth = truth(case.as_ref(), &point, &cotangent);
                let analytic = gradient(case.as_ref(), &point, &cotangent, None);
                assert_eq!(
                    analytic.iter().map(Vec::len).collect::<Vec<_>>(),
                    case.arguments().iter().map(|a| a.count()).collect::<Vec<_>>(),
                    "{}",
                    entry.name
                );
                let scale = truth.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
                let error = analytic.concat().iter().zip(&truth).fold(0.0_f64, |m, (a, b)| m.max((a - b).abs()));
                if !(error <= 1e-12 * scale && scale > 0.0) {
                    wrong.push(format!("{} case {k} seed {seed}: {error:e} of {scale:e}", entry.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_mutant_changes_the_gradient() {
    let mut equal = Vec::new();
    for entry in all() {
        for (index, mutant) in entry.mutants.iter().enumerate() {
            let shows = entry.cases.iter().any(|case| {
                (0..3).all(|seed| {
                    let mut random = Random::new(seed);
                    let point = case.point(&mut random);
                    let cotangent = random.normals(case.outputs());
                    let right = gradient(case.as_ref(), &point, &cotangent, None);
                    let other = gradient(case.as_ref(), &point, &cotangent, Some(index));
                    right.iter().zip(&other).any(|(a, b)| {
                        assert_eq!(a.len(), b.len());
                        let scale = a.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
                        !a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-4 * scale)
                    })
                })
            });
            if !shows {
                equal.push(format!("{}: {}", entry.name, mutant.name));
            }
        }
    }
    assert!(equal.is_empty(), "{equal:#?}");
}
