//! Delimited records with the line and the byte at which each begins and ends.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// The longest record, in bytes: what goes beyond it is a quote that was never closed, not a row.
const LONGEST_RECORD: usize = 256 << 20;

/// A reader of one record after the other.
pub(super) struct Records<R> {
    input: R,
    core: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    fields: usize,
    most_fields: usize,
    offset: u64,
    line: u64,
    at_end_of_file: bool,
    last_byte: u8,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// A record.
    Record,
    /// No more.
    End,
    /// A record with more fields than asked for, given up in its middle.
    TooManyFields,
    /// A record longer than any row.
    TooLong,
}

impl<R: BufRead> Records<R> {
    /// Reads from a record boundary, which is `offset` bytes into the file and on `line`.
    pub(super) fn new(input: R, delimiter: u8, offset: u64, line: u64) -> Self {
        let mut core = ReaderBuilder::new().delimiter(delimiter).build();
        core.set_line(line);
        Self {
            input,
            core,
            text: vec![0; 4096],
            ends: vec![0; 64],
            fields: 0,
            most_fields: usize::MAX,
            offset,
            line,
            at_end_of_file: false,
            last_byte: 0,
        }
    }

    /// From now on gives up a record when it has more fields than this.
    pub(super) fn limit_fields(&mut self, most: usize) {
        self.most_fields = most;
    }

    /// Reads the next record; lines without a character are passed over.
    pub(super) fn read(&mut self) -> io::Result<Read> {
        let (mut text, mut fields) = (0, 0);
        let before = self.core.line();
        let result = loop {
            let buffer = self.input.fill_buf()?;
            self.at_end_of_file = buffer.is_empty();
            let (result, read, written, ended) =
                self.core.read_record(buffer, &mut self.text[text..], &mut self.ends[fields..]);
            if read > 0 {
                self.last_byte = buffer[read - 1];
            }
            self.input.consume(read);
            self.offset += read as u64;
            text += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if text >= LONGEST_RECORD => break Read::TooLong,
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if fields > self.most_fields => break Read::TooManyFields,
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => break Read::Record,
                ReadRecordResult::End => break Read::End,
            }
        };
        self.fields = fields;
        // The core counts the line feeds it has passed: those of empty lines before the record, those within it, and
        // the one that ends it, unless that comes after a carriage return (then the next call passes it) or never.
        let after = self.core.line();
        let within = match after - before {
            0 | 1 => 0,
            _ => self.text[..text].iter().filter(|&&byte| byte == b'\n').count() as u64,
        };
        let ended_by_line_feed = !self.at_end_of_file && self.last_byte == b'\n' && result == Read::Record;
        self.line = after.saturating_sub(within + u64::from(ended_by_line_feed));
        Ok(result)
    }

    /// Fields in the record read last.
    pub(super) fn fields(&self) -> usize {
        self.fields
    }

    /// One field's bytes, quotes removed.
    pub(super) fn field(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[start..self.ends[index]]
    }

    /// The whole record's text if it is UTF-8, to be cut with [`Self::cut`].
    pub(super) fn text(&self) -> Option<&str> {
        let end = if self.fields == 0 { 0 } else { self.ends[self.fields - 1] };
        std::str::from_utf8(&self.text[..end]).ok()
    }

    /// One field of the record's text. `None` where its border lies within a character, which happens when two invalid
    /// fields make a valid character together.
    pub(super) fn cut<'t>(&self, text: &'t str, index: usize) -> Option<&'t str> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        text.get(start..self.ends[index])
    }

    /// The line on which the record read last begins.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The byte after the record read last, and the line that the core has reached there: a place to start anew.
    pub(super) fn boundary(&self) -> (u64, u64) {
        (self.offset, self.core.line())
    }

    /// Whether the record read last is the rest of the file behind a quote that is never closed: it was ended by the
    /// end of the file, has a line break in its last field, and no quote as its last byte.
    pub(super) fn is_unclosed(&self) -> bool {
        self.at_end_of_file && self.fields > 0 && self.last_byte != b'"' && self.field(self.fields - 1).contains(&b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u64, usize)> {
        let mut records = Records::new(text.as_bytes(), b',', 0, 1);
        let mut seen = Vec::new();
        while records.read().unwrap() == Read::Record {
            seen.push((records.line(), records.fields()));
        }
        seen
    }

    #[test]
    fn a_record_knows_the_line_on_which_it_begins() {
        assert_eq!(lines("a,b\n1,2\n3,4"), [(1, 2), (2, 2), (3, 2)]);
        assert_eq!(lines("a,b\r\n1,2\r\n3,4\r\n"), [(1, 2), (2, 2), (3, 2)]);
        assert_eq!(lines("a,b\n\n\n1,2\n3,4\n"), [(1, 2), (4, 2), (5, 2)]);
        assert_eq!(lines("a,b\n\"x\ny\",2\n3,4\n"), [(1, 2), (2, 2), (4, 2)]);
        assert_eq!(lines("a,b\n1,\"x\r\ny\"\n3,4"), [(1, 2), (2, 2), (4, 2)]);
        assert_eq!(lines("a,b\r\n\r\n1,\"x\r\ny\"\r\n3,4"), [(1, 2), (3, 2), (5, 2)]);
    }

    #[test]
    fn reading_from_a_boundary_gives_the_same_lines_as_reading_on() {
        for text in ["a,b\n1,2\n3,4\n5,6\n", "a,b\r\n1,2\r\n3,\"\r\n\"\r\n5,6\r\n", "a,b\n1,\"\n\"\n\n3,4\n5,6"] {
            let mut whole = Records::new(text.as_bytes(), b',', 0, 1);
            let mut expected = Vec::new();
            let mut boundaries = vec![(0, 1)];
            while whole.read().unwrap() == Read::Record {
                expected.push(whole.line());
                boundaries.push(whole.boundary());
            }
            for (skip, &(offset, line)) in boundaries.iter().enumerate() {
                let mut part = Records::new(&text.as_bytes()[offset as usize..], b',', offset, line);
                let mut seen = Vec::new();
                while part.read().unwrap() == Read::Record {
                    seen.push(part.line());
                }
                assert_eq!(seen, expected[skip..], "{text:?} from {offset}");
            }
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_noticed_at_the_end() {
        let mut records = Records::new(&b"a,b\n1,\"2\n3,4\n"[..], b',', 0, 1);
        while !records.at_end_of_file {
            records.read().unwrap();
        }
        assert!(records.is_unclosed());
    }
}
