//! The types of columns: how a person names them, and how they are inferred from text.
//!
//! Inference looks at every value of a column and keeps a set of the kinds it saw. Unlike a guess from the first rows,
//! the answer cannot be contradicted by a later row.

use std::fmt;

use arrow_array::types::{Date32Type, TimestampMicrosecondType};
use arrow_cast::parse::Parser;
use arrow_schema::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};

/// The type of a column as a person says it (`types.zip = "string"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// `true` or `false` (in text: in any case).
    Boolean,
    /// A whole number that fits into 64 bits with sign.
    Integer,
    /// A 64-bit floating-point number. Of a date: days since 1970-01-01. Of a timestamp: seconds since then, in UTC. Of
    /// a time of day or a duration: seconds.
    Number,
    /// Text; numbers and booleans become their text.
    String,
    /// A calendar date (in text: `2026-01-31`).
    Date,
    /// A date with a time of day, in microseconds (in text: `2026-01-31T23:59:59`, with fraction and offset if any).
    Timestamp,
}

impl ColumnType {
    /// The Arrow type that a column of this type is read as.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Integer => DataType::Int64,
            Self::Number => DataType::Float64,
            Self::String => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
        })
    }
}

/// The kind of one value of text. The empty value and the other markers of a missing one are not asked about.
pub(crate) fn kind(text: &str) -> ColumnType {
    let text = text.trim_ascii();
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'i' | b'I' | b'n' | b'N') => number_kind(text, bytes),
        Some(b't' | b'T') if text.eq_ignore_ascii_case("true") => ColumnType::Boolean,
        Some(b'f' | b'F') if text.eq_ignore_ascii_case("false") => ColumnType::Boolean,
        _ => ColumnType::String,
    }
}

fn number_kind(text: &str, bytes: &[u8]) -> ColumnType {
    let digits = bytes.strip_prefix(b"-").or(bytes.strip_prefix(b"+")).unwrap_or(bytes);
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        // 18 digits always fit into 63 bits.
        let fits = digits.len() <= 18 || text.parse::<i64>().is_ok();
        return if fits { ColumnType::Integer } else { ColumnType::Number };
    }
    // The common shape, digits with one point, needs no parser to be recognized.
    let mut points = 0;
    if digits.len() > 1
        && digits.iter().all(|&b| {
            b.is_ascii_digit()
                || (b == b'.' && {
                    points += 1;
                    points == 1
                })
        })
    {
        return ColumnType::Number;
    }
    if text.parse::<f64>().is_ok() {
        return ColumnType::Number;
    }
    if bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' {
        if bytes.len() == 10 && Date32Type::parse(text).is_some() {
            return ColumnType::Date;
        }
        if bytes.len() > 10 && TimestampMicrosecondType::parse(text).is_some() {
            return ColumnType::Timestamp;
        }
    }
    ColumnType::String
}

/// What the values of a column were seen to be.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    kinds: u8,
    /// Values that are not missing.
    pub(crate) cells: u64,
    /// Values that are whole or real numbers.
    pub(crate) numbers: u64,
    /// The first value that is neither number nor missing: row, line, text.
    pub(crate) stray: Option<(u64, u64, String)>,
}

impl Observed {
    /// Notes one value that is not missing; `stray` is asked for its text only when it is the first of its kind.
    pub(crate) fn note(&mut self, kind: ColumnType, row: u64, line: u64, text: impl FnOnce() -> String) {
        self.kinds |= 1 << kind as u8;
        self.cells += 1;
        if matches!(kind, ColumnType::Integer | ColumnType::Number) {
            self.numbers += 1;
        } else if self.stray.is_none() {
            self.stray = Some((row, line, text()));
        }
    }

    /// The narrowest type that holds all values; `None` where all are missing.
    pub(crate) fn column_type(&self) -> Option<ColumnType> {
        use ColumnType::{Boolean, Date, Integer, Number, String, Timestamp};
        let only = |types: &[ColumnType]| self.kinds & !types.iter().fold(0, |set, t| set | 1 << *t as u8) == 0;
        if self.kinds == 0 {
            return None;
        }
        [&[Boolean][..], &[Integer], &[Number, Integer], &[Date], &[Timestamp, Date]]
            .into_iter()
            .find(|types| only(types))
            .map_or(Some(String), |types| Some(types[0]))
    }

    /// Whether a text column is mostly numbers: then a stray word, not the numbers, is likely the mistake.
    pub(crate) fn is_mixed(&self) -> bool {
        self.column_type() == Some(ColumnType::String) && self.numbers > 0 && self.numbers * 2 >= self.cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_text_are_what_they_look_like() {
        use ColumnType::*;
        for (text, expected) in [
            ("12", Integer),
            ("-12", Integer),
            ("+12", Integer),
            (" 12 ", Integer),
            ("9223372036854775807", Integer),
            ("9223372036854775808", Number),
            ("1.", Number),
            (".5", Number),
            ("-1.5e-3", Number),
            ("inf", Number),
            ("-Infinity", Number),
            ("nan", Number),
            (".", String),
            ("-", String),
            ("1.2.3", String),
            ("1,5", String),
            ("0x10", String),
            ("True", Boolean),
            ("FALSE", Boolean),
            ("yes", String),
            ("2026-01-31", Date),
            ("2026-13-31", String),
            ("2026-01-31T12:00:00", Timestamp),
            ("2026-01-31 12:00:00.25Z", Timestamp),
            ("name", String),
            ("infinite", String),
        ] {
            assert_eq!(kind(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_column_is_the_narrowest_type_that_holds_all_its_values() {
        let observe = |texts: &[&str]| {
            let mut seen = Observed::default();
            texts.iter().for_each(|t| seen.note(kind(t), 1, 2, || t.to_string()));
            seen
        };
        assert_eq!(observe(&[]).column_type(), None);
        assert_eq!(observe(&["1", "2"]).column_type(), Some(ColumnType::Integer));
        assert_eq!(observe(&["1", "2.5"]).column_type(), Some(ColumnType::Number));
        assert_eq!(observe(&["true", "1"]).column_type(), Some(ColumnType::String));
        assert_eq!(observe(&["2026-01-31", "2026-01-31T12:00:00"]).column_type(), Some(ColumnType::Timestamp));
        assert!(observe(&["1", "2", "?"]).is_mixed());
        assert!(!observe(&["a", "2", "b"]).is_mixed());
    }
}
