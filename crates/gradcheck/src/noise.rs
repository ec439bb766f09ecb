//! The round-off of a function's outputs, measured.
//!
//! Over a distance of a few ulp a function is a straight line but for its round-off, so what is left of a handful of
//! values there after a line has been taken out is round-off (the thought of ECnoise: Moré and Wild 2011). The
//! distances are uneven: on even ones a function that is rounded to a grid may happen to climb by the same number of
//! grid lines each time, and look exact. What differs from call to call is measured with it.

use crate::derivative::ROUND_OFF;
use crate::magnitude::{norm, tamed};
use crate::session::Session;
use crate::units::Place;
use crate::{Error, Function, Real, random};

/// Where values are taken besides the one at the point, in ulp of an entry of the block's usual size: arbitrary uneven
/// numbers.
pub(crate) const STEPS: [f64; 6] = [2.17, 5.43, 7.91, 11.37, 13.09, 17.73];

/// How many times as far the outputs' round-off is looked for: what is rounded to a coarse grid within a function has
/// to move from one of its lines to the next, and yet the function to be straight: over 300 ulp of f32 a parabola
/// leaves 1e-9.
const FAR: f64 = 16.0;

/// The sums that a line is fitted from: of the values, of their squares and of their products with the centred steps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fit {
    sum: f64,
    square: f64,
    product: f64,
    spoiled: bool,
}

impl Fit {
    /// Takes in a value at a step, less the value at the point. That one counts as well, and adds nothing to the sums.
    pub fn add(&mut self, step: f64, value: f64) {
        self.spoiled |= !value.is_finite();
        self.sum += value;
        self.square += value * value;
        self.product += (step - Self::middle()) * value;
    }

    fn middle() -> f64 {
        STEPS.iter().sum::<f64>() / (STEPS.len() + 1) as f64
    }

    /// The standard deviation about the line; 0 if a value was not finite.
    pub fn deviation(&self) -> f64 {
        if self.spoiled {
            return 0.0;
        }
        let count = (STEPS.len() + 1) as f64;
        let spread = Self::middle().powi(2) + STEPS.iter().map(|step| (step - Self::middle()).powi(2)).sum::<f64>();
        let left = self.square - self.sum * self.sum / count - self.product * self.product / spread;
        // The sums cancel where the line explains almost everything.
        (left.max(16.0 * f64::EPSILON * f64::EPSILON * self.square) / (count - 2.0)).sqrt()
    }
}

/// The standard deviation of the round-off of each output.
#[derive(Debug)]
pub(crate) struct Noise {
    pub deviation: Vec<f64>,
    /// Over what a rounding of the outputs alone would do; at least 1.
    pub factor: f64,
}

/// The point, moved by `steps` ulp of each entry, with signs by chance. An entry that is small beside the others of its
/// block moves by an ulp of theirs, or, where the block has entries of many orders, by its own if `own`.
pub(crate) fn nudged<T: Real>(x: &[T], places: &[Place], seed: u64, steps: f64, own: bool, into: &mut [T]) {
    for place in places {
        for j in place.range.clone() {
            let value = x[j].to_f64();
            let usual = if own { place.unit(value) } else { place.common };
            into[j] = T::from_f64(value + steps * T::EPSILON * value.abs().max(usual) * random::signed(seed, 0xd1f, j));
        }
    }
}

/// What moving small entries by an ulp of large ones shows is round-off only up to so many ulp of the outputs' root
/// mean square; more than that is the function itself, such as a logarithm near zero.
const USUAL: f64 = 100.0;

pub(crate) fn measure<T: Real, F: Function<T> + ?Sized>(
    session: &Session<'_, T, F>,
    places: &[Place],
    y: &[T],
    seed: u64,
) -> Result<Noise, Error> {
    let outputs = y.len();
    let deviations = |own: bool| deviations(session, places, y, seed, own);
    let own = deviations(true)?;
    let usual = if places.iter().any(Place::many_orders) { deviations(false)? } else { Vec::new() };
    let most = USUAL * T::EPSILON * norm(y.iter().map(|y| y.to_f64())) / (outputs as f64).sqrt();
    let model = |i: usize| (ROUND_OFF * T::EPSILON * y[i].to_f64().abs()).max(T::SMALLEST);
    let measured = |i: usize| {
        let usual = usual.get(i).copied().unwrap_or(0.0);
        own[i].max(if usual <= most { usual } else { 0.0 })
    };
    let (mut sum, mut count) = (0.0, 0u32);
    for (i, y) in y.iter().enumerate() {
        if *y != T::ZERO {
            // The logarithm: a few outputs that cancel are not to speak for all.
            sum += (measured(i) / model(i)).clamp(1.0, 1e12).ln();
            count += 1;
        }
    }
    let factor = if count == 0 { 1.0 } else { (sum / f64::from(count)).exp() };
    // Five degrees of freedom say little about one output; the factor of all steadies it.
    let deviation = (0..outputs).map(|i| (factor * model(i)).max(1.5 * measured(i))).collect();
    Ok(Noise { deviation, factor })
}

/// The deviation of each output about its line.
fn deviations<T: Real, F: Function<T> + ?Sized>(
    session: &Session<'_, T, F>,
    places: &[Place],
    y: &[T],
    seed: u64,
    own: bool,
) -> Result<Vec<f64>, Error> {
    let mut fits = vec![Fit::default(); y.len()];
    let largest = y.iter().fold(0.0f64, |m, y| m.max(y.to_f64().abs()));
    // An output that is zero here may be as large as the others beside.
    let scale = |y: T| tamed(if y == T::ZERO { largest } else { y.to_f64().abs() });
    let mut x = session.x.to_vec();
    let mut value = vec![T::ZERO; y.len()];
    for step in STEPS {
        nudged(session.x, places, seed, FAR * step, own, &mut x);
        session.value(&x, &mut value, &|| "a few ulp beside the point".to_owned())?;
        for (fit, (value, y)) in fits.iter_mut().zip(value.iter().zip(y)) {
            // Differences of neighbours are exact.
            fit.add(step, (value.to_f64() - y.to_f64()) * scale(*y));
        }
    }
    Ok(fits.iter().zip(y).map(|(fit, y)| fit.deviation() / scale(*y)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_noise_and_a_grid_has_that_of_its_rounding() {
        let deviation = |f: &dyn Fn(f64) -> f64| {
            let mut fit = Fit::default();
            STEPS.iter().for_each(|&step| fit.add(step, f(step) - f(0.0)));
            fit.deviation()
        };
        assert!(deviation(&|t| 3.0 * t) < 1e-6);
        for slope in [1.0, 5.0, 5.3, 0.7, 12.0] {
            let found = deviation(&|t: f64| (slope * t).round());
            assert!((0.1..0.7).contains(&found), "{slope}: {found}");
        }
        assert_eq!(deviation(&|t| if t > 3.0 { f64::NAN } else { t }), 0.0);
    }
}
