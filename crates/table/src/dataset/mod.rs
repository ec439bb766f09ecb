//! A dense numeric dataset for training: features, target, and an account of every row.
//!
//! A column of numbers is one feature; a column of text or booleans is one feature a distinct value (one-hot) or one
//! feature in all (label). The width of the matrix is therefore known only when all texts have been seen: they are read
//! first, alone, and the matrix is then allocated once and filled by batches.
//!
//! Missing and infinite values are refused unless the options say otherwise. Statistics to impute are fitted on rows
//! that the caller names, so that nothing of a held-out row reaches the training; hence imputing is a second step,
//! [`Dataset::impute`], after the caller has split the rows.

mod categories;
mod cells;
mod columnar;
mod impute;
mod matrix;
mod plan;
mod read;
mod target;

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::place::Place;
use crate::source::Source;

pub use columnar::{
    CategoryColumn, Columnar, ColumnarOptions, KnownColumn, Response, Values, read_columnar, stream_columnar,
};
pub use impute::Imputed;
pub use read::read_dataset;

/// How text and booleans become numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encode {
    /// One feature for each distinct value, 1 where the row has it and 0 elsewhere, named `column=value`.
    #[default]
    OneHot,
    /// One feature: the value's rank among the column's distinct values, from 0. Of a boolean: 0 or 1.
    Label,
}

/// What to do with missing values of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// Stop with an error at the first one.
    #[default]
    Refuse,
    /// Leave its row out, and count it. So are rows with an infinite value, and rows without a target.
    Drop,
    /// Put the feature's mean over the rows to fit on ([`Dataset::impute`]).
    Mean,
    /// Put the feature's median over the rows to fit on ([`Dataset::impute`]).
    Median,
    /// Put this number ([`Dataset::impute`]).
    Constant(f32),
}

/// What is to be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// One of several classes.
    Classification,
    /// A number, or several.
    Regression,
}

/// How a table becomes a dataset.
#[derive(Clone, Debug)]
pub struct DatasetOptions {
    /// Columns to predict: none, one, or several columns of numbers.
    pub targets: Vec<String>,
    /// Columns to take as features, by name or pattern (`gene_*`). Default: all.
    pub include: Option<Vec<String>>,
    /// Columns to leave out of the features, by name or pattern.
    pub exclude: Vec<String>,
    /// How text and booleans become numbers.
    pub encode: Encode,
    /// The same for single columns. A column of whole numbers named here is taken as categories, too.
    pub encode_columns: BTreeMap<String, Encode>,
    /// What to do with missing values of features. A missing target is refused, or its row dropped; it is never imputed.
    pub missing: Missing,
    /// What is to be learned. Default: by the target's type, see [`Target`].
    pub task: Option<Task>,
    /// The most distinct values of a one-hot encoded column. Default: 100.
    pub max_categories: usize,
}

impl Default for DatasetOptions {
    fn default() -> Self {
        Self {
            targets: Vec::new(),
            include: None,
            exclude: Vec::new(),
            encode: Encode::default(),
            encode_columns: BTreeMap::new(),
            missing: Missing::default(),
            task: None,
            max_categories: 100,
        }
    }
}

/// The most distinct whole numbers that are taken as classes where no task is given: above, they count or measure.
pub(crate) const MOST_INTEGER_CLASSES: usize = 20;

/// What is to be predicted, one entry a row.
///
/// Without a given task, text and booleans are classes, whole numbers are classes where at most 20 of them are distinct
/// and numbers otherwise (a note says so), and all else are numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// No target was asked for.
    None,
    /// Classes.
    Classes {
        /// The target's column.
        name: String,
        /// The class names in order: by value where all are numbers, else by code point.
        labels: Vec<String>,
        /// For each row the index of its class in `labels`.
        indices: Vec<u32>,
    },
    /// Numbers.
    Numbers {
        /// The targets' columns.
        names: Vec<String>,
        /// Row-major: rows × names.
        values: Vec<f32>,
    },
}

/// Where the rows went. Always `read == used + sum of excluded`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// Rows in the files.
    pub read: u64,
    /// Rows in the dataset.
    pub used: u64,
    /// Rows left out, by reason (`missing value in age`). A row is counted once, for the first of its columns.
    pub excluded: BTreeMap<String, u64>,
}

impl Rows {
    /// Every row is accounted for, and there is one.
    fn check(&self, source: &Source) -> Result<()> {
        let excluded: u64 = self.excluded.values().sum();
        let announced = source.rows();
        if self.read != announced || self.read != self.used + excluded {
            let reason = format!(
                "{announced} rows were announced, {} read, {} used and {excluded} excluded",
                self.read, self.used
            );
            return Err(Error::Changed { place: Place::file(&source.shared.files[0].path), reason });
        }
        if self.used == 0 {
            return Err(Error::NoRows {
                table: source.spec().to_owned(),
                read: self.read,
                excluded: self.excluded.clone(),
            });
        }
        Ok(())
    }
}

/// Which features a column became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeatureColumn {
    /// The column's name.
    pub name: String,
    /// Its features.
    pub features: Range<usize>,
    /// How it was encoded; `None` for numbers.
    pub encoding: Option<Encode>,
    /// The distinct values of an encoded column, in the order of their features or ranks.
    pub labels: Vec<String>,
}

/// Features and target, ready to train on once [`Dataset::impute`] has nothing left to do.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Row-major: rows × width. NaN where a value is missing and not yet imputed.
    pub features: Vec<f32>,
    /// One name a feature: the column's, or `column=value`.
    pub feature_names: Vec<String>,
    /// The columns the features come from, in their order.
    pub columns: Vec<FeatureColumn>,
    /// What is to be predicted.
    pub target: Target,
    /// Where the rows went.
    pub rows: Rows,
    /// What a person should know: decisions taken for them, precision lost.
    pub notes: Vec<String>,
    missing: Vec<u64>,
    policy: Missing,
}

impl Dataset {
    /// Rows.
    pub fn len(&self) -> usize {
        self.rows.used as usize
    }

    /// Whether there is no row (which [`read_dataset`] refuses).
    pub fn is_empty(&self) -> bool {
        self.rows.used == 0
    }

    /// Features in a row.
    pub fn width(&self) -> usize {
        self.feature_names.len()
    }

    /// The features of a row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.features[row * self.width()..][..self.width()]
    }

    /// For each feature the number of values that are missing (NaN in `features`) and not yet imputed.
    pub fn missing(&self) -> &[u64] {
        &self.missing
    }
}
