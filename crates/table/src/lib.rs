//! Rows in: CSV, NDJSON, Parquet and Arrow IPC, streamed, counted, and made into a training set.
//!
//! [`Source`] opens a path or a glob and gives its schema, its exact number of rows and an iterator of Arrow record
//! batches. [`read_dataset`] makes of it what a training wants: one dense row-major `f32` matrix, a target, and an
//! account of every row: read = used + excluded (by reason). [`read_columnar`] makes of it what a linear model wants: the
//! same by column, at the precision of the file, with categories as codes; [`stream_columnar`] gives that block by block, for tables
//! that need not fit into memory.
//!
//! The decision that shapes this crate is that **a file is understood as a whole before a row of it is given out**.
//! Text is read twice: once to learn its structure, types and row count, and once to parse it. A type is therefore
//! never guessed from the first rows and found wrong a million rows later; a ragged line is reported at once; the
//! matrix is allocated once, at its exact size; and the first reading leaves marks at which the second one splits
//! across threads. The price is a second pass over text files (which the page cache softens); Parquet and Arrow IPC
//! carry the same facts in their metadata and are read once.
//!
//! Not here: splitting, standardizing, batching, or any knowledge of models. No async runtime and no query engine.
//!
//! ```
//! use gradiometer_table::{DatasetOptions, Options, Source, Target, read_dataset};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("iris.csv");
//! std::fs::write(&path, "length,width,kind\n5.1,3.5,setosa\n6.7,3.1,virginica\n5.9,3.0,virginica\n")?;
//!
//! let source = Source::open(path.to_str().unwrap(), &Options::default())?;
//! let dataset = read_dataset(&source, &DatasetOptions { targets: vec!["kind".into()], ..Default::default() })?;
//! assert_eq!((dataset.len(), dataset.width()), (3, 2));
//! assert_eq!(dataset.row(1), [6.7, 3.1]);
//! let Target::Classes { labels, indices, .. } = &dataset.target else { panic!() };
//! assert_eq!(labels, &["setosa", "virginica"]);
//! assert_eq!(indices, &[0, 1, 1]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod batches;
mod column_type;
mod convert;
mod dataset;
mod error;
mod fold;
mod format;
mod ipc;
mod parquet;
mod part;
mod paths;
mod place;
mod source;
mod suggest;
mod summary;
mod text;
mod unify;

pub use batches::{Batch, Batches};
pub use column_type::ColumnType;
pub use dataset::{
    CategoryColumn, Columnar, ColumnarOptions, KnownColumn, Response, Values, read_columnar, stream_columnar,
};
pub use dataset::{Dataset, DatasetOptions, Encode, FeatureColumn, Imputed, Missing, Rows, Target, Task, read_dataset};
pub use error::{Error, Result};
pub use format::Format;
pub use place::Place;
pub use source::{DEFAULT_MISSING_MARKERS, FileInfo, Options, Source};
pub use suggest::nearest_first;
pub use summary::{ColumnSummary, Summary};
