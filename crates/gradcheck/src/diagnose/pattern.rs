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

    let at = |row: usize, column: usize| marks[row * columns + column];
    if missing == wrong && right > 0 {
        if let Some(time) = lag(evidence, &at) {
            return Some(time);
        }
        if let Some((axis, bad)) = &by_rows
            && let Some(silent) = silent(evidence, &at, *axis, bad)
        {
            return Some(silent);
        }
        if let Some(kept) = kept(evidence, &at) {
            return Some(kept);
        }
        if let Some((axis, slices)) = &by_columns
            && evidence.shape.len() >= 2
            && (0..columns)
                .filter(|&column| column_wrong[column])
                .all(|column| (0..evidence.rows).all(|row| at(row, column) != Mark::Right))
        {
            let because = format!("slices {slices:?} of the block's axis {axis} are zero, and the rest is right");
            if time(evidence).is_some() {
                return Some(diagnosis(Fault::TimeStep, 0.83, because));
            }
            // A half, a third or a quarter in one piece is a branch of its own.
            let extent = evidence.shape[*axis];
            let run = slices.windows(2).all(|pair| pair[1] == pair[0] + 1);
            let part = slices.len() > 1 && (2..=4).any(|parts| slices.len() * parts == extent);
            let kind = if run && part { Fault::Detached } else { Fault::Mask };
            return Some(diagnosis(kind, 0.65, because));
        }
        return Some(diagnosis(
            Fault::Mask,
            0.7,
            format!("{missing} derivatives are zero that should not be, and {right} are right"),
        ));
    }
    if let Some(first) = from_one_slice(evidence) {
        return Some(first);
    }
    if extra + missing == wrong
        && extra > 0
        && missing > 0
        && let Some(found) = misplaced(evidence)
    {
        return Some(found);
    }
    if extra + missing == wrong {
        let because = format!(
            "{extra} derivatives should be zero and are not, {missing} are zero and should not be, {right} are right"
        );
        return Some(diagnosis(Fault::Mask, if right == 0 { 0.65 } else { 0.75 }, because));
    }
    if let Some(time) = lag(evidence, &at) {
        return Some(time);
    }
    let ratios: Vec<f64> = marks
        .iter()
        .zip(evidence.numeric.iter().zip(&evidence.analytic))
        .filter(|(mark, _)| **mark == Mark::Other)
        .map(|(_, (a, g))| g / a)
        .collect();
    if other == wrong {
        let first = ratios[0];
        if right > 0 && ratios.iter().all(|ratio| (ratio - first).abs() <= 1e-4 * first.abs()) {
            let because =
                format!("{wrong} derivatives are {first:.5} times what they should be, and {right} are right");
            return Some(diagnosis(Fault::Mask, 0.5, because));
        }
        let counts = |ratio: &f64| {
            let size = ratio.max(1.0 / ratio);
            *ratio > 0.0 && size < 1e4 && (size - size.round()).abs() < 1e-4 * size && size > 1.5
        };
        if ratios.iter().all(counts) {
            let because =
                "each derivative is a whole number of times too large or too small, and not all the same".to_owned();
            return Some(diagnosis(Fault::Reduction, 0.8, because));
        }
    }
    if right > 0 && elementwise(evidence) {
        let because = format!("of derivatives of outputs by their own inputs {right} are right and {wrong} are not");
        return Some(diagnosis(Fault::Mask, 0.65, because));
    }
    if let Some((0, slices)) = by_rows
        && let Some(shape) = evidence.outputs.as_ref().filter(|shape| shape.len() >= 2)
        && slices.iter().copied().eq(shape[0] - slices.len()..shape[0])
        && causal(evidence)
    {
        let because = format!("the outputs of the first {} steps have right derivatives", shape[0] - slices.len());
        return Some(diagnosis(Fault::TimeStep, 0.65, because));
    }
    None
}

/// Whether each output depends on at most one entry, and each entry moves at most one output.
fn elementwise(evidence: &Evidence) -> bool {
    let columns = evidence.columns();
    let depends = |row: usize, column: usize| !evidence.none(evidence.numeric[row * columns + column]);
    evidence.outputs.is_some()
        && (0..evidence.rows).all(|row| (0..columns).filter(|&column| depends(row, column)).count() <= 1)
        && (0..columns).all(|column| (0..evidence.rows).filter(|&row| depends(row, column)).count() <= 1)
}

