//! Where things stand in the picture, and the labels of the classes.

use super::{MARGIN, SUBTITLE, TITLE, fitting};
use crate::confusion::grid::Grid;
use crate::confusion::text::{amount, percent};
use crate::svg::drawing::{Anchor, Drawing, INK, MUTED, Text, width};

/// Cells from this size on hold their counts.
pub(super) const NUMBERED: f64 = 30.0;
/// Cells from this size on hold their shares, too.
pub(super) const SHARED: f64 = 50.0;
/// Cells from this size on hold the share of an empty cell as well.
pub(super) const ROOMY: f64 = 70.0;
/// The side of a picture of many classes.
const MANY: f64 = 720.0;
const LONGEST_LABEL: f64 = 170.0;
/// The room of the bars of totals beside a picture of many classes.
pub(super) const BARS: f64 = 64.0;
pub(super) const GAP: f64 = 10.0;

/// Lengths in pixels.
pub(super) struct Layout {
    /// The side of a place.
    pub(super) cell: f64,
    /// Places on a side.
    pub(super) places: usize,
    /// What is left of the cells.
    pub(super) left: f64,
    /// What is above them.
    pub(super) top: f64,
    /// What is right of them: totals.
    pub(super) right: f64,
    /// The width of the column of totals.
    pub(super) totals: f64,
    /// The font size of the labels.
    pub(super) font: f64,
    /// Whether the labels of columns are turned.
    turned: bool,
    /// Only each so many-th row has a label.
    every: usize,
    /// The same of columns: turned labels lie closer to each other than they are apart.
    every_column: usize,
}

impl Layout {
    pub(super) fn new(grid: &Grid<'_>, places: usize) -> Self {
        let k = grid.classes();
        let cell = match k {
            0..=3 => 100.0,
            4..=6 => 76.0,
            7..=12 => 56.0,
            13..=24 => 32.0,
            _ => (MANY / places as f64).floor().max(1.0),
        };
        let font = if cell >= SHARED { 13.0 } else { 11.0 };
        let every = ((font + 3.0) / cell).ceil().max(1.0) as usize;
        let longest =
            (0..k).map(|place| width(&fitting(grid.label(place), font, LONGEST_LABEL), font)).fold(0.0, f64::max);
        let turned = longest > cell - 6.0;
        let apart = if turned { 1.5 } else { 1.0 };
        let every_column = ((font + 3.0) * apart / cell).ceil().max(1.0) as usize;
        let axis = width("predicted ↓", 13.0);
        let rows = grid.view.rows;
        let numbered = cell >= NUMBERED;
        let total = |place| width(&amount(grid.margin(rows, place), "\u{202f}"), 12.0);
        let all = width(&amount(grid.total(), "\u{202f}"), 12.0);
        let totals =
            if numbered { (0..k).map(total).fold(all.max(width("total", 12.0)), f64::max) + 14.0 } else { BARS };
        let shares = if numbered { width(&percent(0.1), 12.0).max(width("precision", 12.0)) + 16.0 } else { 0.0 };
        let heads = if turned { longest * 0.71 + font } else { font + 4.0 };
        Self {
            cell,
            places,
            left: MARGIN + longest.max(axis) + GAP,
            top: MARGIN + TITLE + SUBTITLE + 44.0 + heads,
            // The last turned label reaches beyond the cells.
            right: (GAP + totals + shares).max(if turned { longest * 0.71 } else { 0.0 }),
            totals,
            font,
            turned,
            every,
            every_column,
        }
    }

    /// The side of all cells.
    pub(super) fn side(&self) -> f64 {
        self.cell * self.places as f64
    }

    /// Where the picture ends below: cells and totals.
    pub(super) fn bottom(&self) -> f64 {
        let totals = match self.cell {
            c if c >= SHARED => 50.0,
            c if c >= NUMBERED => 30.0,
            _ => BARS + GAP,
        };
        self.top + self.side() + totals
    }

    pub(super) fn axis_down(&self) -> Text<'static> {
        let style = Text { x: self.left - GAP, anchor: Anchor::End, ..self.axis_across() };
        Text { y: self.top - 6.0, ..style }
    }

    pub(super) fn axis_across(&self) -> Text<'static> {
        let y = MARGIN + TITLE + SUBTITLE + 32.0;
        Text { x: self.left, y, size: 13.0, fill: INK, bold: true, ..Text::default() }
    }

    /// The labels of rows and columns; with many classes only some of them, evenly.
    pub(super) fn labels(&self, drawing: &mut Drawing, grid: &Grid<'_>) {
        let k = grid.classes();
        let style = Text { size: self.font, fill: if self.every > 1 { MUTED } else { INK }, ..Text::default() };
        // Where classes share places: the first one of the place.
        let label = |place: usize| {
            let class = (place * k).div_ceil(self.places).min(k - 1);
            fitting(grid.label(class), self.font, LONGEST_LABEL)
        };
        let middle = |place: usize| (place as f64 + 0.5) * self.cell;
        for place in (0..self.places).step_by(self.every) {
            let y = self.top + middle(place) + self.font * 0.36;
            drawing.text(&Text { x: self.left - GAP, y, anchor: Anchor::End, ..style }, &label(place));
        }
        for place in (0..self.places).step_by(self.every_column) {
            let (x, y) = (self.left + middle(place), self.top - 6.0);
            let column = if self.turned {
                Text { x: x + self.font * 0.3, y, turned: -45, ..style }
            } else {
                Text { x, y, anchor: Anchor::Middle, ..style }
            };
            drawing.text(&column, &label(place));
        }
    }
}
