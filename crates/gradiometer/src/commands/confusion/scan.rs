//! One reading of the table: every row is counted once, or left out for a reason that is counted.

use std::collections::{BTreeMap, HashMap};

use anyhow::{bail, ensure};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, BooleanArray, Float64Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;
use arrow_select::filter::filter_record_batch;
use foldhash::fast::RandomState;
use gradiometer_confusion::counts::kernel::Bitmap;
use gradiometer_confusion::labels::{Labels, NO_LABEL};
use gradiometer_confusion::{Matrix, Tally, Weighting, Weights};
use gradiometer_table::{Batch, Source};

use super::columns::Columns;
use super::labels::LabelColumn;
use super::merge::merge;
use super::reading::read;
use super::thresholds::ScoreState;

/// The most labels: beyond them a column identifies rows and no classes.
const MOST_LABELS: usize = 1 << 24;

/// What one thread has counted, labels by code.
#[derive(Default)]
pub(super) struct State {
    pub tally: Tally,
    /// Whether the label of a code is one, and stands for no missing value.
    pub is_label: Vec<bool>,
    /// Rows by actual label, this model's and the other's, or [`NO_LABEL`].
    pub triples: HashMap<[u32; 3], u64, RandomState>,
    pub slices: Vec<Slicer>,
    pub scores: ScoreState,
    pub not_asked_for: u64,
    codes: Codes,
}

/// The values of one column of slices.
#[derive(Default)]
pub(super) struct Slicer {
    pub labels: Labels,
    /// Rows by value, or [`NO_LABEL`], and by actual and predicted label.
    pub cells: HashMap<[u32; 3], SliceCell, RandomState>,
    codes: Vec<u32>,
}

/// A cell of a slice.
#[derive(Clone, Copy, Default)]
pub(super) struct SliceCell {
    pub rows: u64,
    pub weights: Weights,
}

/// Room that is used again for each batch.
#[derive(Default)]
struct Codes {
    actual: Vec<u32>,
    predicted: Vec<u32>,
    other: Vec<u32>,
}

/// What the table holds.
pub(super) struct Scan {
    pub matrix: Matrix,
    /// Whether the labels are texts.
    pub text: bool,
    /// `[actual, this model's, the other's]` and how often.
    pub triples: Vec<([usize; 3], u64)>,
    /// Rows without a prediction of the other model.
    pub other_missing: u64,
    pub slices: Vec<Slices>,
    pub scores: ScoreState,
    pub rows_read: u64,
    pub excluded: BTreeMap<String, u64>,
}

/// The matrices of the values of a column.
pub(super) struct Slices {
    pub column: String,
    pub values: Vec<(String, gradiometer_confusion::Counts)>,
    /// Rows without a value, which are in no slice.
    pub missing: u64,
}

/// Reads a table. `classes`: the classes, where they are given; `bins`: of scores, where they are not kept exactly.
///
/// # Errors
/// A file that breaks off, a value that cannot be what its column is given as: with file, row and line.
pub(super) fn scan(source: &Source, columns: &Columns, classes: &[String], bins: Option<u32>) -> anyhow::Result<Scan> {
    let start = || State {
        slices: columns.slices.iter().map(|_| Slicer::default()).collect(),
        scores: ScoreState::new(bins),
        ..State::default()
    };
    let step = |state: &mut State, batch: &Batch| state.take(source, columns, batch);
    let (states, rows_read) = read(source, &columns.read, start, step)?;
    let merged = merge(source, columns, states, classes, rows_read)?;
    let counted = merged.matrix.counts().total();
    let excluded: u64 = merged.excluded.values().sum();
    ensure!(
        counted + excluded == rows_read,
        "of {rows_read} rows {counted} were counted and {excluded} left out: this is a mistake of the program"
    );
    Ok(merged)
}

impl State {
    fn take(&mut self, source: &Source, columns: &Columns, batch: &Batch) -> anyhow::Result<()> {
        let Some(asked_for) = columns.conditions.hold(batch)? else {
            return self.take_rows(source, columns, &Rows { rows: &batch.rows, batch, places: None });
        };
        let places: Vec<usize> = (0..asked_for.len()).filter(|&row| asked_for[row]).collect();
        self.not_asked_for += (asked_for.len() - places.len()) as u64;
        let rows = filter_record_batch(&batch.rows, &BooleanArray::from(asked_for))?;
        self.take_rows(source, columns, &Rows { rows: &rows, batch, places: Some(&places) })
    }

