//! A table: one or several files of rows, understood as a whole before a row is given out.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use arrow_schema::{Field, Schema, SchemaRef};
use flate2::read::MultiGzDecoder;
use glob::Pattern;
use tempfile::TempDir;

use crate::batches::Batches;
use crate::column_type::{ColumnType, Observed};
use crate::error::{Error, Result};
use crate::format::{self, Format};
use crate::part::{At, Part};
use crate::place::{Place, STANDARD_INPUT};
use crate::suggest::{list, nearest};
use crate::text::{self, Markers};
use crate::unify::{FileSchema, unify};
use crate::{ipc, parquet, paths};

/// The words that stand for a missing value unless the options say otherwise; the empty value always does.
pub const DEFAULT_MISSING_MARKERS: [&str; 7] = ["NA", "N/A", "NaN", "nan", "null", "NULL", "#N/A"];

/// How to read files.
#[derive(Clone, Debug)]
pub struct Options {
    /// The format, where neither content nor name should decide. Default: by content, checked against the name.
    pub format: Option<Format>,
    /// CSV: the byte between fields. Default: of comma, tab, semicolon and bar the one that the first line uses most.
    pub delimiter: Option<u8>,
    /// CSV: whether the first line names the columns. Default: true. Without, they are `column_1`, `column_2`, ….
    pub header: bool,
    /// Types of columns, by name, in place of the inferred ones.
    pub types: BTreeMap<String, ColumnType>,
    /// Columns that are text whatever they look like, and whose empty value is a text and not missing, such as lists that may be
    /// empty. A name that no column bears is none of these.
    pub empty_texts: Vec<String>,
    /// Words that stand for a missing value, in all formats; those that are numbers (`-999`) also stand for one in
    /// columns of numbers. Default: [`DEFAULT_MISSING_MARKERS`]. The empty value is missing but in `empty_texts`.
    pub missing_markers: Vec<String>,
    /// The most rows in a batch. Default: 8192. Wide tables get fewer: about a million values.
    pub batch_rows: usize,
    /// Threads that decode. Default: as many as the machine has.
    pub threads: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            delimiter: None,
            header: true,
            types: BTreeMap::new(),
            empty_texts: Vec::new(),
            missing_markers: DEFAULT_MISSING_MARKERS.map(String::from).to_vec(),
            batch_rows: 8192,
            threads: None,
        }
    }
}

/// What a source knows about one of its files.
#[derive(Clone, Debug)]
pub struct FileInfo {
    /// The path.
    pub path: Arc<PathBuf>,
    /// The format found.
    pub format: Format,
    /// Its rows.
    pub rows: u64,
}

/// One or several files with the same columns, opened, checked, and counted.
///
/// Cloning is cheap: clones share what was learned about the files.
#[derive(Clone, Debug)]
pub struct Source {
    pub(crate) shared: Arc<Shared>,
}

/// What the threads that read share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) spec: String,
    pub(crate) options: Options,
    pub(crate) markers: Markers,
    pub(crate) schema: SchemaRef,
    pub(crate) files: Vec<Opened>,
    pub(crate) parts: Vec<Part>,
    /// Where a table that could be read only once is kept.
    _kept: Option<TempDir>,
}

/// A file that was scanned.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) path: Arc<PathBuf>,
    pub(crate) format: Format,
    pub(crate) gzip: bool,
    pub(crate) schema: SchemaRef,
    /// Position in this file of each of the table's columns.
    pub(crate) order: Vec<usize>,
    pub(crate) rows: u64,
    pub(crate) delimiter: u8,
    pub(crate) observed: Vec<Observed>,
    pub(crate) parquet: Option<ArrowReaderMetadata>,
    parts: Vec<Part>,
}

impl Source {
    /// Opens a file, or all files that a pattern matches (`data/part-*.csv`; `*`, `?`, `[…]`, `**`).
    ///
    /// Text files are read through once here; of Parquet and Arrow files only the metadata.
    ///
    /// # Errors
    /// A file is missing, empty, cut off, not what its name says, ragged or otherwise broken; the files do not have the
    /// same columns; or `options.types` names a column that is not there.
    pub fn open(path_or_glob: &str, options: &Options) -> Result<Self> {
        Self::open_files(path_or_glob, &paths::resolve(path_or_glob)?, options, None)
    }

