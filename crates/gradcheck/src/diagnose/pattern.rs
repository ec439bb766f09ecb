//! Right in some places, and missing, superfluous or scaled in others.

use super::{Evidence, diagnosis};
use crate::{Diagnosis, Fault};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// Zero on both sides.
    Nothing,
    Right,
    /// Zero, and should not be.
    Missing,
    /// Not zero, and should be.
    Extra,
    /// Something else.
    Other,
}

pub(super) fn explain(evidence: &Evidence) -> Option<Diagnosis> {
    let columns = evidence.columns();
    let marks: Vec<Mark> = evidence
        .numeric
        .iter()
        .zip(&evidence.analytic)
        .map(|(&a, &g)| match (evidence.none(a), evidence.none(g)) {
            (true, true) => Mark::Nothing,
            _ if evidence.same(a, g) => Mark::Right,
            (false, true) => Mark::Missing,
            (true, false) => Mark::Extra,
            (false, false) => Mark::Other,
        })
        .collect();
    let count = |mark: Mark| marks.iter().filter(|&&m| m == mark).count();
    let (right, missing, extra, other) =
        (count(Mark::Right), count(Mark::Missing), count(Mark::Extra), count(Mark::Other));
    let wrong = missing + extra + other;
    if wrong == 0 {
        return None;
    }
    let row_wrong: Vec<bool> =
        (0..evidence.rows).map(|row| (0..columns).any(|column| bad(marks[row * columns + column]))).collect();
    let column_wrong: Vec<bool> =
        (0..columns).map(|column| (0..evidence.rows).any(|row| bad(marks[row * columns + column]))).collect();
    let by_rows = evidence.outputs.as_ref().and_then(|shape| slices(shape, &row_wrong));
    let by_columns = if evidence.complete { slices(&evidence.shape, &column_wrong) } else { None };

    if missing == wrong && right > 0 {
        // A row of outputs with one entry each: the block is spread over the outputs.
        let spread = (0..evidence.rows)
            .filter(|row| (0..columns).any(|column| !evidence.none(evidence.numeric[row * columns + column])))
            .count();
        let single = (0..evidence.rows).all(|row| {
            (0..columns).filter(|column| !evidence.none(evidence.numeric[row * columns + column])).count() <= 1
        });
        let shared = single && spread > columns;
        if let (Some((axis, _)), true) = (by_rows, shared) {
            let because =
                format!("only some slices of the output's axis {axis} contribute, of those that share an entry");
            return Some(diagnosis(Fault::Broadcast, 0.8, because));
        }
        if single && evidence.rows > 1 && shared {
            let because = "of the outputs that share an entry, only some contribute to its gradient";
            return Some(diagnosis(Fault::NotAccumulated, 0.75, because));
        }
        if let Some((axis, slices)) = by_columns {
            let whole = (0..columns)
                .filter(|&column| column_wrong[column])
                .all(|column| (0..evidence.rows).all(|row| marks[row * columns + column] != Mark::Right));
            if whole && evidence.shape.len() >= 2 {
                let because = format!("slices {slices:?} of the block's axis {axis} are zero, and the rest is right");
                return Some(diagnosis(Fault::TimeStep, 0.6, because));
            }
        }
        return Some(diagnosis(
            Fault::Mask,
            0.6,
            format!("{missing} derivatives are zero that should not be, and {right} are right"),
        ));
    }
    if extra + missing == wrong && right > 0 {
        return Some(diagnosis(
            Fault::Mask,
            if missing == 0 { 0.7 } else { 0.55 },
            format!(
                "{extra} derivatives should be zero and are not, {missing} are zero and should not be, {right} are right"
            ),
        ));
    }
    if other == wrong && right > 0 {
        let ratios: Vec<f64> = marks
            .iter()
            .zip(evidence.numeric.iter().zip(&evidence.analytic))
            .filter(|(mark, _)| **mark == Mark::Other)
            .map(|(_, (a, g))| g / a)
            .collect();
        let first = ratios[0];
        if ratios.iter().all(|ratio| (ratio - first).abs() <= 1e-4 * first.abs()) {
            let because =
                format!("{wrong} derivatives are {first:.5} times what they should be, and {right} are right");
            return Some(diagnosis(Fault::Mask, 0.5, because));
        }
    }
    if let Some((axis, slices)) = by_rows
        && evidence.outputs.as_ref().is_some_and(|shape| shape.len() >= 2)
    {
        let because = format!("only the outputs of slices {slices:?} of axis {axis} have wrong derivatives");
        return Some(diagnosis(Fault::TimeStep, 0.5, because));
    }
    None
}

fn bad(mark: Mark) -> bool {
    matches!(mark, Mark::Missing | Mark::Extra | Mark::Other)
}

/// The axis along which some slices are all right and the others all have something wrong, with the latter.
fn slices(shape: &[usize], wrong: &[bool]) -> Option<(usize, Vec<usize>)> {
    let block = crate::Block::input("", shape);
    (0..shape.len()).find_map(|axis| {
        let mut has = vec![(false, false); shape[axis]];
        for (flat, &wrong) in wrong.iter().enumerate() {
            let slot = &mut has[block.multi_index(flat)[axis]];
            if wrong { slot.0 = true } else { slot.1 = true }
        }
        let bad: Vec<usize> = (0..shape[axis]).filter(|&i| has[i].0).collect();
        (bad.len() < shape[axis] && bad.iter().all(|&i| !has[i].1)).then_some((axis, bad))
    })
}
