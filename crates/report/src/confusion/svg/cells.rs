//! Cells and margins: with numbers for few classes, as areas of one colour for many.

use super::layout::{BARS, GAP, Layout, ROOMY, SHARED};
use crate::confusion::color::{Ground, hex, ink_on};
use crate::confusion::grid::{Cell, Grid};
use crate::confusion::shade::{Raster, Shade, Shading};
use crate::confusion::text::{amount, percent};
use crate::svg::drawing::{Anchor, Drawing, INK, MUTED, Text, short};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Steps of the scale that are told apart in a picture of many classes: one path each.
const STEPS: f64 = 63.0;

/// Every cell with its count, and with its share where there is room.
pub(super) fn numbered(drawing: &mut Drawing, grid: &Grid<'_>, shading: &Shading, layout: &Layout) {
    let size = layout.cell;
    for (row, line) in grid.table().iter().enumerate() {
        for (column, &mass) in line.iter().enumerate() {
            let shade = shading.of(grid, Cell { row, column, mass });
            let color = Ground::Light.of(shade);
            let (x, y) = (layout.left + column as f64 * size, layout.top + row as f64 * size);
            let fill = if shade == Shade::Undefined { "url(#undefined)".to_owned() } else { hex(color) };
            drawing.rect([x + 1.0, y + 1.0, size - 2.0, size - 2.0], &fill, 3.0);
            if shade == Shade::Undefined {
                continue;
            }
            let ink = if shade == Shade::Empty { MUTED.to_owned() } else { hex(ink_on(color)) };
            let count = amount(mass, "\u{202f}");
            // A long number is set smaller, so that it stays within its cell.
            let font = (size * 0.27).min(22.0).min((size - 6.0) / (count.chars().count() as f64 * 0.64));
            // A share of nothing at all is said by the count alone where cells are small.
            let told = size >= SHARED && (mass != 0.0 || size >= ROOMY);
            let share = grid.whole(row, column).filter(|_| told).map(|whole| percent(mass / whole));
            let middle = Text { x: x + size / 2.0, anchor: Anchor::Middle, fill: &ink, ..Text::default() };
            let lift = if share.is_some() { size * 0.02 } else { -font * 0.36 };
            drawing.text(&Text { y: y + size / 2.0 - lift, size: short(font), bold: mass != 0.0, ..middle }, &count);
            if let Some(share) = share {
                let font = (size * 0.185).min(13.0);
                drawing.text(&Text { y: y + size * 0.74, size: short(font), ..middle }, &share);
            }
        }
    }
}

/// Totals, recall and precision beside the cells, without colour.
pub(super) fn margins(drawing: &mut Drawing, grid: &Grid<'_>, layout: &Layout) {
    let (rows, across) = (grid.view.rows, grid.view.rows.other());
    let (end, foot) = (layout.left + layout.side(), layout.top + layout.side());
    let sums = Text { x: end + GAP + layout.totals - 8.0, anchor: Anchor::End, fill: INK, ..Text::default() };
    let shares = Text { x: end + layout.right, fill: MUTED, ..sums };
    let share = |share: Option<f64>| share.map_or("∅".to_owned(), percent);
    drawing.text(&Text { y: layout.top - 6.0, fill: MUTED, ..sums }, "total");
    drawing.text(&Text { y: layout.top - 6.0, ..shares }, rows.share_right());
    let names = Text { x: layout.left - GAP, anchor: Anchor::End, fill: MUTED, ..Text::default() };
    drawing.text(&Text { y: foot + 20.0, ..names }, "total");
    let with_shares = layout.cell >= SHARED;
    if with_shares {
        drawing.text(&Text { y: foot + 40.0, ..names }, across.share_right());
    }
    for place in 0..grid.classes() {
        let middle = (place as f64 + 0.5) * layout.cell;
        let y = layout.top + middle + 4.4;
        drawing.text(&Text { y, ..sums }, &amount(grid.margin(rows, place), "\u{202f}"));
        drawing.text(&Text { y, ..shares }, &share(grid.share_right(rows, place)));
        let below = Text { x: layout.left + middle, anchor: Anchor::Middle, ..Text::default() };
        let size = if with_shares { 12.0 } else { 9.5 };
        drawing.text(&Text { y: foot + 20.0, size, ..below }, &amount(grid.margin(across, place), "\u{202f}"));
        if with_shares {
            let text = share(grid.share_right(across, place));
            drawing.text(
                &Text { y: foot + 40.0, fill: MUTED, size: if layout.cell < 60.0 { 11.0 } else { 12.0 }, ..below },
                &text,
            );
        }
    }
    drawing.text(&Text { y: foot + 20.0, bold: true, ..sums }, &amount(grid.total(), "\u{202f}"));
    if with_shares {
        drawing.text(&Text { y: foot + 40.0, bold: true, ..shares }, &share(grid.right()));
    }
}

