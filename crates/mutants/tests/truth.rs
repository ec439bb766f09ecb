//! The right backward passes agree with dual numbers through the same forward pass, and no mutant does.

use std::collections::HashSet;

use gradiometer_gradcheck::Function;
use gradiometer_mutants::{Alteration, Case, Class, Dual, Entry, Habit, Random, Subject, all, split};

/// Relative differences above this are no rounding.
const CLEAR: f64 = 1e-4;

/// `Jᵀ c` by dual numbers, a coordinate at a time.
fn truth(case: &dyn Case, point: &[f64], cotangent: &[f64]) -> Vec<f64> {
    let arguments = case.arguments();
    let mut x: Vec<Dual> = point.iter().map(|&value| Dual { value, slope: 0.0 }).collect();
    (0..x.len())
        .map(|k| {
            x[k].slope = 1.0;
            let y = case.forward_dual(&split(&arguments, &x));
            x[k].slope = 0.0;
            y.iter().zip(cotangent).map(|(y, c)| y.slope * c).sum()
        })
        .collect()
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m, v| v.abs().max(m))
}

/// Whether `b` is `a` within `tolerance` of its largest entry; NaN is not.
fn close(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    within(a, b, tolerance * largest(a))
}

fn within(a: &[f64], b: &[f64], bound: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| (x - y).abs() <= bound)
}

/// A point and a cotangent.
fn place(case: &dyn Case, seed: u64) -> (Vec<f64>, Vec<f64>) {
    let mut random = Random::new(seed);
    (case.point(&mut random).concat(), random.normals(case.outputs()))
}

fn names(entries: &[Entry]) -> HashSet<(&str, &str)> {
    entries.iter().flat_map(|entry| entry.mutants.iter().map(|mutant| (entry.name, mutant.name))).collect()
}

#[test]
fn the_suite_is_as_large_as_it_says() {
    let entries = all();
    assert!(entries.len() >= 60);
    let mutants: usize = entries.iter().map(|entry| entry.mutants.len()).sum();
    assert!(mutants >= 500);
    assert_eq!(names(&entries).len(), mutants, "a mutant is known by its operation and its name");
    for class in Class::ALL {
        let own = entries.iter().flat_map(|entry| &entry.mutants).filter(|mutant| mutant.class == class);
        assert!(own.count() >= 9, "{}", class.name());
    }
}

#[test]
fn right_backward_passes_agree_with_dual_numbers() {
    for entry in all() {
        for case in entry.cases.iter().filter(|case| !case.large()) {
            for seed in 0..3 {
                let (point, cotangent) = place(case.as_ref(), seed);
                let truth = truth(case.as_ref(), &point, &cotangent);
                let gradient = Subject::new(case.as_ref(), Alteration::None).gradient(&point, &cotangent);
                assert!(largest(&truth) > 0.0, "{} has no gradient", entry.name);
                assert!(close(&truth, &gradient, 1e-12), "{}: {truth:?} {gradient:?}", entry.name);
            }
        }
    }
}

/// Of large operations along a few directions: a coordinate at a time would take minutes.
#[test]
fn right_backward_passes_of_large_operations_agree_with_dual_numbers_along_directions() {
    for entry in all() {
        for case in entry.cases.iter().filter(|case| case.large()) {
            let (point, cotangent) = place(case.as_ref(), 1);
            let gradient = Subject::new(case.as_ref(), Alteration::None).gradient(&point, &cotangent);
            for seed in 2..5 {
                let direction = Random::new(seed).normals(point.len());
                let x: Vec<Dual> = point.iter().zip(&direction).map(|(&value, &slope)| Dual { value, slope }).collect();
                let y = case.forward_dual(&split(&case.arguments(), &x));
                let truth: f64 = y.iter().zip(&cotangent).map(|(y, c)| y.slope * c).sum();
                let terms: Vec<f64> = gradient.iter().zip(&direction).map(|(g, d)| g * d).collect();
                let size: f64 = terms.iter().map(|term| term.abs()).sum();
                assert!((truth - terms.iter().sum::<f64>()).abs() <= 1e-12 * size, "{}", entry.name);
            }
        }
    }
}

