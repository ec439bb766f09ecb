//! How strongly a cell is coloured.

use super::grid::{Cell, Grid};
use super::view::Growth;

/// What a place in the picture shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shade {
    /// Nothing was counted.
    Empty,
    /// A share of nothing.
    Undefined,
    /// Right, kept out of the colours: how strong a grey, from 0 to 1.
    Right(f64),
    /// Coloured: how far along the scale, from 0 to 1.
    Colored(f64),
}

/// The colour scale of one picture.
pub(super) struct Shading {
    growth: Growth,
    colored_diagonal: bool,
    /// The least and the greatest value that is coloured; none where nothing is.
    pub(super) range: Option<(f64, f64)>,
    /// The greatest value of the diagonal.
    most_right: f64,
}

/// Where the scale begins: a value that is not zero must not look like zero.
const FAINTEST: f64 = 0.06;

impl Shading {
    pub(super) fn new(grid: &Grid<'_>) -> Self {
        let colored_diagonal = grid.view.colored_diagonal;
        let (mut range, mut most_right) = (None::<(f64, f64)>, 0.0f64);
        for cell in grid.cells() {
            let Some(value) = grid.value(cell) else { continue };
            if cell.row == cell.column && !colored_diagonal {
                most_right = most_right.max(value);
            } else {
                range = Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))));
            }
        }
        Self { growth: grid.view.growth, colored_diagonal, range, most_right }
    }

    pub(super) fn of(&self, grid: &Grid<'_>, cell: Cell) -> Shade {
        if cell.mass == 0.0 {
            return if grid.undefined(cell.row, cell.column) { Shade::Undefined } else { Shade::Empty };
        }
        let Some(value) = grid.value(cell) else { return Shade::Undefined };
        if cell.row == cell.column && !self.colored_diagonal {
            return Shade::Right(if self.most_right > 0.0 { value / self.most_right } else { 0.0 });
        }
        Shade::Colored(self.place(value))
    }

    /// Where a value stands on the scale.
    pub(super) fn place(&self, value: f64) -> f64 {
        let Some((low, high)) = self.range else { return 0.0 };
        let place = match self.growth {
            Growth::Linear => value / high,
            Growth::SquareRoot => (value / high).sqrt(),
            Growth::Logarithm if high > low => (value / low).ln() / (high / low).ln(),
            Growth::Logarithm => 1.0,
        };
        FAINTEST + (1.0 - FAINTEST) * place.clamp(0.0, 1.0)
    }

    /// The value at a place between the ends of the scale: 0 is its beginning, 1 its end.
    pub(super) fn value_at(&self, share: f64) -> Option<f64> {
        let (low, high) = self.range?;
        Some(match self.growth {
            Growth::Linear => high * share,
            Growth::SquareRoot => high * share * share,
            Growth::Logarithm => low * (high / low).powf(share),
        })
    }
}

/// A square picture of `side × side` places, row by row. With more classes than places each place shows the strongest of
/// its cells, so that no mistake disappears.
pub(super) struct Raster {
    pub(super) side: usize,
    pub(super) shades: Vec<Shade>,
}

impl Raster {
    pub(super) fn new(grid: &Grid<'_>, shading: &Shading, most: usize) -> Self {
        let classes = grid.classes();
        let side = classes.min(most);
        let mut shades = vec![Shade::Empty; side * side];
        if let Some(axis) = grid.undefined_axis() {
            // A line of places is undefined where all of its classes are.
            let mut defined = vec![false; side];
            for place in 0..classes {
                defined[place * side / classes] |= grid.margin(axis, place) != 0.0;
            }
            for (line, _) in defined.iter().enumerate().filter(|(_, defined)| !**defined) {
                for other in 0..side {
                    let at = if axis == grid.view.rows { line * side + other } else { other * side + line };
                    shades[at] = Shade::Undefined;
                }
            }
        }
        for cell in grid.cells() {
            let at = cell.row * side / classes * side + cell.column * side / classes;
            let shade = shading.of(grid, cell);
            if rank(shade) > rank(shades[at]) {
                shades[at] = shade;
            }
        }
        Self { side, shades }
    }

    /// The shade at a place.
    pub(super) fn at(&self, row: usize, column: usize) -> Shade {
        self.shades[row * self.side + column]
    }
}

/// Mistakes before hits, and the stronger before the weaker.
fn rank(shade: Shade) -> (u8, f64) {
    match shade {
        Shade::Empty => (0, 0.0),
        Shade::Undefined => (1, 0.0),
        Shade::Right(strength) => (2, strength),
        Shade::Colored(strength) => (3, strength),
    }
}
