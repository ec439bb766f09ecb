//! Columns of labels in memory, as Arrow lays them out.

use crate::counts::kernel::Bitmap;
use crate::labels::Kind;

/// The values of a column. What lies under a missing value is never looked at.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the type it is named after")]
pub enum Values<'a> {
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
    U64(&'a [u64]),
    /// Whole numbers are the same labels as integers of that value.
    F64(&'a [f64]),
    Booleans(Bitmap<'a>),
    /// One string after the other; string `i` is `bytes[offsets[i]..offsets[i + 1]]`.
    Strings {
        offsets: &'a [i32],
        bytes: &'a [u8],
    },
    /// The same with offsets of 64 bits.
    LargeStrings {
        offsets: &'a [i64],
        bytes: &'a [u8],
    },
    /// Strings anywhere.
    Text(&'a [&'a str]),
    /// Each row is the index of a value in another column, which is no dictionary itself.
    Dictionary {
        keys: Keys<'a>,
        values: &'a Column<'a>,
    },
}

/// The indices of a dictionary column.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the type it is named after")]
pub enum Keys<'a> {
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
}

/// A column of labels.
#[derive(Clone, Copy, Debug)]
pub struct Column<'a> {
    /// Its values.
    pub values: Values<'a>,
    /// A bit for each row, not set where the value is missing; without it none is.
    pub valid: Option<Bitmap<'a>>,
}

impl<'a> From<Values<'a>> for Column<'a> {
    fn from(values: Values<'a>) -> Self {
        Self { values, valid: None }
    }
}

impl<'a> Column<'a> {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        match self.values {
            Values::I8(values) => values.len(),
            Values::I16(values) => values.len(),
            Values::I32(values) => values.len(),
            Values::I64(values) => values.len(),
            Values::U8(values) => values.len(),
            Values::U16(values) => values.len(),
            Values::U32(values) => values.len(),
            Values::U64(values) => values.len(),
            Values::F64(values) => values.len(),
            Values::Booleans(bits) => bits.rows(),
            Values::Strings { offsets, .. } => offsets.len().saturating_sub(1),
            Values::LargeStrings { offsets, .. } => offsets.len().saturating_sub(1),
            Values::Text(values) => values.len(),
            Values::Dictionary { keys: Keys::U8(keys), .. } => keys.len(),
            Values::Dictionary { keys: Keys::U16(keys), .. } => keys.len(),
            Values::Dictionary { keys: Keys::U32(keys), .. } => keys.len(),
        }
    }

    /// `rows` of its rows, from `first` on.
    ///
    /// # Panics
    /// Where there are not as many, as a slice does.
    pub fn slice(&self, first: usize, rows: usize) -> Self {
        let part = first..first + rows;
        let values = match self.values {
            Values::I8(values) => Values::I8(&values[part]),
            Values::I16(values) => Values::I16(&values[part]),
            Values::I32(values) => Values::I32(&values[part]),
            Values::I64(values) => Values::I64(&values[part]),
            Values::U8(values) => Values::U8(&values[part]),
            Values::U16(values) => Values::U16(&values[part]),
            Values::U32(values) => Values::U32(&values[part]),
            Values::U64(values) => Values::U64(&values[part]),
            Values::F64(values) => Values::F64(&values[part]),
            Values::Booleans(bits) => Values::Booleans(bits.slice(first, rows)),
            Values::Strings { bytes, .. } if rows == 0 => Values::Strings { offsets: &[], bytes },
            Values::Strings { offsets, bytes } => Values::Strings { offsets: &offsets[first..=first + rows], bytes },
            Values::LargeStrings { bytes, .. } if rows == 0 => Values::LargeStrings { offsets: &[], bytes },
            Values::LargeStrings { offsets, bytes } => {
                Values::LargeStrings { offsets: &offsets[first..=first + rows], bytes }
            }
            Values::Text(values) => Values::Text(&values[part]),
            Values::Dictionary { keys, values } => {
                let keys = match keys {
                    Keys::U8(keys) => Keys::U8(&keys[part]),
                    Keys::U16(keys) => Keys::U16(&keys[part]),
                    Keys::U32(keys) => Keys::U32(&keys[part]),
                };
                Values::Dictionary { keys, values }
            }
        };
        Self { values, valid: self.valid.map(|valid| valid.slice(first, rows)) }
    }

    /// What its labels are.
    pub fn kind(&self) -> Kind {
        match self.values {
            Values::Booleans(_) => Kind::Boolean,
            Values::Strings { .. } | Values::LargeStrings { .. } | Values::Text(_) => Kind::Text,
            Values::Dictionary { values, .. } => values.kind(),
            _ => Kind::Number,
        }
    }
}