    fn open_files(spec: &str, paths: &[Arc<PathBuf>], options: &Options, kept: Option<TempDir>) -> Result<Self> {
        if options.batch_rows == 0 {
            return Err(Error::BadOption { reason: "`batch_rows` is 0; a batch needs at least one row".into() });
        }
        let markers = Markers::new(&options.missing_markers);
        let mut files = scan_all(paths, options, &markers)?;
        let schemas: Vec<FileSchema> = files
            .iter()
            .map(|file| FileSchema { file: &file.path, schema: &file.schema, observed: &file.observed })
            .collect();
        let texts = options.empty_texts.iter().map(|name| (name.clone(), ColumnType::String));
        let types = options.types.clone().into_iter().chain(texts).collect();
        let (schema, orders) = unify(&schemas, &types)?;
        let mut parts = Vec::new();
        for (number, (file, order)) in files.iter_mut().zip(orders).enumerate() {
            file.order = order;
            parts.extend(std::mem::take(&mut file.parts).into_iter().map(|part| Part { file: number, ..part }));
        }
        let shared =
            Shared { spec: spec.to_owned(), options: options.clone(), markers, schema, files, parts, _kept: kept };
        let source = Self { shared: Arc::new(shared) };
        for name in options.types.keys() {
            source.column("column in `types`", name)?;
        }
        Ok(source)
    }

    /// A table that can be read only once, such as standard input. It is kept in a temporary file, which goes away with the source:
    /// a table is understood as a whole before a row of it is given out.
    ///
    /// # Errors
    /// As [`Self::open`]; and where the input breaks off or the disk takes no more.
    pub fn read(mut input: impl Read, options: &Options) -> Result<Self> {
        let place = || Place::file(&Arc::new(PathBuf::from(STANDARD_INPUT)));
        let io = |source| Error::Io { place: place(), source };
        let folder = tempfile::tempdir().map_err(io)?;
        let path = folder.path().join(STANDARD_INPUT);
        let mut file = File::create(&path).map_err(io)?;
        std::io::copy(&mut input, &mut file).map_err(io)?;
        drop(file);
        let source = Self::open_files(STANDARD_INPUT, &[Arc::new(path)], options, Some(folder))?;
        Ok(source)
    }

    /// The table's columns: their names and types after inference and overrides. All are nullable.
    pub fn schema(&self) -> &SchemaRef {
        &self.shared.schema
    }

    /// Rows in all files.
    pub fn rows(&self) -> u64 {
        self.shared.files.iter().map(|file| file.rows).sum()
    }

    /// The files, in the order in which they are read.
    pub fn files(&self) -> impl ExactSizeIterator<Item = FileInfo> {
        self.shared.files.iter().map(|f| FileInfo { path: Arc::clone(&f.path), format: f.format, rows: f.rows })
    }

    /// The path or pattern as it was given.
    pub fn spec(&self) -> &str {
        &self.shared.spec
    }

    /// All rows with all columns, in the order of the files and of the rows in them.
    ///
    /// Parts of the files are decoded in parallel, a few batches ahead of the reader and no more.
    pub fn batches(&self) -> Batches {
        self.batches_of((0..self.schema().fields().len()).collect())
    }

    /// All rows with these columns (indices into the schema), in this order.
    pub(crate) fn batches_of(&self, columns: Vec<usize>) -> Batches {
        Batches::start(Arc::clone(&self.shared), columns)
    }

    /// The index of a column by its name.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], with `role` saying what the name was given as, the columns there are, and the nearest.
    pub fn column(&self, role: &'static str, name: &str) -> Result<usize> {
        let fields = self.schema().fields();
        fields.iter().position(|field| field.name() == name).ok_or_else(|| Error::NoSuchColumn {
            role,
            column: name.to_owned(),
            table: self.spec().to_owned(),
            columns: self.columns_in_words().into(),
            nearest: nearest(name, fields.iter().map(|field| field.name().as_str())).map(str::to_owned),
        })
    }

    /// The positions of the columns of this name, or that match this pattern (`gene_*`); `role` is for the message.
    ///
    /// # Errors
    /// [`Error::NoSuchColumn`], with the nearest name.
    pub fn select(&self, role: &'static str, name: &str) -> Result<Vec<usize>> {
        if let Ok(at) = self.schema().index_of(name) {
            return Ok(vec![at]);
        }
        let fields = self.schema().fields();
        let pattern = Pattern::new(name).ok().filter(|_| name.contains(['*', '?', '[']));
        let matches = |field: &str| pattern.as_ref().is_some_and(|pattern| pattern.matches(field));
        let found: Vec<usize> = (0..fields.len()).filter(|&at| matches(fields[at].name())).collect();
        if found.is_empty() { Ok(vec![self.column(role, name)?]) } else { Ok(found) }
    }

    pub(crate) fn columns_in_words(&self) -> String {
        list(self.schema().fields().iter().map(|field| field.name().as_str()))
    }
}

/// The number of threads to use for `parts` pieces of work.
pub(crate) fn threads(options: &Options, parts: usize) -> usize {
    let most = options.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    most.clamp(1, parts.max(1))
}

