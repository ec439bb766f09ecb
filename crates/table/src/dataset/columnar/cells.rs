//! A batch's columns at the precision of the file, and where they are missing or not finite.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, Float32Array, Float64Array, StringArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};

use super::super::cells::Fault;
use crate::text::Markers;

/// A column of a batch.
pub(super) enum Cells {
    Wide { values: Float64Array, clean: bool },
    Narrow { values: Float32Array, clean: bool },
    Texts(StringArray),
}

/// Whether `f32` holds every value of this type.
pub(super) fn is_narrow(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_narrow(values),
        DataType::Float32 | DataType::Float16 | DataType::Null => true,
        DataType::Int8 | DataType::Int16 | DataType::UInt8 | DataType::UInt16 => true,
        _ => false,
    }
}

/// As numbers, in `f32` if `narrow`. A type that has none is an error; the plan lets none through.
pub(super) fn numbers(array: &ArrayRef, narrow: bool, markers: &Markers) -> Result<Cells, ArrowError> {
    let clean = array.null_count() == 0 && markers.numbers().is_empty();
    let to = if narrow { DataType::Float32 } else { DataType::Float64 };
    let cast = if array.data_type() == &to { Arc::clone(array) } else { cast(array, &to)? };
    Ok(if narrow {
        let values = cast.as_primitive::<Float32Type>().clone();
        let clean = clean && values.null_count() == 0 && values.values().iter().all(|value| value.is_finite());
        Cells::Narrow { values, clean }
    } else {
        let values = cast.as_primitive::<Float64Type>().clone();
        let clean = clean && values.null_count() == 0 && values.values().iter().all(|value| value.is_finite());
        Cells::Wide { values, clean }
    })
}

impl Cells {
    /// Whether no value can be at fault, so that none need be looked at.
    pub(super) fn is_clean(&self) -> bool {
        matches!(self, Self::Wide { clean: true, .. } | Self::Narrow { clean: true, .. })
    }

    /// The number in a row; NaN where there is none.
    pub(super) fn number(&self, row: usize) -> f64 {
        match self {
            Self::Wide { values, .. } if values.is_valid(row) => values.value(row),
            Self::Narrow { values, .. } if values.is_valid(row) => f64::from(values.value(row)),
            _ => f64::NAN,
        }
    }

    /// What is wrong with a row's value.
    pub(super) fn fault(&self, row: usize, markers: &Markers) -> Option<Fault> {
        let (is_null, is_marker) = match self {
            Self::Texts(texts) => {
                return (texts.is_null(row) || markers.is_missing(texts.value(row))).then_some(Fault::Missing);
            }
            Self::Wide { values, .. } => (values.is_null(row), markers.numbers().contains(&values.value(row))),
            Self::Narrow { values, .. } => {
                (values.is_null(row), markers.numbers().iter().any(|&marker| marker as f32 == values.value(row)))
            }
        };
        match self.number(row) {
            _ if is_null || is_marker => Some(Fault::Missing),
            value if value.is_nan() => Some(Fault::Nan),
            value if value.is_infinite() => Some(Fault::Infinite),
            _ => None,
        }
    }
}

/// Whether a column has whole numbers that `f64` rounds: some of those beyond 2^53.
pub(super) fn is_rounded(array: &ArrayRef) -> bool {
    const EXACT: u64 = 1 << 53;
    match array.data_type() {
        DataType::Int64 => array
            .as_primitive::<Int64Type>()
            .iter()
            .flatten()
            .any(|value| value.unsigned_abs() > EXACT && i128::from(value) != value as f64 as i128),
        DataType::UInt64 => array
            .as_primitive::<UInt64Type>()
            .iter()
            .flatten()
            .any(|value| value > EXACT && i128::from(value) != value as f64 as i128),
        _ => false,
    }
}