/// Of the outputs that share an entry, one alone contributes: always the last one, or the first.
fn kept(evidence: &Evidence, at: &dyn Fn(usize, usize) -> Mark) -> Option<Diagnosis> {
    let (mut last, mut first, mut losing) = (true, true, 0usize);
    let mut kept_rows = vec![false; evidence.rows];
    let mut lost_rows = vec![false; evidence.rows];
    for column in 0..evidence.columns() {
        let used: Vec<usize> = (0..evidence.rows).filter(|&row| at(row, column) != Mark::Nothing).collect();
        let lost = used.iter().filter(|&&row| at(row, column) == Mark::Missing).count();
        for &row in &used {
            let lists = if at(row, column) == Mark::Missing { &mut lost_rows } else { &mut kept_rows };
            lists[row] = true;
        }
        if lost == 0 {
            continue;
        }
        losing += 1;
        let split = used.iter().rposition(|&row| at(row, column) == Mark::Missing)?;
        let head = used.iter().position(|&row| at(row, column) == Mark::Missing)?;
        last &= split + 1 < used.len() && used[..=split].iter().all(|&row| at(row, column) == Mark::Missing);
        first &= head > 0 && used[head..].iter().all(|&row| at(row, column) == Mark::Missing);
    }
    if losing == 0 || !(last || first) {
        return None;
    }
    // A slice that is kept for all entries alike is one of a broadcast axis; otherwise entries were written over.
    let alike = kept_rows.iter().zip(&lost_rows).all(|(kept, lost)| !(*kept && *lost));
    Some(if first && alike {
        let because = "only the first of the outputs that share an entry contribute to its gradient";
        diagnosis(Fault::Broadcast, 0.8, because)
    } else {
        let which = if last { "last" } else { "first" };
        let because = format!("of the outputs that share an entry, only the {which} contribute to its gradient");
        diagnosis(Fault::NotAccumulated, 0.9, because)
    })
}

/// Only the outputs of one slice send anything back, and to entries that they have nothing to do with: the upstream
/// gradient of that slice was taken for all.
fn from_one_slice(evidence: &Evidence) -> Option<Diagnosis> {
    let columns = evidence.columns();
    let sends: Vec<bool> = (0..evidence.rows)
        .map(|row| (0..columns).any(|column| !evidence.none(evidence.analytic[row * columns + column])))
        .collect();
    let should: Vec<bool> = (0..evidence.rows)
        .map(|row| (0..columns).any(|column| !evidence.none(evidence.numeric[row * columns + column])))
        .collect();
    let (axis, slices) = slices(evidence.outputs.as_ref()?, &sends)?;
    if slices.len() != 1 || should.iter().filter(|should| **should).count() <= sends.iter().filter(|s| **s).count() {
        return None;
    }
    let because = format!("only slice {} of the output's axis {axis} sends gradients back, and to all", slices[0]);
    Some(diagnosis(Fault::Broadcast, 0.77, because))
}

/// Whether outputs along the first axis depend on entries along the block's first axis up to their own place alone.
fn causal(evidence: &Evidence) -> bool {
    let Some(shape) = evidence.outputs.as_ref() else { return false };
    if shape.len() < 2 {
        return false;
    }
    if evidence.shape.first() != shape.first() || !evidence.complete {
        // A parameter: nothing tells.
        return evidence.shape != *shape;
    }
    time(evidence).is_some()
}

/// The steps of an output and of an entry where outputs depend on entries of their own step and of earlier ones: the
/// number of rows and of columns to a step.
fn time(evidence: &Evidence) -> Option<(usize, usize)> {
    let shape = evidence.outputs.as_ref()?;
    let steps = *shape.first()?;
    if !evidence.complete || steps < 2 || evidence.shape.first() != Some(&steps) {
        return None;
    }
    let columns = evidence.columns();
    let (by_row, by_column) = (evidence.rows / steps, columns / steps);
    let (mut past, mut future) = (false, false);
    for row in 0..evidence.rows {
        for column in 0..columns {
            if !evidence.none(evidence.numeric[row * columns + column]) {
                past |= row / by_row > column / by_column;
                future |= row / by_row < column / by_column;
            }
        }
    }
    (past != future).then_some((by_row, by_column))
}

