//! How far a step goes in each entry: the unit of length of a block.

use crate::{Block, Real};
use std::ops::Range;

/// A block's place in `x` and its unit of length.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub range: Range<usize>,
    /// The root mean square of the entries, or 1 if all are zero.
    pub common: f64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    /// The entries are alike: [`Place::common`].
    Common,
    /// They are of many orders of magnitude: each its own size, and this for those that are zero.
    Own(f64),
}

/// A block is of many orders of magnitude if a quarter of its entries are below a hundredth of their root mean square;
/// of normally distributed ones it is one in 125. One entry near zero alone does not make it so: its step would be
/// lost beside the others.
const SMALL: (f64, f64) = (0.25, 0.01);

pub(crate) fn places<T: Real>(blocks: &[Block], x: &[T]) -> Vec<Place> {
    let mut start = 0;
    blocks
        .iter()
        .map(|block| {
            let range = start..start + block.elements();
            start = range.end;
            let (common, unit) = unit(&x[range.clone()]);
            Place { range, common, unit }
        })
        .collect()
}

fn unit<T: Real>(values: &[T]) -> (f64, Unit) {
    let sizes = || values.iter().map(|value| value.to_f64().abs()).filter(|&size| size > 0.0);
    let count = sizes().count() as f64;
    if count == 0.0 {
        return (1.0, Unit::Common);
    }
    let largest = sizes().fold(0.0, f64::max);
    let common = largest * (sizes().map(|size| (size / largest).powi(2)).sum::<f64>() / count).sqrt();
    let small = sizes().filter(|&size| size < SMALL.1 * common).count() as f64 / count;
    let unit = if small >= SMALL.0 { Unit::Own(sizes().fold(f64::INFINITY, f64::min)) } else { Unit::Common };
    (common, unit)
}

impl Place {
    /// Whether the entries differ by orders of magnitude, so that each has its own unit.
    pub fn many_orders(&self) -> bool {
        matches!(self.unit, Unit::Own(_))
    }

    /// The unit of an entry of the block whose value is `x`.
    pub fn unit(&self, x: f64) -> f64 {
        match self.unit {
            Unit::Common => self.common,
            Unit::Own(smallest) => x.abs().max(smallest),
        }
    }
}
