//! Pictures of a confusion matrix: in the terminal, as SVG and PNG, and as an interactive page.
//!
//! All take the same [`Input`], and all say which axis is which.

mod input;

pub use input::{
    Calibration, CalibrationBin, ClassMetric, Comparison, Cost, Difference, Direction, Guard, Input, InputError,
    Metric, Order, Origin, PrecisionRecall, Roc, Slice, Slices, Test, Verdict,
};
