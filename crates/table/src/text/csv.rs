//! Delimited text.

use std::collections::HashSet;
use std::io::BufRead;
use std::path::PathBuf;
use std::sync::Arc;

use super::records::{Read, Records};
use super::{Column, Emit, Mark, Markers, Marks, Parse, Scan, io_error, open_at};
use crate::column_type::{Observed, kind};
use crate::error::{Error, Result};
use crate::format::BYTE_ORDER_MARK;
use crate::place::Place;

/// What the person said about the file.
pub(crate) struct Dialect<'a> {
    pub(crate) header: bool,
    pub(crate) delimiter: Option<u8>,
    pub(crate) markers: &'a Markers,
    /// Whether a column's type was given, so that its values need not be looked at.
    pub(crate) is_given: &'a dyn Fn(&str) -> bool,
}

/// The delimiter that the first line uses most, outside of quotes; a comma where it uses none.
fn delimiter_of(head: &[u8]) -> u8 {
    const DELIMITERS: [u8; 4] = *b",\t;|";
    let mut counts = [0u32; DELIMITERS.len()];
    let mut quoted = false;
    for &byte in head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head) {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some(at) = DELIMITERS.iter().position(|&d| d == byte) {
                    counts[at] += 1;
                }
            }
        }
    }
    let most = (0..DELIMITERS.len()).rev().max_by_key(|&at| counts[at]).unwrap_or(0);
    DELIMITERS[most]
}

/// Reads the whole file for its names, types, rows and marks. `head` is its beginning, uncompressed.
pub(crate) fn scan(file: &Arc<PathBuf>, gzip: bool, head: &[u8], dialect: &Dialect) -> Result<Scan> {
    let delimiter = dialect.delimiter.unwrap_or_else(|| delimiter_of(head));
    let offset = if head.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() as u64 } else { 0 };
    let mut records = Records::new(open_at(file, gzip, offset)?, delimiter, offset, 1);

    let first = records.read().map_err(|e| io_error(file, e))?;
    match first {
        Read::Record => {}
        Read::End => return Err(Error::Empty { place: Place::file(file) }),
        Read::TooLong | Read::TooManyFields => return Err(unclosed(file, &records, None)),
    }
    let header_line = records.line();
    let names = names(file, &records, dialect.header)?;
    records.limit_fields(names.len() * 4 + 64);

    let mut observed = vec![Observed::default(); names.len()];
    let given: Vec<bool> = names.iter().map(|name| (dialect.is_given)(name)).collect();
    let mut marks = if dialect.header {
        let (offset, line) = records.boundary();
        Marks::new(Mark { offset, line, row: 1 }, !gzip)
    } else {
        Marks::new(Mark { offset, line: 1, row: 1 }, !gzip)
    };
    let mut rows = 0;
    let mut pending = !dialect.header;
    loop {
        if !std::mem::take(&mut pending) && !advance(file, &mut records, rows + 1, names.len(), header_line, delimiter)?
        {
            break;
        }
        rows += 1;
        let line = records.line();
        let text = records.text().ok_or_else(|| not_utf8(file, &records, rows, &names))?;
        for (index, seen) in observed.iter_mut().enumerate() {
            let value = records.cut(text, index).ok_or_else(|| not_utf8(file, &records, rows, &names))?;
            if !given[index] && !dialect.markers.is_missing(value) {
                seen.note(kind(value), rows, line, || value.to_owned());
            }
        }
        let (offset, line) = records.boundary();
        marks.offer(Mark { offset, line, row: rows + 1 });
    }
    Ok(Scan { names, observed, rows, marks: marks.finish(rows), delimiter })
}

/// Reads the next record and checks its number of fields; `false` at the end.
fn advance(
    file: &Arc<PathBuf>,
    records: &mut Records<Box<dyn BufRead>>,
    row: u64,
    expected: usize,
    header_line: u64,
    delimiter: u8,
) -> Result<bool> {
    let read = records.read().map_err(|e| io_error(file, e))?;
    match read {
        Read::End => return Ok(false),
        Read::TooLong => return Err(unclosed(file, records, Some(row))),
        Read::Record if records.is_unclosed() => return Err(unclosed(file, records, Some(row))),
        Read::Record if records.fields() == expected => return Ok(true),
        Read::Record | Read::TooManyFields => {}
    }
    Err(Error::Ragged {
        place: Place::row(file, row, Some(records.line())),
        expected,
        actual: records.fields(),
        more: read == Read::TooManyFields,
        header_line,
        delimiter,
    })
}

