//! Elements of a group that depend on one another: softmax's off-diagonal, a normalization's mean and variance.

use super::{Evidence, diagnosis};
use crate::{Diagnosis, Fault};

/// Asks only where outputs and entries of the block correspond one to one.
pub(super) fn explain(evidence: &Evidence) -> Option<Diagnosis> {
    let columns = evidence.columns();
    if evidence.outputs.as_ref() != Some(&evidence.shape) || !evidence.complete || columns < 2 {
        return None;
    }
    // Where one depends on the other and not the other way round, time or an order is at work, and no group.
    let depends = |row: usize, column: usize| !evidence.none(evidence.numeric[row * columns + column]);
    let mutual = (0..columns).all(|row| (0..row).all(|column| depends(row, column) == depends(column, row)));
    if !mutual {
        return None;
    }
    let (mut coupled, mut kept, mut diagonal, mut zeroed, mut wrong, mut off) = (0usize, 0usize, 0usize, 0, 0, 0usize);
    for row in 0..columns {
        for column in 0..columns {
            let (a, g) = (evidence.numeric[row * columns + column], evidence.analytic[row * columns + column]);
            let same = evidence.same(a, g);
            if row == column {
                diagonal += usize::from(!evidence.none(a));
                wrong += usize::from(!same);
            } else if !evidence.none(a) {
                coupled += 1;
                kept += usize::from(same);
                zeroed += usize::from(!same && evidence.none(g));
                off += usize::from(!same);
            } else {
                off += usize::from(!same);
            }
        }
    }
    // A Jacobian with a diagonal and groups around it: each element depends on at least one more of its group.
    if diagonal * 10 < columns * 9 || coupled < columns {
        return None;
    }
    let identity = (0..columns).all(|k| evidence.same(evidence.pair(k, k).1, 1.0));
    if zeroed == coupled && identity && wrong * 2 > columns {
        return Some(diagnosis(Fault::Term, 0.65, "the upstream gradient is passed on as it came"));
    }
    if zeroed == coupled {
        return Some(diagnosis(
            Fault::Coupling,
            0.85,
            "the derivative of each output by its own input is there, and those by the others of its group are zero",
        ));
    }
    // A factor for each output, or for each input, couples nothing.
    let scaled = |along_rows: bool| {
        (0..columns).all(|line| {
            let (mut product, mut square, mut size) = (0.0, 0.0, 0.0);
            for k in 0..columns {
                let at = if along_rows { line * columns + k } else { k * columns + line };
                product += evidence.numeric[at] * evidence.analytic[at];
                square += evidence.numeric[at].powi(2);
                size += evidence.analytic[at].powi(2);
            }
            (product * product - square * size).abs() <= 1e-5 * square * size
        })
    };
    if scaled(true) || scaled(false) {
        return None;
    }
    if kept * 4 < coupled && (off + wrong) * 2 > coupled {
        return Some(diagnosis(
            Fault::Coupling,
            0.7,
            "outputs depend on all inputs of their group, and these derivatives are off throughout",
        ));
    }
    None
}
