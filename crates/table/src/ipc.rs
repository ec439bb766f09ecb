//! Arrow IPC, both as file and as stream.
//!
//! The structure is walked before a batch is decoded: that counts the rows without reading a value, and refuses lengths
//! that point outside the file, for which the decoder would allocate first and ask later.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use arrow_ipc::{root_as_footer, root_as_message};
use arrow_schema::SchemaRef;

use crate::error::{Error, Result};
use crate::place::Place;

/// The metadata of a file: its schema and the number of rows of each record batch.
pub(crate) struct Scan {
    pub(crate) schema: SchemaRef,
    pub(crate) rows: Vec<u64>,
}

const CONTINUATION: [u8; 4] = [0xff; 4];
const MAGIC: &[u8; 6] = b"ARROW1";

/// One file being walked.
struct Walk<'a> {
    file: &'a Arc<PathBuf>,
    format: &'static str,
    input: File,
    size: u64,
}

impl<'a> Walk<'a> {
    fn open(file: &'a Arc<PathBuf>, format: &'static str) -> Result<Self> {
        let io = |source| Error::Io { place: Place::file(file), source };
        let input = File::open(&**file).map_err(io)?;
        let size = input.metadata().map_err(io)?.len();
        Ok(Self { file, format, input, size })
    }

    fn corrupt(&self, reason: impl ToString) -> Error {
        Error::Corrupt { place: Place::file(self.file), format: self.format, reason: reason.to_string() }
    }

    fn truncated(&self, reason: String) -> Error {
        Error::Truncated { place: Place::file(self.file), format: self.format, reason }
    }

    fn read(&mut self, offset: u64, length: u64) -> Result<Vec<u8>> {
        if offset.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(self.truncated(format!("{length} bytes at byte {offset} lie beyond its {} bytes", self.size)));
        }
        let io = |source| Error::Io { place: Place::file(self.file), source };
        self.input.seek(SeekFrom::Start(offset)).map_err(io)?;
        // Within the file's size, so this allocates no more than the file holds.
        let mut bytes = vec![0; length as usize];
        self.input.read_exact(&mut bytes).map_err(io)?;
        Ok(bytes)
    }

    /// Rows of a record batch's message; none for a message of another kind.
    fn rows(&self, message: &arrow_ipc::Message) -> Result<Option<u64>> {
        match message.header_as_record_batch() {
            None => Ok(None),
            Some(batch) => match u64::try_from(batch.length()) {
                Ok(rows) => Ok(Some(rows)),
                Err(_) => Err(self.corrupt(format!("a record batch of {} rows", batch.length()))),
            },
        }
    }
}

/// Walks an IPC file: footer, blocks.
pub(crate) fn scan_file(file: &Arc<PathBuf>) -> Result<Scan> {
    let mut walk = Walk::open(file, "Arrow IPC")?;
    // Magic and padding, the footer's length, magic: nothing valid is shorter.
    let tail = if walk.size >= 18 { walk.read(walk.size - 10, 10)? } else { vec![0; 10] };
    if tail[4..] != *MAGIC {
        return Err(walk.truncated(format!("its {} bytes do not end in `ARROW1`, so the footer is missing", walk.size)));
    }
    let length = i32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
    let start = u64::try_from(length).ok().and_then(|length| (walk.size - 10).checked_sub(length));
    let Some(start) = start else {
        return Err(walk.corrupt(format!("a footer of {length} bytes in a file of {}", walk.size)));
    };
    let bytes = walk.read(start, walk.size - 10 - start)?;
    let footer = root_as_footer(&bytes).map_err(|e| walk.corrupt(e))?;
    let Some(schema) = footer.schema() else {
        return Err(walk.corrupt("the footer has no schema"));
    };
    let mut rows = Vec::new();
    let dictionaries = footer.dictionaries().into_iter().flatten().map(|block| (block, false));
    let batches = footer.recordBatches().into_iter().flatten().map(|block| (block, true));
    for (block, is_batch) in dictionaries.chain(batches) {
        let (offset, meta, body) = (block.offset(), i64::from(block.metaDataLength()), block.bodyLength());
        let [Ok(offset), Ok(meta), Ok(body)] = [offset, meta, body].map(u64::try_from) else {
            return Err(walk.corrupt("a block of negative size"));
        };
        if meta < 8 || offset.checked_add(meta).and_then(|end| end.checked_add(body)).is_none_or(|end| end > start) {
            return Err(walk.corrupt("a block that lies outside the file"));
        }
        let message = walk.read(offset, meta)?;
        let message = if message[..4] == CONTINUATION { &message[8..] } else { &message[4..] };
        let message = root_as_message(message).map_err(|e| walk.corrupt(e))?;
        if is_batch {
            let Some(count) = walk.rows(&message)? else {
                return Err(walk.corrupt("a block that is not a record batch"));
            };
            rows.push(count);
        }
    }
    if !schema.endianness().equals_to_target_endianness() {
        return Err(walk.corrupt("its byte order is not this machine's; write it again on a machine like this one"));
    }
    Ok(Scan { schema: Arc::new(arrow_ipc::convert::fb_to_schema(schema)), rows })
}

