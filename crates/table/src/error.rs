//! Everything that can be wrong with a table, as facts and as a sentence with the mend.

use std::path::{Path, PathBuf};

use crate::place::Place;
use crate::suggest::shorten;

/// The result of reading a table.
pub type Result<T, E = Error> = std::result::Result<T, E>;

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// What is wrong, where, and what would mend it.
///
/// Options are named as in a TOML spec (`missing = "drop"`); the fields of [`crate::Options`] and
/// [`crate::DatasetOptions`] bear the same names.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No such file, or a pattern that no file matches.
    #[error("{path}: no such file{}", did_you_mean(.nearest))]
    NotFound {
        /// The path or pattern as given.
        path: String,
        /// A file that exists and bears a similar name.
        nearest: Option<String>,
    },
    /// A glob that is not one.
    #[error("{pattern}: not a valid pattern: {reason}")]
    Pattern {
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A pattern that matches no file.
    #[error("{pattern}: no file matches this pattern{}", did_you_mean(.nearest))]
    NoMatch {
        /// The pattern as given.
        pattern: String,
        /// A file in the same folder that bears a similar name.
        nearest: Option<String>,
    },
    /// A directory where a file was expected.
    #[error("{}: a directory; name a file in it, or all of one kind by a pattern such as `{}`", .path.display(), .pattern)]
    Directory {
        /// The directory.
        path: PathBuf,
        /// A pattern that would match files in it.
        pattern: String,
    },
    /// The operating system refused.
    #[error("{place}: {source}")]
    Io {
        /// The file.
        place: Place,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file without a byte.
    #[error("{place}: the file is empty")]
    Empty {
        /// The file.
        place: Place,
    },
    /// The content is of another kind than the name or the `format` option says.
    #[error("{place}: the {said} says {expected}, but the content is {found}; {mend}")]
    WrongFormat {
        /// The file.
        place: Place,
        /// Who says so: `name` or `format option`.
        said: &'static str,
        /// What the name or option promises.
        expected: Box<str>,
        /// What the content is.
        found: Box<str>,
        /// How to go on.
        mend: Box<str>,
    },
    /// The content is nothing that this crate reads.
    #[error("{place}: {found}, which is not a table that can be read here (CSV, NDJSON, Parquet, Arrow IPC); {mend}")]
    UnknownContent {
        /// The file.
        place: Place,
        /// What the content looks like.
        found: String,
        /// How to go on.
        mend: String,
    },
    /// A Parquet, Arrow or gzip file that ends too early.
    #[error(
        "{place}: the {format} file is cut off ({reason}); it was probably not written or copied to its end: copy or write it again"
    )]
    Truncated {
        /// The file.
        place: Place,
        /// The file's format.
        format: &'static str,
        /// What is missing.
        reason: String,
    },
    /// A file whose format's own rules are broken.
    #[error("{place}: not a valid {format} file: {reason}")]
    Corrupt {
        /// The file.
        place: Place,
        /// The file's format.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// A file that changed between its two readings.
    #[error("{place}: the file changed while it was being read: {reason}")]
    Changed {
        /// The file.
        place: Place,
        /// What differs.
        reason: String,
    },
    /// A line with more or fewer fields than the header.
    #[error("{place}: expected {expected} fields, as on line {header_line}, found {}{actual}; a value that contains `{}` must be in double quotes", if *.more { "at least " } else { "" }, char::from(*.delimiter))]
    Ragged {
        /// The row.
        place: Place,
        /// Fields in the header (or in the first row where there is none).
        expected: usize,
        /// Fields in this row.
        actual: usize,
        /// Whether the row may have more fields than were counted.
        more: bool,
        /// The line that sets the expectation.
        header_line: u64,
        /// The delimiter in use.
        delimiter: u8,
    },
    /// A quotation mark that is opened and never closed.
    #[error(
        "{place}: a double quote opens here and is never closed; close it, or double a quote that is part of the value (`\"\"`)"
    )]
    UnclosedQuote {
        /// Where the record begins.
        place: Place,
    },
    /// Text that is not UTF-8.
    #[error(
        "{place}: column {column} is not valid UTF-8; convert the file, for example with `iconv -f latin1 -t utf-8`"
    )]
    NotUtf8 {
        /// The row (or the header's line).
        place: Place,
        /// The column's name, or its number in the header.
        column: String,
    },
    /// A header that consists of numbers.
    #[error("{place}: the first line looks like data, not like names of columns (`{}`); set `header = false`, or add a header line", shorten(.sample))]
    HeaderIsData {
        /// The file.
        place: Place,
        /// The first fields.
        sample: String,
    },
    /// Two columns of one name.
    #[error("{place}: two columns are named `{column}`; rename one")]
    DuplicateColumn {
        /// The file.
        place: Place,
        /// The name.
        column: String,
    },
    /// A line of NDJSON that is not a JSON object of scalars.
    #[error("{place}: {reason}")]
    Json {
        /// The line.
        place: Place,
        /// What the parser said, with the mend.
        reason: String,
    },
    /// A value that is not of its column's type.
    #[error("{place}, column `{column}`: `{}` is not {expected}; correct the value, name it in `missing_markers`, or set `types.{column}`", shorten(.value))]
    WrongType {
        /// The row.
        place: Place,
        /// The column.
        column: String,
        /// The value as written.
        value: String,
        /// The type the column has or was given, with its article.
        expected: Box<str>,
    },
    /// A column that is of different types in two files.
    #[error("column `{column}` is {first_type} in {} and {second_type} in {}; {mend}", .first.display(), .second.display())]
    TypeMismatch {
        /// The column.
        column: Box<str>,
        /// A file.
        first: Box<Path>,
        /// The column's type in that file.
        first_type: Box<str>,
        /// Another file.
        second: Box<Path>,
        /// The column's type in that one.
        second_type: Box<str>,
        /// How to go on.
        mend: Box<str>,
    },
    /// A column that one file has and another does not.
    #[error("column `{column}` is in {} but not in {}; all files of a table must have the same columns", .with.display(), .without.display())]
    ColumnMismatch {
        /// The column.
        column: String,
        /// A file that has it.
        with: PathBuf,
        /// A file that does not.
        without: PathBuf,
    },
    /// A column that is not there.
    #[error("{role} `{column}` is not a column of {table}{}; its columns are {columns}", did_you_mean(.nearest))]
    NoSuchColumn {
        /// What the name was given as: `target`, `excluded column`, …
        role: &'static str,
        /// The name as given.
        column: String,
        /// The path or pattern of the table.
        table: String,
        /// The columns that exist, shortened where they are many.
        columns: Box<str>,
        /// The one most alike.
        nearest: Option<String>,
    },
    /// A column whose type cannot be a feature or a target.
    #[error("column `{column}` of {table} is {data_type}, which cannot be {role}; {mend}")]
    Unsupported {
        /// The column.
        column: String,
        /// The path or pattern of the table.
        table: String,
        /// Its type.
        data_type: String,
        /// `a feature` or `a target`.
        role: &'static str,
        /// How to go on.
        mend: Box<str>,
    },
    /// A column of numbers with some text in it.
    #[error("{place}, column `{column}`: `{}` among numbers ({numbers} of {cells} values are numbers); if it stands for a missing value, add it to `missing_markers`; if the column is text, set `types.{column} = \"string\"`", shorten(.value))]
    Mixed {
        /// The first row that is not a number.
        place: Place,
        /// The column.
        column: String,
        /// The value.
        value: String,
        /// How many values are numbers.
        numbers: u64,
        /// How many values there are.
        cells: u64,
    },
    /// A missing value where none is allowed.
    #[error("{place}, column `{column}`: {what}; {mend}")]
    MissingValue {
        /// The row.
        place: Place,
        /// The column.
        column: String,
        /// The kind of value: missing, NaN, infinite.
        what: &'static str,
        /// How to go on.
        mend: String,
    },
    /// A number that is finite in the file and infinite in `f32`.
    #[error(
        "{place}, column `{column}`: {value} is beyond the range of 32-bit floats (3.4e38); rescale the column, or exclude it"
    )]
    OutOfRange {
        /// The row.
        place: Place,
        /// The column.
        column: String,
        /// The value.
        value: f64,
    },
    /// A text column with too many distinct values to be one-hot encoded.
    #[error(
        "{place}, column `{column}` has more than {limit} distinct values (such as {samples}), too many to encode as one feature each; if it identifies rows, exclude it (`exclude = [\"{column}\"]`); otherwise `encode_columns.{column} = \"label\"`, or raise `max_categories`"
    )]
    TooManyCategories {
        /// The row at which the limit was passed.
        place: Place,
        /// The column.
        column: String,
        /// The limit.
        limit: usize,
        /// Some of its values.
        samples: String,
    },
    /// A category that the earlier table did not have.
    #[error("{place}, column `{column}`: {} is none of the {known} values that are known{}; correct it, or leave the row out", if .value.is_empty() { "a missing value".to_owned() } else { format!("`{}`", shorten(.value)) }, did_you_mean(.nearest))]
    UnknownCategory {
        /// The row.
        place: Place,
        /// The column.
        column: String,
        /// The value; empty where it is missing.
        value: String,
        /// The known value most alike.
        nearest: Option<String>,
        /// How many values are known.
        known: usize,
    },
    /// A target that does not suit the task.
    #[error("target `{column}` of {table}: {reason}")]
    Target {
        /// The target.
        column: String,
        /// The path or pattern of the table.
        table: String,
        /// What does not fit, with the mend.
        reason: String,
    },
    /// Options that contradict each other.
    #[error("{reason}")]
    BadOption {
        /// What contradicts what, with the mend.
        reason: String,
    },
    /// No column is left to learn from.
    #[error("{table}: no column is left as a feature; its columns are {columns}")]
    NoFeatures {
        /// The path or pattern of the table.
        table: String,
        /// The columns that exist, shortened where they are many.
        columns: String,
    },
    /// No row is left to learn from.
    #[error("{table}: no row is left ({read} read{}); a dataset needs at least one", .excluded.iter().map(|(reason, n)| format!(", {n} excluded: {reason}")).collect::<String>())]
    NoRows {
        /// The path or pattern of the table.
        table: String,
        /// Rows read.
        read: u64,
        /// Rows excluded, by reason.
        excluded: std::collections::BTreeMap<String, u64>,
    },
    /// More values than memory can hold.
    #[error("{table}: {rows} rows of {features} features need {:.1} GiB, more than can be allocated; exclude columns, or read fewer files", *.rows as f64 * *.features as f64 * *.bytes as f64 / (1u64 << 30) as f64)]
    TooLarge {
        /// The path or pattern of the table.
        table: String,
        /// Rows.
        rows: u64,
        /// Features in a row.
        features: usize,
        /// Bytes of a value.
        bytes: u64,
    },
    /// A feature that cannot be imputed, as the rows to fit on have no value of it.
    #[error(
        "feature `{feature}` has no value in the {rows} rows to fit on, hence no {statistic} to impute; exclude its column (`exclude = [\"{column}\"]`), or set `missing` to a constant"
    )]
    NothingToImpute {
        /// The feature.
        feature: String,
        /// Its column.
        column: String,
        /// How many rows there were to fit on.
        rows: usize,
        /// `mean` or `median`.
        statistic: &'static str,
    },
}
