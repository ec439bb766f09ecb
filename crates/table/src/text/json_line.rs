//! One line of NDJSON: an object of scalars, read without building a tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A JSON scalar, or the mark of a value that is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
}

impl Cell {
    /// The value as text; numbers as Rust writes them, which is the shortest text that reads back to the same value.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Boolean(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
            Self::Integer(value) => Cow::Owned(value.to_string()),
            Self::Number(value) => Cow::Owned(value.to_string()),
            Self::Text(value) => Cow::Borrowed(value),
        }
    }
}

/// The columns known so far, and a line's values in their order.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) names: Vec<String>,
    index: HashMap<String, usize>,
    pub(super) cells: Vec<Cell>,
    seen: Vec<bool>,
    /// Whether a key that is not yet known becomes a column, or is an error.
    open: bool,
}

impl Line {
    /// No columns yet: each new key becomes one.
    pub(super) fn open() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// These columns and no others.
    pub(super) fn with_names(names: &[String]) -> Self {
        let mut line = Self::default();
        names.iter().for_each(|name| {
            line.add(name);
        });
        line
    }

    fn add(&mut self, name: &str) -> usize {
        let at = self.names.len();
        self.names.push(name.to_owned());
        self.index.insert(name.to_owned(), at);
        self.cells.push(Cell::Null);
        self.seen.push(false);
        at
    }

    /// Reads a line into `cells`; a key that is absent is null.
    pub(super) fn read(&mut self, text: &[u8]) -> serde_json::Result<()> {
        self.cells.fill(Cell::Null);
        self.seen.fill(false);
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        deserializer.deserialize_map(Object(self))?;
        deserializer.end()
    }
}

struct Object<'a>(&'a mut Line);

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one JSON object a line, such as {\"a\": 1, \"b\": \"x\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let line = self.0;
        let mut expected = 0;
        while let Some(at) = map.next_key_seed(Key { line, expected })? {
            if std::mem::replace(&mut line.seen[at], true) {
                return Err(A::Error::custom(format!("the key `{}` appears twice", line.names[at])));
            }
            line.cells[at] = map.next_value_seed(Value { name: &line.names[at] })?;
            expected = at + 1;
        }
        Ok(())
    }
}

/// Finds a key's column; in most files it is the one after the last key's.
struct Key<'a> {
    line: &'a mut Line,
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<usize, E> {
        if self.line.names.get(self.expected).is_some_and(|name| name == key) {
            return Ok(self.expected);
        }
        match self.line.index.get(key) {
            Some(&at) => Ok(at),
            None if self.line.open => Ok(self.line.add(key)),
            None => Err(E::custom(format!("the key `{key}` was not there when the file was first read"))),
        }
    }
}

struct Value<'a> {
    name: &'a str,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Value<'_> {
    fn nested<E: serde::de::Error>(&self, what: &str) -> E {
        E::custom(format!(
            "the value of `{}` is {what}, and a column holds scalars; flatten it into columns of its own",
            self.name
        ))
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a scalar")
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
        Ok(i64::try_from(value).map_or(Cell::Number(value as f64), Cell::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Cell, E> {
        Ok(Cell::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Err(self.nested("an array"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Err(self.nested("an object"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_columns_in_the_order_of_their_first_appearance() {
        let mut line = Line::open();
        line.read(br#"{"a": 1, "b": "x"}"#).unwrap();
        line.read(br#"{"c": 2.5, "a": null, "d": 18446744073709551615}"#).unwrap();
        assert_eq!(line.names, ["a", "b", "c", "d"]);
        assert_eq!(line.cells, [Cell::Null, Cell::Null, Cell::Number(2.5), Cell::Number(18446744073709551615.0)]);
    }

    #[test]
    fn nested_values_repeated_keys_and_broken_lines_are_named() {
        let error = |text: &str| Line::open().read(text.as_bytes()).unwrap_err().to_string();
        assert!(error(r#"{"a": [1]}"#).contains("`a` is an array"));
        assert!(error(r#"{"a": {"b": 1}}"#).contains("`a` is an object"));
        assert!(error(r#"{"a": 1, "a": 2}"#).contains("`a` appears twice"));
        assert!(error(r#"{"a": 1"#).contains("EOF"));
        assert!(error("[1]").contains("one JSON object a line"));
        assert!(error(r#"{"a": 1} {"a": 2}"#).contains("trailing"));
    }
}