/// Many classes: runs of equal colour along the rows, one path for each colour.
pub(super) fn colored(drawing: &mut Drawing, raster: &Raster, layout: &Layout) {
    let (side, size) = (raster.side, layout.cell);
    let whole = [layout.left, layout.top, layout.side(), layout.side()];
    drawing.rect(whole, &hex(Ground::Light.of(Shade::Empty)), 0.0);
    let mut areas: BTreeMap<String, String> = BTreeMap::new();
    for row in 0..side {
        let mut column = 0;
        while column < side {
            let fill = fill_of(raster.at(row, column));
            let start = column;
            while column < side && fill_of(raster.at(row, column)) == fill {
                column += 1;
            }
            let Some(fill) = fill else { continue };
            let (x, y) = (layout.left + start as f64 * size, layout.top + row as f64 * size);
            let run = (column - start) as f64 * size;
            let _ = write!(areas.entry(fill).or_default(), "M{} {}h{run}v{size}h-{run}z", short(x), short(y));
        }
    }
    for (fill, commands) in &areas {
        drawing.area(commands, fill);
    }
}

fn fill_of(shade: Shade) -> Option<String> {
    let step = |share: f64| (share * STEPS).round() / STEPS;
    match shade {
        Shade::Empty => None,
        Shade::Undefined => Some("url(#undefined)".to_owned()),
        Shade::Right(share) => Some(hex(Ground::Light.of(Shade::Right(step(share))))),
        Shade::Colored(share) => Some(hex(Ground::Light.of(Shade::Colored(step(share))))),
    }
}

/// Totals of many classes: bars beside the cells, grey, each as long as its share of the largest.
pub(super) fn bars(drawing: &mut Drawing, grid: &Grid<'_>, layout: &Layout) {
    let k = grid.classes();
    let (end, foot) = (layout.left + layout.side() + GAP, layout.top + layout.side() + GAP);
    for (axis, right) in [(grid.view.rows, true), (grid.view.rows.other(), false)] {
        // Classes that share a place are shown by their mean, since not every place has equally many.
        let (mut sums, mut classes) = (vec![0.0; layout.places], vec![0.0; layout.places]);
        for place in 0..k {
            sums[place * layout.places / k] += grid.margin(axis, place);
            classes[place * layout.places / k] += 1.0;
        }
        let sums: Vec<f64> = sums.iter().zip(&classes).map(|(sum, classes)| sum / classes).collect();
        let most = sums.iter().copied().fold(0.0, f64::max);
        let mut commands = String::new();
        for (i, sum) in sums.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
            let (at, length, thick) = (i as f64 * layout.cell, short(sum / most * (BARS - 16.0)), layout.cell);
            let _ = if right {
                write!(commands, "M{} {}h{length}v{thick}h-{length}z", short(end), short(layout.top + at))
            } else {
                write!(commands, "M{} {}h{thick}v{length}h-{thick}z", short(layout.left + at), short(foot))
            };
        }
        drawing.area(&commands, "#b9c0c6");
        let style = Text { size: 11.0, fill: MUTED, ..Text::default() };
        if right {
            drawing.text(&Text { x: end, y: layout.top - 6.0, ..style }, "total");
        } else {
            drawing.text(&Text { x: layout.left - GAP, y: foot + 11.0, anchor: Anchor::End, ..style }, "total");
        }
    }
}
