//! What is right where branches meet.
//!
//! The generalized gradient at a kink is by definition the convex hull of the gradients at points nearby (Clarke 1975).
//! One output at a time, and along one line, that hull is an interval, and if only few branches meet in an output, a
//! handful of points beside it finds its ends. A maximum of two equal values may send its gradient to one or to the
//! other, and not to both: along a direction in which both rise, both would be twice too much.

use crate::line::{Bench, Direction};
use crate::{Error, Function, Real, random};

/// Whether a gradient at a kink is one that the kink allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// In every output that bends.
    Right,
    /// Too many branches meet to tell.
    Unknown,
    /// In some output it is none of those that points nearby have, nor between them.
    Wrong,
}

/// Points beside the kink. Two branches are met by all but one in 2¹⁵ of them.
const POINTS: u64 = 16;

/// More different derivatives than this come from more branches than the points could exhaust.
const BRANCHES: usize = 4;

/// At most this many outputs are looked at.
const OUTPUTS: usize = 32;

impl<T: Real, F: Function<T> + ?Sized> Bench<'_, T, F> {
    /// Looks at a block along a direction in which every entry rises.
    pub fn tie(&mut self, block: usize) -> Result<Tie, Error> {
        let single = T::EPSILON > 1e-10;
        let range = self.places[block].range.clone();
        let direction = Direction::Range { block, range, stream: random::POSITIVE };
        let h = 2f64.powi(if single { -12 } else { -22 });
        let bent = self.bent(&direction, h)?;
        let far = 2f64.powi(if single { -14 } else { -28 });
        let points: Vec<Vec<T>> = (0..POINTS).map(|k| self.around(far, k)).collect();
        let mut gradient = vec![T::ZERO; self.session.x.len()];
        let mut tie = if bent.len() > OUTPUTS { Tie::Unknown } else { Tie::Right };
        for &output in bent.iter().take(OUTPUTS) {
            let mut cotangent = vec![T::ZERO; self.y.len()];
            cotangent[output] = T::from_f64(1.0);
            let mut along = |bench: &Self, x: &[T]| -> Result<f64, Error> {
                bench.session.vjp(x, &cotangent, &mut gradient, &|| "beside a kink".to_owned())?;
                Ok(bench.along(&direction, &gradient).1)
            };
            let here = along(self, self.session.x)?;
            let mut beside = Vec::new();
            for x in &points {
                beside.push(along(self, x)?);
            }
            beside.sort_by(f64::total_cmp);
            let size = beside.iter().fold(here.abs(), |m, v| m.max(v.abs()));
            let tolerance = size * if single { 1e-2 } else { 1e-5 };
            let branches = 1 + beside.windows(2).filter(|pair| pair[1] - pair[0] > tolerance).count();
            if branches > BRANCHES {
                tie = Tie::Unknown;
            } else if here < beside[0] - tolerance || here > beside[beside.len() - 1] + tolerance {
                return Ok(Tie::Wrong);
            }
        }
        Ok(tie)
    }
}
