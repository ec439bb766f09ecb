//! What can be wrong with the rows, with the mend. What can be wrong with the spec itself is
//! [`SpecError`](crate::spec::SpecError)'s.

use std::path::PathBuf;

use thiserror::Error;

/// Rows that cannot be trained on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file is wanted and none is named.
    #[error(
        "data.path is missing: name the file in [data], as in `path = \"{example}\"`, or with `--set data.path=FILE`"
    )]
    NoPath {
        /// A name as an example.
        example: &'static str,
    },
    /// A table without a column to predict.
    #[error("data.target is missing: name the column to predict, as in `target = \"{}\"`; {table} has the columns {}", columns.last().map_or("label", String::as_str), listed(columns))]
    NoTarget {
        /// The table as the spec names it.
        table: String,
        /// Its columns.
        columns: Vec<String>,
    },
    /// What the table's reader says.
    #[error(transparent)]
    Table(Box<gradiometer_table::Error>),
    /// A text file that the system does not give.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A text file that is none.
    #[error("{} is not a UTF-8 text: the byte 0x{byte:02x} at offset {offset} (line {line}) does not belong to a character; convert it, as with `iconv -t UTF-8`", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// Offset of the first bad byte.
        offset: usize,
        /// The bad byte.
        byte: u8,
        /// Its line, from 1.
        line: usize,
    },
    /// A text too short for its windows.
    #[error("{}: the {part} part has {characters} characters, but a window needs {needed} (data.length and one more to predict): use a longer text or a smaller data.length{}", path.display(), if *part == "training" { "" } else { ", or a larger share" })]
    TextTooShort {
        /// The file.
        path: PathBuf,
        /// `training`, `validation` or `test`.
        part: &'static str,
        /// The part's characters.
        characters: usize,
        /// What one window needs.
        needed: usize,
    },
    /// A text in which nothing can be predicted because nothing ever changes.
    #[error("{}: the text has only one distinct character, {character:?}: there is nothing to predict", path.display())]
    OneCharacter {
        /// The file.
        path: PathBuf,
        /// The character.
        character: char,
    },
    /// A classification in which every row is of one class.
    #[error(
        "all {rows} rows are of one class, \"{class}\": a classifier needs at least two; check data.target and the file"
    )]
    OneClass {
        /// The class.
        class: String,
        /// The rows.
        rows: usize,
    },
    /// A generator that is to make more classes than rows.
    #[error("{rows} rows cannot show {classes} classes: set data.rows to at least {classes}, better ten times that")]
    FewerRowsThanClasses {
        /// The rows.
        rows: usize,
        /// The classes.
        classes: usize,
    },
    /// Regression on a target that never changes.
    #[error("the target \"{target}\" is {value} in all {rows} training rows: there is nothing to predict")]
    ConstantTarget {
        /// The target.
        target: String,
        /// Its value.
        value: f32,
        /// The rows.
        rows: usize,
    },
    /// A part without a row.
    #[error("the {part} part is empty: {rows} rows in the shares {training:.2} (training), {validation:.2} (validation), {test:.2} (test) leave it none; use more rows or other shares{}", if *part == "training" { "" } else { ", or 0 to do without it" })]
    EmptyPart {
        /// `training`, `validation` or `test`.
        part: &'static str,
        /// All rows.
        rows: usize,
        /// The share of the training part.
        training: f64,
        /// The share of the validation part.
        validation: f64,
        /// The share of the test part.
        test: f64,
    },
    /// A shape that does not hold a sample.
    #[error("data.shape {shape:?} holds {} numbers, but a sample has {features} ({what}){}", product(shape), hint(*features))]
    Shape {
        /// The shape that was asked for.
        shape: Vec<usize>,
        /// The numbers of a sample.
        features: usize,
        /// What these numbers are.
        what: String,
    },
    /// A value that is no finite number.
    #[error(
        "row {row}, feature \"{feature}\": {value} is not a finite number; correct the value, or exclude the column"
    )]
    NotFinite {
        /// The row, from 0.
        row: usize,
        /// The feature.
        feature: String,
        /// The value.
        value: f32,
    },
    /// More numbers than memory can hold.
    #[error("{rows} rows of {width} numbers each are more than this machine's memory can hold: use fewer rows")]
    TooLarge {
        /// The rows.
        rows: usize,
        /// The numbers of a row.
        width: usize,
    },
    /// The embedded data of this program are damaged.
    #[error(
        "the embedded digits are damaged ({reason}): this program was not built or copied completely; install it again"
    )]
    Embedded {
        /// What is wrong with them.
        reason: String,
    },
}

impl From<gradiometer_table::Error> for DataError {
    fn from(error: gradiometer_table::Error) -> Self {
        Self::Table(Box::new(error))
    }
}

fn product(shape: &[usize]) -> String {
    match shape.iter().try_fold(1usize, |product, axis| product.checked_mul(*axis)) {
        Some(product) => product.to_string(),
        None => "more than 2⁶⁴".to_owned(),
    }
}

/// A shape that would fit, where one suggests itself.
fn hint(features: usize) -> String {
    let side = features.isqrt();
    if side > 1 && side * side == features {
        format!("; an image would be [1, {side}, {side}], a sequence [{side}, {side}]")
    } else {
        format!("; a sequence would be [{features}, 1]")
    }
}

/// The first columns and how many more there are.
fn listed(columns: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = columns.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if columns.len() > SHOWN {
        text += &format!(" and {} more", columns.len() - SHOWN);
    }
    text
}
