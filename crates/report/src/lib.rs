//! What people look at: one self-contained HTML file, and a summary for the terminal.
//!
//! [`html`] and [`terminal::summary`] take the same [`ReportInput`], which holds all that there is to show; neither
//! reads a file, opens a socket or writes to a screen.
//!
//! One design decision shapes this room: **the page is data and small pictures, drawn in the browser**. Rust decides
//! what is shown (which steps are kept, how far numbers are rounded) and writes it as one JSON island; hand-written
//! SVG in `src/page/`, one picture a file, draws it. A plotting library would add 4 MB to every report, and a picture
//! made beforehand could not be asked for the value under the pointer.
//!
//! What this room is not for: conclusions. It shows what `diagnose` found and computes no verdict of its own.

pub mod confusion;
mod data;
mod escape;
mod html;
mod input;
pub mod multilabel;
pub mod regularize;
pub mod repair;
pub mod svg;
pub mod terminal;

pub use html::html;
pub use input::{ReportInput, Rows, Verdict};
