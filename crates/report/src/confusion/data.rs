//! A matrix as a page gets it: cells that are not zero, in few bytes, and nothing that the page would have to guess.

use super::grid::Grid;
use super::input::{
    Calibration, ClassMetric, Comparison, Cost, Direction, Guard, Input, Metric, Order, Origin, PrecisionRecall, Roc,
    Slices,
};
use super::view::{ClassOrder, View};
use super::{InputError, curves};
use crate::data::number::Number;
use gradiometer_confusion::Estimate;
use serde::{Serialize, Serializer};

/// Most pairs in the list of confused classes.
const MOST_PAIRS: usize = 200;

/// What the pictures of one matrix are drawn from, in the page of a matrix and in that of a training.
#[derive(Serialize)]
pub(crate) struct Island<'a> {
    labels: &'a [String],
    weighted: bool,
    cells: Cells,
    /// The margins.
    actual: Vec<Mass>,
    predicted: Vec<Mass>,
    total: Mass,
    /// Rows of equal weight that tell as much, over the total: the n of an interval is a margin times this.
    effective: f64,
    /// (actual, predicted, mass), the most frequent mistakes.
    most_confused: Vec<(usize, usize, Mass)>,
    /// Pairs beyond those.
    more_confused: usize,
    guard: Option<&'a Guard>,
    metrics: &'a [Metric],
    class_metrics: Vec<Column<'a>>,
    orders: Vec<Order>,
    origin: Option<&'a Origin>,
    roc: Vec<Roc>,
    precision_recall: Vec<PrecisionRecall>,
    calibration: &'a [Calibration],
    cost: Option<Cost>,
    slices: &'a [Slices],
    comparison: Option<&'a Comparison>,
    notes: &'a [String],
}

/// Cells by actual class: how many each has, and of each how far its predicted class is from the one before (the first:
/// from −1), and its mass.
#[derive(Default, Serialize)]
struct Cells {
    lengths: Vec<usize>,
    steps: Vec<usize>,
    mass: Vec<Mass>,
}

/// A count, whole however large; a sum of weights with five digits.
struct Mass(f64);

impl Serialize for Mass {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.fract() == 0.0 && self.0.abs() < 1e15 {
            serializer.serialize_i64(self.0 as i64)
        } else {
            Number(self.0).serialize(serializer)
        }
    }
}

/// A metric of every class, by columns: names of fields once, not once a class.
#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    formula: &'a str,
    direction: Direction,
    /// The value, or the reason why there is none.
    value: Vec<Value>,
    /// The ends of the interval; null where there is none.
    low: Vec<Option<Number>>,
    high: Vec<Option<Number>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Known(Number),
    Undefined(String),
}

impl<'a> Column<'a> {
    fn new(metric: &'a ClassMetric) -> Self {
        let value = |estimate: &Estimate| match estimate {
            Estimate::Known { value, .. } => Value::Known(Number(*value)),
            Estimate::Undefined { reason } => Value::Undefined(reason.to_string()),
        };
        Self {
            name: &metric.name,
            formula: &metric.formula,
            direction: metric.direction,
            value: metric.estimates.iter().map(value).collect(),
            low: metric.estimates.iter().map(|e| e.interval().map(|i| Number(i.low))).collect(),
            high: metric.estimates.iter().map(|e| e.interval().map(|i| Number(i.high))).collect(),
        }
    }
}

impl<'a> Island<'a> {
    pub(crate) fn new(input: &'a Input<'a>) -> Result<Self, InputError> {
        let view = View::default();
        let grid = Grid::new(input, &view)?;
        let (pairs, more_confused) = grid.most_confused(MOST_PAIRS);
        let margin = |axis| (0..grid.classes()).map(|place| Mass(grid.margin(axis, place))).collect();
        // The first order is the one that the page begins with.
        let mut orders = Vec::new();
        for (name, order) in
            [("as given", ClassOrder::Given), ("by name", ClassOrder::Name), ("by frequency", ClassOrder::Frequency)]
        {
            // These three exist for every input.
            orders.extend(order.permutation(input).map(|permutation| Order { name: name.into(), permutation }));
        }
        orders.extend(input.orders.iter().map(|o| Order { name: format!("by {}", o.name), ..o.clone() }));
        Ok(Self {
            labels: input.matrix.labels(),
            weighted: input.weights.is_some(),
            cells: cells(&grid),
            actual: margin(super::Axis::Actual),
            predicted: margin(super::Axis::Predicted),
            total: Mass(grid.total()),
            effective: input
                .weights
                .map_or(1.0, |w| if w.total() > 0.0 { w.effective_rows() / w.total() } else { 1.0 }),
            most_confused: pairs.into_iter().map(|(actual, predicted, mass)| (actual, predicted, Mass(mass))).collect(),
            more_confused,
            guard: input.guard.as_ref(),
            metrics: &input.metrics,
            class_metrics: input.class_metrics.iter().map(Column::new).collect(),
            orders,
            origin: input.origin.as_ref(),
            roc: input.roc.iter().map(curves::thin_roc).collect(),
            precision_recall: input.precision_recall.iter().map(curves::thin_precision_recall).collect(),
            calibration: &input.calibration,
            cost: input.cost.as_ref().map(curves::thin_cost),
            slices: &input.slices,
            comparison: input.comparison.as_ref(),
            notes: &input.notes,
        })
    }
}

fn cells(grid: &Grid<'_>) -> Cells {
    let mut cells = Cells { lengths: vec![0; grid.classes()], ..Cells::default() };
    let mut sorted: Vec<_> = grid.cells().collect();
    sorted.sort_by_key(|cell| (cell.row, cell.column));
    let mut before = None::<(usize, usize)>;
    for cell in sorted {
        let step = match before {
            Some((row, column)) if row == cell.row => cell.column - column,
            _ => cell.column + 1,
        };
        before = Some((cell.row, cell.column));
        cells.lengths[cell.row] += 1;
        cells.steps.push(step);
        cells.mass.push(Mass(cell.mass));
    }
    cells
}