/// Walks an IPC stream: message after message. The end-of-stream mark may be absent, as the format allows.
pub(crate) fn scan_stream(file: &Arc<PathBuf>) -> Result<Scan> {
    let mut walk = Walk::open(file, "Arrow IPC stream")?;
    let mut offset = 0;
    let mut schema = None;
    let mut rows = Vec::new();
    while offset < walk.size {
        let mut length = walk.read(offset, 4)?;
        offset += 4;
        if length == CONTINUATION {
            length = walk.read(offset, 4)?;
            offset += 4;
        }
        let length = i32::from_le_bytes([length[0], length[1], length[2], length[3]]);
        if length == 0 {
            break;
        }
        let Ok(length) = u64::try_from(length) else {
            return Err(walk.corrupt(format!("a message of {length} bytes at byte {offset}")));
        };
        let bytes = walk.read(offset, length)?;
        offset += length;
        let message = root_as_message(&bytes).map_err(|e| walk.corrupt(e))?;
        match (&schema, message.header_as_schema()) {
            (None, Some(found)) => schema = Some(Arc::new(arrow_ipc::convert::fb_to_schema(found))),
            (None, None) => return Err(walk.corrupt("its first message is not a schema")),
            (Some(_), Some(_)) => return Err(walk.corrupt("a second schema; split the streams into files")),
            (Some(_), None) => rows.extend(walk.rows(&message)?),
        }
        let Ok(body) = u64::try_from(message.bodyLength()) else {
            return Err(walk.corrupt(format!("a message body of {} bytes", message.bodyLength())));
        };
        if offset.checked_add(body).is_none_or(|end| end > walk.size) {
            return Err(walk.truncated(format!(
                "a message at byte {offset} needs {body} bytes, and the file has {}",
                walk.size - offset
            )));
        }
        offset += body;
    }
    match schema {
        Some(schema) => Ok(Scan { schema, rows }),
        None => Err(walk.truncated("its schema is missing".into())),
    }
}

/// Decodes the columns `columns` (ascending) of one record batch of a file.
pub(crate) fn read_block(
    file: &Arc<PathBuf>,
    block: usize,
    columns: &[usize],
    emit: &mut dyn FnMut(RecordBatch) -> Result<bool>,
) -> Result<()> {
    let place = || Place::file(file);
    let corrupt = |e: arrow_schema::ArrowError| Error::Corrupt {
        place: place(),
        format: "Arrow IPC",
        reason: format!("record batch {}: {e}", block + 1),
    };
    let input = File::open(&**file).map_err(|source| Error::Io { place: place(), source })?;
    let mut reader = FileReader::try_new(BufReader::new(input), Some(columns.to_vec())).map_err(corrupt)?;
    reader.set_index(block).map_err(corrupt)?;
    if let Some(batch) = reader.next() {
        emit(batch.map_err(corrupt)?)?;
    }
    Ok(())
}

/// Decodes the columns `columns` (ascending) of a whole stream.
pub(crate) fn read_stream(
    file: &Arc<PathBuf>,
    columns: &[usize],
    emit: &mut dyn FnMut(RecordBatch) -> Result<bool>,
) -> Result<()> {
    let corrupt = |e: arrow_schema::ArrowError| Error::Corrupt {
        place: Place::file(file),
        format: "Arrow IPC stream",
        reason: e.to_string(),
    };
    let input = File::open(&**file).map_err(|source| Error::Io { place: Place::file(file), source })?;
    let reader = StreamReader::try_new(BufReader::new(input), Some(columns.to_vec())).map_err(corrupt)?;
    for batch in reader {
        if !emit(batch.map_err(corrupt)?)? {
            break;
        }
    }
    Ok(())
}
