//! Parquet: one part a row group, only the columns asked for.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
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

/// Decodes the columns `roots` (ascending) of one row group. `emit` answers whether to go on.
pub(crate) fn read(
    file: &Arc<PathBuf>,
    metadata: &ArrowReaderMetadata,
    row_group: usize,
    roots: &[usize],
    batch_rows: usize,
    emit: &mut dyn FnMut(RecordBatch) -> Result<bool>,
) -> Result<()> {
    let input = File::open(&**file).map_err(|source| Error::Io { place: Place::file(file), source })?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), roots.iter().copied());
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(input, metadata.clone())
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
