//! The numbers that every picture shows: cells, margins and shares, laid out as the view wants them.

use super::view::{Axis, Normalization, View};
use super::{Input, InputError};
use gradiometer_confusion::Cells;
use std::borrow::Cow;

/// A matrix as it is looked at. Rows and columns are places in the picture, classes are places in the labels.
pub(super) struct Grid<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) view: &'a View,
    cells: Cow<'a, Cells>,
    /// The class at each place.
    pub(super) order: Vec<usize>,
    /// The place of each class.
    place: Vec<usize>,
}

/// A cell that is not zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) mass: f64,
}

/// A mistake: (actual class, predicted class, mass).
pub(super) type Pair = (usize, usize, f64);

impl<'a> Grid<'a> {
    pub(super) fn new(input: &'a Input<'a>, view: &'a View) -> Result<Self, InputError> {
        input.check()?;
        let cells = match input.weights {
            Some(cells) => Cow::Borrowed(cells),
            None => Cow::Owned(Cells::new(input.matrix.counts())),
        };
        let order = view.order.permutation(input).ok_or_else(|| InputError::NoSuchOrder {
            asked: view.order.name().to_owned(),
            orders: input.orders.iter().map(|order| order.name.clone()).collect(),
        })?;
        let mut place = vec![0; order.len()];
        for (at, &class) in order.iter().enumerate() {
            place[class] = at;
        }
        Ok(Self { input, view, cells, order, place })
    }

    pub(super) fn classes(&self) -> usize {
        self.order.len()
    }

    pub(super) fn total(&self) -> f64 {
        self.cells.total()
    }

    /// What one unit of a cell is called, for that many.
    pub(super) fn unit(&self, mass: f64) -> &'static str {
        match self.input.weights {
            Some(_) => "of weight",
            None if mass == 1.0 => "row",
            None => "rows",
        }
    }

    /// The label at a place.
    pub(super) fn label(&self, place: usize) -> &'a str {
        &self.input.matrix.labels()[self.order[place]]
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        self.cells.cells().filter(|(.., mass)| *mass != 0.0).map(|(actual, predicted, mass)| {
            let (actual, predicted) = (self.place[actual], self.place[predicted]);
            match self.view.rows {
                Axis::Actual => Cell { row: actual, column: predicted, mass },
                Axis::Predicted => Cell { row: predicted, column: actual, mass },
            }
        })
    }

    /// The cells as a table, zeros included: for few classes.
    pub(super) fn table(&self) -> Vec<Vec<f64>> {
        let mut table = vec![vec![0.0; self.classes()]; self.classes()];
        for cell in self.cells() {
            table[cell.row][cell.column] = cell.mass;
        }
        table
    }

    /// The margin of one axis at a place.
    pub(super) fn margin(&self, axis: Axis, place: usize) -> f64 {
        let class = self.order[place];
        match axis {
            Axis::Actual => self.cells.actual()[class],
            Axis::Predicted => self.cells.predicted()[class],
        }
    }

    /// Recall or precision of the class at a place; none where the margin is empty.
    pub(super) fn share_right(&self, axis: Axis, place: usize) -> Option<f64> {
        share(self.cells.hits()[self.order[place]], self.margin(axis, place))
    }

    /// The share of all that is right.
    pub(super) fn right(&self) -> Option<f64> {
        share(self.cells.hits().iter().sum(), self.total())
    }

    /// What a cell's value is a share of; none for counts.
    pub(super) fn whole(&self, row: usize, column: usize) -> Option<f64> {
        let at = |axis| if axis == self.view.rows { row } else { column };
        match self.view.normalization {
            Normalization::Actual => Some(self.margin(Axis::Actual, at(Axis::Actual))),
            Normalization::Predicted => Some(self.margin(Axis::Predicted, at(Axis::Predicted))),
            Normalization::All => Some(self.total()),
            Normalization::Counts => None,
        }
    }

    /// What colours show: the share, or the count; none where the share is of nothing.
    pub(super) fn value(&self, cell: Cell) -> Option<f64> {
        match self.whole(cell.row, cell.column) {
            Some(whole) => share(cell.mass, whole),
            None => Some(cell.mass),
        }
    }

    /// The axis whose empty classes leave cells undefined: a row of nothing has no shares.
    pub(super) fn undefined_axis(&self) -> Option<Axis> {
        match self.view.normalization {
            Normalization::Actual => Some(Axis::Actual),
            Normalization::Predicted => Some(Axis::Predicted),
            Normalization::All | Normalization::Counts => None,
        }
    }

    /// Whether the cells of this row and column are shares of nothing.
    pub(super) fn undefined(&self, row: usize, column: usize) -> bool {
        self.whole(row, column) == Some(0.0)
    }

    /// The unit of the colours, in words.
    pub(super) fn unit_of_values(&self) -> &'static str {
        match (self.view.normalization, self.input.weights.is_some()) {
            (Normalization::Actual, _) => "share of the actual class",
            (Normalization::Predicted, _) => "share of the predicted class",
            (Normalization::All, false) => "share of all rows",
            (Normalization::All, true) => "share of all weight",
            (Normalization::Counts, false) => "rows",
            (Normalization::Counts, true) => "weight",
        }
    }

    /// The most frequent mistakes, most frequent first; ties in the order of the labels. With how many more there are.
    pub(super) fn most_confused(&self, limit: usize) -> (Vec<Pair>, usize) {
        let mut pairs: Vec<Pair> = self.cells.cells().filter(|(a, p, mass)| a != p && *mass != 0.0).collect();
        let found = pairs.len();
        pairs.sort_by(|x, y| y.2.total_cmp(&x.2).then((x.0, x.1).cmp(&(y.0, y.1))));
        pairs.truncate(limit);
        let more = found - pairs.len();
        (pairs, more)
    }
}

fn share(part: f64, whole: f64) -> Option<f64> {
    (whole != 0.0).then(|| part / whole)
}
