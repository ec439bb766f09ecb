//! Enums whose variant is named by one key of the table (`kind`, `source`), beside keys that all variants share.
//!
//! serde's own `tag` attribute buffers such a table and thereby forgets where its values stood, and it cannot be
//! combined with shared keys when unknown ones are to be refused. Here the table is read as it comes, so that a fault
//! deep inside is still known by its line. Writing is serde's own.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor, value::MapDeserializer,
};

/// An enum whose variant is named by the value of one key.
pub(super) trait Tagged: Sized {
    /// The key that names the variant.
    const TAG: &'static str;
    /// The names of the variants.
    const KINDS: &'static [&'static str];
    /// The variant with this index in [`KINDS`](Self::KINDS), from the other keys of its table.
    fn read<'de, A: MapAccess<'de>>(kind: usize, rest: A) -> Result<Self, A::Error>;
}

/// Keys that stand beside the tag whatever the variant.
pub(super) trait Shared: Default {
    /// The tag and the shared keys.
    const KEYS: &'static [&'static str];
    /// Reads the value of `key`, which is one of [`KEYS`](Self::KEYS) other than the tag.
    fn read<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Where there are no shared keys.
#[derive(Default)]
pub(super) struct Nothing;

impl Shared for Nothing {
    const KEYS: &'static [&'static str] = &["kind"];
    fn read<'de, A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        map.next_value::<IgnoredAny>().map(drop)
    }
}

/// Reads a tagged enum and its shared keys from one table, or from the variant's name alone.
pub(super) fn read<'de, D, T, S>(d: D, expected: &'static str) -> Result<(T, S), D::Error>
where
    D: Deserializer<'de>,
    T: Tagged,
    S: Shared,
{
    d.deserialize_struct(T::TAG, S::KEYS, TaggedVisitor { expected, of: PhantomData })
}

struct TaggedVisitor<T, S> {
    expected: &'static str,
    of: PhantomData<(T, S)>,
}

impl<'de, T: Tagged, S: Shared> Visitor<'de> for TaggedVisitor<T, S> {
    type Value = (T, S);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(T, S), E> {
        let kind = index_of::<T, E>(name)?;
        let empty: MapDeserializer<'_, _, E> = MapDeserializer::new(std::iter::empty::<(&str, &str)>());
        Ok((T::read(kind, empty)?, S::default()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(T, S), A::Error> {
        let mut shared = S::default();
        // Keys may come in any order from JSON; those before the tag wait.
        let mut before = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == T::TAG {
                let kind = map.next_value_seed(KindSeed::<T>(PhantomData))?;
                if before.is_empty() {
                    let variant = T::read(kind, Rest { map, shared: &mut shared })?;
                    return Ok((variant, shared));
                }
                while let Some((key, value)) = map.next_entry()? {
                    before.insert(key, value);
                }
                let rest = MapDeserializer::new(before.into_iter());
                let variant = T::read(kind, Rest { map: rest, shared: &mut shared })
                    .map_err(|e: serde_json::Error| A::Error::custom(e))?;
                return Ok((variant, shared));
            }
            before.insert(key, map.next_value()?);
        }
        Err(A::Error::missing_field(T::TAG))
    }
}

fn index_of<T: Tagged, E: Error>(name: &str) -> Result<usize, E> {
    T::KINDS.iter().position(|kind| *kind == name).ok_or_else(|| E::unknown_variant(name, T::KINDS))
}

struct KindSeed<T>(PhantomData<T>);

impl<'de, T: Tagged> DeserializeSeed<'de> for KindSeed<T> {
    type Value = usize;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<usize, D::Error> {
        d.deserialize_str(self)
    }
}

impl<T: Tagged> Visitor<'_> for KindSeed<T> {
    type Value = usize;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        index_of::<T, E>(name)
    }
}

/// The keys of the variant: takes the shared ones out on the way.
struct Rest<'a, A, S> {
    map: A,
    shared: &'a mut S,
}

impl<'de, A: MapAccess<'de>, S: Shared> MapAccess<'de> for Rest<'_, A, S> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if !S::KEYS.contains(&key.as_str()) {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            self.shared.read(&key, &mut self.map)?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A struct from the keys of a table.
pub(super) fn body<'de, T: serde::Deserialize<'de>, A: MapAccess<'de>>(map: A) -> Result<T, A::Error> {
    T::deserialize(MapAccessDeserializer::new(map))
}

/// Declares an enum of named bodies, with its [`Tagged`] and serde's `Serialize`.
macro_rules! tagged {
    ($(#[$attribute:meta])* pub enum $name:ident by $tag:tt {
        $($(#[$variant_attribute:meta])* $variant:ident($body:ty) = $kind:tt),+ $(,)?
    }) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize)]
        #[serde(tag = $tag)]
        pub enum $name {
            $($(#[$variant_attribute])* #[serde(rename = $kind)] $variant($body)),+
        }

        impl $name {
            /// The names of the variants, as the spec writes them.
            pub const KINDS: &'static [&'static str] = &[$($kind),+];

            /// The name of this variant, as the spec writes it.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $kind),+ }
            }
        }

        impl super::tagged::Tagged for $name {
            const TAG: &'static str = $tag;
            const KINDS: &'static [&'static str] = Self::KINDS;

            fn read<'de, A: serde::de::MapAccess<'de>>(kind: usize, rest: A) -> Result<Self, A::Error> {
                let readers: &[fn(A) -> Result<Self, A::Error>] =
                    &[$(|rest| super::tagged::body(rest).map(Self::$variant)),+];
                readers[kind](rest)
            }
        }
    };
}
pub(super) use tagged;
