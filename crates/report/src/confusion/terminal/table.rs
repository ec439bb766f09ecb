//! Few classes: every number, with totals, recall and precision.

use super::MOST_NUMBERS;
use super::paint::Screen;
use super::words::heading;
use crate::confusion::grid::{Cell, Grid};
use crate::confusion::shade::Shading;
use crate::confusion::text::{columns, left, right};
use crate::confusion::view::Normalization;

/// Up to so many classes each cell has its share below its count, and shares have a digit behind the point.
const MOST_SHARES: usize = 6;
const LONGEST_LABEL: usize = 18;

/// Widths in columns.
struct Layout {
    /// The rows' labels.
    lead: usize,
    /// A number or a column's label.
    cell: usize,
    /// Between two of them.
    gap: usize,
    /// The totals.
    total: usize,
    /// The rows' shares that are right.
    share: usize,
}

/// What stands in the table, as text.
struct Texts {
    counts: Vec<Vec<String>>,
    /// Shares of the cells; empty where none are shown.
    shares: Vec<Vec<String>>,
    /// The columns' totals, and the shares of them that are right.
    totals: Vec<String>,
    right: Vec<String>,
    all: String,
}

impl Texts {
    fn new(grid: &Grid<'_>, screen: &Screen) -> Self {
        let k = grid.classes();
        let across = grid.view.rows.other();
        let cells = grid.table();
        let number = |mass: f64| if mass == 0.0 { screen.dot().to_owned() } else { screen.amount(mass) };
        let share = |row: usize, column: usize| {
            let whole = grid.whole(row, column)?;
            Some(screen.share((whole != 0.0).then(|| cells[row][column] / whole)))
        };
        let shares = if k <= MOST_SHARES && grid.view.normalization != Normalization::Counts { k } else { 0 };
        Self {
            shares: (0..shares).map(|i| (0..k).map(|j| share(i, j).unwrap_or_default()).collect()).collect(),
            counts: cells.iter().map(|line| line.iter().map(|mass| number(*mass)).collect()).collect(),
            totals: (0..k).map(|i| screen.amount(grid.margin(across, i))).collect(),
            right: (0..k)
                .map(|i| {
                    let share = grid.share_right(across, i);
                    if k <= MOST_SHARES { screen.share(share) } else { screen.short_share(share) }
                })
                .collect(),
            all: screen.amount(grid.total()),
        }
    }

    fn widest(&self) -> usize {
        let cells = self.counts.iter().chain(&self.shares).flatten();
        cells.chain(&self.totals).chain(&self.right).map(|text| columns(text)).max().unwrap_or(0)
    }
}

impl Layout {
    /// The widest that the terminal has room for; labels get what the numbers leave.
    fn new(grid: &Grid<'_>, screen: &Screen, texts: &Texts, corner: &str) -> Option<Self> {
        let k = grid.classes();
        let (rows, across) = (grid.view.rows, grid.view.rows.other());
        let longest = (0..k).map(|i| columns(&screen.label(grid.label(i), LONGEST_LABEL))).max()?;
        let edge = columns(corner).max(across.share_right().len());
        let total = (0..k).map(|i| columns(&screen.amount(grid.margin(rows, i)))).max()?;
        let total = total.max(columns(&texts.all)).max("total".len());
        let cell = texts.widest().max(3);
        let share = rows.share_right().len().max("100.0 %".len());
        [2, 1].into_iter().find_map(|gap| {
            let numbers = k * (cell + gap) + gap + total + 2 + share;
            let room = screen.width.checked_sub(numbers).filter(|room| *room >= edge)?;
            let lead = longest.max(edge).min(room);
            let spare = (room - lead) / k;
            Some(Self { lead, cell: cell.max(longest.min(cell + spare)), gap, total, share })
        })
    }
}

/// None where there are too many classes, or the terminal is too narrow.
pub(super) fn draw(grid: &Grid<'_>, screen: &Screen) -> Option<String> {
    let k = grid.classes();
    if k == 0 || k > MOST_NUMBERS {
        return None;
    }
    let (rows, across) = (grid.view.rows, grid.view.rows.other());
    let corner = format!("{} {}", rows.name(), screen.down());
    let texts = Texts::new(grid, screen);
    let Layout { lead, cell, gap, total, share } = Layout::new(grid, screen, &texts, &corner)?;
    let space = " ".repeat(gap);
    let last = rows.share_right();

    let mut out = heading(grid, screen);
    let axis = screen.dim(&format!("{} {}", across.name(), screen.arrow()));
    out.push_str(&format!("{}{space}{axis}\n{}", " ".repeat(lead), screen.dim(&left(&corner, lead))));
    for i in 0..k {
        out.push_str(&format!("{space}{}", right(&screen.label(grid.label(i), cell), cell)));
    }
    out.push_str(&format!("{}\n", screen.dim(&format!("{space}{}  {last:>share$}", right("total", total)))));

    let shading = Shading::new(grid);
    let table = grid.table();
    for (row, line) in table.iter().enumerate() {
        // The colour of a cell reaches half into the gaps beside it.
        let colored = |texts: &[String]| -> String {
            let (before, after) = (" ".repeat(gap - gap / 2), " ".repeat(gap / 2));
            let paint = |(column, text): (usize, &String)| {
                let shade = shading.of(grid, Cell { row, column, mass: line[column] });
                screen.on(shade, &format!("{before}{}{after}", right(text, cell)))
            };
            texts.iter().enumerate().map(paint).collect()
        };
        // Half a gap before the first cell, so that columns stay below their names.
        let before = " ".repeat(gap / 2);
        let name = right(&screen.label(grid.label(row), lead), lead);
        let sum = right(&screen.amount(grid.margin(rows, row)), total);
        let hits = right(&screen.share(grid.share_right(rows, row)), share);
        let end = screen.dim(&format!("{}{sum}  {hits}", " ".repeat(gap - gap / 2)));
        out.push_str(&format!("{name}{before}{}{end}\n", colored(&texts.counts[row])));
        if let Some(shares) = texts.shares.get(row) {
            out.push_str(format!("{}{before}{}", " ".repeat(lead), colored(shares)).trim_end_matches(' '));
            out.push('\n');
        }
    }
    let line = |name: &str, texts: &[String], end: &str| {
        let cells: String = texts.iter().map(|text| format!("{space}{}", right(text, cell))).collect();
        format!("{}\n", screen.dim(&format!("{}{cells}{end}", right(name, lead))))
    };
    out.push_str(&line("total", &texts.totals, &format!("{space}{}", right(&texts.all, total))));
    let overall = format!("{space}{}  {}", " ".repeat(total), right(&screen.share(grid.right()), share));
    out.push_str(&line(across.share_right(), &texts.right, &overall));
    Some(out)
}
