//! A part of a file that one thread reads: the unit of parallel reading.

/// A run of rows of one file.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// Index into the source's files.
    pub(crate) file: usize,
    /// The first data row, counted from 1 within the file.
    pub(crate) first_row: u64,
    /// How many rows.
    pub(crate) rows: u64,
    /// Where the rows lie.
    pub(crate) at: At,
}

/// Where a part's rows lie in their file.
#[derive(Clone, Debug)]
pub(crate) enum At {
    /// At this byte of the uncompressed text, which is on this line (counted from 1).
    Text { offset: u64, line: u64 },
    /// In this row group of a Parquet file.
    RowGroup(usize),
    /// In this record batch of an Arrow IPC file.
    Block(usize),
    /// In the whole file.
    Stream,
}
