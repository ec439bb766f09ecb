//! Factors that differ from place to place: counts, signs, two values of a switch, one factor a row or a column.

use super::{Evidence, diagnosis};
use crate::{Diagnosis, Fault};

/// So many values of a ratio are a list; more are a formula.
const FEW: usize = 8;

pub(super) fn explain(evidence: &Evidence) -> Option<Diagnosis> {
    // Small derivatives tell no ratio.
    let size = evidence.numeric.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let mut accuracy = 0.0f64;
    let (mut distinct, mut wrong, mut right) = (Vec::<f64>::new(), 0usize, 0usize);
    for (&a, &g) in evidence.numeric.iter().zip(&evidence.analytic) {
        if evidence.none(a) != evidence.none(g) {
            return None;
        }
        if a.abs() <= 0.02 * size {
            continue;
        }
        let ratio = g / a;
        let near = 10.0 * evidence.fine / a.abs() * ratio.abs().max(1.0);
        accuracy = accuracy.max(near);
        if evidence.same(a, g) {
            right += 1;
            continue;
        }
        wrong += 1;
        if distinct.len() <= FEW && !distinct.iter().any(|other| (other - ratio).abs() <= near) {
            distinct.push(ratio);
        }
    }
    if wrong == 0 {
        return None;
    }
    let list = |values: &[f64]| values.iter().map(|v| format!("{v:.5}")).collect::<Vec<_>>().join(", ");
    if distinct.len() == 1 && (distinct[0] + 1.0).abs() <= 1e-3 && right > 0 {
        let because = format!("{wrong} derivatives have the wrong sign, and {right} are right");
        return Some(diagnosis(Fault::Sign, 0.9, because));
    }
    if distinct.len() == 1 && right > 0 && [2.0, 0.5].iter().any(|value| (distinct[0] - value).abs() <= 1e-3) {
        let because =
            format!("{wrong} derivatives are {} times what they should be, and {right} are right", list(&distinct));
        return Some(diagnosis(Fault::Factor, 0.65, because));
    }
    let columns = evidence.columns();
    let by_column = constant(evidence, columns, evidence.rows, |column, row| evidence.pair(row, column));
    let by_row = constant(evidence, evidence.rows, columns, |row, column| evidence.pair(row, column));
    let lines = by_column || by_row;
    let switch = distinct.len() == 2 && (distinct[0] * distinct[1] - 1.0).abs() <= accuracy.max(1e-3) && right == 0;
    // One such ratio may be anything, unless whole lines have it and others are right.
    let told = distinct.len() > 1 || lines && right > 0;
    if told && distinct.len() <= FEW && !switch {
        let most = evidence.counts.iter().copied().max().unwrap_or(1).min(16);
        let count = |ratio: f64| {
            (1..=most)
                .flat_map(|a| (1..=most).map(move |b| a as f64 / b as f64))
                .any(|value| (value - ratio).abs() <= accuracy.min(1e-3) * value)
        };
        if distinct.iter().all(|&ratio| count(ratio)) {
            let because =
                format!("derivatives are {} times the numeric ones, which are ratios of counts", list(&distinct));
            return Some(diagnosis(Fault::Reduction, 0.8, because));
        }
    }
    if lines {
        let along = if by_column { "entry of the block" } else { "output" };
        let because = format!("each {along} is off by a factor of its own: a factor is missing or wrong");
        return Some(diagnosis(Fault::Term, 0.66, because));
    }
    if distinct.len() + usize::from(right > 0) == 2 {
        let because = if right > 0 {
            format!("{wrong} derivatives are {} times what they should be, and {right} are right", list(&distinct))
        } else {
            format!("derivatives are {} times what they should be: two factors, as of a switch", list(&distinct))
        };
        return Some(diagnosis(Fault::Mask, 0.62, because));
    }
    None
}

/// Whether each line has one ratio throughout, and some have several entries to show it.
fn constant(evidence: &Evidence, lines: usize, length: usize, pair: impl Fn(usize, usize) -> (f64, f64)) -> bool {
    let mut told = 0;
    let all = (0..lines).all(|line| {
        let pairs = || (0..length).map(|at| pair(line, at));
        let square: f64 = pairs().map(|(a, _)| a * a).sum();
        if square == 0.0 {
            return true;
        }
        let ratio = pairs().map(|(a, g)| a * g).sum::<f64>() / square;
        told += usize::from(pairs().filter(|(a, _)| !evidence.none(*a)).count() > 1);
        pairs().all(|(a, g)| (g - ratio * a).abs() <= 2.0 * evidence.tolerance * ratio.abs().max(1.0))
    });
    all && told * 2 > lines
}
