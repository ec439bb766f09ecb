//! Arrow's columns as columns of labels.

use anyhow::{Context, bail};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{Array, ArrayRef, PrimitiveArray, RecordBatch, new_null_array};
use arrow_buffer::{ArrowNativeType, NullBuffer, ScalarBuffer};
use arrow_cast::{CastOptions, cast, cast_with_options};
use arrow_schema::{ArrowError, DataType};
use gradiometer_confusion::counts::kernel::Bitmap;
use gradiometer_confusion::labels::Keys;
use gradiometer_confusion::{Column, Values};
use gradiometer_table::{Place, Source};
use std::sync::Arc;

use super::columns::Kind;

/// A column of labels, laid out as they are counted.
pub(super) struct LabelColumn {
    /// The values of the rows, or their keys where there is a dictionary.
    rows: ArrayRef,
    dictionary: Option<ArrayRef>,
}

impl LabelColumn {
    /// `kind`: what a column of nothing but missing values is taken for.
    ///
    /// # Errors
    /// What Arrow does not convert.
    pub fn new(column: &ArrayRef, kind: Kind) -> Result<Self, ArrowError> {
        let DataType::Dictionary(keys, _) = column.data_type() else {
            return Ok(Self { rows: plain(column, kind)?, dictionary: None });
        };
        let dictionary = column.as_any_dictionary();
        let rows: ArrayRef = match **keys {
            DataType::Int8 => unsigned::<Int8Type, UInt8Type>(column),
            DataType::Int16 => unsigned::<Int16Type, UInt16Type>(column),
            DataType::Int32 => unsigned::<Int32Type, UInt32Type>(column),
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => Arc::new(dictionary.keys().slice(0, column.len())),
            // A dictionary of more than 2^32 entries does not fit in memory; a key beyond them is an error and no missing value.
            _ => cast_with_options(
                dictionary.keys(),
                &DataType::UInt32,
                &CastOptions { safe: false, ..CastOptions::default() },
            )?,
        };
        Ok(Self { rows, dictionary: Some(plain(dictionary.values(), kind)?) })
    }

    /// The same of a batch, where each number has to be one of a class; `place` tells where a row is.
    ///
    /// # Errors
    /// A number with a fraction, with its place.
    pub fn of_classes(
        rows: &RecordBatch,
        column: usize,
        kind: Kind,
        source: &Source,
        place: impl Fn(usize) -> Place,
    ) -> anyhow::Result<Self> {
        let name = rows.schema_ref().field(column).name();
        let labels =
            Self::new(rows.column(column), kind).with_context(|| format!("{name} cannot be read as labels"))?;
        if let Some((row, value)) = labels.fraction(source.missing_numbers()) {
            bail!(
                "{}: {name} is {value}; a class is a whole number, a text or true and false. If it is a score, give it as --score",
                place(row)
            );
        }
        Ok(labels)
    }

    /// Calls `then` with the column.
    pub fn with<R>(&self, then: impl FnOnce(&Column) -> R) -> R {
        let valid = bits(self.rows.nulls());
        let Some(dictionary) = &self.dictionary else {
            return then(&Column { values: values(&self.rows), valid });
        };
        let values = Column { values: values(dictionary), valid: bits(dictionary.nulls()) };
        let keys = match self.rows.data_type() {
            DataType::UInt8 => Keys::U8(self.rows.as_primitive::<UInt8Type>().values()),
            DataType::UInt16 => Keys::U16(self.rows.as_primitive::<UInt16Type>().values()),
            _ => Keys::U32(self.rows.as_primitive::<UInt32Type>().values()),
        };
        then(&Column { values: Values::Dictionary { keys, values: &values }, valid })
    }

    /// The first row whose number is no class: it has a fraction, or is beyond 2^53, where not every whole number is there.
    fn fraction(&self, missing: &[f64]) -> Option<(usize, f64)> {
        let numbers = self.rows.as_primitive_opt::<Float64Type>()?;
        let no_class = |value: f64| !value.is_nan() && (value.fract() != 0.0 || value.abs() > EXACT);
        if !numbers.values().iter().any(|&value| no_class(value)) {
            return None;
        }
        let rows = numbers.iter().enumerate().filter_map(|(row, value)| Some((row, value?)));
        rows.into_iter().find(|&(_, value)| no_class(value) && !missing.contains(&value))
    }
}

/// Keys as what they are: indices.
fn unsigned<Signed, Unsigned>(column: &ArrayRef) -> ArrayRef
where
    Signed: ArrowDictionaryKeyType,
    Unsigned: ArrowDictionaryKeyType,
    Unsigned::Native: ArrowNativeType,
{
    let keys = column.as_dictionary::<Signed>().keys();
    // Both are as wide; a negative one, which is no key, is beyond every dictionary.
    let bits = ScalarBuffer::<Unsigned::Native>::new(keys.values().inner().clone(), 0, keys.len());
    Arc::new(PrimitiveArray::<Unsigned>::new(bits, keys.nulls().cloned()))
}

/// In one of the layouts that [`values`] knows.
fn plain(column: &ArrayRef, kind: Kind) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Null => {
            let data_type = match kind {
                Kind::Integer => DataType::Int64,
                Kind::Boolean => DataType::Boolean,
                Kind::Text | Kind::Nothing => DataType::Utf8,
            };
            Ok(new_null_array(&data_type, column.len()))
        }
        DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Float64 => Ok(column.clone()),
        data_type if data_type.is_integer() => Ok(column.clone()),
        DataType::Float16 | DataType::Float32 => cast(column, &DataType::Float64),
        _ => cast(column, &DataType::Utf8),
    }
}

fn values(column: &ArrayRef) -> Values<'_> {
    match column.data_type() {
        DataType::Boolean => {
            let bits = column.as_boolean().values();
            Values::Booleans(Bitmap::new(bits.values(), bits.offset(), bits.len()))
        }
        DataType::Int8 => Values::I8(column.as_primitive::<Int8Type>().values()),
        DataType::Int16 => Values::I16(column.as_primitive::<Int16Type>().values()),
        DataType::Int32 => Values::I32(column.as_primitive::<Int32Type>().values()),
        DataType::Int64 => Values::I64(column.as_primitive::<Int64Type>().values()),
        DataType::UInt8 => Values::U8(column.as_primitive::<UInt8Type>().values()),
        DataType::UInt16 => Values::U16(column.as_primitive::<UInt16Type>().values()),
        DataType::UInt32 => Values::U32(column.as_primitive::<UInt32Type>().values()),
        DataType::UInt64 => Values::U64(column.as_primitive::<UInt64Type>().values()),
        DataType::Float64 => Values::F64(column.as_primitive::<Float64Type>().values()),
        DataType::LargeUtf8 => {
            let strings = column.as_string::<i64>();
            Values::LargeStrings { offsets: strings.value_offsets(), bytes: strings.value_data() }
        }
        _ => {
            let strings = column.as_string::<i32>();
            Values::Strings { offsets: strings.value_offsets(), bytes: strings.value_data() }
        }
    }
}

fn bits(nulls: Option<&NullBuffer>) -> Option<Bitmap<'_>> {
    nulls.map(|nulls| Bitmap::new(nulls.validity(), nulls.offset(), nulls.len()))
}

/// Whole numbers up to here are exact in f64.
const EXACT: f64 = 9_007_199_254_740_992.0;