/// Scans all files, several at a time; the error of the first file in order wins.
fn scan_all(paths: &[Arc<PathBuf>], options: &Options, markers: &Markers) -> Result<Vec<Opened>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = paths.get(at) else { return done };
            done.push((at, scan(path, options, markers)));
        }
    };
    // A thread even for one file: should a decoder panic on bytes that no check foresaw, the thread ends, not the
    // program.
    let results = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads(options, paths.len())).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join()).collect::<Vec<_>>()
    });
    let mut scanned: Vec<Option<Result<Opened>>> = paths.iter().map(|_| None).collect();
    for (at, result) in results.into_iter().flatten().flatten() {
        scanned[at] = Some(result);
    }
    scanned.into_iter().zip(paths).map(|(result, path)| result.unwrap_or_else(|| Err(decoder_gave_up(path)))).collect()
}

/// The error for a decoder that panicked.
pub(crate) fn decoder_gave_up(path: &Arc<PathBuf>) -> Error {
    Error::Corrupt {
        place: Place::file(path),
        format: "table",
        reason: "its decoder gave up on it; copy or write the file again".into(),
    }
}

/// How much of a file is looked at to tell its format.
const HEAD: u64 = 64 << 10;

fn head(path: &Arc<PathBuf>) -> Result<(Vec<u8>, bool)> {
    let place = || Place::file(path);
    let open = || File::open(&**path).map_err(|source| Error::Io { place: place(), source });
    let mut head = Vec::new();
    open()?.take(HEAD).read_to_end(&mut head).map_err(|source| Error::Io { place: place(), source })?;
    if head.is_empty() {
        return Err(Error::Empty { place: place() });
    }
    if !format::is_gzip(&head) {
        return Ok((head, false));
    }
    head.clear();
    MultiGzDecoder::new(open()?).take(HEAD).read_to_end(&mut head).map_err(|e| text::io_error(path, e))?;
    if head.is_empty() {
        return Err(Error::Empty { place: place() });
    }
    Ok((head, true))
}

fn scan(path: &Arc<PathBuf>, options: &Options, markers: &Markers) -> Result<Opened> {
    let (head, gzip) = head(path)?;
    let format = format::detect(path, &head, gzip, options.format)?;
    let is_given = |name: &str| options.types.contains_key(name) || options.empty_texts.iter().any(|text| text == name);
    let mut opened = Opened {
        path: Arc::clone(path),
        format,
        gzip,
        schema: Arc::new(Schema::empty()),
        order: Vec::new(),
        rows: 0,
        delimiter: 0,
        observed: Vec::new(),
        parquet: None,
        parts: Vec::new(),
    };
    match format {
        Format::Csv => {
            let dialect = text::csv::Dialect {
                header: options.header,
                delimiter: options.delimiter,
                markers,
                is_given: &is_given,
            };
            opened.take_text(text::csv::scan(path, gzip, &head, &dialect)?);
        }
        Format::Ndjson => opened.take_text(text::ndjson::scan(path, gzip, &head, markers, &is_given)?),
        Format::Parquet => {
            let scan = parquet::scan(path)?;
            opened.parquet = Some(scan.metadata);
            opened.take_pieces(scan.schema, &scan.rows, At::RowGroup)?;
        }
        Format::ArrowFile => {
            let scan = ipc::scan_file(path)?;
            opened.take_pieces(scan.schema, &scan.rows, At::Block)?;
        }
        Format::ArrowStream => {
            let scan = ipc::scan_stream(path)?;
            opened.take_pieces(scan.schema, &[scan.rows.iter().sum()], |_| At::Stream)?;
        }
    }
    Ok(opened)
}

impl Opened {
    fn take_text(&mut self, scan: text::Scan) {
        let fields: Vec<Field> = scan
            .names
            .iter()
            .zip(&scan.observed)
            .map(|(name, seen)| {
                let data_type = seen.column_type().map_or(arrow_schema::DataType::Null, ColumnType::data_type);
                Field::new(name, data_type, true)
            })
            .collect();
        self.schema = Arc::new(Schema::new(fields));
        self.rows = scan.rows;
        self.delimiter = scan.delimiter;
        self.observed = scan.observed;
        let ends = scan.marks.iter().skip(1).map(|mark| mark.row).chain([scan.rows + 1]);
        self.parts = scan
            .marks
            .iter()
            .zip(ends)
            .map(|(mark, end)| Part {
                file: 0,
                first_row: mark.row,
                rows: end - mark.row,
                at: At::Text { offset: mark.offset, line: mark.line },
            })
            .collect();
    }

    fn take_pieces(&mut self, schema: SchemaRef, rows: &[u64], at: impl Fn(usize) -> At) -> Result<()> {
        let mut names = std::collections::HashSet::new();
        if let Some(field) = schema.fields().iter().find(|field| !names.insert(field.name().as_str())) {
            return Err(Error::DuplicateColumn { place: Place::file(&self.path), column: field.name().clone() });
        }
        self.schema = schema;
        for (piece, &count) in rows.iter().enumerate() {
            let part = Part { file: 0, first_row: self.rows + 1, rows: count, at: at(piece) };
            self.rows += count;
            if count > 0 {
                self.parts.push(part);
            }
        }
        Ok(())
    }
}
