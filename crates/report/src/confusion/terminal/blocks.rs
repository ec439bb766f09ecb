//! Many classes: a heat map, two rows in a line of half blocks, or one sign a cell without colours.

use super::paint::Screen;
use super::words::heading;
use crate::confusion::grid::Grid;
use crate::confusion::shade::{Raster, Shade, Shading};
use crate::confusion::text::{amount, columns, percent, right};
use crate::confusion::view::Normalization;
use crate::terminal::wrap::wrap;

const LONGEST_LABEL: usize = 16;
/// A picture wider than this has no more to say and pushes the rest off the screen.
const MOST_COLUMNS: usize = 96;

pub(super) fn draw(grid: &Grid<'_>, screen: &Screen) -> String {
    let mut out = heading(grid, screen);
    let k = grid.classes();
    if k == 0 {
        return out;
    }
    let corner = format!("{} {}", grid.view.rows.name(), screen.down());
    let lead = (0..k)
        .map(|place| columns(&screen.label(grid.label(place), LONGEST_LABEL)))
        .max()
        .unwrap_or(0)
        .max(columns(&corner));
    let shading = Shading::new(grid);
    let raster = Raster::new(grid, &shading, (screen.width - lead - 1).min(MOST_COLUMNS));
    let side = raster.side;
    // Few classes are drawn larger; a character is about twice as high as it is wide.
    let zoom = ((screen.width - lead - 1).min(64) / side).clamp(1, 3);
    out.push_str(&format!("{} {}\n", screen.dim(&right(&corner, lead)), screen.dim(&axis(grid, screen, side * zoom))));
    let lines = if screen.color && screen.unicode { (side * zoom).div_ceil(2) } else { side };
    for line in 0..lines {
        let (row, begins) = if screen.color && screen.unicode {
            let row = (2 * line / zoom).min(side - 1);
            (row, line == 0 || (2 * (line - 1)) / zoom != row)
        } else {
            (line, true)
        };
        let name = if begins { screen.label(grid.label(first_class(row, side, k)), lead) } else { String::new() };
        out.push_str(&format!("{} {}\n", screen.dim(&right(&name, lead)), cells(&raster, screen, line, row, zoom)));
    }
    out.push_str(&legend(grid, &shading, screen, side));
    out
}

/// The first class of a place that several may share.
fn first_class(place: usize, side: usize, classes: usize) -> usize {
    (place * classes).div_ceil(side).min(classes - 1)
}

fn axis(grid: &Grid<'_>, screen: &Screen, room: usize) -> String {
    let name = format!("{} {}", grid.view.rows.other().name(), screen.arrow());
    let same = ", classes in the same order";
    if columns(&name) + same.len() <= room { format!("{name}{same}") } else { name }
}

fn cells(raster: &Raster, screen: &Screen, line: usize, row: usize, zoom: usize) -> String {
    let side = raster.side;
    let mut out = String::new();
    for column in (0..side).flat_map(|column| std::iter::repeat_n(column, zoom)) {
        if screen.color && screen.unicode {
            let below = (2 * line + 1) / zoom;
            let below = if below < side { raster.at(below, column) } else { Shade::Empty };
            out.push_str(&screen.half_blocks(raster.at(row, column), below));
        } else if screen.color {
            out.push_str(&screen.on(raster.at(row, column), " "));
        } else {
            out.push(screen.sign(raster.at(row, column)));
        }
    }
    if screen.color { out } else { out.trim_end().to_owned() }
}

fn legend(grid: &Grid<'_>, shading: &Shading, screen: &Screen, side: usize) -> String {
    let mut parts = Vec::new();
    if let Some((_, high)) = shading.range {
        let bar: String = (0..8)
            .map(|i| {
                let shade = Shade::Colored(shading_step(i));
                if screen.color { screen.on(shade, " ") } else { screen.sign(shade).to_string() }
            })
            .collect();
        let most = if grid.view.normalization == Normalization::Counts { amount(high, "") } else { percent(high) };
        let what = if grid.view.colored_diagonal { "" } else { "mistakes, " };
        let text = format!("{what}up to {most} ({})", grid.unit_of_values());
        parts.push(format!("{bar} {}", wrap(&text, screen.width, 11)));
    }
    if !grid.view.colored_diagonal {
        let sign = Shade::Right(0.7);
        let sign = if screen.color { screen.on(sign, " ") } else { screen.sign(sign).to_string() };
        parts.push(format!("{sign} right"));
    }
    if grid.undefined_axis().is_some_and(|axis| (0..grid.classes()).any(|i| grid.margin(axis, i) == 0.0)) {
        parts.push(format!("{} undefined", screen.sign(Shade::Undefined)));
    }
    if side < grid.classes() {
        let each = grid.classes().div_ceil(side);
        parts.push(wrap(&format!("each place up to {each} x {each} classes, the worst shown"), screen.width, 2));
    }
    let mut out = String::new();
    for part in parts {
        out.push_str(&format!("  {part}\n"));
    }
    out
}

fn shading_step(i: usize) -> f64 {
    (i as f64 + 0.5) / 8.0
}
