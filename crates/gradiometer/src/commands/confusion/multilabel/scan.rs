//! One reading of the table: every row is counted once, or left out for a reason that is counted.

use anyhow::{bail, ensure};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use gradiometer_confusion::MultiLabelCounts;
use gradiometer_confusion::labels::{Labels as Known, NO_LABEL};
use gradiometer_table::{Batch, Source};

use super::super::conditions::NOT_ASKED_FOR;
use super::super::reading::{Excluded, read, reason};
use super::columns::{Columns, Labels};

/// The most labels: beyond them the separator is hardly right.
const MOST_LABELS: usize = 1 << 20;

/// What the table holds.
pub(super) struct Scan {
    pub labels: Vec<String>,
    pub counts: MultiLabelCounts,
    pub rows_read: u64,
    pub excluded: Excluded,
    /// Labels of rows that are not among `--labels`, and so are not judged: how often they stand on each axis.
    pub not_judged: [u64; 2],
}

/// What one thread has counted.
struct State {
    counts: MultiLabelCounts,
    words: Words,
    excluded: Excluded,
    /// Of each axis and label whether it applies to the rows of a batch; room that is used again.
    bits: [Vec<Vec<bool>>; 2],
}

/// The labels that a thread comes by.
#[derive(Default)]
struct Words {
    labels: Known,
    /// How often labels that are not to be judged stand on each axis.
    not_judged: [u64; 2],
}

/// Reads a table. `chosen`: the labels to judge, where they are given.
///
/// # Errors
/// A file that breaks off, an indicator that is none: with file, row and line.
pub(super) fn scan(source: &Source, columns: &Columns, chosen: &[String]) -> anyhow::Result<Scan> {
    let known: &[String] = match &columns.labels {
        Labels::Indicators { labels, .. } => labels,
        Labels::Lists { .. } => chosen,
    };
    let given = if known.is_empty() { Known::default() } else { Known::closed(known.to_vec())? };
    let start = || State {
        counts: MultiLabelCounts::new(known.len()),
        words: Words { labels: given.clone(), not_judged: [0; 2] },
        excluded: Excluded::new(),
        bits: Default::default(),
    };
    let step = |state: &mut State, batch: &Batch| state.take(source, columns, batch);
    let (states, rows_read) = read(source, &columns.read, start, step)?;
    let mut together = given.clone();
    let mut counts = MultiLabelCounts::new(known.len());
    let (mut excluded, mut not_judged) = (Excluded::new(), [0; 2]);
    for state in &states {
        let label_of = together.merge(&state.words.labels)?;
        counts.grow(together.text().len());
        counts.merge_relabelled(&state.counts, &label_of.into_iter().map(|code| code as usize).collect::<Vec<_>>())?;
        for (&reason, n) in &state.excluded {
            *excluded.entry(reason).or_default() += n;
        }
        not_judged.iter_mut().zip(state.words.not_judged).for_each(|(sum, n)| *sum += n);
    }
    let order = together.order();
    let labels = order.iter().map(|&code| together.text()[code as usize].clone()).collect();
    let mut place_of = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, &code)| place_of[code as usize] = place);
    let mut in_order = MultiLabelCounts::new(order.len());
    in_order.merge_relabelled(&counts, &place_of)?;
    let left_out: u64 = excluded.values().sum();
    ensure!(
        in_order.rows() + left_out == rows_read,
        "of {rows_read} rows {} were counted and {left_out} left out: this is a mistake of the program",
        in_order.rows()
    );
    Ok(Scan { labels, counts: in_order, rows_read, excluded, not_judged })
}

impl State {
    fn take(&mut self, source: &Source, columns: &Columns, batch: &Batch) -> anyhow::Result<()> {
        let taken = columns.conditions.hold(batch)?.unwrap_or_else(|| vec![true; batch.rows.num_rows()]);
        match &columns.labels {
            Labels::Indicators { places, .. } => self.take_indicators(source, batch, places, &taken),
            Labels::Lists { separator, places } => self.take_lists(source, batch, separator, *places, &taken),
        }
    }

    /// Whether the row is counted; else the reason is.
    fn counts_row(&mut self, taken: bool, actual_missing: bool, predicted_missing: bool) -> bool {
        let why = match (taken, actual_missing, predicted_missing) {
            (false, ..) => NOT_ASKED_FOR,
            (true, true, _) => reason::ACTUAL,
            (true, false, true) => reason::PREDICTED,
            (true, false, false) => return true,
        };
        *self.excluded.entry(why).or_default() += 1;
        false
    }

