//! Reading a table for what has columns of its own: labels in any number, scores of every class.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::{anyhow, bail, ensure};
use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::DataType;
use gradiometer_table::{Batch, Source};

/// Why a row is left out.
pub(super) mod reason {
    pub const ACTUAL: &str = "actual is missing";
    pub const PREDICTED: &str = "predicted is missing";
    pub const ACTUAL_LABEL: &str = "actual is not among the labels given";
    pub const SCORE: &str = "a score is missing";
}

/// Rows left out, by reason.
pub(super) type Excluded = BTreeMap<&'static str, u64>;

/// Whole numbers up to here are exact in f64.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The columns that are read, each once.
#[derive(Default)]
pub(super) struct Places {
    /// Indices into the table's schema.
    pub columns: Vec<usize>,
    known: HashMap<usize, usize>,
}

impl Places {
    /// The place of a column in what is read.
    pub fn of(&mut self, column: usize) -> usize {
        *self.known.entry(column).or_insert_with(|| {
            self.columns.push(column);
            self.columns.len() - 1
        })
    }
}

/// Reads all rows, each thread into a state of its own, and gives the states with the number of rows.
///
/// # Errors
/// A file that breaks off, and what `step` says of a row.
pub(super) fn read<S: Send>(
    source: &Source,
    columns: &[usize],
    start: impl Fn() -> S + Sync,
    step: impl Fn(&mut S, &Batch) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<(Vec<S>, u64)> {
    let counted = |state: &mut (S, u64), batch: &Batch| -> Result<(), Failure> {
        state.1 += batch.rows.num_rows() as u64;
        step(&mut state.0, batch).map_err(Failure)
    };
    let states = source.fold(columns, || (start(), 0), counted).map_err(|Failure(error)| error)?;
    let rows = states.iter().map(|(_, rows)| rows).sum();
    ensure!(
        rows == source.rows(),
        "{} has {} rows, of which {rows} were read: this is a mistake of the program",
        source.spec(),
        source.rows()
    );
    Ok((states.into_iter().map(|(state, _)| state).collect(), rows))
}

struct Failure(anyhow::Error);

impl From<gradiometer_table::Error> for Failure {
    fn from(error: gradiometer_table::Error) -> Self {
        Self(anyhow!("{error}; a part of a table is not judged as if it were all"))
    }
}

/// The labels of a column as texts; null where they are missing.
///
/// # Errors
/// A number that is no label, a type that has no text.
pub(super) fn label_texts(source: &Source, batch: &Batch, place: usize) -> anyhow::Result<StringArray> {
    let (column, schema) = (batch.rows.column(place), batch.rows.schema_ref());
    texts_of(source, batch, column, schema.field(place).name())
}

fn texts_of(source: &Source, batch: &Batch, column: &ArrayRef, name: &str) -> anyhow::Result<StringArray> {
    let as_text = |column: &ArrayRef| -> anyhow::Result<StringArray> {
        let texts = cast(column, &DataType::Utf8);
        Ok(texts.map_err(|error| anyhow!("{name} cannot be read as labels: {error}"))?.as_string::<i32>().clone())
    };
    match column.data_type() {
        DataType::Dictionary(_, values) => texts_of(source, batch, &cast(column, values)?, name),
        number if number.is_floating() || (number.is_integer() && !source.missing_numbers().is_empty()) => {
            let numbers = cast(column, &DataType::Float64)?;
            let texts = if number.is_floating() { None } else { Some(as_text(column)?) };
            let mut out = arrow_array::builder::StringBuilder::new();
            for (row, value) in numbers.as_primitive::<Float64Type>().iter().enumerate() {
                match (value, &texts) {
                    (None, _) => out.append_null(),
                    (Some(value), _) if value.is_nan() || source.missing_numbers().contains(&value) => {
                        out.append_null()
                    }
                    (Some(_), Some(texts)) => out.append_value(texts.value(row)),
                    (Some(value), None) if value.fract() != 0.0 || value.abs() > EXACT => bail!(
                        "{}: {name} is {value}; a class is a whole number, a text or true and false",
                        batch.place(row)
                    ),
                    (Some(value), None) => out.append_value((value as i64).to_string()),
                }
            }
            Ok(out.finish())
        }
        _ => {
            let texts = as_text(column)?;
            if texts.iter().flatten().any(|text| source.is_missing(text)) {
                return Ok(texts.iter().map(|text| text.filter(|text| !source.is_missing(text))).collect());
            }
            Ok(texts)
        }
    }
}

/// # Errors
/// A label that `--labels` has twice.
pub(super) fn check_distinct(labels: &[String]) -> anyhow::Result<()> {
    let mut seen = HashSet::new();
    let twice = labels.iter().find(|label| !seen.insert(label.as_str()));
    twice.map_or(Ok(()), |label| Err(anyhow!("--labels names {label} twice: labels must differ")))
}

/// Labels in order: by value where all are numbers, else by code point.
pub(super) fn in_order(mut labels: Vec<String>) -> Vec<String> {
    let number = |label: &String| label.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    labels.sort_unstable();
    if let Some(numbers) = labels.iter().map(number).collect::<Option<Vec<f64>>>() {
        let mut numbered: Vec<(f64, String)> = numbers.into_iter().zip(labels).collect();
        numbered.sort_by(|a, b| a.0.total_cmp(&b.0));
        labels = numbered.into_iter().map(|(_, label)| label).collect();
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn numbers_are_ordered_by_value_and_words_by_code_point() {
        let order = |labels: &[&str]| in_order(labels.iter().map(|label| (*label).to_owned()).collect());
        assert_eq!(order(&["10", "9", "-1"]), ["-1", "9", "10"]);
        assert_eq!(order(&["10", "9", "b"]), ["10", "9", "b"]);
    }
}
