//! The matrix in a terminal: numbers while they can be read, a heat map of half blocks beyond, and the worst pairs.

mod blocks;
mod paint;
mod table;
mod words;

pub use paint::Depth;

use super::grid::Grid;
use super::view::View;
use super::{Input, InputError};
use crate::terminal::Terminal;
use paint::Screen;

/// More classes than this are a picture, not a table.
const MOST_NUMBERS: usize = 12;
const MOST_PAIRS: usize = 10;

/// The matrix as text, no line wider than the terminal: axes named, with totals, recall and precision up to 12 classes,
/// as a heat map beyond, and the pairs most often confused. Ends with a line break.
///
/// # Errors
/// As [`Input::check`], and [`InputError::NoSuchOrder`].
pub fn picture(input: &Input<'_>, view: &View, terminal: &Terminal, depth: Depth) -> Result<String, InputError> {
    let grid = Grid::new(input, view)?;
    let screen = Screen::new(terminal, depth);
    let mut out = match table::draw(&grid, &screen) {
        Some(table) => table,
        None => blocks::draw(&grid, &screen),
    };
    out.push_str(&words::most_confused(&grid, &screen));
    Ok(out)
}

/// All that is known, as text: the guard's verdict, the [`picture`], the metrics with their intervals, the comparison, notes.
///
/// # Errors
/// As [`picture`].
pub fn summary(input: &Input<'_>, view: &View, terminal: &Terminal, depth: Depth) -> Result<String, InputError> {
    let screen = Screen::new(terminal, depth);
    let mut out = words::guard(input, &screen);
    out.push_str(&picture(input, view, terminal, depth)?);
    for part in [words::metrics(input, &screen), words::comparison(input, &screen), words::notes(input, &screen)] {
        if !part.is_empty() {
            out.push('\n');
            out.push_str(&part);
        }
    }
    Ok(out)
}
