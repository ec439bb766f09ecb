//! One flush of one stream as bytes: the dictionaries and the record batch, as Arrow IPC stream messages.
//!
//! Each frame brings its own dictionaries (an IPC stream may replace a dictionary at any time), so that it can be read
//! with nothing but the schema message at the start of the file. A frame is decoded only after its checksum was found
//! right: the Arrow decoder trusts lengths inside a message, and may panic on a message that was tampered with.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_buffer::{Buffer, MutableBuffer};
use arrow_ipc::MetadataVersion;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::writer::{IpcWriteOptions, StreamWriter};
use arrow_schema::{ArrowError, Schema, SchemaRef};

/// Messages are padded to this many bytes, the least that the format allows: batches are small.
const ALIGNMENT: usize = 8;

fn options() -> Result<IpcWriteOptions, ArrowError> {
    IpcWriteOptions::try_new(ALIGNMENT, false, MetadataVersion::V5)
}

/// The bytes with which a stream of this schema begins.
pub fn schema_bytes(schema: &Schema) -> Result<Vec<u8>, ArrowError> {
    let mut bytes = Vec::new();
    StreamWriter::try_new_with_options(&mut bytes, schema, options()?)?;
    Ok(bytes)
}

/// Writes the frame of `batch` into `bytes`, whose former content is dropped.
pub fn encode(batch: &RecordBatch, bytes: &mut Vec<u8>) -> Result<(), ArrowError> {
    bytes.clear();
    let schema_length = {
        let mut writer = StreamWriter::try_new_with_options(&mut *bytes, &batch.schema(), options()?)?;
        let schema_length = writer.get_ref().len();
        writer.write(batch)?;
        schema_length
    };
    bytes.drain(..schema_length);
    Ok(())
}

/// The batch in `frame`, behind the schema message of its file. Both are known to be what was written.
pub fn decode(schema: Buffer, frame: Buffer) -> Result<RecordBatch, String> {
    let mut decoder = StreamDecoder::new();
    for mut buffer in [schema, frame] {
        while !buffer.is_empty() {
            if let Some(batch) = decoder.decode(&mut buffer).map_err(|e| e.to_string())? {
                return Ok(batch);
            }
        }
    }
    Err("there is no record batch in it".into())
}

/// The schema in the schema message of a file, which is known to be what was written.
pub fn schema(bytes: Buffer) -> Result<SchemaRef, String> {
    let mut decoder = StreamDecoder::new();
    // The decoder looks at a message when it sees the first bytes of the next.
    for mut buffer in [bytes, Buffer::from([0xff_u8; 4])] {
        decoder.decode(&mut buffer).map_err(|e| e.to_string())?;
    }
    decoder.schema().ok_or_else(|| "there is no schema in it".to_owned())
}

/// An aligned buffer of `length` bytes, filled by `read`.
pub fn filled(length: usize, read: impl FnOnce(&mut [u8]) -> std::io::Result<()>) -> std::io::Result<Buffer> {
    let mut buffer = MutableBuffer::from_len_zeroed(length);
    read(buffer.as_slice_mut())?;
    Ok(buffer.into())
}

/// The column of this name and type.
pub fn column<'a, T: Array + 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T, String> {
    let column = batch.column_by_name(name).ok_or_else(|| format!("there is no column `{name}`"))?;
    column
        .as_any()
        .downcast_ref()
        .ok_or_else(|| format!("column `{name}` holds {}, which is not what this version reads", column.data_type()))
}

/// A batch of these columns, in the order of the schema.
pub fn batch(schema: &Arc<Schema>, columns: Vec<arrow_array::ArrayRef>) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new(schema.clone(), columns)
}
