//! [`UnitCounts`]: which units of a layer never respond, and which only ever respond with a bound of their range.
//!
//! Not a summary of values: it counts by unit, where a [`Summary`](crate::Summary) counts all values together.

use crate::element::Element;
use crate::kernel::{Level, Set};

/// What each unit of a layer did in the samples seen. A sample of a unit is one row, or one place of one row.
///
/// ```
/// use gradiometer_gauge::UnitCounts;
///
/// // Two rows of three units of a layer with a sigmoid.
/// let mut counts = UnitCounts::new(3, Some((0.0, 1.0)));
/// counts.update(&[0.0_f32, 0.5, 0.999, 0.0, 0.4, 0.001])?;
/// assert_eq!(counts.inactive(), [true, false, false]);
/// assert_eq!(counts.saturated(), [true, false, true]);
/// # Ok::<(), gradiometer_gauge::NotWholeRows>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct UnitCounts {
    /// Samples of each unit.
    samples: u64,
    /// By unit, samples that were not exactly zero.
    active: Vec<u64>,
    /// By unit, samples near a bound; empty where there is no range.
    at_bound: Vec<u64>,
    /// From here down and from here up a value is near a bound.
    bounds: Option<(f64, f64)>,
}

/// How near a bound a value counts as at it, as a share of the range's width.
const NEAR: f64 = 0.01;

/// Of 20 samples, so many at a bound make a unit saturated: 95 %.
const SATURATED: u128 = 19;

impl UnitCounts {
    /// Counts of nothing, for a layer of so many `units` (features, channels), whose activation function has the
    /// bounds `range` (lower, upper), or no two bounds.
    pub fn new(units: usize, range: Option<(f64, f64)>) -> Self {
        let bounds = range.map(|(low, high)| (low + NEAR * (high - low), high - NEAR * (high - low)));
        Self {
            samples: 0,
            active: vec![0; units],
            at_bound: if range.is_some() { vec![0; units] } else { Vec::new() },
            bounds,
        }
    }

    /// Adds activations of shape \[rows, units\], row-major.
    ///
    /// # Errors
    /// [`NotWholeRows`] if the number of values is not a multiple of the number of units; then nothing is added.
    pub fn update<T: Element>(&mut self, activations: &[T]) -> Result<(), NotWholeRows> {
        self.update_channels(activations, 1)
    }

    /// Adds activations of shape \[rows, units, places\], row-major: images with channels before their height and width
    /// (`places` is height × width).
    ///
    /// # Errors
    /// [`NotWholeRows`] if the number of values is not a multiple of the number of units times that of places; then
    /// nothing is added.
    pub fn update_channels<T: Element>(&mut self, activations: &[T], places: usize) -> Result<(), NotWholeRows> {
        let units = self.active.len();
        let row = units.saturating_mul(places);
        if activations.is_empty() || row == 0 || !activations.len().is_multiple_of(row) {
            let error = NotWholeRows { values: activations.len(), units, places };
            return if activations.is_empty() { Ok(()) } else { Err(error) };
        }
        self.samples += (activations.len() / units) as u64;
        count_at(Level::best(), activations, places, self.bounds, &mut self.active, &mut self.at_bound);
        Ok(())
    }

    /// Adds what `other` has seen of the same layer; units that only one of them has keep their counts.
    pub fn merge(&mut self, other: &Self) {
        self.samples += other.samples;
        for (mine, theirs) in [(&mut self.active, &other.active), (&mut self.at_bound, &other.at_bound)] {
            mine.resize(mine.len().max(theirs.len()), 0);
            mine.iter_mut().zip(theirs).for_each(|(a, b)| *a += b);
        }
    }

    /// Number of samples of each unit: rows times places.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// By unit: its output was exactly zero (of either sign) in every sample, and there was one.
    pub fn inactive(&self) -> Vec<bool> {
        self.active.iter().map(|&n| self.samples > 0 && n == 0).collect()
    }

