//! A factor: −1, 2, ½, N, 1/N, 1 + δ, 0.

use super::{Evidence, diagnosis};
use crate::{Diagnosis, Fault};

pub(super) fn explain(evidence: &Evidence) -> Option<Diagnosis> {
    let (numeric, analytic) = (&evidence.numeric, &evidence.analytic);
    if analytic.iter().all(|value| *value == 0.0) {
        return Some(diagnosis(Fault::Detached, 0.82, "every entry of the gradient is zero, and none should be"));
    }
    let square: f64 = numeric.iter().map(|a| a * a).sum();
    if square == 0.0 {
        return None;
    }
    let factor = numeric.iter().zip(analytic).map(|(a, g)| a * g).sum::<f64>() / square;
    let left: f64 = numeric.iter().zip(analytic).map(|(a, g)| (g - factor * a).powi(2)).sum();
    let size: f64 = analytic.iter().map(|g| g * g).sum();
    let relative = evidence.tolerance / numeric.iter().chain(analytic).fold(0.0f64, |m, v| m.max(v.abs()));
    if left.sqrt() > 10.0 * relative * size.sqrt().max(square.sqrt()) {
        return None;
    }
    let near = |value: f64| (factor - value).abs() <= (10.0 * relative).max(1e-9) * value.abs().max(1e-3);
    let because = |what: &str| format!("the whole block is {factor:.6} times the numeric gradient{what}");
    if near(-1.0) {
        return Some(diagnosis(Fault::Sign, 0.97, because("")));
    }
    for count in evidence.counts.iter().rev().map(|&count| count as f64).filter(|&count| count > 2.0) {
        if near(count) || near(1.0 / count) {
            return Some(diagnosis(Fault::Reduction, 0.9, because(&format!(", and {count} is a count of its shapes"))));
        }
    }
    if [2.0, 0.5, -2.0, -0.5, 4.0, 0.25].iter().any(|&value| near(value)) {
        return Some(diagnosis(Fault::Factor, 0.9, because("")));
    }
    let counts = || evidence.counts.iter().map(|&count| count as f64);
    // Two counts that differ, and a factor that is told from 1: next to it a rounded constant is likelier.
    let ratio = counts()
        .flat_map(|a| counts().chain([a - 1.0, a + 1.0]).map(move |b| (a, b)))
        .filter(|(a, b)| *b > 0.0 && a != b && (factor - 1.0).abs() > 20.0 * relative)
        .find(|(a, b)| near(a / b) || near(b / a));
    if let Some((a, b)) = ratio {
        return Some(diagnosis(Fault::Reduction, 0.7, because(&format!(", the ratio of {a} and {b}"))));
    }
    if (0.7..1.4).contains(&factor) {
        return Some(diagnosis(Fault::Scale, 0.85, because("")));
    }
    Some(diagnosis(Fault::Factor, 0.7, because("")))
}
