//! Where the rows come from and how they are split and scaled. Reading them is the business of [`data`](crate::data).

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::range;
use super::tagged::{self, Shared, tagged};

/// The `[data]` table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataSpec {
    /// Where the rows come from: the key `source` and the keys of that source.
    #[serde(flatten)]
    pub source: Source,
    /// Shape of one sample: `[channels, height, width]` for images, `[steps, features]` for sequences. Default: flat,
    /// except `adding`, which is `[length, 2]`, and `text`, which is `[length]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<usize>>,
    /// The share of rows held out to judge the training as it goes; 0 ≤ share < 1. Default: 0.15.
    pub validation: f64,
    /// The share of rows held out to judge the result; 0 ≤ share < 1. Default: 0.15.
    pub test: f64,
    /// Whether each class is split in the same shares. Without meaning where there are no classes. Default: true.
    pub stratified: bool,
    /// Whether each feature is shifted and scaled to mean 0 and standard deviation 1, as fitted on the training part
    /// only. Also written `"features"` for `true`. Default: true; false for `adding` and `text`, where true is refused.
    pub standardize: bool,
}

impl<'de> Deserialize<'de> for DataSpec {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let (source, split): (Source, Split) = tagged::read(d, "a table with the key `source`")?;
        let scalable = !matches!(source, Source::Adding(_) | Source::Text(_));
        if split.standardize == Some(true) && !scalable {
            return Err(D::Error::custom(format_args!(
                "`standardize = true` has no meaning for the source `{}`: leave the key out",
                source.kind()
            )));
        }
        Ok(Self {
            source,
            shape: split.shape,
            validation: split.validation,
            test: split.test,
            stratified: split.stratified,
            standardize: split.standardize.unwrap_or(scalable),
        })
    }
}

struct Split {
    shape: Option<Vec<usize>>,
    validation: f64,
    test: f64,
    stratified: bool,
    standardize: Option<bool>,
}

impl Default for Split {
    fn default() -> Self {
        Self { shape: None, validation: 0.15, test: 0.15, stratified: true, standardize: None }
    }
}

impl Shared for Split {
    const KEYS: &'static [&'static str] = &["source", "shape", "validation", "test", "stratified", "standardize"];

    fn read<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        #[derive(serde::Deserialize)]
        struct Share(#[serde(deserialize_with = "range::share")] f64);
        #[derive(serde::Deserialize)]
        struct Axis(#[serde(deserialize_with = "range::count")] usize);
        match key {
            "shape" => self.shape = Some(map.next_value::<Vec<Axis>>()?.into_iter().map(|axis| axis.0).collect()),
            "validation" => self.validation = map.next_value::<Share>()?.0,
            "test" => self.test = map.next_value::<Share>()?.0,
            "stratified" => self.stratified = map.next_value()?,
            _ => self.standardize = Some(map.next_value::<Standardize>()?.0),
        }
        Ok(())
    }
}

struct Standardize(bool);

impl<'de> Deserialize<'de> for Standardize {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct StandardizeVisitor;
        impl Visitor<'_> for StandardizeVisitor {
            type Value = Standardize;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("true, false or \"features\"")
            }
            fn visit_bool<E: Error>(self, value: bool) -> Result<Standardize, E> {
                Ok(Standardize(value))
            }
            fn visit_str<E: Error>(self, name: &str) -> Result<Standardize, E> {
                if name == "features" { Ok(Standardize(true)) } else { Err(E::unknown_variant(name, &["features"])) }
            }
        }
        d.deserialize_any(StandardizeVisitor)
    }
}

tagged! {
    /// Where the rows come from.
    pub enum Source by "source" {
        /// The 1,797 handwritten digits of 8×8 pixels from the UCI repository (Alpaydin & Kaynak 1998), embedded.
        Digits(Digits) = "digits",
        /// Normally distributed clouds, one a class.
        Blobs(Blobs) = "blobs",
        /// Rings around one centre, one a class.
        Circles(Circles) = "circles",
        /// Spiral arms, one a class.
        Spirals(Spirals) = "spirals",
        /// The adding problem of Hochreiter & Schmidhuber 1997.
        Adding(Adding) = "adding",
        /// A file of rows and columns: CSV, Parquet, Arrow IPC or NDJSON.
        Table(Table) = "table",
        /// A text file, one token a character.
        Text(Text) = "text",
    }
}

/// The embedded digits have no keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digits {}

/// Keys of the clouds.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blobs {
    /// Rows in all; at least 1. Default: 1000.
    #[serde(default = "thousand", deserialize_with = "range::count")]
    pub rows: usize,
    /// Clouds; at least 1. Default: 3.
    #[serde(default = "three", deserialize_with = "range::count")]
    pub classes: usize,
    /// Coordinates of a point; at least 1. Default: 2.
    #[serde(default = "two", deserialize_with = "range::count")]
    pub features: usize,
    /// Standard deviation of a cloud; the centres are uniform in a cube of side 20. Default: 1.
    #[serde(default = "one", deserialize_with = "range::not_negative")]
    pub noise: f64,
}

