//! Class indices for the values of a column.

use super::{Column, Keys, Labels, Number, Values};
use crate::Error;
use crate::counts::kernel::{Bitmap, Integer};

/// The code of a row that has no label.
pub const NO_LABEL: u32 = u32::MAX;

/// In place of a class: the value is missing, NaN, not in the list. All are above every class.
pub(super) const MISSING: u32 = NO_LABEL;
pub(super) const NAN: u32 = u32::MAX - 1;
pub(super) const UNKNOWN: u32 = u32::MAX - 2;
/// No row had this value of a dictionary yet.
const UNSEEN: u32 = u32::MAX - 3;
pub(super) const FIRST_SPECIAL: u32 = UNSEEN;

/// The class of each row of a column, to be asked for part by part.
pub(super) struct Encoder<'a> {
    column: Column<'a>,
    axis: &'static str,
    /// The classes of the values of a dictionary. A value that no row has is no class, and so each is looked up when it occurs.
    dictionary: Vec<u32>,
    /// The classes of integers from some number on, by distance from it: most columns of classes have small numbers.
    near: Vec<u32>,
    near_from: i128,
}

/// Integers whose classes are at hand.
const NEAR: usize = 1024;

impl<'a> Encoder<'a> {
    pub(super) fn new(axis: &'static str, column: Column<'a>) -> Result<Self, Error> {
        let dictionary = match column.values {
            Values::Dictionary { values, .. } if matches!(values.values, Values::Dictionary { .. }) => {
                return Err(Error::NestedDictionary { axis });
            }
            Values::Dictionary { values, .. } => vec![UNSEEN; values.rows()],
            _ => Vec::new(),
        };
        Ok(Self { column, axis, dictionary, near: Vec::new(), near_from: 0 })
    }

    /// The class of a key of the dictionary.
    pub(super) fn class_of(&mut self, key: usize, labels: &mut Labels) -> Result<u32, Error> {
        let (axis, values) = (self.axis, self.dictionary.len());
        let class = self.dictionary.get_mut(key).ok_or(Error::DictionaryKey { axis, key, values })?;
        if let (UNSEEN, Values::Dictionary { values, .. }) = (*class, self.column.values) {
            Self::new(axis, *values)?.encode(key, std::slice::from_mut(class), labels)?;
        }
        Ok(*class)
    }

    /// The classes of the rows from `first` on.
    pub(super) fn encode(&mut self, first: usize, out: &mut [u32], labels: &mut Labels) -> Result<(), Error> {
        let valid = self.column.valid;
        match self.column.values {
            Values::I8(values) => self.integers(values, first, out, labels),
            Values::I16(values) => self.integers(values, first, out, labels),
            Values::I32(values) => self.integers(values, first, out, labels),
            Values::I64(values) => self.integers(values, first, out, labels),
            Values::U8(values) => self.integers(values, first, out, labels),
            Values::U16(values) => self.integers(values, first, out, labels),
            Values::U32(values) => self.integers(values, first, out, labels),
            Values::U64(values) => self.integers(values, first, out, labels),
            Values::F64(values) => each(valid, first, out, |row| match Number::of(values[row]) {
                Some(number) => labels.number(number).unwrap_or(UNKNOWN),
                None => NAN,
            }),
            Values::Booleans(bits) => {
                each(valid, first, out, |row| labels.boolean(bits.get(row)).unwrap_or(UNKNOWN));
            }
            Values::Text(values) => each(valid, first, out, |row| labels.word(values[row]).unwrap_or(UNKNOWN)),
            Values::Strings { offsets, bytes } => {
                self.strings(first, out, labels, |row| {
                    bytes.get(usize::try_from(offsets[row]).ok()?..usize::try_from(offsets[row + 1]).ok()?)
                })?;
            }
            Values::LargeStrings { offsets, bytes } => {
                self.strings(first, out, labels, |row| {
                    bytes.get(usize::try_from(offsets[row]).ok()?..usize::try_from(offsets[row + 1]).ok()?)
                })?;
            }
            Values::Dictionary { keys: Keys::U8(keys), .. } => {
                return self.keys(first, out, labels, |row| keys[row].into());
            }
            Values::Dictionary { keys: Keys::U16(keys), .. } => {
                return self.keys(first, out, labels, |row| keys[row].into());
            }
            Values::Dictionary { keys: Keys::U32(keys), .. } => {
                return self.keys(first, out, labels, |row| keys[row] as usize);
            }
        }
        Ok(())
    }

    fn keys(
        &mut self,
        first: usize,
        out: &mut [u32],
        labels: &mut Labels,
        key: impl Fn(usize) -> usize,
    ) -> Result<(), Error> {
        let mut broken = None;
        each(self.column.valid, first, out, |row| {
            self.class_of(key(row), labels).unwrap_or_else(|error| {
                broken.get_or_insert(error);
                UNKNOWN
            })
        });
        broken.map_or(Ok(()), Err)
    }

    fn integers<T: Integer>(&mut self, values: &[T], first: usize, out: &mut [u32], labels: &mut Labels) {
        if self.near.is_empty()
            && let Some(&value) = values.get(first)
        {
            self.near = vec![UNSEEN; NEAR];
            // Half of them lie below the first value that comes.
            self.near_from = T::at(value, (NEAR as u64 / 2).wrapping_neg()).value();
        }
        let from = T::of(self.near_from);
        let near = &mut self.near;
        each(self.column.valid, first, out, |row| {
            let value = values[row];
            let mut find = || labels.number(Number::Whole(value.value())).unwrap_or(UNKNOWN);
            match near.get_mut(value.distance(from) as usize) {
                Some(class) => {
                    if *class == UNSEEN {
                        *class = find();
                    }
                    *class
                }
                None => find(),
            }
        });
    }

    #[inline(always)]
    fn strings<'b>(
        &self,
        first: usize,
        out: &mut [u32],
        labels: &mut Labels,
        bytes: impl Fn(usize) -> Option<&'b [u8]>,
    ) -> Result<(), Error> {
        let mut broken = None;
        each(self.column.valid, first, out, |row| {
            let Some(word) = bytes(row) else {
                broken.get_or_insert(Error::StringOffsets { axis: self.axis, row });
                return UNKNOWN;
            };
            if let Some(class) = labels.words.get(word) {
                return class;
            }
            match std::str::from_utf8(word) {
                Ok(word) => labels.word(word).unwrap_or(UNKNOWN),
                Err(_) => {
                    broken.get_or_insert(Error::NotUtf8 { axis: self.axis, row });
                    UNKNOWN
                }
            }
        });
        broken.map_or(Ok(()), Err)
    }
}

#[inline(always)]
fn each(valid: Option<Bitmap>, first: usize, out: &mut [u32], mut class: impl FnMut(usize) -> u32) {
    match valid {
        None => out.iter_mut().enumerate().for_each(|(i, out)| *out = class(first + i)),
        Some(valid) => out.iter_mut().enumerate().for_each(|(i, out)| {
            *out = if valid.get(first + i) { class(first + i) } else { MISSING };
        }),
    }
}
