//! The right values in the wrong places: transposed, parts swapped, flipped, shifted.

use super::{Evidence, diagnosis};
use crate::{Diagnosis, Fault};

/// An order of the entries of a shape: entry `i` of the analytic side is entry `order[i]` of the numeric one, or none.
type Order = Vec<Option<usize>>;

pub(super) fn explain(evidence: &Evidence) -> Option<Diagnosis> {
    let mut best = None::<Diagnosis>;
    let mut offer = |found: Option<Diagnosis>| {
        if let Some(found) = found
            && best.as_ref().is_none_or(|best| found.confidence > best.confidence)
        {
            best = Some(found);
        }
    };
    if evidence.complete {
        for (kind, order, confidence, what) in orders(&evidence.shape) {
            if fits(evidence, &order, false) {
                offer(Some(diagnosis(kind, confidence, format!("the block's entries are right but {what}"))));
            }
        }
    }
    if let Some(outputs) = &evidence.outputs {
        for (kind, order, confidence, what) in orders(outputs) {
            if fits(evidence, &order, true) {
                let because = format!("the gradient is right for an upstream gradient that is {what}");
                offer(Some(diagnosis(kind, confidence - 0.05, because)));
            }
        }
    }
    if transposed(evidence) {
        offer(Some(diagnosis(
            Fault::Transposed,
            0.8,
            "the gradient is the forward derivative: the Jacobian itself where its transpose belongs",
        )));
    }
    best
}

/// Whether the analytic Jacobian is square and the transpose of the numeric one.
fn transposed(evidence: &Evidence) -> bool {
    let columns = evidence.columns();
    if !evidence.complete || evidence.outputs.is_none() || evidence.rows != columns {
        return false;
    }
    let places = || (0..columns).flat_map(|row| (0..columns).map(move |column| (row, column)));
    places().all(|(row, column)| evidence.same(evidence.pair(row, column).1, evidence.pair(column, row).0))
        && places().any(|(row, column)| !evidence.same(evidence.pair(row, column).0, evidence.pair(column, row).0))
}

/// Whether the analytic Jacobian is the numeric one in another order of columns, or of rows.
fn fits(evidence: &Evidence, order: &Order, of_rows: bool) -> bool {
    let columns = evidence.columns();
    let (mut compared, mut informative) = (0usize, 0usize);
    for row in 0..evidence.rows {
        for column in 0..columns {
            let Some(from) = order[if of_rows { row } else { column }] else { continue };
            let from = if of_rows { from * columns + column } else { row * columns + from };
            let at = row * columns + column;
            if !evidence.same(evidence.analytic[at], evidence.numeric[from]) {
                return false;
            }
            compared += 1;
            informative += usize::from(!evidence.same(evidence.numeric[at], evidence.numeric[from]));
        }
    }
    compared > 0 && informative > 0
}

fn orders(shape: &[usize]) -> Vec<(Fault, Order, f64, String)> {
    let elements: usize = shape.iter().product();
    let mut all = Vec::new();
    let index = |flat: usize| crate::Block::input("", shape).multi_index(flat);
    let flat = |index: &[usize]| index.iter().zip(shape).fold(0, |flat, (i, extent)| flat * extent + i);
    if shape.len() >= 2 && shape.len() <= 4 {
        for axes in permutations(shape.len()) {
            if axes.windows(2).all(|pair| pair[0] < pair[1]) {
                continue;
            }
            // The analytic side was written in the order of the permuted axes.
            let permuted: Vec<usize> = axes.iter().map(|&axis| shape[axis]).collect();
            let block = crate::Block::input("", &permuted);
            let order = (0..elements)
                .map(|at| {
                    let inner = block.multi_index(at);
                    let mut outer = vec![0; shape.len()];
                    axes.iter().zip(inner).for_each(|(&axis, i)| outer[axis] = i);
                    Some(flat(&outer))
                })
                .collect();
            all.push((Fault::Transposed, order, 0.95, format!("lie in the order of axes {axes:?}")));
            // A square pair of axes, exchanged in place.
            if permuted == shape {
                let order = (0..elements)
                    .map(|at| {
                        let inner = index(at);
                        Some(flat(&axes.iter().map(|&axis| inner[axis]).collect::<Vec<_>>()))
                    })
                    .collect();
                all.push((Fault::Transposed, order, 0.95, format!("have their axes exchanged as {axes:?}")));
            }
        }
    }
    for (axis, &extent) in shape.iter().enumerate() {
        for parts in 2..=4usize {
            if extent % parts != 0 || extent == parts && extent < 3 && shape.len() < 2 {
                continue;
            }
            let part = extent / parts;
            for swap in permutations(parts) {
                if swap.windows(2).all(|pair| pair[0] < pair[1]) {
                    continue;
                }
                let order = (0..elements)
                    .map(|at| {
                        let mut index = index(at);
                        index[axis] = swap[index[axis] / part] * part + index[axis] % part;
                        Some(flat(&index))
                    })
                    .collect();
                let what = format!("the {parts} parts of axis {axis} are swapped as {swap:?}");
                all.push((Fault::Gates, order, if part > 1 { 0.92 } else { 0.8 }, what));
            }
        }
        // What remains has to be more than half.
        for shift in [-1isize, 1, -2, 2].into_iter().filter(|shift| extent > 2 * shift.unsigned_abs() + 1) {
            let order = (0..elements)
                .map(|at| {
                    let mut index = index(at);
                    let moved = index[axis] as isize + shift;
                    (0..extent as isize).contains(&moved).then(|| {
                        index[axis] = moved as usize;
                        flat(&index)
                    })
                })
                .collect();
            all.push((Fault::Geometry, order, 0.85, format!("shifted by {shift} along axis {axis}")));
        }
    }
    for flips in 1usize..1 << shape.len().min(5) {
        let order = (0..elements)
            .map(|at| {
                let mut index = index(at);
                for axis in (0..shape.len()).filter(|axis| flips >> axis & 1 == 1) {
                    index[axis] = shape[axis] - 1 - index[axis];
                }
                Some(flat(&index))
            })
            .collect();
        all.push((Fault::Geometry, order, 0.88, "flipped".to_owned()));
    }
    all
}

fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    permutations(count - 1)
        .into_iter()
        .flat_map(|shorter| {
            (0..count).map(move |at| {
                let mut longer = shorter.clone();
                longer.insert(at, count - 1);
                longer
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_permutations_as_there_should_be_and_all_differ() {
        let all: std::collections::HashSet<Vec<usize>> = permutations(4).into_iter().collect();
        assert_eq!(all.len(), 24);
    }
}