/// Within a step all is right, and what passes between steps is not.
fn lag(evidence: &Evidence, at: &dyn Fn(usize, usize) -> Mark) -> Option<Diagnosis> {
    let (by_row, by_column) = time(evidence)?;
    let (mut within, mut between) = (0usize, 0usize);
    for row in 0..evidence.rows {
        for column in 0..evidence.columns() {
            if bad(at(row, column)) {
                let same = row / by_row == column / by_column;
                within += usize::from(same);
                between += usize::from(!same);
            }
        }
    }
    (within == 0 && between > 0).then(|| {
        diagnosis(Fault::TimeStep, 0.85, "what stays within a step is right, and what passes from step to step is not")
    })
}

/// As many entries for each output as there should be, of the same values, at other places.
fn misplaced(evidence: &Evidence) -> Option<Diagnosis> {
    let columns = evidence.columns();
    let mut shift = None;
    let (mut moved, mut by_one_shift, mut most) = (0usize, 0usize, 0usize);
    for row in 0..evidence.rows {
        let side = |pick: fn((f64, f64)) -> f64| -> Vec<(usize, f64)> {
            (0..columns)
                .map(|column| (column, pick(evidence.pair(row, column))))
                .filter(|(_, value)| !evidence.none(*value))
                .collect()
        };
        let (right, wrong) = (side(|pair| pair.0), side(|pair| pair.1));
        most = most.max(right.len());
        if right.len() != wrong.len() || !right.iter().zip(&wrong).all(|(a, b)| evidence.same(a.1, b.1)) {
            return None;
        }
        for (a, b) in right.iter().zip(&wrong).filter(|(a, b)| a.0 != b.0) {
            let by = b.0 as isize - a.0 as isize;
            moved += 1;
            by_one_shift += usize::from(*shift.get_or_insert(by) == by);
        }
    }
    let hit = |side: fn((f64, f64)) -> f64| {
        (0..columns).filter(|&c| (0..evidence.rows).any(|row| !evidence.none(side(evidence.pair(row, c))))).count()
    };
    let (spread, reached) = (hit(|pair| pair.0), hit(|pair| pair.1));
    if most == 1 && evidence.rows > columns && moved > 0 {
        let because =
            "each output contributes to another entry than it depends on: the sum runs over the wrong axis or index";
        return Some(diagnosis(Fault::Broadcast, 0.77, because));
    }
    if moved > 0 && by_one_shift == moved {
        let because = format!("what is wrong lies {} places off", shift.unwrap_or(0));
        return Some(diagnosis(Fault::Geometry, 0.77, because));
    }
    (moved > 0 && spread == reached && spread == columns).then(|| {
        diagnosis(
            Fault::Transposed,
            0.76,
            "each output's derivatives are right, and lie at the places of other entries",
        )
    })
}

/// Whole slices of the outputs that send nothing back: all but one of those that should be summed, or one at an end.
fn silent(evidence: &Evidence, at: &dyn Fn(usize, usize) -> Mark, axis: usize, bad: &[usize]) -> Option<Diagnosis> {
    let (outputs, columns) = (evidence.outputs.as_ref()?, evidence.columns());
    let extent = outputs[axis];
    let block = crate::Block::input("", outputs);
    let of = |row: usize| block.multi_index(row)[axis];
    let empty = (0..evidence.rows)
        .filter(|&row| bad.contains(&of(row)))
        .all(|row| (0..columns).all(|column| at(row, column) != Mark::Right));
    let has = |column: usize, mark: Mark| (0..evidence.rows).any(|row| at(row, column) == mark);
    let shared = (0..columns).filter(|&column| has(column, Mark::Missing) && has(column, Mark::Right)).count();
    let lost = (0..columns).filter(|&column| has(column, Mark::Missing)).count();
    if !empty || shared * 2 < lost {
        return None;
    }
    let (from, to) = (*bad.first()?, *bad.last()?);
    if bad.len() + 1 == extent {
        let kept = (0..extent).find(|i| !bad.contains(i))?;
        let because =
            format!("only slice {kept} of the output's axis {axis} contributes, of {extent} that should be summed");
        let kind = if kept == 0 { Fault::Broadcast } else { Fault::NotAccumulated };
        return Some(diagnosis(kind, 0.8, because));
    }
    (bad.len() == 1 && (from == 0 || to + 1 == extent)).then(|| {
        diagnosis(Fault::TimeStep, 0.75, format!("slice {from} of the output's axis {axis} sends nothing back"))
    })
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