    /// By unit: its output was within 1 % of a bound (the range's width being 100 %), or beyond it, in at least 95 % of the
    /// samples. All false where the activation function has no two bounds.
    pub fn saturated(&self) -> Vec<bool> {
        let enough = |n: u64| self.samples > 0 && u128::from(n) * 20 >= u128::from(self.samples) * SATURATED;
        (0..self.active.len()).map(|unit| self.at_bound.get(unit).is_some_and(|&n| enough(n))).collect()
    }
}

/// Activations do not divide into rows of a layer's units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{values} activations are not whole rows of {units} units of {places} places; check that the tensor has the shape \
     [rows, units] or [rows, units, places] and that the layer has this many units"
)]
pub struct NotWholeRows {
    /// Number of activations.
    pub values: usize,
    /// Number of units of the layer.
    pub units: usize,
    /// Number of places of each unit.
    pub places: usize,
}

/// Counts with the instructions of `level`.
fn count_at<T: Element>(
    level: Level,
    activations: &[T],
    places: usize,
    bounds: Option<(f64, f64)>,
    active: &mut [u64],
    at_bound: &mut [u64],
) {
    match level.get() {
        // SAFETY: a level is only ever made after its features were detected on this CPU.
        #[cfg(target_arch = "x86_64")]
        Set::Avx512 | Set::Avx512Bf16 => unsafe { count_avx512(activations, places, bounds, active, at_bound) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Set::Avx2 => unsafe { count_avx2(activations, places, bounds, active, at_bound) },
        Set::Portable => count(activations, places, bounds, active, at_bound),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn count_avx512<T: Element>(v: &[T], places: usize, bounds: Option<(f64, f64)>, a: &mut [u64], b: &mut [u64]) {
    count(v, places, bounds, a, b);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,f16c")]
fn count_avx2<T: Element>(v: &[T], places: usize, bounds: Option<(f64, f64)>, a: &mut [u64], b: &mut [u64]) {
    count(v, places, bounds, a, b);
}

/// Counts row by row; the loops over units, or over places, are without branches so that they are vectorized.
#[inline(always)]
fn count<T: Element>(
    activations: &[T],
    places: usize,
    bounds: Option<(f64, f64)>,
    active: &mut [u64],
    at_bound: &mut [u64],
) {
    let units = active.len();
    let is_active = |v: T| u64::from(v.bits() & T::MAGNITUDE != 0);
    let is_near = |v: T, (low, high): (f64, f64)| {
        let x = v.widen_finite();
        u64::from((v.bits() & T::MAGNITUDE <= T::INFINITE) & ((x <= low) | (x >= high)))
    };
    for row in activations.chunks_exact(units * places) {
        if places == 1 {
            active.iter_mut().zip(row).for_each(|(n, &v)| *n += is_active(v));
            if let Some(bounds) = bounds {
                at_bound.iter_mut().zip(row).for_each(|(n, &v)| *n += is_near(v, bounds));
            }
        } else {
            for (unit, values) in row.chunks_exact(places).enumerate() {
                active[unit] += values.iter().map(|&v| is_active(v)).sum::<u64>();
                if let Some(bounds) = bounds {
                    at_bound[unit] += values.iter().map(|&v| is_near(v, bounds)).sum::<u64>();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;

    #[test]
    fn every_level_counts_the_same_for_all_types() {
        let (rows, units) = (41, 29);
        let raw: Vec<f64> = (0..rows * units)
            .map(|i| match (i % units, i / units) {
                (0, _) => 0.0,
                (1, row) => [0.0, -0.0][row % 2],
                (2, row) => {
                    if row == 40 {
                        1e-3
                    } else {
                        0.0
                    }
                }
                (3, row) => {
                    if row < 2 {
                        0.5
                    } else {
                        1.0
                    }
                }
                (4, row) => {
                    if row < 3 {
                        0.5
                    } else {
                        -1.0
                    }
                }
                (5, _) => f64::NAN,
                (6, _) => f64::INFINITY,
                (unit, row) => ((unit * 31 + row * 17) as f64).sin(),
            })
            .collect();
        fn check<T: Element>(values: &[T], rows: usize, units: usize) {
            for level in Level::all() {
                let mut counts = UnitCounts::new(units, Some((-1.0, 1.0)));
                let (active, at_bound) = (&mut counts.active, &mut counts.at_bound);
                count_at(level, values, 1, counts.bounds, active, at_bound);
                counts.samples = rows as u64;
                let (inactive, saturated) = (counts.inactive(), counts.saturated());
                assert_eq!(inactive.iter().positions(), [0, 1], "{level:?}");
                // Unit 3: 39 of 41 are 95.1 %; unit 4: 38 of 41 are not enough.
                assert_eq!(saturated.iter().positions(), [3, 6], "{level:?} {}", std::any::type_name::<T>());

                // The same layer with rows as places.
                let turned: Vec<T> =
                    (0..units).flat_map(|unit| (0..rows).map(move |row| values[row * units + unit])).collect();
                let mut counts = UnitCounts::new(units, Some((-1.0, 1.0)));
                let (active, at_bound) = (&mut counts.active, &mut counts.at_bound);
                count_at(level, &turned, rows, counts.bounds, active, at_bound);
                counts.samples = rows as u64;
                assert_eq!((counts.inactive(), counts.saturated()), (inactive, saturated), "{level:?}");
            }
        }
        check(&raw, rows, units);
        check(&raw.iter().map(|&x| x as f32).collect::<Vec<_>>(), rows, units);
        check(&raw.iter().map(|&x| f16::from_f64(x)).collect::<Vec<_>>(), rows, units);
        check(&raw.iter().map(|&x| bf16::from_f64(x)).collect::<Vec<_>>(), rows, units);
    }

    trait Positions {
        fn positions(self) -> Vec<usize>;
    }
    impl<'a, I: Iterator<Item = &'a bool>> Positions for I {
        fn positions(self) -> Vec<usize> {
            self.enumerate().filter(|(_, set)| **set).map(|(i, _)| i).collect()
        }
    }

    #[test]
    fn batches_merge_to_what_one_batch_would_be() -> Result<(), NotWholeRows> {
        let values: Vec<f32> = (0..60).map(|i| if i % 3 == 0 { 0.0 } else { i as f32 / 60.0 }).collect();
        let mut whole = UnitCounts::new(6, Some((0.0, 1.0)));
        whole.update(&values)?;
        let mut merged = UnitCounts::new(6, Some((0.0, 1.0)));
        merged.update(&values[..24])?;
        let mut other = UnitCounts::new(6, Some((0.0, 1.0)));
        other.update(&values[24..])?;
        merged.merge(&other);
        assert_eq!(merged, whole);
        assert_eq!((whole.samples(), whole.inactive()), (10, vec![true, false, false, true, false, false]));
        Ok(())
    }

    #[test]
    fn without_samples_or_range_no_unit_is_accused() {
        let nothing = UnitCounts::new(2, Some((0.0, 1.0)));
        assert_eq!((nothing.inactive(), nothing.saturated()), (vec![false; 2], vec![false; 2]));
        let mut unbounded = UnitCounts::new(2, None);
        assert_eq!(unbounded.update(&[1e9, -1e9]), Ok(()));
        assert_eq!(unbounded.saturated(), vec![false; 2]);
    }

    #[test]
    fn a_tensor_of_another_shape_is_refused_and_not_counted() {
        let mut counts = UnitCounts::new(3, None);
        assert_eq!(counts.update(&[0.0_f32; 4]), Err(NotWholeRows { values: 4, units: 3, places: 1 }));
        assert_eq!(counts.update_channels(&[0.0_f32; 6], 4), Err(NotWholeRows { values: 6, units: 3, places: 4 }));
        assert_eq!(counts.update_channels(&[0.0_f32; 6], 0).map_err(|e| e.places), Err(0));
        assert_eq!(counts.update::<f32>(&[]), Ok(()));
        assert_eq!(counts.samples(), 0);
    }
}
