//! One reading of the table: every row is ranked once, or left out for a reason that is counted.

use std::collections::HashMap;

use anyhow::{bail, ensure};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, Float64Array};
use arrow_cast::cast;
use arrow_schema::DataType;
use gradiometer_confusion::labels::Labels;
use gradiometer_confusion::{Counts, Matrix, RankCounts};
use gradiometer_table::{Batch, Source, nearest_first};

use super::super::conditions::NOT_ASKED_FOR;
use super::super::labels::LabelColumn;
use super::super::pattern::listed;
use super::super::reading::{Excluded, read, reason};
use super::columns::Columns;

/// What the table holds.
pub(super) struct Scan {
    pub ranks: RankCounts,
    /// Actual against the class of the highest score, where scores predict.
    pub matrix: Option<Matrix>,
    /// Rows with the highest score in several columns.
    pub ties: u64,
    pub rows_read: u64,
    pub excluded: Excluded,
}

/// What one thread has counted.
struct State {
    labels: Labels,
    /// Of each label that came the class it is of, or why it is of none.
    class_of: Vec<Result<usize, &'static str>>,
    codes: Vec<u32>,
    ranks: RankCounts,
    counts: Counts,
    ties: u64,
    excluded: Excluded,
    rows: Rows,
}

/// Of each row of a batch; room that is used again.
#[derive(Default)]
struct Rows {
    /// The score of the actual class.
    own: Vec<f64>,
    /// Classes that score as much or more, the actual one included.
    rank: Vec<u32>,
    highest: Vec<f64>,
    /// The first column with the highest score, and whether there is another.
    first: Vec<u32>,
    tied: Vec<bool>,
    missing: Vec<bool>,
}

/// No class: the row is left out.
const NONE: usize = usize::MAX;

/// Reads a table. `chosen`: whether other classes than those with scores are to be left out; `predicts`: whether a matrix is wanted.
///
/// # Errors
/// A file that breaks off, an actual class without scores: with file, row and line.
pub(super) fn scan(source: &Source, columns: &Columns, chosen: &[String], predicts: bool) -> anyhow::Result<Scan> {
    let class_of: HashMap<&str, usize, foldhash::fast::RandomState> =
        columns.classes.iter().enumerate().map(|(at, class)| (class.as_str(), at)).collect();
    // Of each class the place of its scores among the columns of scores.
    let mut column_of = vec![0; columns.classes.len()];
    columns.scores.iter().enumerate().for_each(|(at, &(_, class))| column_of[class] = at);
    let classes = columns.classes.len();
    let start = || State {
        labels: Labels::default(),
        class_of: Vec::new(),
        codes: Vec::new(),
        ranks: RankCounts::new(classes),
        counts: Counts::new(if predicts { classes } else { 0 }),
        ties: 0,
        excluded: Excluded::new(),
        rows: Rows::default(),
    };
    let step = |state: &mut State, batch: &Batch| -> anyhow::Result<()> {
        let actual = state.actual(source, columns, batch, &class_of, chosen.is_empty())?;
        state.take(source, columns, batch, &actual, &column_of, predicts)
    };
    let (states, rows_read) = read(source, &columns.read, start, step)?;
    let (mut ranks, mut counts) = (RankCounts::new(classes), Counts::new(if predicts { classes } else { 0 }));
    let (mut excluded, mut ties) = (Excluded::new(), 0);
    for state in &states {
        ranks.merge(&state.ranks)?;
        counts.merge(&state.counts)?;
        ties += state.ties;
        for (&reason, n) in &state.excluded {
            *excluded.entry(reason).or_default() += n;
        }
    }
    let left_out: u64 = excluded.values().sum();
    ensure!(
        ranks.rows() + left_out == rows_read,
        "of {rows_read} rows {} were ranked and {left_out} left out: this is a mistake of the program",
        ranks.rows()
    );
    let matrix = predicts.then(|| Matrix::new(columns.classes.clone(), counts)).transpose()?;
    Ok(Scan { ranks, matrix, ties, rows_read, excluded })
}

