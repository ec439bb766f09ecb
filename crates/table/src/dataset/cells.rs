//! A batch's columns as the dataset sees them: 32-bit numbers or texts, and where they are missing or infinite.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, Float32Array, StringArray, new_null_array};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};

use crate::text::Markers;

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    Missing,
    Nan,
    Infinite,
    /// Finite in the file, infinite in `f32`.
    OutOfRange(f64),
}

impl Fault {
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Missing => "the value is missing",
            Self::Nan => "the value is NaN (not a number)",
            Self::Infinite => "the value is infinite",
            Self::OutOfRange(_) => "the value is beyond the range of 32-bit floats",
        }
    }

    /// The reason under which a row left out for it is counted.
    pub(super) fn reason(self, column: &str) -> String {
        match self {
            Self::Missing | Self::Nan => format!("missing value in {column}"),
            Self::Infinite => format!("infinite value in {column}"),
            Self::OutOfRange(_) => format!("value out of range in {column}"),
        }
    }

    pub(super) fn is_missing(self) -> bool {
        matches!(self, Self::Missing | Self::Nan)
    }
}

/// A column of a batch.
pub(super) enum Cells {
    Numbers {
        values: Float32Array,
        /// The column as it was, to tell what overflowed.
        original: ArrayRef,
        /// Whether any value is a marker, null or not finite.
        clean: bool,
    },
    Texts(StringArray),
}

/// As numbers. A type that has none is an error; [`super::plan`] lets none through.
pub(super) fn numbers(array: &ArrayRef, markers: &Markers) -> Result<Cells, ArrowError> {
    let original = match array.data_type() {
        DataType::Dictionary(_, values) => cast(array, values)?,
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            cast(array, &DataType::Float64)?
        }
        DataType::Null => new_null_array(&DataType::Float32, array.len()),
        _ => Arc::clone(array),
    };
    let values: Float32Array = match original.data_type() {
        DataType::Float32 => original.as_primitive::<Float32Type>().clone(),
        DataType::Float64 => original.as_primitive::<Float64Type>().unary(|value| value as f32),
        _ => cast(&original, &DataType::Float32)?.as_primitive::<Float32Type>().clone(),
    };
    let clean = values.null_count() == 0
        && markers.numbers().is_empty()
        && values.values().iter().fold(true, |finite, value| finite & value.is_finite());
    Ok(Cells::Numbers { values, original, clean })
}

/// As texts.
pub(super) fn texts(array: &ArrayRef) -> Result<StringArray, ArrowError> {
    Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
}

impl Cells {
    /// Whether no value of a column of numbers can be at fault, so that none need be looked at.
    pub(super) fn is_clean(&self) -> bool {
        matches!(self, Self::Numbers { clean: true, .. })
    }

    /// What is wrong with a row's value.
    pub(super) fn fault(&self, row: usize, markers: &Markers) -> Option<Fault> {
        match self {
            Self::Texts(texts) => {
                (texts.is_null(row) || markers.is_missing(texts.value(row))).then_some(Fault::Missing)
            }
            Self::Numbers { values, original, .. } => {
                if values.is_null(row) {
                    return Some(Fault::Missing);
                }
                let value = values.value(row);
                if markers.numbers().iter().any(|&marker| marker as f32 == value) {
                    return Some(Fault::Missing);
                }
                if value.is_nan() {
                    return Some(Fault::Nan);
                }
                if value.is_infinite() {
                    let before = match original.data_type() {
                        DataType::Float64 => original.as_primitive::<Float64Type>().value(row),
                        _ => f64::INFINITY,
                    };
                    return Some(if before.is_finite() { Fault::OutOfRange(before) } else { Fault::Infinite });
                }
                None
            }
        }
    }
}

/// Whether a column has whole numbers that `f32` rounds: some of those beyond 2^24.
pub(super) fn is_rounded(array: &ArrayRef, cells: &Cells) -> bool {
    let Cells::Numbers { values: rounded, original, .. } = cells else { return false };
    let wide = matches!(original.data_type(), DataType::Int32 | DataType::Int64 | DataType::UInt32 | DataType::UInt64);
    // No value beyond 2^24 is the common case, and needs no second column.
    const EXACT: f32 = 16_777_216.0;
    if !wide || !rounded.values().iter().any(|value| value.abs() >= EXACT) {
        return false;
    }
    let Ok(exact) = cast(array, &DataType::Float64) else { return false };
    let exact = exact.as_primitive::<Float64Type>();
    exact.iter().zip(rounded).any(|(exact, rounded)| exact != rounded.map(f64::from))
}
