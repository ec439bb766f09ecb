//! The round-off of a function's outputs, measured.
//!
//! Over a distance of a few ulp a function is a straight line but for its round-off, and third differences of equally
//! spaced values leave nothing of a parabola. Their mean square over 20 (the sum of the squares of 1, 3, 3, 1) is the
//! variance of the round-off (Hamming's difference table, as in ECnoise: Moré and Wild 2011). What differs from call to
//! call is measured with it.

use crate::derivative::ROUND_OFF;
use crate::session::Session;
use crate::units::Place;
use crate::{Error, Function, Real, random};

/// Values taken besides the one at the point: four third differences.
const VALUES: usize = 6;

/// The distance of two values, in ulp of an entry of the block's usual size.
const APART: f64 = 3.0;

/// The standard deviation of the round-off of each output.
#[derive(Debug)]
pub(crate) struct Noise {
    pub deviation: Vec<f64>,
    /// Over what a rounding of the outputs alone would do; at least 1.
    pub factor: f64,
}

/// The point, moved by `steps` ulp of each entry, with signs by chance.
pub(crate) fn nudged<T: Real>(x: &[T], places: &[Place], seed: u64, steps: f64, into: &mut [T]) {
    for place in places {
        for j in place.range.clone() {
            let value = x[j].to_f64();
            // Not the entry's own ulp where it is small: what is added to a larger number within the function would not move.
            let ulp = T::EPSILON * value.abs().max(place.common);
            into[j] = T::from_f64(value + steps * ulp * random::signed(seed, 0xd1f, j));
        }
    }
}

pub(crate) fn measure<T: Real, F: Function<T> + ?Sized>(
    session: &Session<'_, T, F>,
    places: &[Place],
    y: &[T],
    seed: u64,
) -> Result<Noise, Error> {
    let outputs = y.len();
    let mut window: Vec<Vec<T>> = vec![y.to_vec()];
    let mut squares = vec![0.0; outputs];
    let mut differences = vec![0u32; outputs];
    let mut x = session.x.to_vec();
    for k in 1..=VALUES {
        nudged(session.x, places, seed, APART * k as f64, &mut x);
        let mut value = if window.len() == 4 { window.remove(0) } else { vec![T::ZERO; outputs] };
        session.value(&x, &mut value, &|| "a few ulp beside the point".to_owned())?;
        window.push(value);
        if let [a, b, c, d] = &window[..] {
            for i in 0..outputs {
                // Differences of neighbours first: they are exact.
                let third = (d[i].to_f64() - c[i].to_f64()) - 2.0 * (c[i].to_f64() - b[i].to_f64())
                    + (b[i].to_f64() - a[i].to_f64());
                if third.is_finite() {
                    squares[i] += third * third / 20.0;
                    differences[i] += 1;
                }
            }
        }
    }
    let model = |i: usize| ROUND_OFF * T::EPSILON * y[i].to_f64().abs();
    let measured = |i: usize| (squares[i] / f64::from(differences[i].max(1))).sqrt();
    let (mut sum, mut count) = (0.0, 0u32);
    for i in 0..outputs {
        if y[i] != T::ZERO {
            // The logarithm: a few outputs that cancel are not to speak for all.
            sum += (measured(i) / model(i)).clamp(1.0, 1e12).ln();
            count += 1;
        }
    }
    let factor = if count == 0 { 1.0 } else { (sum / f64::from(count)).exp() };
    // Four differences that share values say little about one output; the factor of all steadies it.
    let deviation = (0..outputs).map(|i| (factor * model(i)).max(1.5 * measured(i))).collect();
    Ok(Noise { deviation, factor })
}
