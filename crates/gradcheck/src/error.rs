//! What keeps a check from being made at all.

use crate::Failure;

/// Why there is no report. What is wrong with a gradient is never an error: that is in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `x` does not have as many elements as the blocks.
    #[error("the point has {found} elements, but the blocks ({blocks}) ask for {expected}")]
    PointLength {
        /// The blocks' names and shapes.
        blocks: String,
        /// Elements of all blocks.
        expected: usize,
        /// Elements given.
        found: usize,
    },
    /// The blocks are empty, or the function has no outputs.
    #[error("there is nothing to check: {0}")]
    Nothing(String),
    /// The declared shape of the output does not multiply to the number of outputs.
    #[error("the output shape {shape:?} has {product} elements, but the function declares {outputs} outputs")]
    OutputShape {
        /// The shape declared.
        shape: Vec<usize>,
        /// Its product.
        product: usize,
        /// The outputs declared.
        outputs: usize,
    },
    /// A cotangent given by the user does not have `m` elements.
    #[error("the cotangent {index} has {found} elements; the function has {expected} outputs")]
    CotangentLength {
        /// Which one, from 0.
        index: usize,
        /// Outputs.
        expected: usize,
        /// Elements given.
        found: usize,
    },
    /// A cotangent given by the user holds NaN or an infinity, or what is one in the precision of the check.
    #[error("element {place} of the cotangent {index} is {value}, which is no finite {precision}")]
    CotangentNotFinite {
        /// Which cotangent, from 0.
        index: usize,
        /// Which element, from 0.
        place: usize,
        /// The value there.
        value: f64,
        /// `f32` or `f64`.
        precision: &'static str,
    },
    /// The point itself holds NaN or an infinity.
    #[error("the point is not finite: {block}{index:?} is {value}")]
    PointNotFinite {
        /// The block.
        block: String,
        /// The multi-index within it.
        index: Vec<usize>,
        /// The value there.
        value: f64,
    },
    /// The function gives NaN or an infinity at the point itself.
    #[error(
        "output {output} is {value} at the point itself, so there is no derivative to check: \
         the point may be outside the function's domain"
    )]
    ValueNotFinite {
        /// The output, from 0.
        output: usize,
        /// NaN or an infinity.
        value: f64,
    },
    /// The function reported a failure.
    #[error("{operation} failed {place}: {failure}")]
    Failed {
        /// `value`, `vjp`, `jvp` or `second_vjp`.
        operation: &'static str,
        /// Where, such as `at the point itself` or `0.01 along w`.
        place: String,
        /// In its own words.
        failure: Failure,
    },
    /// The function panicked. The panic was caught.
    #[error("{operation} panicked {place}: {message}")]
    Panicked {
        /// `value`, `vjp`, `jvp` or `second_vjp`.
        operation: &'static str,
        /// Where.
        place: String,
        /// The panic's message.
        message: String,
    },
    /// A function could not be put together from closures.
    #[error("the function is not complete: {0}")]
    Incomplete(String),
}
