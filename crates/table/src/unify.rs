//! One schema for several files: the same columns, in the first file's order, of the narrowest types that hold all.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::column_type::{ColumnType, Observed};
use crate::convert::is_text;
use crate::error::{Error, Result};

/// A file's columns as the file has them.
pub(crate) struct FileSchema<'a> {
    pub(crate) file: &'a Arc<PathBuf>,
    pub(crate) schema: &'a SchemaRef,
    /// For text: what was seen in each column; empty for other formats.
    pub(crate) observed: &'a [Observed],
}

/// The table's schema, and for each file the position in it of each of the table's columns.
pub(crate) fn unify(
    files: &[FileSchema],
    given: &BTreeMap<String, ColumnType>,
) -> Result<(SchemaRef, Vec<Vec<usize>>)> {
    let first = &files[0];
    let mut types: Vec<(DataType, usize)> =
        first.schema.fields().iter().map(|field| (field.data_type().clone(), 0)).collect();
    let mut orders = Vec::with_capacity(files.len());
    for (number, file) in files.iter().enumerate() {
        let index: HashMap<&str, usize> =
            file.schema.fields().iter().enumerate().map(|(at, field)| (field.name().as_str(), at)).collect();
        let mut order = Vec::with_capacity(types.len());
        for (field, (known, from)) in first.schema.fields().iter().zip(&mut types) {
            let name = field.name();
            let Some(&at) = index.get(name.as_str()) else {
                return Err(column_mismatch(name, first, file));
            };
            order.push(at);
            let here = file.schema.field(at).data_type();
            if given.contains_key(name) {
                continue;
            }
            let Some(both) = common(known, here) else {
                return Err(type_mismatch(name, &files[*from], known, file, here));
            };
            if both != *known {
                (*known, *from) = (both, number);
            }
        }
        if order.len() < file.schema.fields().len() {
            let extra = file.schema.fields().iter().find(|f| first.schema.field_with_name(f.name()).is_err());
            let name = extra.map_or_else(String::new, |field| field.name().clone());
            return Err(column_mismatch(&name, file, first));
        }
        orders.push(order);
    }
    let fields: Vec<Field> = first
        .schema
        .fields()
        .iter()
        .zip(types)
        .map(|(field, (found, _))| {
            let data_type = given.get(field.name()).map_or(found, |t| t.data_type());
            Field::new(field.name(), data_type, true)
        })
        .collect();
    Ok((Arc::new(Schema::new(fields)), orders))
}

fn column_mismatch(column: &str, with: &FileSchema, without: &FileSchema) -> Error {
    Error::ColumnMismatch {
        column: column.to_owned(),
        with: with.file.to_path_buf(),
        without: without.file.to_path_buf(),
    }
}

fn type_mismatch(column: &str, first: &FileSchema, known: &DataType, second: &FileSchema, here: &DataType) -> Error {
    let describe = |file: &FileSchema, data_type: &DataType| {
        let seen = file.schema.index_of(column).ok().and_then(|at| file.observed.get(at));
        match seen.filter(|seen| seen.numbers > 0).and_then(|seen| seen.stray.as_ref()) {
            Some((_, line, text)) => format!("text (because of `{text}` on line {line})"),
            None => type_name(data_type),
        }
    };
    Error::TypeMismatch {
        column: column.into(),
        first: first.file.as_path().into(),
        first_type: describe(first, known).into(),
        second: second.file.as_path().into(),
        second_type: describe(second, here).into(),
        mend: format!("correct one of the files, or set `types.{column}`").into(),
    }
}

/// A type's name for people.
pub(crate) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Null => "missing throughout".into(),
        DataType::Boolean => "boolean".into(),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".into(),
        DataType::Dictionary(_, values) => type_name(values),
        DataType::Date32 | DataType::Date64 => "a date".into(),
        DataType::Timestamp(..) => "a timestamp".into(),
        DataType::Time32(_) | DataType::Time64(_) => "a time of day".into(),
        DataType::Duration(_) => "a duration".into(),
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) | DataType::ListView(_) => {
            "a list".into()
        }
        DataType::Struct(_) => "a struct".into(),
        DataType::Map(..) => "a map".into(),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "binary data".into()
        }
        other => other.to_string().to_lowercase(),
    }
}

/// What a value of one of the types of [`ColumnType`] is, for a message about one that is not.
pub(crate) fn value_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "a boolean (true or false)".into(),
        DataType::Int64 => "an integer".into(),
        DataType::Float64 => "a number".into(),
        DataType::Date32 => "a date (such as 2026-01-31)".into(),
        DataType::Timestamp(..) => "a timestamp (such as 2026-01-31T23:59:59)".into(),
        other => type_name(other),
    }
}

/// The narrowest type that holds both, if they are of one kind.
fn common(a: &DataType, b: &DataType) -> Option<DataType> {
    use DataType::{Float16, Float32, Float64, Int64, Null, UInt64, Utf8};
    if a == b {
        return Some(a.clone());
    }
    match (a, b) {
        (Null, other) | (other, Null) => Some(other.clone()),
        _ if is_text(a) && is_text(b) => Some(Utf8),
        _ if a.is_unsigned_integer() && b.is_unsigned_integer() => Some(UInt64),
        _ if a.is_integer() && b.is_integer() && *a != UInt64 && *b != UInt64 => Some(Int64),
        (Float16 | Float32, Float16 | Float32) => Some(Float32),
        _ if a.is_numeric() && b.is_numeric() => Some(Float64),
        (DataType::Date32 | DataType::Date64, DataType::Date32 | DataType::Date64) => Some(DataType::Date32),
        (DataType::Timestamp(..) | DataType::Date32, DataType::Timestamp(..) | DataType::Date32) => {
            Some(ColumnType::Timestamp.data_type())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_widen_texts_unite_and_the_rest_does_not_mix() {
        use DataType::*;
        assert_eq!(common(&Int32, &Int64), Some(Int64));
        assert_eq!(common(&UInt8, &Int8), Some(Int64));
        assert_eq!(common(&UInt64, &Int8), Some(Float64));
        assert_eq!(common(&Int64, &Float32), Some(Float64));
        assert_eq!(common(&Null, &Utf8), Some(Utf8));
        assert_eq!(common(&Utf8View, &Dictionary(Box::new(Int8), Box::new(Utf8))), Some(Utf8));
        assert_eq!(common(&Utf8, &Int64), None);
        assert_eq!(common(&Boolean, &Int64), None);
    }
}
