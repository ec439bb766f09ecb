//! Tensors by steps: the size of each tensor at each watched step.

use super::decimate::{self, MOST_STEPS};
use super::number::Log;
use gradiometer_run::{Architecture, Kind, Record};
use serde::Serialize;
use std::collections::HashMap;

/// Most cells in one picture: with 200 layers the steps become fewer, not the file longer.
const MOST_CELLS: usize = 40_000;
/// But never fewer steps than this.
const FEWEST_STEPS: usize = 60;

/// log10 of the RMS of each tensor (rows, in the order of the forward pass) at each kept step (columns).
///
/// A cell is a number; `"-Infinity"` where every value is exactly zero; `"NaN"` or `"Infinity"` where the tensor holds
/// such a value, however few; `null` where it was not measured at that step.
#[derive(Serialize)]
pub(crate) struct Grid {
    pub(crate) tensors: Vec<String>,
    pub(crate) steps: Vec<u64>,
    cells: Vec<Vec<Option<Log>>>,
    /// Of the cells that are not finite and have counts: row, column, values NaN, values infinite, values in all.
    not_finite: Vec<(usize, usize, u64, u64, u64)>,
    /// How many steps there were before some were left out.
    recorded: usize,
}

/// What a tensor was at one step.
#[derive(Clone, Copy)]
struct Cell {
    magnitude: f64,
    nan: u64,
    infinite: u64,
    count: u64,
}

impl Cell {
    fn of(summary: &gradiometer_gauge::Summary) -> Self {
        let parts = summary.parts();
        let infinite = parts.positive_infinite + parts.negative_infinite;
        let magnitude = if parts.nan > 0 {
            f64::NAN
        } else if infinite > 0 {
            f64::INFINITY
        } else {
            summary.rms().unwrap_or(f64::NAN)
        };
        Self { magnitude, nan: parts.nan, infinite, count: parts.count }
    }

    fn norm(value: f64) -> Self {
        let count = u64::from(!value.is_finite());
        Self { magnitude: value, nan: u64::from(value.is_nan()), infinite: u64::from(value.is_infinite()), count }
    }
}

impl Grid {
    /// The tensors of one kind; none where none was recorded.
    ///
    /// Where only norms were looked at, the scalars `gradient_rms` stand in for the weight gradients' summaries.
    pub(crate) fn of(kind: Kind, architecture: &Architecture, records: &[Record]) -> Option<Self> {
        let mut table = Table::default();
        for record in records {
            for signal in record.signals.iter().filter(|s| s.kind == kind) {
                table.put(&signal.tensor, record.step, Cell::of(&signal.summary));
            }
            if kind == Kind::WeightGradient {
                for scalar in record.scalars.iter().filter(|s| &*s.name == "gradient_rms") {
                    if let Some(tensor) = &scalar.tensor {
                        table.put_if_absent(tensor, record.step, Cell::norm(scalar.value));
                    }
                }
            }
        }
        table.grid(architecture)
    }

    /// The RMS of each update over the RMS of its weight; `"Infinity"` where the weight is exactly zero.
    pub(crate) fn ratios(architecture: &Architecture, records: &[Record]) -> Option<Self> {
        let mut table = Table::default();
        for record in records {
            let weights: HashMap<&str, f64> = record
                .signals
                .iter()
                .filter(|s| s.kind == Kind::Weight)
                .map(|s| (&*s.tensor, Cell::of(&s.summary).magnitude))
                .collect();
            for signal in record.signals.iter().filter(|s| s.kind == Kind::Update) {
                if let Some(&weight) = weights.get(&*signal.tensor) {
                    let update = Cell::of(&signal.summary);
                    // 0 / 0 is no change of nothing: a ratio of zero, not a NaN.
                    let ratio = if update.magnitude == 0.0 { 0.0 } else { update.magnitude / weight };
                    table.put(&signal.tensor, record.step, Cell { magnitude: ratio, count: 0, ..update });
                }
            }
        }
        table.grid(architecture)
    }

    /// The row of the last step that has any value: (step, log10 of each tensor's RMS).
    pub(crate) fn last_profile(&self) -> Option<(u64, Vec<Option<f64>>)> {
        let column = (0..self.steps.len()).rev().find(|&c| self.cells.iter().any(|row| row[c].is_some()))?;
        Some((self.steps[column], self.cells.iter().map(|row| row[column].map(|log| log.0)).collect()))
    }
}

#[derive(Default)]
struct Table<'a> {
    columns: Vec<u64>,
    rows: Vec<(&'a str, Vec<Option<Cell>>)>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Table<'a> {
    fn slot(&mut self, tensor: &'a str, step: u64) -> &mut Option<Cell> {
        if self.columns.last() != Some(&step) {
            self.columns.push(step);
        }
        let rows = &mut self.rows;
        let row = *self.places.entry(tensor).or_insert_with(|| {
            rows.push((tensor, Vec::new()));
            rows.len() - 1
        });
        let cells = &mut self.rows[row].1;
        cells.resize(self.columns.len(), None);
        &mut cells[self.columns.len() - 1]
    }

    fn put(&mut self, tensor: &'a str, step: u64, cell: Cell) {
        *self.slot(tensor, step) = Some(cell);
    }

    fn put_if_absent(&mut self, tensor: &'a str, step: u64, cell: Cell) {
        self.slot(tensor, step).get_or_insert(cell);
    }

    fn grid(mut self, architecture: &Architecture) -> Option<Grid> {
        if self.rows.is_empty() {
            return None;
        }
        let order = order(architecture);
        self.rows.sort_by_key(|(tensor, _)| order.get(tensor).copied().unwrap_or(usize::MAX));
        for (_, cells) in &mut self.rows {
            cells.resize(self.columns.len(), None);
        }
        let logs: Vec<Vec<Option<f64>>> = self
            .rows
            .iter()
            .map(|(_, cells)| cells.iter().map(|cell| cell.map(|c| c.magnitude.log10())).collect())
            .collect();
        let most = (MOST_CELLS / self.rows.len()).clamp(FEWEST_STEPS, MOST_STEPS);
        let kept = decimate::columns(&logs, most);
        let mut not_finite = Vec::new();
        for (row, (_, cells)) in self.rows.iter().enumerate() {
            for (column, &i) in kept.iter().enumerate() {
                if let Some(Cell { nan, infinite, count, .. }) = cells[i]
                    && count > 0
                    && nan + infinite > 0
                {
                    not_finite.push((row, column, nan, infinite, count));
                }
            }
        }
        Some(Grid {
            tensors: self.rows.iter().map(|(tensor, _)| (*tensor).to_owned()).collect(),
            steps: kept.iter().map(|&i| self.columns[i]).collect(),
            cells: logs.iter().map(|row| kept.iter().map(|&i| row[i].map(Log)).collect()).collect(),
            not_finite,
            recorded: self.columns.len(),
        })
    }
}

/// The place of each block and parameter in the forward pass.
pub(super) fn order(architecture: &Architecture) -> HashMap<&str, usize> {
    let names = architecture
        .blocks
        .iter()
        .flat_map(|block| std::iter::once(&block.name).chain(block.parameters.iter().map(|p| &p.path)));
    names.enumerate().map(|(place, name)| (name.as_str(), place)).collect()
}
