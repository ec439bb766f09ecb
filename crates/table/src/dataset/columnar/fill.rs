//! The block of numbers and the codes of categories while they are being filled.

use super::super::categories::Categories;
use super::cells::Cells;
use super::{CategoryColumn, Values};
use crate::error::{Error, Result};
use crate::source::Source;

/// The columns of numbers of the rows read so far, each with room for all rows of the source.
pub(super) struct Block {
    values: Values,
    pub(super) missing: Vec<u64>,
    room: usize,
    rows: usize,
}

impl Block {
    /// Takes memory for so many rows of the source, once.
    pub(super) fn new(source: &Source, rows: u64, columns: usize, narrow: bool) -> Result<Self> {
        let bytes = if narrow { 4 } else { 8 };
        let too_large = || Error::TooLarge { table: source.spec().to_owned(), rows, features: columns, bytes };
        let room = usize::try_from(rows).map_err(|_| too_large())?;
        let size = room.checked_mul(columns).ok_or_else(too_large)?;
        let values = if narrow {
            let mut values = Vec::new();
            values.try_reserve_exact(size).map_err(|_| too_large())?;
            values.resize(size, 0.0);
            Values::F32(values)
        } else {
            let mut values = Vec::new();
            values.try_reserve_exact(size).map_err(|_| too_large())?;
            values.resize(size, 0.0);
            Values::F64(values)
        };
        Ok(Self { values, missing: vec![0; columns], room, rows: 0 })
    }

    /// Writes the kept rows of a batch into a column.
    pub(super) fn write(&mut self, column: usize, cells: &Cells, kept: &[usize], is_missing: impl Fn(usize) -> bool) {
        let start = column * self.room + self.rows;
        for (place, &row) in (start..).zip(kept) {
            let value = match is_missing(row) {
                true => f64::NAN,
                false => cells.number(row),
            };
            self.missing[column] += u64::from(value.is_nan());
            match &mut self.values {
                Values::F32(values) => values[place] = value as f32,
                Values::F64(values) => values[place] = value,
            }
        }
    }

    /// Goes on behind the rows that were written into every column.
    pub(super) fn advance(&mut self, rows: usize) {
        self.rows += rows;
    }

    /// The columns moved together over the room that excluded rows left.
    pub(super) fn finish(self) -> (Values, Vec<u64>) {
        let (room, rows, columns) = (self.room, self.rows, self.missing.len());
        let values = match self.values {
            Values::F32(values) => Values::F32(together(values, room, rows, columns)),
            Values::F64(values) => Values::F64(together(values, room, rows, columns)),
        };
        (values, self.missing)
    }
}

fn together<T: Copy>(mut values: Vec<T>, room: usize, rows: usize, columns: usize) -> Vec<T> {
    if rows < room {
        for column in 1..columns {
            values.copy_within(column * room..column * room + rows, column * rows);
        }
        values.truncate(columns * rows);
        values.shrink_to_fit();
    }
    values
}

/// A column of categories of the rows read so far.
pub(super) struct Codes {
    name: String,
    categories: Categories,
    codes: Vec<u32>,
    blank: u64,
    /// Whether the categories are those of an earlier table.
    known: bool,
}

/// Stands for a missing value until all categories are there.
const BLANK: u32 = u32::MAX;

impl Codes {
    pub(super) fn new(name: &str, is_boolean: bool, known: Option<&[String]>) -> Self {
        let mut categories = Categories::default();
        let given = known.unwrap_or_default().iter().map(String::as_str);
        given.chain(["false", "true"].into_iter().filter(|_| is_boolean && known.is_none())).for_each(|label| {
            categories.insert(label);
        });
        Self { name: name.to_owned(), categories, codes: Vec::new(), blank: 0, known: known.is_some() }
    }

    /// Appends a value; `None` is a missing one. Gives the number of categories, or nothing where this is none of those known.
    pub(super) fn push(&mut self, value: Option<&str>) -> Option<usize> {
        let code = match value {
            // An earlier table knows a missing value where it had one.
            None if self.known => self.categories.get("")?,
            None => {
                self.blank += 1;
                BLANK
            }
            Some(text) if self.known => self.categories.get(text)?,
            Some(text) => self.categories.insert(text),
        };
        self.codes.push(code);
        Some(self.categories.len())
    }

    /// Whether the categories are those of an earlier table.
    pub(super) fn is_known(&self) -> bool {
        self.known
    }

    /// Keeps the categories and forgets the rows.
    pub(super) fn forget(&mut self) {
        self.codes.clear();
    }

    pub(super) fn labels(&self) -> &[String] {
        self.categories.labels()
    }

    /// The column, and how many of its rows have no value.
    pub(super) fn finish(mut self) -> (CategoryColumn, u64) {
        if !self.known {
            let rank = self.categories.sort();
            let blank = self.categories.len() as u32;
            self.codes.iter_mut().for_each(|code| *code = rank.get(*code as usize).copied().unwrap_or(blank));
        }
        let mut labels = self.categories.labels().to_vec();
        labels.extend((self.blank > 0).then(String::new));
        (CategoryColumn { name: self.name, labels, codes: self.codes }, self.blank)
    }
}
