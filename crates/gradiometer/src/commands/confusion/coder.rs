//! Labels as numbers, in the order in which a thread comes by them.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use gradiometer_table::Source;

/// Stands for a missing value.
pub(super) const MISSING: u32 = u32::MAX;

/// The most labels: beyond them a column identifies rows and no classes.
pub(super) const MOST_LABELS: usize = 1 << 24;

/// Numbers for labels, all of one column or of several whose labels mean the same.
#[derive(Debug, Default)]
pub(super) struct Coder {
    texts: HashMap<Box<str>, u32, RandomState>,
    integers: HashMap<i128, u32, RandomState>,
    booleans: [Option<u32>; 2],
    labels: Vec<Label>,
    /// Numbers of the entries of a dictionary, made anew for each batch.
    entries: Vec<u32>,
}

/// A label as the column has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Label {
    Boolean(bool),
    /// Wide enough for 64 bits with and without sign.
    Integer(i128),
    Text(Box<str>),
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Why a value is no label.
#[derive(Debug)]
pub(super) enum Fault {
    /// A number with a fraction, or beyond 2^53, in this row.
    Fraction(usize, f64),
    /// More labels than there can be classes.
    TooMany,
    /// What Arrow does not convert.
    Type(ArrowError),
}

impl Coder {
    /// The labels by number.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The number of each row's label, or [`MISSING`].
    pub fn codes(&mut self, column: &ArrayRef, source: &Source, codes: &mut Vec<u32>) -> Result<(), Fault> {
        codes.clear();
        codes.reserve(column.len());
        match column.data_type() {
            DataType::Boolean => {
                for value in column.as_boolean() {
                    codes.push(value.map_or(MISSING, |value| self.boolean(value)));
                }
            }
            DataType::Utf8 => self.texts(column.as_string::<i32>().iter(), source, codes),
            DataType::LargeUtf8 => self.texts(column.as_string::<i64>().iter(), source, codes),
            DataType::Utf8View => self.texts(column.as_string_view().iter(), source, codes),
            DataType::Dictionary(_, values)
                if matches!(**values, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) =>
            {
                let dictionary = column.as_any_dictionary();
                let mut entries = std::mem::take(&mut self.entries);
                // An entry that no row has is no label: its number is given when a row asks for it.
                entries.clear();
                let texts = cast(dictionary.values(), &DataType::Utf8).map_err(Fault::Type)?;
                let texts = texts.as_string::<i32>();
                entries.resize(texts.len(), NOT_ASKED);
                for (row, key) in dictionary.normalized_keys().into_iter().enumerate() {
                    if dictionary.keys().is_null(row) {
                        codes.push(MISSING);
                        continue;
                    }
                    if entries[key] == NOT_ASKED {
                        let text = if texts.is_null(key) { None } else { Some(texts.value(key)) };
                        entries[key] =
                            text.filter(|text| !source.is_missing(text)).map_or(MISSING, |text| self.text(text));
                    }
                    codes.push(entries[key]);
                }
                self.entries = entries;
            }
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                let numbers = cast(column, &DataType::Float64).map_err(Fault::Type)?;
                for (row, value) in numbers.as_primitive::<Float64Type>().iter().enumerate() {
                    codes.push(match value {
                        Some(value) if value.is_nan() || source.missing_numbers().contains(&value) => MISSING,
                        None => MISSING,
                        Some(value) if value.fract() != 0.0 || value.abs() > EXACT => {
                            return Err(Fault::Fraction(row, value));
                        }
                        Some(value) => self.integer(value as i128),
                    });
                }
            }
            DataType::UInt64 => {
                let values = column.as_primitive::<UInt64Type>().iter().map(|value| value.map(i128::from));
                self.integers(values, source, codes);
            }
            data_type if data_type.is_integer() => {
                let integers = cast(column, &DataType::Int64).map_err(Fault::Type)?;
                self.integers(
                    integers.as_primitive::<Int64Type>().iter().map(|value| value.map(i128::from)),
                    source,
                    codes,
                );
            }
            _ => {
                let texts = cast(column, &DataType::Utf8).map_err(Fault::Type)?;
                self.texts(texts.as_string::<i32>().iter(), source, codes);
            }
        }
        if self.labels.len() > MOST_LABELS { Err(Fault::TooMany) } else { Ok(()) }
    }

    fn integers(&mut self, values: impl Iterator<Item = Option<i128>>, source: &Source, codes: &mut Vec<u32>) {
        let mut last: Option<(i128, u32)> = None;
        for value in values {
            codes.push(match (value, last) {
                (None, _) => MISSING,
                (Some(value), Some((known, code))) if value == known => code,
                (Some(value), _) => {
                    let is_missing = source.missing_numbers().contains(&(value as f64));
                    let code = if is_missing { MISSING } else { self.integer(value) };
                    last = Some((value, code));
                    code
                }
            });
        }
    }

    fn texts<'a>(&mut self, texts: impl Iterator<Item = Option<&'a str>>, source: &Source, codes: &mut Vec<u32>) {
        // Neighbouring rows often have the same label.
        let mut last: Option<(&str, u32)> = None;
        for text in texts {
            codes.push(match (text, last) {
                (None, _) => MISSING,
                (Some(text), Some((known, code))) if text == known => code,
                (Some(text), _) => {
                    let code = if source.is_missing(text) { MISSING } else { self.text(text) };
                    last = Some((text, code));
                    code
                }
            });
        }
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.texts.get(text) {
            return code;
        }
        let code = self.next(Label::Text(text.into()));
        self.texts.insert(text.into(), code);
        code
    }

    fn integer(&mut self, value: i128) -> u32 {
        if let Some(&code) = self.integers.get(&value) {
            return code;
        }
        let code = self.next(Label::Integer(value));
        self.integers.insert(value, code);
        code
    }

    fn boolean(&mut self, value: bool) -> u32 {
        if let Some(code) = self.booleans[usize::from(value)] {
            return code;
        }
        let code = self.next(Label::Boolean(value));
        self.booleans[usize::from(value)] = Some(code);
        code
    }

    fn next(&mut self, label: Label) -> u32 {
        self.labels.push(label);
        self.labels.len() as u32 - 1
    }
}

/// An entry of a dictionary that no row has had yet.
const NOT_ASKED: u32 = u32::MAX - 1;

/// Whole numbers up to here are exact in f64.
const EXACT: f64 = 9_007_199_254_740_992.0;
