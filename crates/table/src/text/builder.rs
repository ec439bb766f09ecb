//! From values of text or JSON to Arrow columns.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, NullArray};
use arrow_cast::parse::Parser;
use arrow_schema::{DataType, TimeUnit};

use super::json_line::Cell;

/// A column of a batch while it is being filled.
pub(crate) enum Column {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    String(StringBuilder),
    Date(Date32Builder),
    Timestamp(TimestampMicrosecondBuilder),
    /// A column in which all values of all files are missing.
    Null(usize),
}

impl Column {
    /// An empty column of one of the types that text is read as ([`crate::ColumnType`] or Null).
    pub(crate) fn new(data_type: &DataType) -> Self {
        match data_type {
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            DataType::Int64 => Self::Integer(Int64Builder::new()),
            DataType::Float64 => Self::Number(Float64Builder::new()),
            DataType::Date32 => Self::Date(Date32Builder::new()),
            DataType::Timestamp(TimeUnit::Microsecond, None) => Self::Timestamp(TimestampMicrosecondBuilder::new()),
            DataType::Null => Self::Null(0),
            _ => Self::String(StringBuilder::new()),
        }
    }

    /// Appends a missing value.
    pub(crate) fn push_null(&mut self) {
        match self {
            Self::Boolean(b) => b.append_null(),
            Self::Integer(b) => b.append_null(),
            Self::Number(b) => b.append_null(),
            Self::String(b) => b.append_null(),
            Self::Date(b) => b.append_null(),
            Self::Timestamp(b) => b.append_null(),
            Self::Null(n) => *n += 1,
        }
    }

    /// Appends a value as written; `None` where it is not of the column's type.
    #[must_use]
    pub(crate) fn push_text(&mut self, text: &str) -> Option<()> {
        let trimmed = text.trim_ascii();
        match self {
            Self::String(b) => b.append_value(text),
            Self::Number(b) => b.append_value(trimmed.parse().ok()?),
            Self::Integer(b) => b.append_value(trimmed.parse().ok()?),
            Self::Boolean(b) => b.append_value(parse_boolean(trimmed)?),
            Self::Date(b) => b.append_value(Date32Type::parse(trimmed)?),
            Self::Timestamp(b) => b.append_value(TimestampMicrosecondType::parse(trimmed)?),
            Self::Null(_) => return None,
        }
        Some(())
    }

    /// Appends a JSON value; `None` where it is not of the column's type.
    #[must_use]
    pub(crate) fn push_cell(&mut self, cell: &Cell) -> Option<()> {
        match (&mut *self, cell) {
            (_, Cell::Null) => self.push_null(),
            (_, Cell::Text(text)) => return self.push_text(text),
            (Self::Boolean(b), Cell::Boolean(value)) => b.append_value(*value),
            (Self::Integer(b), Cell::Integer(value)) => b.append_value(*value),
            (Self::Number(b), Cell::Integer(value)) => b.append_value(*value as f64),
            (Self::Number(b), Cell::Number(value)) => b.append_value(*value),
            (Self::String(b), _) => b.append_value(cell.text()),
            _ => return None,
        }
        Some(())
    }

    /// Gives the column filled so far, and starts a new one.
    pub(crate) fn take(&mut self) -> ArrayRef {
        match self {
            Self::Boolean(b) => Arc::new(b.finish()),
            Self::Integer(b) => Arc::new(b.finish()),
            Self::Number(b) => Arc::new(b.finish()),
            Self::String(b) => Arc::new(b.finish()),
            Self::Date(b) => Arc::new(b.finish()),
            Self::Timestamp(b) => Arc::new(b.finish()),
            Self::Null(n) => Arc::new(NullArray::new(std::mem::take(n))),
        }
    }
}

fn parse_boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") || text == "1" {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") || text == "0" {
        Some(false)
    } else {
        None
    }
}
