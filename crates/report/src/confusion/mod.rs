//! Pictures of a confusion matrix: in the terminal, as SVG and PNG, and as an interactive page.
//!
//! All take the same [`Input`] and say which axis is which. A [`View`] says how it is looked at: the axis that goes down,
//! what shares are of, how colours grow, the order of the classes.
//!
//! One design decision shapes this room: **colour is for mistakes**. The diagonal of a good model holds nearly all rows;
//! on one scale with it every mistake is the colour of zero. It is grey here unless asked otherwise, totals have no
//! colour, and a share of nothing has a sign of its own.

mod check;
pub(crate) mod color;
mod curves;
pub(crate) mod data;
mod grid;
pub(crate) mod html;
mod input;
#[cfg(feature = "png")]
mod png;
mod shade;
mod svg;
pub mod terminal;
pub(crate) mod text;
mod view;

pub use check::InputError;
pub use html::html;
pub use input::{
    Calibration, CalibrationBin, ClassMetric, Comparison, Cost, Difference, Direction, Guard, Input, Metric, Order,
    Origin, PrecisionRecall, Roc, Slice, Slices, Test, Verdict,
};
#[cfg(feature = "png")]
pub use png::{PngError, png};
pub use svg::svg;
pub use view::{Axis, ClassOrder, Growth, Normalization, View};
