//! Text formats: what CSV and NDJSON have in common.
//!
//! Each is scanned once as a whole, which gives names, types, row count and the marks at which a second reading may
//! start, and then parsed part by part.

mod builder;
pub(crate) mod csv;
mod json_line;
mod markers;
pub(crate) mod ndjson;
mod records;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_schema::Fields;
use flate2::bufread::MultiGzDecoder;

use crate::column_type::Observed;
use crate::error::{Error, Result};
use crate::place::Place;
use crate::unify::value_name;

pub(crate) use builder::Column;
pub(crate) use markers::Markers;

/// Uncompressed bytes between the marks at which a second reading may start. Large enough that opening a file anew
/// costs nothing beside parsing it, small enough that a file of ordinary size occupies all threads.
const MARK_EVERY: u64 = 4 << 20;

/// Read-ahead of a text file, in bytes.
const BUFFER: usize = 256 << 10;

/// What the first reading of a text file found.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) names: Vec<String>,
    pub(crate) observed: Vec<Observed>,
    pub(crate) rows: u64,
    pub(crate) marks: Vec<Mark>,
    /// CSV: the delimiter.
    pub(crate) delimiter: u8,
}

/// A record boundary: the second reading may start here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) offset: u64,
    pub(crate) line: u64,
    /// The data row that follows, counted from 1.
    pub(crate) row: u64,
}

/// The boundaries found so far; a compressed file has only its first, as it cannot be entered in the middle.
struct Marks {
    marks: Vec<Mark>,
    seekable: bool,
}

impl Marks {
    fn new(first: Mark, seekable: bool) -> Self {
        Self { marks: vec![first], seekable }
    }

    fn offer(&mut self, mark: Mark) {
        if self.seekable && self.marks.last().is_none_or(|last| mark.offset - last.offset >= MARK_EVERY) {
            self.marks.push(mark);
        }
    }

    /// The marks that have rows after them.
    fn finish(mut self, rows: u64) -> Vec<Mark> {
        self.marks.retain(|mark| mark.row <= rows);
        self.marks
    }
}

/// Opens a text file at a byte of its uncompressed content.
pub(crate) fn open_at(file: &Arc<PathBuf>, gzip: bool, offset: u64) -> Result<Box<dyn BufRead>> {
    let fail = |source| io_error(file, source);
    let mut input = File::open(&**file).map_err(fail)?;
    if !gzip {
        input.seek(SeekFrom::Start(offset)).map_err(fail)?;
        return Ok(Box::new(BufReader::with_capacity(BUFFER, input)));
    }
    let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, input));
    let mut reader = BufReader::with_capacity(BUFFER, decoder);
    io::copy(&mut reader.by_ref().take(offset), &mut io::sink()).map_err(fail)?;
    Ok(Box::new(reader))
}

/// An error of reading, told apart by what it means for the file.
pub(crate) fn io_error(file: &Arc<PathBuf>, source: io::Error) -> Error {
    let place = Place::file(file);
    match source.kind() {
        // Plain text has no end to miss: only the gzip decoder reports these two kinds.
        io::ErrorKind::UnexpectedEof => {
            Error::Truncated { place, format: "gzip", reason: "the compressed data stop before their end".into() }
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            Error::Corrupt { place, format: "gzip", reason: source.to_string() }
        }
        _ => Error::Io { place, source },
    }
}

/// Takes the columns filled and the line of each of their rows; answers whether to go on.
pub(crate) type Emit<'a> = dyn FnMut(&mut [Column], Vec<u64>) -> Result<bool> + 'a;

/// How a part of a text file is to be parsed.
pub(crate) struct Parse<'a> {
    pub(crate) file: &'a Arc<PathBuf>,
    pub(crate) gzip: bool,
    pub(crate) delimiter: u8,
    pub(crate) markers: &'a Markers,
    /// Where to start, and how many rows to read.
    pub(crate) mark: Mark,
    pub(crate) rows: u64,
    pub(crate) batch_rows: usize,
    /// The file's own columns, in its order: its name, and where in the batch it goes.
    pub(crate) names: &'a [String],
    pub(crate) slots: &'a [Option<usize>],
    /// The batch's columns.
    pub(crate) types: &'a Fields,
    /// Of each of these, whether its empty value is a text.
    pub(crate) empty_texts: &'a [bool],
}

impl Parse<'_> {
    fn changed(&self, reason: String) -> Error {
        Error::Changed { place: Place::file(self.file), reason }
    }

    /// Whether a value of the batch's column `slot` is missing.
    fn is_missing(&self, slot: usize, value: &str) -> bool {
        self.markers.is_missing(value) && !(self.empty_texts[slot] && value.trim_ascii().is_empty())
    }

    fn wrong_type(&self, place: Place, field: usize, slot: usize, value: &str) -> Error {
        Error::WrongType {
            place,
            column: self.names[field].clone(),
            value: value.to_owned(),
            expected: value_name(self.types[slot].data_type()).into(),
        }
    }
}
