//! Opening a table as the command line has it.

use anyhow::{anyhow, bail};
use gradiometer_table::{ColumnType, DEFAULT_MISSING_MARKERS, Error, Options, Source};

use crate::cli::Global;

/// How a table is read.
pub(super) struct Opening<'a> {
    pub no_header: bool,
    /// Words for a missing value, beside the usual ones.
    pub missing_markers: &'a [String],
    /// `COLUMN=TYPE`.
    pub types: &'a [String],
    /// Columns of text whose empty value is one.
    pub empty_texts: &'a [String],
}

impl Opening<'_> {
    /// Opens a file, a pattern, or, as `-`, standard input; errors are the table's own, which `explained` may say more of.
    ///
    /// # Errors
    /// `--type` that says none, and what the table says.
    pub fn open(&self, data: &str, global: &Global, explained: fn(Error) -> anyhow::Error) -> anyhow::Result<Source> {
        let mut options = Options { header: !self.no_header, threads: global.threads, ..Options::default() };
        options.missing_markers = DEFAULT_MISSING_MARKERS.map(String::from).to_vec();
        options.missing_markers.extend(self.missing_markers.iter().cloned());
        options.empty_texts = self.empty_texts.to_vec();
        for given in self.types {
            let (column, name) = given.rsplit_once('=').ok_or_else(|| anyhow!("--type {given}: write COLUMN=TYPE"))?;
            options.types.insert(column.to_owned(), column_type(name)?);
        }
        match data {
            "-" => Source::read(std::io::stdin().lock(), &options),
            path => Source::open(path, &options),
        }
        .map_err(explained)
    }
}

fn column_type(name: &str) -> anyhow::Result<ColumnType> {
    Ok(match name {
        "boolean" => ColumnType::Boolean,
        "integer" => ColumnType::Integer,
        "number" => ColumnType::Number,
        "string" => ColumnType::String,
        "date" => ColumnType::Date,
        "timestamp" => ColumnType::Timestamp,
        other => bail!("--type: `{other}` is none of boolean, integer, number, string, date and timestamp"),
    })
}