    fn take_rows(&mut self, source: &Source, columns: &Columns, rows: &Rows) -> anyhow::Result<()> {
        let actual = rows.labels(columns.actual, source, columns)?;
        let predicted = rows.labels(columns.predicted, source, columns)?;
        let weights = columns.weight.map(|at| rows.weights(at, columns)).transpose()?;
        let weighting = weights.as_ref().map(|weights| {
            let valid = weights.nulls().map(|nulls| Bitmap::new(nulls.validity(), nulls.offset(), nulls.len()));
            Weighting { values: weights.values(), valid }
        });
        actual.with(|actual| predicted.with(|predicted| self.tally.update(actual, predicted, weighting)))?;
        if columns.only_cells() {
            return self.check_labels(columns, source);
        }
        let mut codes = std::mem::take(&mut self.codes);
        actual.with(|column| self.tally.encode("--actual", column, &mut codes.actual))?;
        predicted.with(|column| self.tally.encode("--predicted", column, &mut codes.predicted))?;
        if let Some(at) = columns.other {
            let other = rows.labels(at, source, columns)?;
            other.with(|column| self.tally.encode("--compare", column, &mut codes.other))?;
        }
        self.check_labels(columns, source)?;
        let is_label = |code: u32| self.is_label.get(code as usize) == Some(&true);
        let counted: Vec<(usize, u32, u32)> = codes
            .actual
            .iter()
            .zip(&codes.predicted)
            .enumerate()
            .filter(|&(_, (&actual, &predicted))| is_label(actual) && is_label(predicted))
            .map(|(row, (&actual, &predicted))| (row, actual, predicted))
            .collect();
        if columns.other.is_some() {
            for &(row, actual, predicted) in &counted {
                let other = if is_label(codes.other[row]) { codes.other[row] } else { NO_LABEL };
                *self.triples.entry([actual, predicted, other]).or_default() += 1;
            }
        }
        if let Some(at) = columns.score {
            let scores = numbers(rows.rows, at)?;
            for &(row, actual, _) in &counted {
                let score = if scores.is_null(row) { f64::NAN } else { scores.value(row) };
                if score.is_nan() || source.missing_numbers().contains(&score) {
                    self.scores.missing += 1;
                } else {
                    self.scores.take(actual, score)?;
                }
            }
        }
        for (slicer, &at) in self.slices.iter_mut().zip(&columns.slices) {
            let values = LabelColumn::new(rows.rows.column(at), columns.kind)?;
            values.with(|column| slicer.labels.encode("--slice", column, &mut slicer.codes))?;
            ensure!(
                slicer.labels.text().len() <= MOST_LABELS,
                "--slice {} has more than {MOST_LABELS} values: it names rows, not slices",
                rows.name(at)
            );
            for &(row, actual, predicted) in &counted {
                let cell = slicer.cells.entry([slicer.codes[row], actual, predicted]).or_default();
                cell.rows += 1;
                if let Some(weights) = &weights {
                    cell.weights = cell.weights.plus(Weights::of(weights.value(row))?);
                }
            }
        }
        self.codes = codes;
        Ok(())
    }

    /// Looks at labels that are new.
    fn check_labels(&mut self, columns: &Columns, source: &Source) -> anyhow::Result<()> {
        let labels = self.tally.labels();
        let known = self.is_label.len();
        self.is_label.extend(labels[known..].iter().map(|label| !columns.kind.is_missing(source, label)));
        ensure!(
            labels.len() <= MOST_LABELS,
            "{} and {} have more than {MOST_LABELS} labels: they name rows, not classes",
            source.schema().field(columns.read[columns.actual]).name(),
            source.schema().field(columns.read[columns.predicted]).name()
        );
        Ok(())
    }
}

/// The rows of a batch that are asked for.
struct Rows<'a> {
    rows: &'a RecordBatch,
    batch: &'a Batch,
    /// Where they lie in the batch; `None`: they are all of it.
    places: Option<&'a [usize]>,
}

impl Rows<'_> {
    fn name(&self, column: usize) -> &str {
        self.rows.schema_ref().field(column).name()
    }

    /// Where a row is in its file.
    fn place(&self, row: usize) -> gradiometer_table::Place {
        self.batch.place(self.places.map_or(row, |places| places[row]))
    }

    fn labels(&self, at: usize, source: &Source, columns: &Columns) -> anyhow::Result<LabelColumn> {
        LabelColumn::of_classes(self.rows, at, columns.kind, source, |row| self.place(row))
    }

    /// The weights, each of which is one where the row has both labels.
    fn weights(&self, at: usize, columns: &Columns) -> anyhow::Result<Float64Array> {
        let weights = numbers(self.rows, at)?;
        let labels = [columns.actual, columns.predicted].map(|at| self.rows.column(at));
        for row in 0..weights.len() {
            let weight = if weights.is_null(row) { f64::NAN } else { weights.value(row) };
            if Weights::of(weight).is_err() && labels.iter().all(|labels| labels.is_valid(row)) {
                let shown = if weights.is_null(row) { "missing".to_owned() } else { weight.to_string() };
                bail!(
                    "{}: {} is {shown}; a weight is a number of at least 0, and one that is not 0 lies between 1e-100 and 1e100",
                    self.place(row),
                    self.name(at)
                );
            }
        }
        Ok(weights)
    }
}

fn numbers(rows: &RecordBatch, at: usize) -> anyhow::Result<Float64Array> {
    Ok(cast(rows.column(at), &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}
