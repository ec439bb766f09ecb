//! `journal`: which bytes of the two streams belong together, and their checksums.
//!
//! A line is written before the bytes that it speaks of. So after a crash every whole batch is vouched for, a batch
//! that was half written is known to be, and a step has both its signals and its scalars or neither.
//!
//! A line is the CRC-32 of its text in eight hexadecimal digits, a space, and the text, which is JSON.

use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Error;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The format of the run directory.
    pub format: u32,
    /// The schema message of `signals.arrows`.
    pub signals: Span,
    /// The schema message of `scalars.arrows`.
    pub scalars: Span,
}

/// Every other line: one flush.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flush {
    /// The step of its first record.
    pub first: u64,
    /// The step of its last record.
    pub last: u64,
    /// Its bytes in `signals.arrows`; of length 0 when there is no signal in it.
    pub signals: Span,
    /// Its bytes in `scalars.arrows`; of length 0 when there is no scalar in it.
    pub scalars: Span,
    /// The length of `findings.jsonl` at the time.
    pub findings: u64,
    /// The steps of records with neither a signal nor a scalar.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub empty: Vec<u64>,
}

/// A run of bytes in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first byte.
    pub offset: u64,
    /// Its length.
    pub bytes: u64,
    /// Its CRC-32 (IEEE).
    pub crc32: u32,
}

impl Span {
    /// The span that `bytes` take at `offset`.
    pub fn of(offset: u64, bytes: &[u8]) -> Self {
        Self { offset, bytes: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
    }

    /// The byte after the last one.
    pub fn end(&self) -> u64 {
        self.offset.saturating_add(self.bytes)
    }
}

/// The line that says `value`.
pub fn line<T: Serialize>(value: &T) -> Vec<u8> {
    let mut line = b"00000000 ".to_vec();
    // Structs of integers: there is nothing in them that JSON could not hold.
    serde_json::to_writer(&mut line, value).expect("integers are JSON");
    let crc = crc32fast::hash(&line[9..]);
    let _ = write!(&mut line[..8], "{crc:08x}");
    line.push(b'\n');
    line
}

/// What a journal says.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// Its first line; none when that was not written to its end.
    pub header: Option<Header>,
    /// The byte after the first line.
    pub header_end: u64,
    /// The flushes, each with the place of the byte after its line.
    pub flushes: Vec<(Flush, u64)>,
    /// The byte after the last whole line.
    pub end: u64,
    /// Whether there is more after that: a line that was not written to its end.
    pub torn: bool,
}

impl Journal {
    /// The journal in `bytes`, which were read from `path`. A last line that is torn is left out.
    pub fn parse(bytes: &[u8], path: &Path) -> Result<Self, Error> {
        let mut journal = Self::default();
        while (journal.end as usize) < bytes.len() {
            let start = journal.end as usize;
            let rest = &bytes[start..];
            let length = rest.iter().position(|&b| b == b'\n').map(|i| i + 1);
            let damaged = |what: &str| Error::corrupt(path, start as u64, what);
            let text = match length.and_then(|length| checked(&rest[..length - 1])) {
                Some(text) => text,
                None if length.is_none_or(|length| length == rest.len()) => {
                    journal.torn = true;
                    return Ok(journal);
                }
                None => return Err(damaged("the line and its checksum disagree")),
            };
            let end = (start + length.unwrap_or(rest.len())) as u64;
            if journal.header.is_none() {
                journal.header = Some(parse(text).map_err(|e| damaged(&e))?);
                journal.header_end = end;
            } else {
                let flush = parse(text).map_err(|e| damaged(&e))?;
                journal.check(&flush).map_err(|what| damaged(&what))?;
                journal.flushes.push((flush, end));
            }
            journal.end = end;
        }
        Ok(journal)
    }

    /// Whether `flush` follows on what is there.
    fn check(&self, flush: &Flush) -> Result<(), String> {
        if flush.first > flush.last || self.last_step().is_some_and(|last| flush.first <= last) {
            return Err(format!("the steps {} to {} do not follow on those before", flush.first, flush.last));
        }
        let (signals, scalars) = self.ends(self.flushes.len());
        if flush.signals.offset != signals || flush.scalars.offset != scalars {
            return Err("its batches do not follow on those before".into());
        }
        if flush.signals.offset.checked_add(flush.signals.bytes).is_none()
            || flush.scalars.offset.checked_add(flush.scalars.bytes).is_none()
        {
            return Err("its batches are longer than any file".into());
        }
        Ok(())
    }

    /// Where the streams end after the first `flushes` flushes: of signals, of scalars.
    pub fn ends(&self, flushes: usize) -> (u64, u64) {
        match (flushes.checked_sub(1).and_then(|i| self.flushes.get(i)), &self.header) {
            (Some((flush, _)), _) => (flush.signals.end(), flush.scalars.end()),
            (None, Some(header)) => (header.signals.end(), header.scalars.end()),
            (None, None) => (0, 0),
        }
    }

    fn last_step(&self) -> Option<u64> {
        self.flushes.last().map(|(flush, _)| flush.last)
    }
}

/// The text of a line, if its checksum is right.
pub fn checked(line: &[u8]) -> Option<&[u8]> {
    let (crc, text) = (line.get(..9)?, line.get(9..)?);
    (crc == format!("{:08x} ", crc32fast::hash(text)).as_bytes()).then_some(text)
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|e| format!("the line is not one of a journal: {e}"))
}
