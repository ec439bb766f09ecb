//! What is checked: a function with a vector-Jacobian product.

use crate::{Block, Real};

/// Why a function could not be evaluated. An adapter to a framework reports its trouble with this.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// A vector came out longer or shorter than declared.
    #[error("{what} has {found} elements where {expected} were expected")]
    Length {
        /// Which vector: `the value`, `the gradient`, …
        what: String,
        /// The length that the blocks or the outputs ask for.
        expected: usize,
        /// The length that came.
        found: usize,
    },
    /// Anything else, in the function's own words.
    #[error(transparent)]
    Other(#[from] Box<dyn std::error::Error + Send + Sync>),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::Other(message.into())
    }
}

impl From<&str> for Failure {
    fn from(message: &str) -> Self {
        Self::Other(message.into())
    }
}

/// How the function is to be set before it is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Train (dropout on, batch statistics) or evaluation.
    pub training: bool,
    /// The seed of whatever is random within; the same before every evaluation, so that a dropout mask stays.
    pub seed: u64,
    /// Whether the inputs lie in memory in another order than that of their elements, as a transposed view does; what they
    /// hold is the same. Of meaning only where the function [has strides](Function::has_strides).
    pub strided: bool,
}

/// A function `f: Rⁿ → Rᵐ` whose gradient is in question.
///
/// `x` is all blocks one after the other, `n` elements in all. Nothing here needs to be `Sync`, and interior state is
/// allowed: a cache that goes stale is one of the faults to be found.
pub trait Function<T: Real> {
    /// The parts of `x`, in order.
    fn blocks(&self) -> &[Block];

    /// The number of outputs, `m`.
    fn outputs(&self) -> usize;

    /// The shape of the output, where it has one; its product is [`outputs`](Function::outputs). Diagnosis uses it.
    fn output_shape(&self) -> Vec<usize> {
        vec![self.outputs()]
    }

    /// Writes `f(x)` into `y`, which has `m` elements.
    ///
    /// # Errors
    /// Whatever keeps the function from being evaluated. A value outside the domain is NaN, not an error.
    fn value(&self, x: &[T], y: &mut [T]) -> Result<(), Failure>;

    /// Writes `Jᵀ·cotangent` at `x` into `gradient`, which has `n` elements; adds it, if the function
    /// [accumulates](Function::accumulates).
    ///
    /// # Errors
    /// Whatever keeps the gradient from being computed.
    fn vjp(&self, x: &[T], cotangent: &[T], gradient: &mut [T]) -> Result<(), Failure>;

    /// Writes `J·tangent` at `x` into `out`, which has `m` elements. `None` where there is no forward mode.
    fn jvp(&self, _x: &[T], _tangent: &[T], _out: &mut [T]) -> Option<Result<(), Failure>> {
        None
    }

    /// Writes the gradient by `x` of `⟨w, Jᵀ(x)·cotangent⟩` into `gradient`; `w` and `gradient` have `n` elements.
    /// `None` where there is no second order.
    fn second_vjp(&self, _x: &[T], _cotangent: &[T], _w: &[T], _gradient: &mut [T]) -> Option<Result<(), Failure>> {
        None
    }

    /// Whether [`vjp`](Function::vjp) adds to what is in `gradient` rather than overwriting it.
    fn accumulates(&self) -> bool {
        false
    }

    /// Whether [`prepare`](Function::prepare) heeds [`Mode::strided`]: the check then holds value and gradient to be the same
    /// in either layout.
    fn has_strides(&self) -> bool {
        false
    }

    /// Called before every evaluation, with the same mode throughout a check but for its layout.
    fn prepare(&self, _mode: Mode) {}
}
