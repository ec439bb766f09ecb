//! Where in the input something is: what every error about a value begins with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What standard input is called, and the file that it is kept in.
pub(crate) const STANDARD_INPUT: &str = "standard input";

/// A place in a file: the file, and the row and line where known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<PathBuf>,
    /// The data row within the file, counted from 1; a header is not a data row.
    pub row: Option<u64>,
    /// The line within the (uncompressed) text file, counted from 1, on which the row begins.
    pub line: Option<u64>,
}

impl Place {
    /// A place that is a whole file.
    pub fn file(file: &Arc<PathBuf>) -> Self {
        Self { file: Arc::clone(file), row: None, line: None }
    }

    /// A row, and the line on which it begins.
    pub fn row(file: &Arc<PathBuf>, row: u64, line: Option<u64>) -> Self {
        Self { file: Arc::clone(file), row: Some(row), line }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Standard input lies in a file that nobody has named.
        if self.file.file_name().is_some_and(|name| name == STANDARD_INPUT) {
            f.write_str(STANDARD_INPUT)?;
        } else {
            write!(f, "{}", self.file.display())?;
        }
        match (self.line, self.row) {
            (Some(line), Some(row)) => write!(f, ", line {line} (row {row})"),
            (Some(line), None) => write!(f, ", line {line}"),
            (None, Some(row)) => write!(f, ", row {row}"),
            (None, None) => Ok(()),
        }
    }
}