impl State {
    /// The actual class of each row, or [`NONE`].
    fn actual(
        &mut self,
        source: &Source,
        columns: &Columns,
        batch: &Batch,
        class_of: &HashMap<&str, usize, foldhash::fast::RandomState>,
        must_have_scores: bool,
    ) -> anyhow::Result<Vec<usize>> {
        let taken = columns.conditions.hold(batch)?.unwrap_or_else(|| vec![true; batch.rows.num_rows()]);
        let column =
            LabelColumn::of_classes(&batch.rows, columns.actual, columns.kind, source, |row| batch.place(row))?;
        column.with(|column| self.labels.encode("--actual", column, &mut self.codes))?;
        let new = &self.labels.text()[self.class_of.len()..];
        self.class_of.extend(new.iter().map(|label| match class_of.get(label.as_str()) {
            _ if columns.kind.is_missing(source, label) => Err(reason::ACTUAL),
            Some(&class) => Ok(class),
            None => Err(reason::ACTUAL_LABEL),
        }));
        let mut actual = Vec::with_capacity(taken.len());
        for (row, (&code, taken)) in self.codes.iter().zip(taken).enumerate() {
            let found = if taken {
                *self.class_of.get(code as usize).unwrap_or(&Err(reason::ACTUAL))
            } else {
                Err(NOT_ASKED_FOR)
            };
            if found == Err(reason::ACTUAL_LABEL) && must_have_scores {
                let label = &self.labels.text()[code as usize];
                bail!(
                    "{}: {} is {label:?}, and there is no column of scores of that class; classes with scores are, the nearest first, {}. \
                     Rows of other classes are left out where the classes are given by --labels",
                    batch.place(row),
                    batch.rows.schema_ref().field(columns.actual).name(),
                    listed(nearest_first(label, columns.classes.iter().map(String::as_str)))
                )
            }
            if let Err(why) = found {
                *self.excluded.entry(why).or_default() += 1;
            }
            actual.push(found.unwrap_or(NONE));
        }
        Ok(actual)
    }

    fn take(
        &mut self,
        source: &Source,
        columns: &Columns,
        batch: &Batch,
        actual: &[usize],
        column_of: &[usize],
        predicts: bool,
    ) -> anyhow::Result<()> {
        let scores: Vec<Float64Array> = columns
            .scores
            .iter()
            .map(|&(place, _)| {
                Ok(cast(batch.rows.column(place), &DataType::Float64)?.as_primitive::<Float64Type>().clone())
            })
            .collect::<anyhow::Result<_>>()?;
        let rows = &mut self.rows;
        rows.start(&scores, actual, column_of);
        for (at, scores) in scores.iter().enumerate() {
            rows.column(at as u32, scores, source.missing_numbers(), predicts);
        }
        let mut missing = 0;
        for (row, &actual) in actual.iter().enumerate() {
            if actual == NONE {
                continue;
            }
            if rows.missing[row] {
                missing += 1;
                continue;
            }
            self.ranks.update_rank(rows.rank[row] as usize)?;
            if predicts {
                let (_, predicted) = columns.scores[rows.first[row] as usize];
                self.counts.update(actual, predicted)?;
                self.ties += u64::from(rows.tied[row]);
            }
        }
        if missing > 0 {
            *self.excluded.entry(reason::SCORE).or_default() += missing;
        }
        Ok(())
    }
}

impl Rows {
    fn start(&mut self, scores: &[Float64Array], actual: &[usize], column_of: &[usize]) {
        self.own.clear();
        // A row that is left out already is ranked all the same, which is quicker than to ask, and not counted.
        self.own.extend(actual.iter().enumerate().map(|(row, &class)| match class {
            NONE => f64::NAN,
            class => scores[column_of[class]].value(row),
        }));
        let rows = actual.len();
        let clear = |numbers: &mut Vec<u32>| {
            numbers.clear();
            numbers.resize(rows, 0);
        };
        clear(&mut self.rank);
        clear(&mut self.first);
        self.highest.clear();
        self.highest.resize(rows, f64::NEG_INFINITY);
        for flags in [&mut self.tied, &mut self.missing] {
            flags.clear();
            flags.resize(rows, false);
        }
    }

    /// A column at a time, so that the inner loops run over neighbours in memory.
    fn column(&mut self, at: u32, scores: &Float64Array, missing_numbers: &[f64], predicts: bool) {
        let values = scores.values();
        for ((rank, own), value) in self.rank.iter_mut().zip(&self.own).zip(values) {
            *rank += u32::from(value >= own);
        }
        for (missing, value) in self.missing.iter_mut().zip(values) {
            *missing |= value.is_nan();
        }
        if scores.null_count() > 0 {
            self.missing.iter_mut().enumerate().for_each(|(row, missing)| *missing |= scores.is_null(row));
        }
        if !missing_numbers.is_empty() {
            self.missing
                .iter_mut()
                .zip(values)
                .for_each(|(missing, value)| *missing |= missing_numbers.contains(value));
        }
        if predicts {
            let best = self.highest.iter_mut().zip(&mut self.first).zip(&mut self.tied);
            for (((highest, first), tied), &value) in best.zip(values) {
                // The first column wins also where all scores are -inf.
                if value > *highest || at == 0 {
                    (*highest, *first, *tied) = (value, at, false);
                } else if value == *highest {
                    *tied = true;
                }
            }
        }
    }
}
