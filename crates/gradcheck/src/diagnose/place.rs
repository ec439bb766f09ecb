//! The right values, in places that no simple rearrangement explains: a matrix read the other way round, an index off.

use super::{Evidence, diagnosis};
use crate::{Diagnosis, Fault};

/// Fewer different values than this are found again by chance or by structure.
const DISTINCT: usize = 4;

pub(super) fn explain(evidence: &Evidence) -> Option<Diagnosis> {
    let sorted = |values: &[f64]| {
        let mut all: Vec<f64> = values.iter().copied().filter(|&v| !evidence.none(v)).collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let (numeric, analytic) = (sorted(&evidence.numeric), sorted(&evidence.analytic));
    let mut different = numeric.clone();
    different.dedup_by(|a, b| (*a - *b).abs() <= 4.0 * evidence.fine);
    if different.len() < DISTINCT {
        return None;
    }
    let span = numeric.last()? - numeric.first()?;
    // How often a value is found by chance where the values lie as dense as these.
    let chance = (4.0 * evidence.fine * different.len() as f64 / span).min(1.0);
    let equal = numeric.len() == analytic.len()
        && numeric.iter().zip(&analytic).all(|(a, g)| (a - g).abs() <= 4.0 * evidence.fine);
    if equal {
        let because = "the gradient is made of the right values, each in another place, as if a matrix were read the other way \
                       round";
        return Some(diagnosis(Fault::Transposed, 0.76, because));
    }
    // Only wrong entries tell: right ones are where they should be.
    let columns = evidence.columns();
    let (mut wrong, mut found, mut gone) = (0usize, 0usize, 0usize);
    let mut values = Vec::<f64>::new();
    for row in 0..evidence.rows {
        for column in 0..columns {
            let (a, g) = evidence.pair(row, column);
            gone += usize::from(!evidence.same(a, g) && !evidence.none(a));
            if evidence.same(a, g) || evidence.none(g) {
                continue;
            }
            wrong += 1;
            let at = numeric.partition_point(|&v| v < g - 2.0 * evidence.fine);
            if numeric.get(at).is_some_and(|&v| v <= g + 2.0 * evidence.fine) {
                found += 1;
                if values.len() < DISTINCT && values.iter().all(|v| (v - g).abs() > 4.0 * evidence.fine) {
                    values.push(g);
                }
            }
        }
    }
    if values.len() >= DISTINCT
        && gone * 4 > wrong
        && found as f64 >= wrong as f64 * (0.5 + 0.5 * chance)
        && chance < 0.3
    {
        let because = format!(
            "{found} of {wrong} wrong derivatives are right for another place: the gradient is shifted, or takes another stride"
        );
        return Some(diagnosis(Fault::Geometry, 0.72, because));
    }
    None
}
