//! Many comparisons of one block, and what they say together.

use crate::examine::{Comparison, Finding};
use crate::line::{Bench, Direction};
use crate::units::Place;
use crate::{Depth, Error, Function, Real, Reason, Verdict, random};

/// A block is seen if some derivative in it is this many times its bar: a gradient of zero would then fail.
const SEEN: f64 = 4.0;

/// A block without a derivative that is told from zero passes as zero if its bars are at most this share of the largest
/// derivative elsewhere. A bias before a normalization is such a block.
const ZERO_BESIDE: f64 = 1e-3;

/// After so many wrong entries the verdict on a block is known.
const ENOUGH: usize = 16;

/// What the comparisons of one block showed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    pub checked: usize,
    pub worst: Option<(Comparison, Direction)>,
    pub allowed: usize,
    pub differ: usize,
    pub changed: bool,
    /// See [`Comparison`].
    pub seen: f64,
    pub size: f64,
    pub blur: f64,
}

impl Survey {
    fn add(&mut self, comparison: Comparison, direction: Direction) {
        self.checked += 1;
        self.allowed += usize::from(comparison.finding == Finding::Allowed);
        self.differ += usize::from(comparison.finding == Finding::Differ);
        self.changed |= comparison.changed;
        self.seen = self.seen.max(comparison.seen);
        self.size = self.size.max(comparison.size);
        self.blur = self.blur.max(comparison.blur);
        let key = |c: &Comparison| (c.finding, c.ratio());
        let worse = |worst: &(Comparison, Direction)| {
            key(&comparison).partial_cmp(&key(&worst.0)).is_some_and(std::cmp::Ordering::is_gt)
        };
        if self.worst.as_ref().is_none_or(worse) {
            self.worst = Some((comparison, direction));
        }
    }

    /// The verdict on the block; `largest` is the largest derivative of all blocks along a direction.
    pub fn verdict(&self, largest: f64) -> Verdict {
        let Some((worst, _)) = &self.worst else { return Verdict::Inconclusive(Reason::Empty) };
        match worst.finding {
            Finding::Differ => Verdict::Fail,
            Finding::Outside => Verdict::Inconclusive(Reason::AtKink),
            Finding::Unclear(unclear) => Verdict::Inconclusive(unclear.reason()),
            Finding::Agree | Finding::Allowed => {
                if self.seen >= SEEN || self.is_zero(largest) {
                    Verdict::Pass
                } else if !self.changed {
                    Verdict::Inconclusive(if largest == 0.0 { Reason::Constant } else { Reason::Unobservable })
                } else if worst.analytic.abs() > worst.bar * 0.25 {
                    Verdict::Inconclusive(Reason::TooNoisy)
                } else {
                    Verdict::Inconclusive(Reason::Unobservable)
                }
            }
        }
    }

    /// Whether nothing but zero was seen, sharply.
    pub fn is_zero(&self, largest: f64) -> bool {
        self.seen < SEEN && largest > 0.0 && self.blur <= ZERO_BESIDE * largest
    }
}

impl<T: Real, F: Function<T> + ?Sized> Bench<'_, T, F> {
    /// Compares derivatives of one block: along `directions` random directions, or all its coordinates.
    pub fn survey(&mut self, block: usize, depth: Depth, directions: usize) -> Result<Survey, Error> {
        let range = self.places[block].range.clone();
        let mut survey = Survey::default();
        if range.is_empty() {
            return Ok(survey);
        }
        if depth == Depth::Full {
            for index in range {
                let direction = Direction::Entry { block, index };
                let comparison = self.examine(&direction)?;
                survey.add(comparison, direction);
                if survey.differ >= ENOUGH {
                    break;
                }
            }
        } else {
            for k in 0..directions {
                let direction = Direction::Range { block, range: range.clone(), stream: k as u64 };
                let comparison = self.examine(&direction)?;
                survey.add(comparison, direction);
            }
        }
        Ok(survey)
    }

    /// From a direction that disagrees down to one entry, by halves: the half that disagrees more holds at least half
    /// of the mismatch.
    pub fn locate(&mut self, comparison: &Comparison, direction: &Direction) -> Result<Option<usize>, Error> {
        let Direction::Range { block, range, stream } = direction else {
            return Ok(if let Direction::Entry { index, .. } = direction { Some(*index) } else { None });
        };
        let mut range = range.clone();
        while range.len() > 1 {
            let middle = range.start + range.len() / 2;
            let mut half = |range: std::ops::Range<usize>| {
                let direction = Direction::Range { block: *block, range, stream: *stream };
                self.glance(&direction, comparison.objective, comparison.h)
            };
            let (left, right) = (half(range.start..middle)?, half(middle..range.end)?);
            range = if left >= right { range.start..middle } else { middle..range.end };
        }
        Ok(Some(range.start))
    }
}

/// The point, a little beside itself: far enough to leave a kink, near enough to be the same point to a reader.
pub(crate) fn beside<T: Real>(x: &[T], places: &[Place], seed: u64) -> Vec<T> {
    let mut moved = x.to_vec();
    let far = if T::EPSILON > 1e-10 { 2f64.powi(-6) } else { 2f64.powi(-12) };
    for place in places {
        for j in place.range.clone() {
            let value = x[j].to_f64();
            moved[j] = T::from_f64(value + far * place.unit(value) * random::signed(seed, 0xbe51de, j));
        }
    }
    moved
}
