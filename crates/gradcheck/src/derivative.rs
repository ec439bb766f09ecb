//! The derivative of a function of one variable, with an error bar.

use crate::Real;
use crate::extrapolate::{Estimate, Row, SIGMAS, extrapolate};

/// A numeric derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Derivative {
    /// The derivative.
    pub value: f64,
    /// The true derivative is within this of [`value`](Derivative::value): in at least 99 % of the cases of the crate's
    /// accuracy suite. Infinite where there is no derivative to be had.
    pub error_bar: f64,
    /// How often the function was evaluated.
    pub evaluations: u32,
}

/// Half an ulp is the largest error of a rounded result, and its standard deviation is that over √3. Functions of a
/// mathematical library are a little worse.
pub(crate) const ROUND_OFF: f64 = 0.3;

/// The numeric derivative of `f` at `x`.
///
/// A first look at a short step gives the first and the second derivative roughly, and so the length over which the
/// function bends: `max(|f′/f″|, √|f/f″|)`. Then central differences at steps that halve, from an eighth of that
/// length, are extrapolated (Richardson). The first look is also a witness: an extrapolation that it contradicts was
/// taken over steps too long to see the function's own oscillations, and shorter ones follow.
///
/// ```
/// let derivative = gradiometer_gradcheck::derivative(|x: f64| x.sin(), 0.7);
/// assert!((derivative.value - 0.7f64.cos()).abs() <= derivative.error_bar);
/// assert!(derivative.error_bar < 1e-12);
/// ```
pub fn derivative<T: Real>(f: impl Fn(T) -> T, x: T) -> Derivative {
    let evaluations = std::cell::Cell::new(1);
    let middle = f(x).to_f64();
    let x = x.to_f64();
    let size = std::cell::Cell::new(0.0f64);
    let second = std::cell::Cell::new(0.0);
    let mut sample = |h: f64| -> Option<Row> {
        let (above, below) = (T::from_f64(x + h), T::from_f64(x - h));
        let width = above.to_f64() - below.to_f64();
        let (up, down) = (f(above).to_f64(), f(below).to_f64());
        evaluations.set(evaluations.get() + 2);
        second.set((up - 2.0 * middle + down) / (0.25 * width * width));
        let value = (up - down) / width;
        // Rounding within the function acts as if its argument were rounded, so the argument's share counts too.
        size.set(up.abs().max(down.abs()).max(size.get()));
        let noise = std::f64::consts::SQRT_2 * ROUND_OFF * T::EPSILON * (size.get() + (x * value).abs()) / width;
        value.is_finite().then_some(Row { h: 0.5 * width, value, noise })
    };
    // The step at which round-off and bend disturb a second difference alike.
    let mut short = power_of_two(x.abs().max(1.0)) * T::EPSILON.powf(0.25);
    let mut witness = sample(short);
    while witness.is_none() && short > T::EPSILON * x.abs().max(f64::MIN_POSITIVE) {
        short *= 0.125;
        witness = sample(short);
    }
    let nothing = || Derivative { value: f64::NAN, error_bar: f64::INFINITY, evaluations: evaluations.get() };
    let Some(mut witness) = witness else { return nothing() };
    let bend = |witness: &Row| {
        let bend = (witness.value / second.get()).abs().max((middle / second.get()).abs().sqrt());
        if bend.is_nan() { f64::INFINITY } else { bend }
    };
    // A function that bends within the witness's own step has not been seen yet.
    for _ in 0..8 {
        if bend(&witness) >= 4.0 * short {
            break;
        }
        short *= 0.125;
        match sample(short) {
            Some(row) if row.noise < 1e-3 * row.value.abs() => witness = row,
            _ => break,
        }
    }
    let bend = bend(&witness);
    let length = bend.min(x.abs().max(1.0)).max(4.0 * short);
    let estimate = descend(&mut sample, Some(witness), 0.125 * power_of_two(length), Levels::of::<T>());
    match estimate {
        Some(Estimate { value, bar, .. }) => Derivative { value, error_bar: bar, evaluations: evaluations.get() },
        None => nothing(),
    }
}

/// The power of two at or below `length`: `x ± h` is then exact where `x` has bits to spare.
pub(crate) fn power_of_two(length: f64) -> f64 {
    2f64.powi(length.log2().floor().clamp(-1000.0, 1000.0) as i32)
}

/// How many steps are extrapolated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels {
    /// At least this many.
    pub least: usize,
    /// At most this many, domain exits included.
    pub most: usize,
}

impl Levels {
    pub(crate) fn of<T: Real>() -> Self {
        if T::EPSILON > 1e-10 { Self { least: 3, most: 16 } } else { Self { least: 4, most: 20 } }
    }
}

/// Samples at steps that halve, from `first` downwards, until the bar is as small as round-off lets it be.
pub(crate) fn descend(
    mut sample: impl FnMut(f64) -> Option<Row>,
    witness: Option<Row>,
    first: f64,
    levels: Levels,
) -> Option<Estimate> {
    let mut rows: Vec<Row> = Vec::new();
    let mut best: Option<Estimate> = None;
    let (mut start, mut h) = (first, first);
    for _ in 0..levels.most {
        let Some(row) = sample(h) else {
            rows.clear();
            best = None;
            h *= 0.25;
            start = h;
            continue;
        };
        rows.push(row);
        h *= 0.5;
        if let Some(estimate) = extrapolate(&rows)
            && best.is_none_or(|best| estimate.bar < best.bar)
        {
            best = Some(estimate);
        }
        if rows.len() < levels.least {
            continue;
        }
        if let (Some(found), Some(witness)) = (best, witness) {
            // What bends by a quarter over the first step bends by its square less over the witness's.
            let bent = (witness.h / start).powi(2) * found.value.abs().max(witness.value.abs());
            if (found.value - witness.value).abs() > found.bar + SIGMAS * witness.noise + bent {
                best = None;
                rows.clear();
                start *= 0.25;
                h = start;
                continue;
            }
        }
        // Shorter steps help only where what is left over is more than the round-off that they would bring.
        if best.is_some_and(|best| best.truncation < TOLERATED * row.noise) {
            break;
        }
    }
    best.or_else(|| {
        let witness = witness?;
        let bent = (witness.h / start).powi(2) * witness.value.abs();
        Some(Estimate { value: witness.value, bar: SIGMAS * witness.noise + bent, truncation: bent })
    })
}

/// How much larger than the round-off of the shortest step the truncation may be for the search to end.
const TOLERATED: f64 = 256.0;
