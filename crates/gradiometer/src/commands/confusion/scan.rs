//! One reading of the table: every row is counted once, or left out for a reason that is counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{anyhow, bail};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;
use gradiometer_confusion::counts::kernel::Pairs;
use gradiometer_confusion::{Counts, Matrix};
use gradiometer_table::{Batch, Source};

use super::coder::{Coder, Fault, MISSING, MOST_LABELS};
use super::columns::Columns;
use super::merge::merge;
use super::pairs::Direct;
use super::thresholds::ScoreState;

/// Why a row is left out.
pub(super) mod reason {
    pub const ACTUAL: &str = "actual is missing";
    pub const PREDICTED: &str = "predicted is missing";
    pub const CONDITION: &str = "not what --where asks for";
    pub const ACTUAL_LABEL: &str = "actual is not among --labels";
    pub const PREDICTED_LABEL: &str = "predicted is not among --labels";
}

/// What one thread has counted, or all of them; labels by number.
#[derive(Default)]
pub(super) struct State {
    pub coder: Coder,
    /// Of the labels those of rows that `--where` asks for, where it is given.
    pub asked_for: Vec<bool>,
    pub direct: Direct,
    pub coded: Pairs<u32>,
    pub weighted: Vec<(u32, u32, f64)>,
    pub weighed: Option<Counts>,
    pub triples: HashMap<(u32, u32, u32), u64>,
    pub other_missing: u64,
    pub slices: Vec<Slicer>,
    pub scores: ScoreState,
    pub rows: u64,
    pub excluded: BTreeMap<&'static str, u64>,
    pub codes: Codes,
}

/// The values of one column of slices.
#[derive(Default)]
pub(super) struct Slicer {
    pub coder: Coder,
    pub cells: HashMap<(u32, u32, u32), u64>,
    pub codes: Vec<u32>,
}

/// Room that is used again for each batch.
#[derive(Default)]
pub(super) struct Codes {
    actual: Vec<u32>,
    predicted: Vec<u32>,
    other: Vec<u32>,
    condition: Vec<u32>,
    taken: Vec<bool>,
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
    pub excluded: BTreeMap<&'static str, u64>,
}

/// The matrices of the values of a column.
pub(super) struct Slices {
    pub column: String,
    pub values: Vec<(String, Counts)>,
    /// Rows without a value, which are in no slice.
    pub missing: u64,
}

/// Reads a table. `labels`: the classes, where they are given; `bins`: of scores, where they are not kept exactly.
///
/// # Errors
/// A file that breaks off, a value that cannot be what its column is given as: with file, row and line.
pub(super) fn scan(source: &Source, columns: &Columns, labels: &[String], bins: Option<u32>) -> anyhow::Result<Scan> {
    let start = || State {
        slices: columns.slices.iter().map(|_| Slicer::default()).collect(),
        scores: ScoreState::new(bins),
        ..State::default()
    };
    let read = AtomicU64::new(0);
    let step = |state: &mut State, batch: &Batch| -> Result<(), Failure> {
        read.fetch_add(batch.rows.num_rows() as u64, Ordering::Relaxed);
        state.take(source, columns, batch)
    };
    let states = source.fold(&columns.read, start, step).map_err(|failure| match failure {
        Failure::Row(error) => error,
        Failure::File(error) => {
            let rows = read.load(Ordering::Relaxed);
            anyhow!("{error}; {rows} rows could be read besides, and a part of a table is not judged as if it were all")
        }
    })?;
    let rows_read: u64 = states.iter().map(|state| state.rows).sum();
    let merged = merge(source, columns, states, labels, rows_read)?;
    let counted = merged.matrix.counts().total();
    let excluded: u64 = merged.excluded.values().sum();
    // Every row that the files announce is somewhere.
    if counted + excluded != rows_read || rows_read != source.rows() {
        bail!(
            "{} has {} rows, of which {rows_read} were read, {counted} counted and {excluded} left out: this is a mistake of the program",
            source.spec(),
            source.rows()
        );
    }
    Ok(merged)
}

/// An error from a thread.
enum Failure {
    /// A file breaks off, or is not what it announced.
    File(gradiometer_table::Error),
    /// A value cannot be what its column is given as.
    Row(anyhow::Error),
}

impl From<gradiometer_table::Error> for Failure {
    fn from(error: gradiometer_table::Error) -> Self {
        Self::File(error)
    }
}

impl State {
    fn take(&mut self, source: &Source, columns: &Columns, batch: &Batch) -> Result<(), Failure> {
        let rows = &batch.rows;
        self.rows += rows.num_rows() as u64;
        let numeric_markers = !source.missing_numbers().is_empty();
        if columns.only_pairs()
            && !numeric_markers
            && self.direct.count(rows.column(columns.actual), rows.column(columns.predicted))
        {
            return Ok(());
        }
        let mut codes = std::mem::take(&mut self.codes);
        let result = self.take_coded(source, columns, batch, &mut codes);
        self.codes = codes;
        result.map_err(Failure::Row)
    }

