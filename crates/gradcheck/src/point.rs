//! What is needed of a point before any derivative: its value, cotangents and gradients, all of them sound.

use crate::magnitude::tamed;
use crate::session::{Session, at_the_point, unwritten};
use crate::units::Place;
use crate::{Block, Error, Function, Real, random};

/// Fails where the function and the point do not fit each other.
pub(crate) fn fits<T: Real, F: Function<T> + ?Sized>(function: &F, x: &[T]) -> Result<(), Error> {
    let blocks = function.blocks();
    let expected: usize = blocks.iter().map(Block::elements).sum();
    if x.len() != expected {
        let blocks: Vec<String> = blocks.iter().map(|block| format!("{} {:?}", block.name, block.shape)).collect();
        return Err(Error::PointLength { blocks: blocks.join(", "), expected, found: x.len() });
    }
    let (shape, outputs) = (function.output_shape(), function.outputs());
    let product: usize = shape.iter().product();
    if product != outputs {
        return Err(Error::OutputShape { shape, product, outputs });
    }
    if outputs == 0 {
        return Err(Error::Nothing("the function has no outputs".to_owned()));
    }
    if expected == 0 {
        return Err(Error::Nothing("no block has an element".to_owned()));
    }
    let mut start = 0;
    for block in blocks {
        for (index, value) in x[start..start + block.elements()].iter().enumerate() {
            let value = value.to_f64();
            if !value.is_finite() {
                return Err(Error::PointNotFinite {
                    block: block.name.clone(),
                    index: block.multi_index(index),
                    value,
                });
            }
        }
        start += block.elements();
    }
    Ok(())
}

/// The value at the point.
pub(crate) fn value<T: Real, F: Function<T> + ?Sized>(session: &Session<'_, T, F>) -> Result<Vec<T>, Error> {
    let mut y = vec![T::ZERO; session.outputs];
    session.value(session.x, &mut y, &at_the_point)?;
    match y.iter().position(|value| !value.to_f64().is_finite()) {
        Some(output) => Err(Error::ValueNotFinite { output, value: y[output].to_f64() }),
        None => Ok(y),
    }
}

/// A random signed cotangent. Outputs whose squares would leave the range of `f64` are brought back into it.
pub(crate) fn cotangent<T: Real>(seed: u64, stream: u64, y: &[T]) -> Vec<T> {
    let scaled = |(i, y): (usize, &T)| T::from_f64(random::signed(seed, 0xc07 + stream, i) * tamed(y.to_f64().abs()));
    y.iter().enumerate().map(scaled).collect()
}

/// What is wrong with the entries of a gradient themselves.
#[derive(Clone, Debug)]
pub(crate) struct Unsound {
    pub block: usize,
    /// The first such entry of the block.
    pub index: usize,
    pub value: f64,
    pub entries: usize,
    pub unwritten: bool,
}

/// The gradient for a cotangent. Entries that are not finite are reported and become 0.
pub(crate) fn gradient<T: Real, F: Function<T> + ?Sized>(
    session: &Session<'_, T, F>,
    places: &[Place],
    cotangent: &[T],
    unsound: &mut Vec<Unsound>,
) -> Result<Vec<T>, Error> {
    let mut gradient = vec![T::ZERO; session.x.len()];
    session.vjp(session.x, cotangent, &mut gradient, &at_the_point)?;
    for (block, place) in places.iter().enumerate() {
        let mut first = None;
        let mut entries = 0;
        for (index, value) in gradient[place.range.clone()].iter_mut().enumerate() {
            if !value.to_f64().is_finite() {
                entries += 1;
                first.get_or_insert((index, value.to_f64(), unwritten(*value)));
                *value = T::ZERO;
            }
        }
        if let Some((index, value, unwritten)) = first
            && unsound.iter().all(|known| known.block != block)
        {
            unsound.push(Unsound { block, index, value, entries, unwritten });
        }
    }
    Ok(gradient)
}
