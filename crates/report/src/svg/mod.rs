//! Pictures of numbers as SVG files, on white: they stand in pages and documents without a script.

pub(crate) mod drawing;
mod lines;
mod logarithmic;

pub use lines::{Lines, Point, Series, Side, lines};
