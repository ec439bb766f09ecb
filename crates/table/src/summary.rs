//! What is in a table, for a person who wants to know before training.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::DataType;
use serde::Serialize;

use crate::convert::is_text;
use crate::error::Result;
use crate::source::Source;
use crate::text::Markers;
use crate::unify::type_name;

/// The shape of a table and the state of its columns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The path or pattern.
    pub source: String,
    /// How many files.
    pub files: usize,
    /// Rows in all of them.
    pub rows: u64,
    /// One entry a column, in the table's order.
    pub columns: Vec<ColumnSummary>,
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// The name.
    pub name: String,
    /// The type in words: `boolean`, `int64`, `float32`, `text`, `a date`, ….
    #[serde(rename = "type")]
    pub data_type: String,
    /// Values that are missing: null, NaN, empty, or a marker.
    pub missing: u64,
    /// Values that are infinite.
    pub infinite: u64,
}

impl Source {
    /// Reads all rows and counts what is missing or infinite in each column.
    ///
    /// # Errors
    /// As of [`Source::batches`].
    pub fn summary(&self) -> Result<Summary> {
        let fields = self.schema().fields();
        let mut columns: Vec<ColumnSummary> = fields
            .iter()
            .map(|field| ColumnSummary {
                name: field.name().clone(),
                data_type: type_name(field.data_type()),
                missing: 0,
                infinite: 0,
            })
            .collect();
        let mut rows = 0;
        for batch in self.batches() {
            let batch = batch?.rows;
            rows += batch.num_rows() as u64;
            for (column, array) in columns.iter_mut().zip(batch.columns()) {
                let (missing, infinite) = count(array, &self.shared.markers);
                column.missing += missing;
                column.infinite += infinite;
            }
        }
        Ok(Summary { source: self.spec().to_owned(), files: self.files().len(), rows, columns })
    }
}

/// Missing and infinite values of a column.
fn count(array: &ArrayRef, markers: &Markers) -> (u64, u64) {
    let nulls = array.logical_null_count() as u64;
    let data_type = array.data_type();
    if is_text(data_type) {
        let Ok(texts) = cast(array, &DataType::Utf8) else { return (nulls, 0) };
        let words = texts.as_string::<i32>().iter().flatten().filter(|text| markers.is_missing(text)).count();
        return (texts.null_count() as u64 + words as u64, 0);
    }
    if data_type.is_floating() || (data_type.is_numeric() && !markers.numbers().is_empty()) {
        let Ok(numbers) = cast(array, &DataType::Float64) else { return (nulls, 0) };
        let values = numbers.as_primitive::<Float64Type>();
        return values.iter().flatten().fold((nulls, 0), |(missing, infinite), v| {
            let is_missing = v.is_nan() || markers.numbers().contains(&v);
            (missing + u64::from(is_missing), infinite + u64::from(v.is_infinite()))
        });
    }
    (nulls, 0)
}
