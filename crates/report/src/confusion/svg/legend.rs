//! What the colours mean.

use super::MARGIN;
use crate::confusion::color::{Ground, hex};
use crate::confusion::grid::Grid;
use crate::confusion::shade::{Shade, Shading};
use crate::confusion::text::{amount, percent};
use crate::confusion::view::{Growth, Normalization};
use crate::svg::drawing::{Drawing, INK, MUTED, Text, width};

const FONT: f64 = 12.0;
const LINE: f64 = 22.0;

/// The lines below the picture.
pub(super) struct Legend {
    /// What the scale measures, and the values at its beginning, its middle and its end.
    scale: Option<(String, [String; 3])>,
    /// Fills with their meaning.
    swatches: Vec<(String, String)>,
    notes: Vec<String>,
}

pub(super) fn entries(grid: &Grid<'_>, shading: &Shading, places: usize) -> Legend {
    let counts = grid.view.normalization == Normalization::Counts;
    let value = |x: f64| if counts { amount(x, "\u{202f}") } else { percent(x) };
    let growth = match grid.view.growth {
        Growth::Linear => "linear",
        Growth::SquareRoot => "square root",
        Growth::Logarithm => "logarithmic",
    };
    let what = if grid.view.colored_diagonal { "All cells" } else { "Mistakes" };
    let at = |share| shading.value_at(share).map(value).unwrap_or_default();
    let scale = shading
        .range
        .map(|_| (format!("{what}: {}; scale: {growth}", grid.unit_of_values()), [at(0.0), at(0.5), at(1.0)]));
    let mut swatches = Vec::new();
    if !grid.view.colored_diagonal && grid.classes() > 0 {
        swatches.push((hex(Ground::Light.of(Shade::Right(0.7))), "predicted right".to_owned()));
    }
    if grid.undefined_axis().is_some_and(|axis| (0..grid.classes()).any(|place| grid.margin(axis, place) == 0.0)) {
        swatches.push(("url(#undefined)".to_owned(), "undefined: a share of no rows".to_owned()));
    }
    let mut notes = Vec::new();
    if places < grid.classes() {
        let each = grid.classes().div_ceil(places);
        notes.push(format!("Each place stands for up to {each} × {each} cells and shows the strongest."));
    }
    Legend { scale, swatches, notes }
}

/// Draws it from `top` on; gives where it ends.
pub(super) fn draw(drawing: &mut Drawing, legend: &Legend, left: f64, top: f64, broad: f64) -> f64 {
    let mut y = top + 26.0;
    let style = Text { size: FONT, fill: MUTED, ..Text::default() };
    // Below the labels where the names beside the scale would not fit.
    let widest = legend.scale.as_ref().map_or(0.0, |(name, _)| width(name, FONT));
    let x = if left + widest + MARGIN > broad { MARGIN } else { left };
    if let Some((name, values)) = &legend.scale {
        drawing.text(&Text { x, y, fill: INK, ..style }, name);
        let length = 240.0;
        let colors: Vec<_> = (0..=16).map(|i| Ground::Light.scale(f64::from(i) / 16.0)).collect();
        drawing.gradient([x, y + 8.0, length, 10.0], &colors);
        for (value, at) in values.iter().zip([0.0, 0.5, 1.0]) {
            let shift = width(value, FONT) * at;
            drawing.text(&Text { x: x + length * at - shift, y: y + 33.0, ..style }, value);
        }
        y += 60.0;
    }
    let mut at = x;
    for (fill, name) in &legend.swatches {
        let room = 20.0 + width(name, FONT) + 22.0;
        if at > x && at + room > broad - MARGIN {
            at = x;
            y += LINE;
        }
        drawing.rect([at, y - 11.0, 14.0, 14.0], fill, 2.0);
        drawing.text(&Text { x: at + 20.0, y, ..style }, name);
        at += room;
    }
    y += if legend.swatches.is_empty() { 0.0 } else { LINE };
    for note in &legend.notes {
        drawing.text(&Text { x, y, ..style }, note);
        y += LINE;
    }
    y - LINE + 6.0
}