#[test]
fn every_mutant_has_another_gradient_at_every_seed() {
    for entry in all() {
        for (index, mutant) in entry.mutants.iter().enumerate() {
            for seed in 0..3 {
                let shows = entry.cases.iter().any(|case| {
                    let (point, cotangent) = place(case.as_ref(), seed);
                    let gradient = |alteration| Subject::new(case.as_ref(), alteration).gradient(&point, &cotangent);
                    let (right, wrong) = (gradient(Alteration::None), gradient(Alteration::Mistake(index)));
                    let arguments = case.arguments();
                    assert_eq!(right.len(), wrong.len());
                    // A block whose gradient is round-off proves nothing.
                    let floor = 1e-6 * largest(&right);
                    let mut blocks = split(&arguments, &right).into_iter().zip(split(&arguments, &wrong));
                    blocks.any(|(a, b)| !within(a, b, CLEAR * largest(a).max(floor)))
                });
                assert!(shows, "{}: {} is right at seed {seed}", entry.name, mutant.name);
            }
        }
    }
}

#[test]
fn every_habit_shows_over_several_calls() {
    let entries = all();
    for entry in entries.iter().filter(|entry| Habit::OPERATIONS.contains(&entry.name)) {
        let case = entry.cases[0].as_ref();
        let places = [place(case, 0), place(case, 1)];
        let calls = |alteration| {
            let subject = Subject::<f64>::new(case, alteration).complete();
            let mut seen = Vec::new();
            let mut y = vec![0.0; case.outputs()];
            for (point, cotangent) in &places {
                subject.value(&places[0].0, &mut y).unwrap();
                subject.value(point, &mut y).unwrap();
                subject.value(&places[0].0, &mut y).unwrap();
                let mut gradient = vec![0.25; point.len()];
                subject.vjp(point, cotangent, &mut gradient).unwrap();
                // Accumulating functions are right to keep what was there.
                let kept = if subject.accumulates() { 0.25 } else { 0.0 };
                seen.extend(gradient.iter().map(|g| g - kept));
                subject.second_vjp(point, cotangent, point, &mut gradient).unwrap().unwrap();
                seen.extend(gradient);
            }
            seen
        };
        let right = calls(Alteration::None);
        for habit in Habit::ALL {
            let wrong = calls(Alteration::Habit(habit));
            assert!(!close(&right, &wrong, CLEAR), "{}: {}", entry.name, habit.mutant().name);
        }
    }
}

/// The second derivatives that [`Subject`] offers, held to differences of dual gradients: these are coarse and need no more.
#[test]
fn second_derivatives_agree_with_differences_of_gradients() {
    for entry in all() {
        for case in entry.cases.iter().filter(|case| case.smooth() && !case.large()) {
            let (point, cotangent) = place(case.as_ref(), 3);
            let subject = Subject::<f64>::new(case.as_ref(), Alteration::None).complete();
            let direction = Random::new(9).normals(point.len());
            let mut second = vec![0.0; point.len()];
            subject.second_vjp(&point, &cotangent, &direction, &mut second).unwrap().unwrap();
            let moved = |h: f64| -> Vec<f64> { point.iter().zip(&direction).map(|(x, d)| x + h * d).collect() };
            let (up, down) =
                (truth(case.as_ref(), &moved(1e-5), &cotangent), truth(case.as_ref(), &moved(-1e-5), &cotangent));
            let quotient: Vec<f64> = up.iter().zip(&down).map(|(a, b)| (a - b) / 2e-5).collect();
            let scale = largest(&quotient).max(largest(&second)).max(1.0);
            assert!(second.iter().zip(&quotient).all(|(a, b)| (a - b).abs() <= 1e-5 * scale), "{}", entry.name);
        }
    }
}
