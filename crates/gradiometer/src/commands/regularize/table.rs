//! Rows in: the table as features, response, weights and offset.

use anyhow::anyhow;
use gradiometer_regularize::{Beside, Categorical, Dense, Design};
use gradiometer_table::{CategoryColumn, Columnar, Error, Missing, Source, Values};

use crate::cli::{Global, MissingPolicy, Reading};
use crate::commands::opening::Opening;

/// Opens the table as the options have it.
pub(super) fn open(data: &str, reading: &Reading, global: &Global) -> anyhow::Result<Source> {
    let Reading { no_header, missing_marker, types, .. } = reading;
    Opening { no_header: *no_header, missing_markers: missing_marker, types, empty_texts: &[] }
        .open(data, global, explained)
}

pub(super) fn missing(policy: MissingPolicy) -> Missing {
    match policy {
        MissingPolicy::Refuse => Missing::Refuse,
        MissingPolicy::Drop => Missing::Drop,
        MissingPolicy::Mean => Missing::Mean,
        MissingPolicy::Median => Missing::Median,
    }
}

/// The error with the options of this command that mend it.
pub(super) fn explained(error: Error) -> anyhow::Error {
    let mend = match &error {
        Error::MissingValue { .. } => " (--missing drop, --missing mean, --missing median, --exclude COLUMN)",
        Error::TooManyCategories { .. } | Error::NothingToImpute { .. } => " (here: --exclude COLUMN)",
        Error::Mixed { .. } | Error::WrongType { .. } => {
            " (here: --missing-marker WORD, --type COLUMN=string, --exclude COLUMN)"
        }
        Error::TooLarge { .. } => " (here: --stream for least squares, --exclude COLUMN)",
        Error::HeaderIsData { .. } => " (here: --no-header)",
        Error::Unsupported { .. } => " (here: --exclude COLUMN, --type COLUMN=number)",
        Error::Target { .. } => " (here: --family binomial or multinomial for classes, gaussian for amounts)",
        _ => "",
    };
    anyhow!("{error}{mend}")
}

/// What a column of the design is in the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Feature {
    /// The table's column.
    pub(super) column: String,
    /// The category that it is one for; `None` for numbers.
    pub(super) category: Option<String>,
}

impl Feature {
    /// `column`, or `column=category`.
    pub(super) fn name(&self) -> String {
        match &self.category {
            None => self.column.clone(),
            Some(category) => format!("{}={category}", self.column),
        }
    }
}

/// The features in the order of the design: columns of numbers, then each category of each column of text.
pub(super) fn features(columns: &Columnar) -> Vec<Feature> {
    let numbers = columns.numbers.iter().map(|name| Feature { column: name.clone(), category: None });
    let categories = columns.categories.iter().flat_map(|CategoryColumn { name, labels, .. }| {
        labels.iter().map(|label| Feature { column: name.clone(), category: Some(label.clone()) })
    });
    numbers.chain(categories).collect()
}

/// Gives the design of these columns to `then`.
pub(super) fn with_design<T>(
    columns: &Columnar,
    then: impl FnOnce(&dyn Design) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let (rows, width) = (columns.len(), columns.numbers.len());
    let dense: Box<dyn Design> = match &columns.values {
        Values::F32(values) => Box::new(Dense::new(values, rows, width)?),
        Values::F64(values) => Box::new(Dense::new(values, rows, width)?),
    };
    if columns.categories.is_empty() {
        return then(&*dense);
    }
    let variables: Vec<(&[u32], usize)> =
        columns.categories.iter().map(|column| (&column.codes[..], column.labels.len())).collect();
    let categorical = Categorical::new(&variables)?;
    if width == 0 {
        return then(&categorical);
    }
    then(&Beside::new(vec![&*dense, &categorical])?)
}
