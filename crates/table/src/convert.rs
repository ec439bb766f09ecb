//! From the type a file has to the type the table has, value by value and without silent loss.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, StringArray};
use arrow_cast::{CastOptions, cast, cast_with_options};
use arrow_schema::{ArrowError, DataType, TimeUnit};

use crate::text::Markers;

/// Why a column could not be converted.
pub(crate) enum Failure {
    /// The value in this row has no counterpart in the new type.
    Row(usize),
    /// The two types have nothing to do with each other.
    Types(ArrowError),
}

/// Whether the type is text, also as a dictionary of texts.
pub(crate) fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => true,
        DataType::Dictionary(_, values) => is_text(values),
        _ => false,
    }
}

/// Units of a second (or days, for dates) in one unit of a temporal type.
fn scale(data_type: &DataType) -> Option<f64> {
    let per_second = |unit: &TimeUnit| match unit {
        TimeUnit::Second => 1.0,
        TimeUnit::Millisecond => 1e3,
        TimeUnit::Microsecond => 1e6,
        TimeUnit::Nanosecond => 1e9,
    };
    Some(match data_type {
        DataType::Date32 => 1.0,
        DataType::Date64 => 86_400e3,
        DataType::Timestamp(unit, _) | DataType::Time32(unit) | DataType::Time64(unit) | DataType::Duration(unit) => {
            per_second(unit)
        }
        _ => return None,
    })
}

/// Converts a column. Texts that stand for missing values become null where the new type is not text.
pub(crate) fn convert(array: &ArrayRef, to: &DataType, markers: &Markers) -> Result<ArrayRef, Failure> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    let types = Failure::Types;
    if let (Some(scale), DataType::Float64) = (scale(array.data_type()), to) {
        let whole = cast(array, &integer_of(array.data_type())).and_then(|a| cast(&a, &DataType::Int64));
        let whole = whole.map_err(types)?;
        let numbers: Float64Array = whole.as_primitive::<Int64Type>().unary(|value| value as f64 / scale);
        return Ok(Arc::new(numbers));
    }
    let source = if is_text(array.data_type()) && !is_text(to) {
        let texts = cast(array, &DataType::Utf8).map_err(types)?;
        let texts = texts.as_string::<i32>().iter();
        let texts: StringArray =
            texts.map(|text| text.filter(|t| !markers.is_missing(t)).map(str::trim_ascii)).collect();
        Arc::new(texts) as ArrayRef
    } else {
        Arc::clone(array)
    };
    let options = CastOptions { safe: true, ..CastOptions::default() };
    let converted = cast_with_options(&source, to, &options).map_err(types)?;
    let lost = |row: &usize| converted.is_null(*row) && source.is_valid(*row);
    if converted.null_count() > source.null_count()
        && let Some(row) = (0..source.len()).find(lost)
    {
        return Err(Failure::Row(row));
    }
    check_exact(&source, to)?;
    Ok(converted)
}

/// The integer type that holds a temporal type's values.
fn integer_of(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Date32 | DataType::Time32(_) => DataType::Int32,
        _ => DataType::Int64,
    }
}

/// Arrow's cast cuts 1.5 to 1 and takes 7 for true; neither is what a person means by a type.
fn check_exact(source: &ArrayRef, to: &DataType) -> Result<(), Failure> {
    let allowed: fn(f64) -> bool = match to {
        DataType::Int64 if source.data_type().is_floating() => |v| v.fract() == 0.0,
        DataType::Boolean if source.data_type().is_numeric() => |v| v == 0.0 || v == 1.0,
        _ => return Ok(()),
    };
    let numbers = cast(source, &DataType::Float64).map_err(Failure::Types)?;
    let mut values = numbers.as_primitive::<Float64Type>().iter();
    match values.position(|value| value.is_some_and(|v| !allowed(v))) {
        Some(row) => Err(Failure::Row(row)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Date32Array, TimestampMillisecondArray};

    fn markers() -> Markers {
        Markers::new(&["NA".into()])
    }

    #[test]
    fn dates_become_days_and_timestamps_seconds() {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(1), None]));
        let converted = convert(&days, &DataType::Float64, &markers()).ok().unwrap();
        assert_eq!(converted.as_primitive::<Float64Type>(), &Float64Array::from(vec![Some(1.0), None]));
        let stamps: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![1500]));
        let converted = convert(&stamps, &DataType::Float64, &markers()).ok().unwrap();
        assert_eq!(converted.as_primitive::<Float64Type>().value(0), 1.5);
    }

    #[test]
    fn text_becomes_numbers_and_the_first_that_does_not_is_named() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some(" 1.5"), Some("NA"), None]));
        let converted = convert(&texts, &DataType::Float64, &markers()).ok().unwrap();
        assert_eq!(converted.as_primitive::<Float64Type>(), &Float64Array::from(vec![Some(1.5), None, None]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["1", "x"]));
        assert!(matches!(convert(&texts, &DataType::Float64, &markers()), Err(Failure::Row(1))));
    }

    #[test]
    fn a_fraction_is_no_integer_and_seven_no_boolean() {
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 1.5]));
        assert!(matches!(convert(&numbers, &DataType::Int64, &markers()), Err(Failure::Row(1))));
        let numbers: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 0.0, 7.0]));
        assert!(matches!(convert(&numbers, &DataType::Boolean, &markers()), Err(Failure::Row(2))));
    }
}
