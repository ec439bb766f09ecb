//! A dataset column by column, at the precision of the file: what linear models are fitted on.
//!
//! Columns of numbers lie side by side in one column-major block, in `f32` where the file holds no more than that (gene
//! tables then take half the memory) and in `f64` elsewhere. Text and booleans stay as codes of their distinct values,
//! four bytes a row however many there are. A target, weights and an offset are further columns, by name.
//!
//! Every row is used or excluded for a stated reason, as in [`read_dataset`](super::read_dataset).

mod cells;
mod fill;
mod filling;
mod impute;
mod read;
mod response;
mod roles;
mod stream;

use super::{Missing, Rows, Task};

pub use read::read_columnar;
pub use stream::stream_columnar;

/// How a table becomes columns.
#[derive(Clone, Debug)]
pub struct ColumnarOptions {
    /// The column to predict.
    pub target: Option<String>,
    /// The column that says how much each row counts.
    pub weights: Option<String>,
    /// The column of what is known of each linear predictor beforehand.
    pub offset: Option<String>,
    /// Columns to take as features, by name or pattern (`gene_*`). Default: all that have no other role.
    pub include: Option<Vec<String>>,
    /// Columns to leave out of the features, by name or pattern.
    pub exclude: Vec<String>,
    /// What to do with missing values of features. Those of other columns are refused, or their rows dropped. A missing
    /// category is one of its own unless its row is refused or dropped.
    pub missing: Missing,
    /// What is to be learned. Default: by the target's type, see [`Response`].
    pub task: Option<Task>,
    /// The most distinct values of a column of text. Default: 1000.
    pub max_categories: usize,
    /// Exactly these features instead of what `include` and `exclude` choose: those that an earlier table had.
    pub known: Option<Vec<KnownColumn>>,
}

impl Default for ColumnarOptions {
    fn default() -> Self {
        Self {
            target: None,
            weights: None,
            offset: None,
            include: None,
            exclude: Vec::new(),
            missing: Missing::default(),
            task: None,
            max_categories: 1000,
            known: None,
        }
    }
}

/// A feature as an earlier table had it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownColumn {
    /// The column's name.
    pub name: String,
    /// Its distinct values, in the order of their codes; `None` for numbers. Another value is an error.
    pub labels: Option<Vec<String>>,
}

/// What is to be predicted, one entry a row.
///
/// Without a given task, text and booleans are classes, whole numbers are classes where at most 20 of them are distinct
/// and numbers otherwise (a note says so), and all else are numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// No target was asked for.
    None,
    /// Classes.
    Classes {
        /// The class names in order: by value where all are numbers, else by code point.
        labels: Vec<String>,
        /// For each row the index of its class in `labels`.
        codes: Vec<u32>,
    },
    /// Numbers.
    Numbers(Vec<f64>),
}

/// Columns of numbers side by side: `values[row + column * rows]`.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Where every column of the file is a 32-bit float or an integer of at most 16 bits.
    F32(Vec<f32>),
    /// Elsewhere.
    F64(Vec<f64>),
}

/// A column of text or booleans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CategoryColumn {
    /// The column's name.
    pub name: String,
    /// Its distinct values: by value where all are numbers, else by code point. The empty one, which is last, stands for
    /// a missing value.
    pub labels: Vec<String>,
    /// For each row the index of its value in `labels`.
    pub codes: Vec<u32>,
}

/// Features by column, the target, and an account of every row.
#[derive(Clone, Debug)]
pub struct Columnar {
    /// The names of the columns of numbers.
    pub numbers: Vec<String>,
    /// Their values; NaN where one is missing and not yet [imputed](Self::impute).
    pub values: Values,
    /// For each column of numbers how many values are missing.
    pub missing: Vec<u64>,
    /// Columns of text and booleans.
    pub categories: Vec<CategoryColumn>,
    /// What is to be predicted.
    pub response: Response,
    /// How much each row counts.
    pub weights: Option<Vec<f64>>,
    /// What is known of each linear predictor.
    pub offset: Option<Vec<f64>>,
    /// Where the rows went.
    pub rows: Rows,
    /// For each row that is used its number in the table, counted from 1 through all files.
    pub origins: Vec<u64>,
    /// What a person should know: decisions taken for them, precision lost.
    pub notes: Vec<String>,
}

impl Columnar {
    /// Rows that are used.
    pub fn len(&self) -> usize {
        self.origins.len()
    }

    /// Whether there is no row (which [`read_columnar`] refuses).
    pub fn is_empty(&self) -> bool {
        self.origins.is_empty()
    }
}
