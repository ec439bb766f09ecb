//! The matrix as an SVG file: axes and title, counts with shares while they can be read, totals outside the colours.

mod cells;
mod layout;
mod legend;

use super::grid::Grid;
use super::shade::{Raster, Shading};
use super::text::{amount, clean, clip, hundredths, percent};
use super::view::View;
use super::{Input, InputError};
use crate::svg::drawing::{Drawing, INK, MUTED, Text, width};
use layout::Layout;

/// More places than this on a side are no longer seen apart: classes share them, and the picture says so.
const MOST_PLACES: usize = 1000;
const MARGIN: f64 = 24.0;
const TITLE: f64 = 18.0;
const SUBTITLE: f64 = 12.5;
/// The narrowest picture, which its legend fits.
const NARROWEST: f64 = 460.0;

/// The picture as the text of an SVG file, on white. It refers to nothing outside itself.
///
/// # Errors
/// As [`Input::check`], and [`InputError::NoSuchOrder`].
pub fn svg(input: &Input<'_>, view: &View) -> Result<String, InputError> {
    let grid = Grid::new(input, view)?;
    let shading = Shading::new(&grid);
    let raster = Raster::new(&grid, &shading, MOST_PLACES);
    let layout = Layout::new(&grid, raster.side);
    let legend = legend::entries(&grid, &shading, raster.side);
    let broad = (layout.left + layout.side() + layout.right + MARGIN).max(NARROWEST);

    let mut drawing = Drawing::default();
    drawing.hatching("undefined");
    let title = heading(&mut drawing, &grid, broad);
    drawing.text(&layout.axis_down(), &format!("{} ↓", grid.view.rows.name()));
    drawing.text(&layout.axis_across(), &format!("{} →", grid.view.rows.other().name()));
    layout.labels(&mut drawing, &grid);
    if layout.cell >= layout::NUMBERED {
        cells::numbered(&mut drawing, &grid, &shading, &layout);
        cells::margins(&mut drawing, &grid, &layout);
    } else {
        cells::colored(&mut drawing, &raster, &layout);
        cells::bars(&mut drawing, &grid, &layout);
    }
    let end = legend::draw(&mut drawing, &legend, layout.left, layout.bottom(), broad);
    let description = format!(
        "Confusion matrix: rows are {} classes, columns are {} classes, in the same order.",
        grid.view.rows.name(),
        grid.view.rows.other().name()
    );
    Ok(drawing.finish(broad, end + MARGIN, &title, &description))
}

/// What it is of, how much was counted and how much of it is right; gives the title.
fn heading(drawing: &mut Drawing, grid: &Grid<'_>, broad: f64) -> String {
    let fit = |text: &str, size: f64| clip(text, ((broad - 2.0 * MARGIN) * 100.0 / size) as usize, '…', hundredths);
    let title = format!("Confusion matrix: {}", clean(&grid.input.name));
    let line = Text { x: MARGIN, y: MARGIN + TITLE, size: TITLE, fill: INK, bold: true, ..Text::default() };
    // Bold letters are about a tenth wider.
    drawing.text(&line, &fit(&title, TITLE * 1.12));
    let right = grid.right().map_or("accuracy undefined".to_owned(), |share| format!("{} right", percent(share)));
    let total = format!("{} {}", amount(grid.total(), "\u{202f}"), grid.unit(grid.total()));
    let text = format!("{total}, {right}");
    let line = Text { x: MARGIN, y: MARGIN + TITLE + 20.0, size: SUBTITLE, fill: MUTED, ..Text::default() };
    drawing.text(&line, &fit(&text, SUBTITLE));
    title
}

/// As many places as fit `room` at a font size.
fn fitting(text: &str, size: f64, room: f64) -> String {
    let clean = clean(text);
    if width(&clean, size) <= room { clean } else { clip(&clean, (room * 100.0 / size) as usize, '…', hundredths) }
}