    fn take_indicators(
        &mut self,
        source: &Source,
        batch: &Batch,
        places: &[Vec<usize>; 2],
        taken: &[bool],
    ) -> anyhow::Result<()> {
        let mut missing = [vec![false; taken.len()], vec![false; taken.len()]];
        let mut bits = std::mem::take(&mut self.bits);
        for ((places, bits), missing) in places.iter().zip(&mut bits).zip(&mut missing) {
            bits.resize(places.len(), Vec::new());
            for (column, &place) in bits.iter_mut().zip(places) {
                column.clear();
                column.resize(taken.len(), false);
                indicators(source, batch, place, |row, value| match value {
                    Some(value) => column[row] = value,
                    None => missing[row] = true,
                })?;
            }
        }
        let counted: Vec<bool> =
            (0..taken.len()).map(|row| self.counts_row(taken[row], missing[0][row], missing[1][row])).collect();
        if counted.contains(&false) {
            for column in bits.iter_mut().flatten() {
                let mut counted = counted.iter();
                column.retain(|_| counted.next() == Some(&true));
            }
        }
        self.counts.update_columns(&bits[0], &bits[1])?;
        self.bits = bits;
        Ok(())
    }

    fn take_lists(
        &mut self,
        source: &Source,
        batch: &Batch,
        separator: &str,
        places: [usize; 2],
        taken: &[bool],
    ) -> anyhow::Result<()> {
        let text = |place: usize| -> anyhow::Result<StringArray> {
            Ok(cast(batch.rows.column(place), &DataType::Utf8)?.as_string::<i32>().clone())
        };
        let texts = [text(places[0])?, text(places[1])?];
        let mut sets = [Vec::new(), Vec::new()];
        for (row, &taken) in taken.iter().enumerate() {
            // Blanks alone are a list without labels.
            let list = |axis: usize| {
                let text = (!texts[axis].is_null(row)).then(|| texts[axis].value(row))?;
                (text.trim().is_empty() || !source.is_missing(text)).then_some(text)
            };
            let lists = [list(0), list(1)];
            if !self.counts_row(taken, lists[0].is_none(), lists[1].is_none()) {
                continue;
            }
            for (axis, (set, list)) in sets.iter_mut().zip(lists).enumerate() {
                self.words.set(list.unwrap_or_default(), separator, axis, set)?;
            }
            if self.words.labels.text().len() > MOST_LABELS {
                bail!(
                    "{}: the lists of labels have more than {MOST_LABELS} different ones; is {separator:?} what stands between two?",
                    batch.place(row)
                )
            }
            self.counts.grow(self.words.labels.text().len());
            self.counts.update_sets(&sets[0], &sets[1])?;
        }
        Ok(())
    }
}

impl Words {
    /// The labels of a list, ascending, each once.
    fn set(&mut self, list: &str, separator: &str, axis: usize, set: &mut Vec<usize>) -> anyhow::Result<()> {
        set.clear();
        let mut others: Vec<&str> = Vec::new();
        for label in list.split(separator).map(str::trim).filter(|label| !label.is_empty()) {
            match self.labels.encode_text(label)? {
                NO_LABEL => others.push(label),
                code => set.push(code as usize),
            }
        }
        set.sort_unstable();
        set.dedup();
        others.sort_unstable();
        others.dedup();
        self.not_judged[axis] += others.len() as u64;
        Ok(())
    }
}

/// Tells of each row whether a label applies; `None` where that is missing.
fn indicators(
    source: &Source,
    batch: &Batch,
    place: usize,
    mut tell: impl FnMut(usize, Option<bool>),
) -> anyhow::Result<()> {
    let column = batch.rows.column(place);
    match column.data_type() {
        DataType::Boolean => column.as_boolean().iter().enumerate().for_each(|(row, value)| tell(row, value)),
        DataType::Null => (0..column.len()).for_each(|row| tell(row, None)),
        _ => {
            let numbers = cast(column, &DataType::Float64)?;
            for (row, value) in numbers.as_primitive::<Float64Type>().iter().enumerate() {
                match value {
                    None => tell(row, None),
                    Some(value) if value.is_nan() || source.missing_numbers().contains(&value) => tell(row, None),
                    Some(value) if value == 0.0 || value == 1.0 => tell(row, Some(value == 1.0)),
                    Some(value) => bail!(
                        "{}: {} is {value}; whether a label applies is 1 or 0, or true or false. Scores have to be cut at a threshold first",
                        batch.place(row),
                        batch.rows.schema_ref().field(place).name()
                    ),
                }
            }
        }
    }
    Ok(())
}
