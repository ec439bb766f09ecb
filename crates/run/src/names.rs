//! Repeated names as small integers, for the dictionary columns of the streams.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
use arrow_buffer::NullBuffer;

/// The names seen so far, each with its number.
#[derive(Debug)]
pub struct Names {
    numbers: HashMap<Arc<str>, i32>,
    names: Vec<Arc<str>>,
    /// The number that came after each number the last time; records repeat the same names in the same order, so that
    /// this guess saves the look-up.
    next: Vec<i32>,
    last: usize,
    /// The names as a column; stale when shorter than `names`.
    column: Arc<StringArray>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            numbers: HashMap::new(),
            names: Vec::new(),
            next: Vec::new(),
            last: 0,
            column: Arc::new(StringArray::from(Vec::<&str>::new())),
        }
    }
}

impl Names {
    /// The number of `name`.
    pub fn number(&mut self, name: &Arc<str>) -> i32 {
        let guess = self.next.get(self.last).copied().unwrap_or(0);
        if self.names.get(guess as usize).is_some_and(|n| Arc::ptr_eq(n, name) || n == name) {
            self.last = guess as usize;
            return guess;
        }
        let number = match self.numbers.get(name) {
            Some(&number) => number,
            None => {
                // Names are held in memory, which ends long before 2^31 of them do.
                let number = self.names.len() as i32;
                self.numbers.insert(name.clone(), number);
                self.names.push(name.clone());
                self.next.push(number);
                number
            }
        };
        if let Some(next) = self.next.get_mut(self.last) {
            *next = number;
        }
        self.last = number as usize;
        number
    }

    /// The column whose rows are these numbers.
    pub fn column(&mut self, numbers: Vec<i32>, nulls: Option<NullBuffer>) -> ArrayRef {
        if self.column.len() < self.names.len() {
            self.column = Arc::new(self.names.iter().map(|n| Some(&**n)).collect::<StringArray>());
        }
        let keys = Int32Array::new(numbers.into(), nulls);
        Arc::new(DictionaryArray::<Int32Type>::new(keys, self.column.clone()))
    }
}

/// A dictionary column of a batch that was read, its names shared with all that were read before.
pub struct NameColumn<'a> {
    keys: &'a Int32Array,
    names: Vec<Arc<str>>,
}

impl<'a> NameColumn<'a> {
    /// The column `name` of `batch`.
    pub fn of(batch: &'a RecordBatch, name: &str, interner: &mut HashMap<String, Arc<str>>) -> Result<Self, String> {
        let column = crate::frame::column::<DictionaryArray<Int32Type>>(batch, name)?;
        let values = column
            .values()
            .as_any()
            .downcast_ref::<StringArray>()
            .ok_or_else(|| format!("the names in column `{name}` are {}, not text", column.values().data_type()))?;
        let names = (0..values.len())
            .map(|i| {
                let text = values.value(i);
                match interner.get(text) {
                    Some(shared) => shared.clone(),
                    None => {
                        let shared: Arc<str> = text.into();
                        interner.insert(text.to_owned(), shared.clone());
                        shared
                    }
                }
            })
            .collect();
        Ok(Self { keys: column.keys(), names })
    }

    /// The name in this row; none where it is null.
    pub fn get(&self, row: usize) -> Result<Option<&Arc<str>>, String> {
        if self.keys.is_null(row) {
            return Ok(None);
        }
        let key = self.keys.value(row);
        let name = usize::try_from(key).ok().and_then(|k| self.names.get(k));
        name.map(Some).ok_or_else(|| format!("row {row} has the name number {key} of {}", self.names.len()))
    }

    /// The name in this row, which must have one.
    pub fn require(&self, row: usize) -> Result<&Arc<str>, String> {
        self.get(row)?.ok_or_else(|| format!("row {row} has no name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_in_any_order() {
        let mut names = Names::default();
        let [a, b, c]: [Arc<str>; 3] = ["a".into(), "b".into(), "c".into()];
        let first: Vec<i32> = [&a, &b, &c].map(|n| names.number(n)).into();
        for order in [[&a, &b, &c], [&c, &a, &b], [&b, &b, &a]] {
            for name in order {
                let expected = [&a, &b, &c].iter().position(|n| *n == name).unwrap();
                assert_eq!(names.number(name), first[expected]);
            }
        }
        let copy: Arc<str> = "b".into();
        assert_eq!(names.number(&copy), first[1]);
    }
}
