//! How a check is made: the options, and the order of things.

use crate::{Depth, Error, Evaluations, Function, Mode, Real, Reason, Report, Verdict};

/// The options of a check. Each has a default that suits a unit test.
///
/// There is no tolerance among them: the error bar comes from the function's own noise and curvature.
#[derive(Clone, Debug)]
pub struct Checker {
    pub(crate) depth: Depth,
    pub(crate) seed: u64,
    pub(crate) cotangents: usize,
    pub(crate) directions: usize,
    pub(crate) behaviours: bool,
    pub(crate) mode: Mode,
    pub(crate) given: Vec<Vec<f64>>,
}

impl Checker {
    /// A checker of this depth.
    pub fn new(depth: Depth) -> Self {
        Self {
            depth,
            seed: 0,
            cotangents: 3,
            directions: 3,
            behaviours: true,
            mode: Mode { training: true, seed: 0 },
            given: Vec::new(),
        }
    }

    /// A few random directions a block: [`Depth::Probe`].
    pub fn probe() -> Self {
        Self::new(Depth::Probe)
    }

    /// Random directions, and bisection to the entry where they disagree: [`Depth::Locate`].
    pub fn locate() -> Self {
        Self::new(Depth::Locate)
    }

    /// Every coordinate: [`Depth::Full`].
    pub fn full() -> Self {
        Self::new(Depth::Full)
    }

    /// The seed of directions and cotangents; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many random cotangents, at least 1; 3 by default. All are compared at the same evaluations of the function.
    pub fn cotangents(mut self, cotangents: usize) -> Self {
        self.cotangents = cotangents.max(1);
        self
    }

    /// How many random directions a block, at least 1; 3 by default. [`Depth::Full`] uses none.
    pub fn directions(mut self, directions: usize) -> Self {
        self.directions = directions.max(1);
        self
    }

    /// Whether behaviours (repeatable, linear in the cotangent, no stale cache, …) are checked too; they are by default.
    pub fn behaviours(mut self, on: bool) -> Self {
        self.behaviours = on;
        self
    }

    /// Train or evaluation mode, and the seed of dropout; training with seed 0 by default.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Adds a cotangent of your own, such as all ones for the sum of the outputs. One that cannot see what random ones
    /// see is replaced by a random one, and the report says so.
    pub fn cotangent(mut self, cotangent: &[f64]) -> Self {
        self.given.push(cotangent.to_vec());
        self
    }

    /// Checks the gradient of `function` at `x`.
    ///
    /// # Errors
    /// Where no check can be made: see [`Error`]. A wrong gradient is not an error.
    pub fn check<T: Real, F: Function<T> + ?Sized>(&self, function: &F, x: &[T]) -> Result<Report, Error> {
        let _ = (function, x, self.cotangents, self.directions, self.behaviours, self.mode, &self.given);
        Ok(Report {
            verdict: Verdict::Inconclusive(Reason::Unobservable),
            depth: self.depth,
            seed: self.seed,
            precision: T::NAME,
            blocks: Vec::new(),
            behaviours: Vec::new(),
            notes: Vec::new(),
            evaluations: Evaluations::default(),
            noise: 0.0,
            miss: None,
        })
    }
}
