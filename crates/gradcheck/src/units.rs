//! How far a step goes in each entry: the unit of length of a block.

use crate::{Block, Real};
use std::ops::Range;

/// A block's place in `x` and its unit of length.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub range: Range<usize>,
    unit: Unit,
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    /// The entries are alike: their root mean square, or 1 if all are zero.
    Common(f64),
    /// They are of many orders of magnitude: each its own size, and this for those that are zero.
    Own(f64),
}

/// Above this standard deviation of `ln |x|` the entries of a block are of many orders of magnitude. It is 1.1 for
/// normally distributed ones.
const MANY_ORDERS: f64 = 2.5;

pub(crate) fn places<T: Real>(blocks: &[Block], x: &[T]) -> Vec<Place> {
    let mut start = 0;
    blocks
        .iter()
        .map(|block| {
            let range = start..start + block.elements();
            start = range.end;
            Place { unit: unit(&x[range.clone()]), range }
        })
        .collect()
}

fn unit<T: Real>(values: &[T]) -> Unit {
    let sizes = || values.iter().map(|value| value.to_f64().abs()).filter(|&size| size > 0.0);
    let count = sizes().count() as f64;
    if count == 0.0 {
        return Unit::Common(1.0);
    }
    let mean = sizes().map(f64::ln).sum::<f64>() / count;
    let spread = (sizes().map(|size| (size.ln() - mean).powi(2)).sum::<f64>() / count).sqrt();
    if spread > MANY_ORDERS {
        return Unit::Own(sizes().fold(f64::INFINITY, f64::min));
    }
    let largest = sizes().fold(0.0, f64::max);
    Unit::Common(largest * (sizes().map(|size| (size / largest).powi(2)).sum::<f64>() / count).sqrt())
}

impl Place {
    /// The unit of an entry of the block whose value is `x`.
    pub fn unit(&self, x: f64) -> f64 {
        match self.unit {
            Unit::Common(unit) => unit,
            Unit::Own(smallest) => x.abs().max(smallest),
        }
    }
}