/// Keys of the rings.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circles {
    /// Rows in all; at least 1. Default: 1000.
    #[serde(default = "thousand", deserialize_with = "range::count")]
    pub rows: usize,
    /// Rings, their radii evenly spaced up to 1; at least 1. Default: 2.
    #[serde(default = "two", deserialize_with = "range::count")]
    pub classes: usize,
    /// Standard deviation of the noise on each coordinate. Default: 0.05.
    #[serde(default = "twentieth", deserialize_with = "range::not_negative")]
    pub noise: f64,
}

/// Keys of the spirals.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spirals {
    /// Rows in all; at least 1. Default: 1000.
    #[serde(default = "thousand", deserialize_with = "range::count")]
    pub rows: usize,
    /// Arms, each of one and a half turns, its radius growing to 1; at least 1. Default: 2.
    #[serde(default = "two", deserialize_with = "range::count")]
    pub classes: usize,
    /// Standard deviation of the noise on each coordinate. Default: 0.02.
    #[serde(default = "fiftieth", deserialize_with = "range::not_negative")]
    pub noise: f64,
}

/// Keys of the adding problem: a sequence of pairs (value, marker), of which two are marked; the target is the sum of
/// the marked values.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adding {
    /// Sequences in all; at least 1. Default: 10000.
    #[serde(default = "ten_thousand", deserialize_with = "range::count")]
    pub rows: usize,
    /// Steps of a sequence; at least 2. Default: 100.
    #[serde(default = "hundred", deserialize_with = "sequence")]
    pub length: usize,
}

/// Keys of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// A file or a glob, relative to the working directory. No default, but it may be left to `--set data.path=FILE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The column to predict. No default; this one or `targets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Several columns of numbers to predict at once. No default; this one or `target`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<String>>,
    /// What the target is. Default: inferred; strings and booleans are classes, numbers are numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TableTask>,
    /// The columns that serve as features. Default: all but the targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
    /// Columns that do not serve as features. Default: none.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Types of columns that are not to be inferred, by the column's name. Default: none.
    #[serde(default)]
    pub types: BTreeMap<String, ColumnType>,
    /// How strings and booleans become numbers. Default: `"one_hot"`.
    #[serde(default)]
    pub encode: Encode,
    /// What happens to a row with a missing value. Default: `"refuse"`.
    #[serde(default)]
    pub missing: Missing,
}

impl Table {
    /// The columns to predict, whichever of the two keys named them.
    pub fn targets(&self) -> &[String] {
        self.targets.as_deref().unwrap_or(self.target.as_slice())
    }
}

/// What a table's target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableTask {
    /// One of several classes.
    Classification,
    /// One or more numbers.
    Regression,
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnType {
    /// A number.
    Number,
    /// A category, even where it looks like a number.
    String,
    /// True or false.
    Boolean,
}

/// How strings and booleans become numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encode {
    /// One feature a category, 1 where it applies and 0 elsewhere. The default.
    #[default]
    OneHot,
    /// One feature: the index of the category in sorted order.
    Label,
}

/// What happens to a missing value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// An error that names the first row and column. The default.
    #[default]
    Refuse,
    /// The row is excluded, and counted as such.
    Drop,
    /// The mean of the column.
    Mean,
    /// The median of the column.
    Median,
    /// 0.
    Zero,
}

/// Keys of a text.
#[derive(Clone, Debug, PartialEq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// A UTF-8 file, relative to the working directory. No default, but it may be left to `--set data.path=FILE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Characters of a window; at least 1. Default: 64.
    #[serde(default = "sixty_four", deserialize_with = "range::count")]
    pub length: usize,
    /// Characters from the start of one window to the start of the next; at least 1. Default: the length, so that
    /// windows neither overlap nor leave gaps.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "range::optional_count")]
    pub stride: Option<usize>,
}

impl Text {
    /// The stride, the default resolved.
    pub fn stride(&self) -> usize {
        self.stride.unwrap_or(self.length)
    }
}

/// A length of at least 2: the adding problem marks two steps.
fn sequence<'de, D: Deserializer<'de>>(d: D) -> Result<usize, D::Error> {
    match usize::deserialize(d)? {
        n @ (0 | 1) => Err(D::Error::custom(format_args!("must be at least 2, to mark two steps, found {n}"))),
        n => Ok(n),
    }
}

fn one() -> f64 {
    1.0
}
fn twentieth() -> f64 {
    0.05
}
fn fiftieth() -> f64 {
    0.02
}
fn two() -> usize {
    2
}
fn three() -> usize {
    3
}
fn sixty_four() -> usize {
    64
}
fn hundred() -> usize {
    100
}
fn thousand() -> usize {
    1000
}
fn ten_thousand() -> usize {
    10_000
}
