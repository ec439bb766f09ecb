//! A TOML document as a tree whose nodes know where they came from, so that overrides can be laid over a file and any
//! fault still names its place. What the keys mean is unknown here.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Place, Problem, SpecError};

/// Where a key or a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The document as a whole.
    Whole,
    /// Byte offset in the file.
    File(usize),
    /// Index of the override.
    Override(usize),
}

/// A value of the document.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub origin: Origin,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    String(String),
    Integer(i128),
    /// A number beyond 128 bits, as it was written.
    TooLarge(String),
    Float(f64),
    Boolean(bool),
    /// A date or time, as it was written; no key of a spec wants one.
    Datetime(String),
    Array(Vec<Node>),
    Table(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub key: String,
    pub origin: Origin,
    pub value: Node,
}

/// A document with what is needed to name places in it.
pub(super) struct Document<'a> {
    pub root: Node,
    file: &'a str,
    text: &'a str,
    overrides: &'a [(String, String)],
}

impl<'a> Document<'a> {
    /// The tree of a file's text with the overrides laid over it, in order.
    pub fn parse(text: &'a str, file: &'a str, overrides: &'a [(String, String)]) -> Result<Self, SpecError> {
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map(|span| line_and_column(text, span.start));
            let place = Place::File { file: file.to_owned(), at };
            SpecError { place, path: String::new(), problem: Box::new(Problem::Syntax(error.message().to_owned())) }
        })?;
        let root = Node { origin: Origin::Whole, value: table_value(table.into_inner(), &Origin::File) };
        let mut document = Self { root, file, text, overrides };
        for (index, (key, value)) in overrides.iter().enumerate() {
            document.set(index, key, value).map_err(|fault| SpecError {
                place: document.place(Origin::Override(index)),
                path: String::new(),
                problem: Box::new(Problem::Invalid(fault)),
            })?;
        }
        Ok(document)
    }

    /// The place of an origin, in words.
    pub fn place(&self, origin: Origin) -> Place {
        let at = match origin {
            Origin::Override(index) => {
                let (key, value) = self.overrides[index].clone();
                return Place::Override { key, value };
            }
            Origin::File(offset) => Some(line_and_column(self.text, offset)),
            Origin::Whole => None,
        };
        Place::File { file: self.file.to_owned(), at }
    }

    /// The origin of the value at a path, or of the nearest table around it.
    pub fn origin_of(&self, path: &str) -> Origin {
        let mut node = &self.root;
        for part in path.split('.') {
            let next = match &node.value {
                Value::Table(entries) => entries.iter().find(|entry| entry.key == part).map(|entry| &entry.value),
                Value::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node.origin
    }

    /// Lays `key = value` over the tree. Tables that are not there yet come to be; a name that stands for a whole
    /// table (`loss = "huber"`) becomes that table, so that `loss.delta` can be set.
    fn set(&mut self, index: usize, key: &str, value: &str) -> Result<(), String> {
        let origin = Origin::Override(index);
        let path = parse_key(key)?;
        let value = match DeValue::parse(value) {
            Ok(value) => node(value, &|_| origin),
            Err(_) => Node { origin, value: Value::String(value.to_owned()) },
        };
        let mut place = &mut self.root;
        let mut walked = String::new();
        for part in &path {
            if let Value::String(name) = &place.value {
                let kind = Node { origin: place.origin, value: Value::String(name.clone()) };
                place.value = Value::Table(vec![Entry { key: "kind".to_owned(), origin: place.origin, value: kind }]);
            }
            place = match &mut place.value {
                Value::Table(entries) => {
                    let at = match entries.iter().position(|entry| entry.key == *part) {
                        Some(at) => at,
                        None => {
                            let value = Node { origin, value: Value::Table(Vec::new()) };
                            entries.push(Entry { key: part.clone(), origin, value });
                            entries.len() - 1
                        }
                    };
                    &mut entries[at].value
                }
                Value::Array(items) => {
                    let length = items.len();
                    part.parse::<usize>().ok().and_then(|index| items.get_mut(index)).ok_or_else(|| {
                        format!("`{walked}` has the entries 0 to {}, not `{part}`", length.saturating_sub(1))
                    })?
                }
                _ => return Err(format!("`{walked}` is a single value: it has no key `{part}`")),
            };
            walked = if walked.is_empty() { part.clone() } else { format!("{walked}.{part}") };
        }
        *place = value;
        self.make_room_for(&walked);
        Ok(())
    }

    /// Of two keys that exclude each other, the one that is set by an override takes the other's place.
    fn make_room_for(&mut self, path: &str) {
        for (table, one, other) in [("training", "steps", "epochs"), ("data", "target", "targets")] {
            let loser = match path.strip_prefix(table).and_then(|rest| rest.strip_prefix('.')) {
                Some(key) if key == one => other,
                Some(key) if key == other => one,
                _ => continue,
            };
            let Value::Table(entries) = &mut self.root.value else { continue };
            let Some(Entry { value: Node { value: Value::Table(entries), .. }, .. }) =
                entries.iter_mut().find(|entry| entry.key == table)
            else {
                continue;
            };
            entries.retain(|entry| entry.key != loser || matches!(entry.origin, Origin::Override(_)));
        }
    }
}

/// The parts of a dotted key; parts with dots in them are quoted as in TOML.
fn parse_key(key: &str) -> Result<Vec<String>, String> {
    let not_a_key = || format!("`{key}` is no key: write it as in `training.epochs` or `layers.0.units`");
    if key.contains('\n') {
        return Err(not_a_key());
    }
    let line = format!("{key} = 0");
    let mut table = DeTable::parse(&line).map_err(|_| not_a_key())?.into_inner();
    let mut parts = Vec::new();
    loop {
        let Some((part, value)) = table.into_iter().next() else { return Err(not_a_key()) };
        parts.push(part.into_inner().into_owned());
        match value.into_inner() {
            DeValue::Table(inner) => table = inner,
            DeValue::Integer(_) => return Ok(parts),
            _ => return Err(not_a_key()),
        }
    }
}

fn table_value(table: DeTable<'_>, origin: &dyn Fn(usize) -> Origin) -> Value {
    let mut entries: Vec<(usize, Entry)> = table
        .into_iter()
        .map(|(key, value)| {
            let at = key.span().start;
            (at, Entry { key: key.into_inner().into_owned(), origin: origin(at), value: node(value, origin) })
        })
        .collect();
    // In the order of the text, so that of several faults the first is named.
    entries.sort_by_key(|(at, _)| *at);
    Value::Table(entries.into_iter().map(|(_, entry)| entry).collect())
}

fn node(value: Spanned<DeValue<'_>>, origin: &dyn Fn(usize) -> Origin) -> Node {
    let at = origin(value.span().start);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(digits) => match i128::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(n) => Value::Integer(n),
            Err(_) => Value::TooLarge(digits.to_string()),
        },
        // TOML's own float grammar is what Rust reads, with `inf` and `nan` included.
        DeValue::Float(digits) => digits.as_str().parse().map_or(Value::TooLarge(digits.to_string()), Value::Float),
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(value) => Value::Datetime(value.to_string()),
        DeValue::Array(items) => Value::Array(items.into_iter().map(|item| node(item, origin)).collect()),
        DeValue::Table(table) => table_value(table, origin),
    };
    Node { origin: at, value }
}

/// Line and column, both from 1, of a byte offset; columns count characters.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
