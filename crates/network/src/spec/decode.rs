//! From the tree of a document to the types of a spec, by serde. It differs from a plain deserializer in that a fault
//! keeps its facts (which key, what is valid there) and the path and origin of the node at fault.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::document::{Document, Entry, Node, Origin, Value};
use super::error::{Problem, SpecError};
use super::initializer::needs_number;

/// Reads a value of a type from a document.
pub(super) fn decode<T: DeserializeOwned>(document: &Document<'_>) -> Result<T, SpecError> {
    T::deserialize(&document.root).map_err(|mut fault| {
        fault.path.reverse();
        SpecError {
            place: document.place(fault.origin.unwrap_or(Origin::Whole)),
            path: fault.path.join("."),
            problem: Box::new(fault.problem),
        }
    })
}

/// A fault on its way from the node at fault up to the root.
#[derive(Debug)]
pub(super) struct Fault {
    problem: Problem,
    /// The path from the inside out.
    path: Vec<String>,
    origin: Option<Origin>,
}

impl Fault {
    fn new(problem: Problem) -> Self {
        Self { problem, path: Vec::new(), origin: None }
    }

    /// The fault as seen one level further out. The innermost origin is the most precise one and stays.
    fn within(mut self, key: String, origin: Origin) -> Self {
        self.path.push(key);
        self.origin.get_or_insert(origin);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(Problem::Invalid(message.to_string()))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = wanted(&expected.to_string()).to_owned();
        Self::new(Problem::WrongType { found: describe(found), expected })
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let expected = wanted(&expected.to_string()).to_owned();
        Self::new(Problem::WrongType { found: format!("{length} values"), expected })
    }

    fn unknown_variant(value: &str, valid: &'static [&'static str]) -> Self {
        Self::new(Problem::UnknownValue { value: value.to_owned(), valid: valid.to_vec() })
    }

    fn unknown_field(key: &str, valid: &'static [&'static str]) -> Self {
        Self::new(Problem::UnknownKey { key: key.to_owned(), valid: valid.to_vec() })
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(Problem::Missing { key })
    }
}

/// What serde found, in words of TOML.
fn describe(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(value) => value.to_string(),
        Unexpected::Signed(value) => value.to_string(),
        Unexpected::Float(value) => format!("{value:?}"),
        Unexpected::Str(value) => format!("the string \"{value}\""),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Map => "a table".to_owned(),
        other => other.to_string(),
    }
}

/// What serde wanted, in words of TOML.
fn wanted(expected: &str) -> &str {
    match expected {
        "usize" | "u64" | "u32" => "a whole number from 0 up",
        "f64" | "f32" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "an array",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other if other.starts_with("enum ") || other.starts_with("variant ") => "a name",
        other => other,
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.value {
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(n) => match (u64::try_from(*n), i64::try_from(*n)) {
                (Ok(n), _) => visitor.visit_u64(n),
                (_, Ok(n)) => visitor.visit_i64(n),
                _ => Err(de::Error::custom(format_args!("the number {n} is too large"))),
            },
            Value::TooLarge(digits) => Err(de::Error::custom(format_args!("the number {digits} is too large"))),
            Value::Float(x) => visitor.visit_f64(*x),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Datetime(text) => {
                Err(de::Error::invalid_type(Unexpected::Other(&format!("the date {text}")), &visitor))
            }
            Value::Array(items) => visitor.visit_seq(Items { items, at: 0 }),
            Value::Table(entries) => visitor.visit_map(Entries::new(entries, None)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Value::Table(entries) = &self.value else { return self.deserialize_any(visitor) };
        // The first field may name the variant that the others belong to, so it comes first.
        visitor.visit_map(Entries::new(entries, fields.first().copied())).map_err(|mut fault| {
            if fault.path.is_empty()
                && let Problem::UnknownKey { key, valid } = &mut fault.problem
            {
                // The variant knows its own keys only; those that all variants share are valid as well.
                valid.extend(fields.iter().filter(|field| !valid.contains(field)).collect::<Vec<_>>());
                if let Some(entry) = entries.iter().find(|entry| entry.key == *key) {
                    let key = key.clone();
                    return fault.within(key, entry.origin);
                }
            }
            fault
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.value {
            Value::String(name) => visitor.visit_enum(Variant { name, origin: self.origin, value: None }),
            Value::Table(entries) => match &entries[..] {
                [entry] => {
                    visitor.visit_enum(Variant { name: &entry.key, origin: entry.origin, value: Some(&entry.value) })
                }
                _ => Err(de::Error::custom(format_args!(
                    "expected a table with one of the keys {}, found one with {}",
                    variants.join(", "),
                    if entries.is_empty() { "none".to_owned() } else { format!("{} keys", entries.len()) },
                ))),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

struct Items<'de> {
    items: &'de [Node],
    at: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(item) = self.items.get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize(item).map(Some).map_err(|fault| fault.within((self.at - 1).to_string(), item.origin))
    }
}

struct Entries<'de> {
    entries: Vec<&'de Entry>,
    at: usize,
}

impl<'de> Entries<'de> {
    fn new(entries: &'de [Entry], first: Option<&str>) -> Self {
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|entry| Some(entry.key.as_str()) != first);
        Self { entries, at: 0 }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some(entry) = self.entries.get(self.at) else { return Ok(None) };
        self.at += 1;
        seed.deserialize(StrDeserializer::<Fault>::new(&entry.key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let entry = self.entries[self.at - 1];
        seed.deserialize(&entry.value).map_err(|fault| fault.within(entry.key.clone(), entry.value.origin))
    }
}

struct Variant<'de> {
    name: &'de str,
    origin: Origin,
    value: Option<&'de Node>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let name: StrDeserializer<'_, Fault> = self.name.into_deserializer();
        let variant = seed.deserialize(name).map_err(|mut fault| {
            fault.origin.get_or_insert(self.origin);
            fault
        })?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.value {
            None => Ok(()),
            Some(_) => Err(de::Error::custom(format_args!("`{0}` takes no number: write \"{0}\"", self.name))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        match self.value {
            Some(value) => seed.deserialize(value).map_err(|fault| fault.within(self.name.to_owned(), value.origin)),
            None => Err(de::Error::custom(needs_number(self.name))),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        Err(de::Error::invalid_type(Unexpected::TupleVariant, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        Err(de::Error::invalid_type(Unexpected::StructVariant, &visitor))
    }
}
