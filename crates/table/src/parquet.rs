//! Parquet: one part a row group, only the columns asked for.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, FieldRef, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;

use crate::error::{Error, Result};
use crate::place::Place;

const NAME: &str = "Parquet";

/// The bytes that open and close a file.
const MAGIC: &[u8] = b"PAR1";

/// The metadata of a file: its schema and the number of rows of each row group.
pub(crate) struct Scan {
    pub(crate) schema: SchemaRef,
    pub(crate) rows: Vec<u64>,
    pub(crate) metadata: ArrowReaderMetadata,
}

fn corrupt(file: &Arc<PathBuf>, error: ParquetError) -> Error {
    Error::Corrupt { place: Place::file(file), format: NAME, reason: error.to_string() }
}

/// Reads the footer.
pub(crate) fn scan(file: &Arc<PathBuf>) -> Result<Scan> {
    let io = |source| Error::Io { place: Place::file(file), source };
    let mut input = File::open(&**file).map_err(io)?;
    let size = input.metadata().map_err(io)?.len();
    let mut tail = [0; 4];
    // Magic, the footer's length, magic: nothing valid is shorter.
    if size >= 12 {
        input.seek(SeekFrom::End(-4)).map_err(io)?;
        input.read_exact(&mut tail).map_err(io)?;
    }
    if tail != MAGIC {
        return Err(Error::Truncated {
            place: Place::file(file),
            format: NAME,
            reason: format!("its {size} bytes do not end in `PAR1`, so the footer is missing"),
        });
    }
    let metadata = ArrowReaderMetadata::load(&input, ArrowReaderOptions::new()).map_err(|e| corrupt(file, e))?;
    let mut rows = Vec::new();
    for group in metadata.metadata().row_groups() {
        rows.push(u64::try_from(group.num_rows()).map_err(|_| Error::Corrupt {
            place: Place::file(file),
            format: NAME,
            reason: format!("a row group with {} rows", group.num_rows()),
        })?);
    }
    Ok(Scan { schema: Arc::clone(metadata.schema()), rows, metadata })
}

/// The same, where columns of text are read as dictionaries.
fn with_dictionaries(metadata: &ArrowReaderMetadata, roots: &[usize]) -> Result<ArrowReaderMetadata, ParquetError> {
    let mut fields: Vec<FieldRef> = metadata.schema().fields().iter().cloned().collect();
    for &root in roots {
        let field = &fields[root];
        if matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
            let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            fields[root] = Arc::new(field.as_ref().clone().with_data_type(dictionary));
        }
    }
    let schema = Schema::new_with_metadata(fields, metadata.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(Arc::new(schema));
    ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)
}

/// Which rows of a file are read, and how.
pub(crate) struct Rows {
    pub(crate) row_group: usize,
    pub(crate) batch_rows: usize,
    /// Columns of text come as dictionaries, which most files hold them as.
    pub(crate) dictionaries: bool,
}

/// Decodes the columns `roots` (ascending) of one row group. `emit` answers whether to go on.
pub(crate) fn read(
    file: &Arc<PathBuf>,
    metadata: &ArrowReaderMetadata,
    Rows { row_group, batch_rows, dictionaries }: Rows,
    roots: &[usize],
    emit: &mut dyn FnMut(RecordBatch) -> Result<bool>,
) -> Result<()> {
    let input = File::open(&**file).map_err(|source| Error::Io { place: Place::file(file), source })?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
    let metadata = if dictionaries { with_dictionaries(metadata, roots) } else { Ok(metadata.clone()) };
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(input, metadata.map_err(|e| corrupt(file, e))?)
        .with_row_groups(vec![row_group])
        .with_projection(mask)
        .with_batch_size(batch_rows)
        .build()
        .map_err(|e| corrupt(file, e))?;
    for batch in reader {
        let batch = batch.map_err(|e| Error::Corrupt {
            place: Place::file(file),
            format: NAME,
            reason: format!("row group {}: {e}", row_group + 1),
        })?;
        if !emit(batch)? {
            break;
        }
    }
    Ok(())
}