    fn take_coded(
        &mut self,
        source: &Source,
        columns: &Columns,
        batch: &Batch,
        codes: &mut Codes,
    ) -> anyhow::Result<()> {
        let rows = &batch.rows;
        let n = rows.num_rows();
        let labels = |coder: &mut Coder, at: usize, out: &mut Vec<u32>| {
            coder
                .codes(rows.column(at), source, out)
                .map_err(|fault| told(fault, batch, rows.schema_ref().field(at).name()))
        };
        labels(&mut self.coder, columns.actual, &mut codes.actual)?;
        labels(&mut self.coder, columns.predicted, &mut codes.predicted)?;
        codes.taken.clear();
        codes.taken.resize(n, true);
        for (at, value) in &columns.conditions {
            let mut coder = Coder::default();
            labels(&mut coder, *at, &mut codes.condition)?;
            let wanted = coder.labels().iter().position(|label| label.to_string() == *value).map(|at| at as u32);
            for (taken, &code) in codes.taken.iter_mut().zip(&codes.condition) {
                *taken &= Some(code) == wanted;
            }
        }
        if !columns.conditions.is_empty() {
            self.asked_for.resize(self.coder.labels().len(), false);
            for code in codes.actual.iter().zip(&codes.taken).chain(codes.predicted.iter().zip(&codes.taken)) {
                if let (&code, true) = code
                    && code != MISSING
                {
                    self.asked_for[code as usize] = true;
                }
            }
        }
        // Reasons in the order of their precedence; what is left is counted.
        let mut excluded = [0u64; 3];
        for row in 0..n {
            let why = match (codes.taken[row], codes.actual[row], codes.predicted[row]) {
                (false, ..) => 0,
                (true, MISSING, _) => 1,
                (true, _, MISSING) => 2,
                _ => continue,
            };
            excluded[why] += 1;
            codes.taken[row] = false;
        }
        for (reason, n) in [reason::CONDITION, reason::ACTUAL, reason::PREDICTED].into_iter().zip(excluded) {
            if n > 0 {
                *self.excluded.entry(reason).or_default() += n;
            }
        }
        if excluded.iter().any(|&n| n > 0) {
            let keep = |codes: &mut Vec<u32>, taken: &[bool]| {
                let mut row = 0;
                codes.retain(|_| {
                    row += 1;
                    taken[row - 1]
                });
            };
            keep(&mut codes.actual, &codes.taken);
            keep(&mut codes.predicted, &codes.taken);
        }
        let kept: Vec<usize> =
            if columns.only_pairs() { Vec::new() } else { (0..n).filter(|&row| codes.taken[row]).collect() };
        let weights = columns.weight.map(|at| numbers(rows, at)).transpose()?;
        if let (Some(weights), Some(at)) = (&weights, columns.weight) {
            for (place, &row) in kept.iter().enumerate() {
                let weight = if weights.is_null(row) { f64::NAN } else { weights.value(row) };
                if !(weight >= 0.0 && weight.is_finite()) {
                    let name = rows.schema_ref().field(at).name();
                    bail!(
                        "{}: {name} is {}; a weight is a number of at least 0",
                        batch.place(row),
                        shown(weights, row)
                    );
                }
                self.weighted.push((codes.actual[place], codes.predicted[place], weight));
            }
            self.weigh()?;
        } else {
            self.coded.count(&codes.actual, &codes.predicted);
        }
        if let Some(at) = columns.other {
            labels(&mut self.coder, at, &mut codes.other)?;
            for (place, &row) in kept.iter().enumerate() {
                match codes.other[row] {
                    MISSING => self.other_missing += 1,
                    other => {
                        *self.triples.entry((codes.actual[place], codes.predicted[place], other)).or_default() += 1
                    }
                }
            }
        }
        if let Some(at) = columns.score {
            let scores = numbers(rows, at)?;
            for (place, &row) in kept.iter().enumerate() {
                let score = if scores.is_null(row) { f64::NAN } else { scores.value(row) };
                if score.is_nan() || source.missing_numbers().contains(&score) {
                    self.scores.missing += 1;
                } else {
                    self.scores.take(codes.actual[place], score)?;
                }
            }
        }
        for (slicer, &at) in self.slices.iter_mut().zip(&columns.slices) {
            labels(&mut slicer.coder, at, &mut slicer.codes)?;
            for (place, &row) in kept.iter().enumerate() {
                let cell = (slicer.codes[row], codes.actual[place], codes.predicted[place]);
                *slicer.cells.entry(cell).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Puts weighted rows into counts: those of a batch at a time.
    fn weigh(&mut self) -> anyhow::Result<()> {
        let classes = self.coder.labels().len();
        let counts = match self.weighed.take() {
            Some(counts) if counts.classes() >= classes => counts,
            // Room for as many again, so that counts are not moved for every new label.
            Some(counts) => counts.relabelled(&(0..counts.classes()).collect::<Vec<_>>(), 2 * classes)?,
            None => Counts::new(classes),
        };
        let mut counts = counts;
        for (actual, predicted, weight) in self.weighted.drain(..) {
            counts.update_weighted(actual as usize, predicted as usize, weight)?;
        }
        self.weighed = Some(counts);
        Ok(())
    }
}

fn numbers(rows: &RecordBatch, at: usize) -> anyhow::Result<Float64Array> {
    Ok(cast(rows.column(at), &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

fn shown(values: &Float64Array, row: usize) -> String {
    if values.is_null(row) { "missing".to_owned() } else { values.value(row).to_string() }
}

fn told(fault: Fault, batch: &Batch, column: &str) -> anyhow::Error {
    match fault {
        Fault::Fraction(row, value) => anyhow!(
            "{}: {column} is {value}; a class is a whole number, a text or true and false. If it is a score, give it as --score",
            batch.place(row)
        ),
        Fault::TooMany => {
            anyhow!("{column} has more than {MOST_LABELS} labels: it names rows, not classes")
        }
        Fault::Type(error) => anyhow!(error).context(format!("{column} cannot be read as labels")),
    }
}