fn unclosed(file: &Arc<PathBuf>, records: &Records<Box<dyn BufRead>>, row: Option<u64>) -> Error {
    Error::UnclosedQuote { place: Place { file: Arc::clone(file), row, line: Some(records.line()) } }
}

fn not_utf8(file: &Arc<PathBuf>, records: &Records<Box<dyn BufRead>>, row: u64, names: &[String]) -> Error {
    let at = (0..records.fields()).find(|&i| std::str::from_utf8(records.field(i)).is_err()).unwrap_or(0);
    Error::NotUtf8 {
        place: Place::row(file, row, Some(records.line())),
        column: names.get(at).map_or_else(|| (at + 1).to_string(), |name| format!("`{name}`")),
    }
}

/// The names in the header, or made-up ones (`column_1`) where there is no header or a name is empty.
fn names(file: &Arc<PathBuf>, records: &Records<Box<dyn BufRead>>, header: bool) -> Result<Vec<String>> {
    let made_up = |index| format!("column_{}", index + 1);
    if !header {
        return Ok((0..records.fields()).map(made_up).collect());
    }
    let place = || Place { file: Arc::clone(file), row: None, line: Some(records.line()) };
    let mut names = Vec::with_capacity(records.fields());
    let mut known = HashSet::new();
    let mut numbers = 0;
    for index in 0..records.fields() {
        let Ok(text) = std::str::from_utf8(records.field(index)) else {
            return Err(Error::NotUtf8 { place: place(), column: (index + 1).to_string() });
        };
        let text = text.trim();
        numbers += usize::from(text.parse::<f64>().is_ok());
        let name = if text.is_empty() { made_up(index) } else { text.to_owned() };
        if !known.insert(name.clone()) {
            // A header of numbers that repeat is data, and says so better than its first repetition.
            if numbers == index + 1 {
                break;
            }
            return Err(Error::DuplicateColumn { place: place(), column: name });
        }
        names.push(name);
    }
    if numbers > 1 && numbers >= names.len() {
        let sample: Vec<_> = (0..records.fields().min(5)).map(|i| String::from_utf8_lossy(records.field(i))).collect();
        return Err(Error::HeaderIsData { place: Place::file(file), sample: sample.join(",") });
    }
    Ok(names)
}

/// Parses one part.
pub(crate) fn parse(parse: &Parse, columns: &mut [Column], emit: &mut Emit) -> Result<()> {
    let Mark { offset, line, row: first_row } = parse.mark;
    let mut records = Records::new(open_at(parse.file, parse.gzip, offset)?, parse.delimiter, offset, line);
    records.limit_fields(parse.names.len() * 4 + 64);
    let used: Vec<(usize, usize)> =
        parse.slots.iter().enumerate().filter_map(|(field, slot)| slot.map(|slot| (field, slot))).collect();
    let mut lines = Vec::new();
    for row in first_row..first_row + parse.rows {
        match records.read().map_err(|e| io_error(parse.file, e))? {
            Read::Record if records.fields() == parse.names.len() => {}
            _ => return Err(parse.changed(format!("row {row} was there before and is not now"))),
        }
        let text = records.text().ok_or_else(|| parse.changed(format!("row {row} is no longer UTF-8")))?;
        for &(field, slot) in &used {
            let value =
                records.cut(text, field).ok_or_else(|| parse.changed(format!("row {row} is no longer UTF-8")))?;
            if parse.is_missing(slot, value) {
                columns[slot].push_null();
            } else if columns[slot].push_text(value).is_none() {
                let place = Place::row(parse.file, row, Some(records.line()));
                return Err(parse.wrong_type(place, field, slot, value));
            }
        }
        lines.push(records.line());
        if lines.len() == parse.batch_rows && !emit(columns, std::mem::take(&mut lines))? {
            return Ok(());
        }
    }
    if !lines.is_empty() {
        emit(columns, lines)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_that_the_first_line_uses_most() {
        assert_eq!(delimiter_of(b"a,b,c\n1;2;3;4;5;6"), b',');
        assert_eq!(delimiter_of(b"a\tb\tc,d\n"), b'\t');
        assert_eq!(delimiter_of(b"\"a;b;c\",d\n"), b',');
        assert_eq!(delimiter_of(b"a;b\n"), b';');
        assert_eq!(delimiter_of(b"single\n1\n"), b',');
    }
}
