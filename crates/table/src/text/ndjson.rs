//! One JSON object a line.

use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;

use super::json_line::{Cell, Line};
use super::{Column, Emit, Mark, Markers, Marks, Parse, Scan, io_error, open_at};
use crate::column_type::{ColumnType, Observed};
use crate::error::{Error, Result};
use crate::format::BYTE_ORDER_MARK;
use crate::place::Place;

/// The longest line, in bytes; what goes beyond it is no row.
const LONGEST_LINE: usize = 256 << 20;

/// Lines of a text with their numbers; those with nothing but blanks are passed over.
struct Lines {
    input: Box<dyn BufRead>,
    text: Vec<u8>,
    offset: u64,
    line: u64,
}

impl Lines {
    /// Reads the next line; `false` at the end.
    fn read(&mut self, file: &Arc<PathBuf>) -> Result<bool> {
        loop {
            self.text.clear();
            let length = loop {
                let buffer = self.input.fill_buf().map_err(|e| io_error(file, e))?;
                let (take, ended) = match buffer.iter().position(|&byte| byte == b'\n') {
                    Some(at) => (at + 1, true),
                    None => (buffer.len(), buffer.is_empty()),
                };
                self.text.extend_from_slice(&buffer[..take]);
                self.input.consume(take);
                if self.text.len() > LONGEST_LINE {
                    return Err(Error::Json {
                        place: Place { file: Arc::clone(file), row: None, line: Some(self.line + 1) },
                        reason: format!("the line is longer than {} MiB", LONGEST_LINE >> 20),
                    });
                }
                if ended {
                    break self.text.len();
                }
            };
            if length == 0 {
                return Ok(false);
            }
            self.offset += length as u64;
            self.line += 1;
            if !self.text.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }
}

fn json_error(place: Place, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    // The parser counts lines within what it was given, which is one line.
    let text = text.replace(" at line 1 column ", ", at character ").replace(" at line 0 column 0", "");
    let mend = if error.is_eof() {
        "; the object does not end on its line: write one object a line (for example with `jq -c .`), or the file is \
         cut off"
    } else {
        ""
    };
    Error::Json { place, reason: format!("not a row of NDJSON: {text}{mend}") }
}

/// Reads the whole file for its names, types, rows and marks. `head` is its beginning, uncompressed.
pub(crate) fn scan(
    file: &Arc<PathBuf>,
    gzip: bool,
    head: &[u8],
    markers: &Markers,
    is_given: &dyn Fn(&str) -> bool,
) -> Result<Scan> {
    let offset = if head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() as u64 } else { 0 };
    let mut lines = Lines { input: open_at(file, gzip, offset)?, text: Vec::new(), offset, line: 0 };
    let mut marks = Marks::new(Mark { offset, line: 0, row: 1 }, !gzip);
    let mut line = Line::open();
    let mut observed: Vec<Observed> = Vec::new();
    let mut given: Vec<bool> = Vec::new();
    let mut rows = 0;
    while lines.read(file)? {
        rows += 1;
        line.read(&lines.text).map_err(|e| json_error(Place::row(file, rows, Some(lines.line)), &e))?;
        while given.len() < line.names.len() {
            given.push(is_given(&line.names[given.len()]));
            observed.push(Observed::default());
        }
        for (index, cell) in line.cells.iter().enumerate() {
            let kind = match cell {
                _ if given[index] => continue,
                Cell::Null => continue,
                Cell::Boolean(_) => ColumnType::Boolean,
                Cell::Integer(_) => ColumnType::Integer,
                Cell::Number(_) => ColumnType::Number,
                Cell::Text(text) if markers.is_missing(text) => continue,
                Cell::Text(_) => ColumnType::String,
            };
            observed[index].note(kind, rows, lines.line, || cell.text().into_owned());
        }
        marks.offer(Mark { offset: lines.offset, line: lines.line, row: rows + 1 });
    }
    if rows == 0 {
        return Err(Error::Empty { place: Place::file(file) });
    }
    Ok(Scan { names: line.names, observed, rows, marks: marks.finish(rows), delimiter: 0 })
}

/// Parses one part; see [`super::csv::parse`].
pub(crate) fn parse(parse: &Parse, columns: &mut [Column], emit: &mut Emit) -> Result<()> {
    let Mark { offset, line, row: first_row } = parse.mark;
    let mut lines = Lines { input: open_at(parse.file, parse.gzip, offset)?, text: Vec::new(), offset, line };
    let mut values = Line::with_names(parse.names);
    let mut numbers = Vec::new();
    for row in first_row..first_row + parse.rows {
        if !lines.read(parse.file)? {
            return Err(parse.changed(format!("row {row} was there before and is not now")));
        }
        let place = || Place::row(parse.file, row, Some(lines.line));
        values.read(&lines.text).map_err(|e| json_error(place(), &e))?;
        for (index, cell) in values.cells.iter().enumerate() {
            let Some(slot) = parse.slots[index] else { continue };
            let column = &mut columns[slot];
            if matches!(cell, Cell::Text(text) if parse.is_missing(slot, text)) {
                column.push_null();
            } else if column.push_cell(cell).is_none() {
                return Err(parse.wrong_type(place(), index, slot, &cell.text()));
            }
        }
        numbers.push(lines.line);
        if numbers.len() == parse.batch_rows && !emit(columns, std::mem::take(&mut numbers))? {
            return Ok(());
        }
    }
    if !numbers.is_empty() {
        emit(columns, numbers)?;
    }
    Ok(())
}
