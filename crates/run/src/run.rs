//! The reader of a run directory, of a run that ended in any way or is still going on.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use arrow_buffer::Buffer;
use serde::de::DeserializeOwned;

use crate::journal::{Flush, Journal, Span};
use crate::layout::{FINDINGS, JOURNAL, MANIFEST, SCALARS, SIGNALS, is_plain};
use crate::{Checkpoint, Error, Manifest, Records, Status, checkpoint, frame, lock, scalars, signals};

/// A run on disk.
///
/// It sees what was flushed when it was opened; open it again to see more of a run that goes on.
#[derive(Debug)]
pub struct Run {
    dir: PathBuf,
    manifest: Manifest,
    live: bool,
    scan: Scan,
}

/// Where the record of a run breaks off in the middle of a batch, as it does when the process was killed while it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truncation {
    /// The file that breaks off.
    pub path: PathBuf,
    /// The first byte that is not part of a whole batch.
    pub offset: u64,
    /// What is missing, in words.
    pub what: String,
}

impl Run {
    /// Opens the run in `dir`.
    ///
    /// # Errors
    /// [`Error::NotARun`], [`Error::NewerFormat`], [`Error::Json`], [`Error::Read`]; [`Error::Corrupt`] where the journal
    /// is damaged before its end.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, Error> {
        let dir = dir.as_ref();
        let manifest = read_manifest(dir)?;
        let live = lock::is_held(dir);
        // The end of a run that ended between these two lines is not taken for an interruption.
        let manifest = if live || manifest.status != Status::Running { manifest } else { read_manifest(dir)? };
        Ok(Self { dir: dir.to_owned(), manifest, live, scan: Scan::of(dir)? })
    }

    /// The run directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The manifest as it is on disk; for how the run stands, ask [`Run::status`].
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// How the run stands: a run whose manifest says that it is running, and that no process is writing to, was
    /// interrupted.
    pub fn status(&self) -> Status {
        match (&self.manifest.status, self.live) {
            (Status::Running, false) => Status::Interrupted,
            (status, _) => status.clone(),
        }
    }

    /// Whether a process is writing to it.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// The step of the last whole record.
    pub fn last_step(&self) -> Option<u64> {
        self.scan.last_step()
    }

    /// Where the record breaks off, if it does so in the middle of a batch. All whole batches are there nevertheless.
    pub fn truncated(&self) -> Option<&Truncation> {
        self.scan.truncation.as_ref()
    }

    /// All records in the order of their steps.
    ///
    /// # Errors
    /// [`Error::Read`] where a stream cannot be opened; the iterator yields [`Error::Corrupt`] where it is damaged, and
    /// ends there.
    pub fn records(&self) -> Result<Records<'_>, Error> {
        self.records_from(0)
    }

    /// The records of `step` and after it. Batches before it are not read.
    ///
    /// # Errors
    /// As [`Run::records`].
    pub fn records_from(&self, step: u64) -> Result<Records<'_>, Error> {
        Records::of(&self.scan, step)
    }

    /// The findings, in the order in which they were written. A last line that was not written to its end is left out.
    ///
    /// # Errors
    /// [`Error::Line`] where a line is not a `T`, [`Error::Read`].
    pub fn findings<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        let path = self.dir.join(FINDINGS);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(Error::read(&path, error)),
        };
        let whole = bytes.iter().rposition(|&b| b == b'\n').unwrap_or(0);
        let lines = bytes[..whole].split(|&b| b == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
        lines
            .map(|(i, line)| {
                serde_json::from_slice(line).map_err(|e| Error::Line {
                    path: path.clone(),
                    line: i + 1,
                    message: format!("not a finding: {e}"),
                })
            })
            .collect()
    }

    /// The newest sound checkpoint, with those that were passed over because they are damaged; none where none was made.
    ///
    /// # Errors
    /// [`Error::Checkpoints`] where all are damaged, [`Error::Read`].
    pub fn latest_checkpoint(&self) -> Result<Option<Checkpoint>, Error> {
        checkpoint::latest(&self.dir)
    }

    /// The document `name`, such as `held_out.json`; none where it was not written.
    ///
    /// # Errors
    /// [`Error::Json`] where it is not a `T`, [`Error::Name`], [`Error::Read`].
    pub fn read_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        if !is_plain(name) {
            let reason = "it must be a single name that does not begin with a dot";
            return Err(Error::Name { name: name.to_owned(), reason });
        }
        let path = self.dir.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::read(&path, error)),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| Error::Json { path, message: e.to_string() })
    }
}

/// The manifest of the run in `dir`.
pub(crate) fn read_manifest(dir: &Path) -> Result<Manifest, Error> {
    let path = dir.join(MANIFEST);
    match fs::read(&path) {
        Ok(text) => Manifest::from_json(&text, &path),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let reason = match fs::metadata(dir) {
                Err(_) => "there is nothing of this name".to_owned(),
                Ok(found) if !found.is_dir() => "it is a file".to_owned(),
                Ok(_) => format!("there is no {MANIFEST} in it"),
            };
            Err(Error::NotARun { dir: dir.to_owned(), reason })
        }
        Err(error) => Err(Error::read(&path, error)),
    }
}

/// The journal of a run against the streams that are there.
#[derive(Debug)]
pub(crate) struct Scan {
    pub journal: Journal,
    /// How many flushes are whole.
    pub complete: usize,
    pub truncation: Option<Truncation>,
    pub signals: PathBuf,
    pub scalars: PathBuf,
}

impl Scan {
    pub fn of(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(JOURNAL);
        let bytes = fs::read(&path).map_err(|e| Error::read(&path, e))?;
        let journal = Journal::parse(&bytes, &path)?;
        let mut scan =
            Self { journal, complete: 0, truncation: None, signals: dir.join(SIGNALS), scalars: dir.join(SCALARS) };
        if scan.journal.torn {
            let what = "its last line is not complete".to_owned();
            scan.truncation = Some(Truncation { path, offset: scan.journal.end, what });
        }
        let streams = [(&scan.signals, length(&scan.signals)?), (&scan.scalars, length(&scan.scalars)?)];
        // The first of the two that does not reach as far as the first `flushes` flushes do.
        let short = |flushes: usize| {
            let (signals, scalars) = scan.journal.ends(flushes);
            streams.iter().zip([signals, scalars]).find(|((_, length), end)| length < end).map(|(stream, _)| stream)
        };
        let all = scan.journal.flushes.len();
        let reached = (0..=all).take_while(|&flushes| short(flushes).is_none()).count();
        scan.complete = reached.saturating_sub(1);
        if let Some(&(path, length)) = short(reached).filter(|_| reached <= all) {
            let (signals, scalars) = if reached == 0 { (0, 0) } else { scan.journal.ends(scan.complete) };
            scan.truncation = Some(Truncation {
                path: path.clone(),
                offset: if path == &scan.signals { signals } else { scalars },
                what: format!("it ends at byte {length}, within a batch"),
            });
        } else if let Some((last, _)) = scan.journal.flushes.last() {
            // The length of a file may reach the device before its content does.
            let flush = last.clone();
            for (path, span) in [(&scan.signals, flush.signals), (&scan.scalars, flush.scalars)] {
                let file = File::open(path).map_err(|e| Error::read(path, e))?;
                if let Err(Error::Corrupt { path, offset, what }) = read_span(&file, path, &span) {
                    scan.complete = all - 1;
                    scan.truncation = Some(Truncation { path, offset, what });
                    break;
                }
            }
        }
        Ok(scan)
    }

    /// The flushes that are whole.
    pub fn flushes(&self) -> impl ExactSizeIterator<Item = &Flush> {
        self.journal.flushes[..self.complete].iter().map(|(flush, _)| flush)
    }

    pub fn last_step(&self) -> Option<u64> {
        self.flushes().last().map(|flush| flush.last)
    }

    /// Fails unless the streams have the columns that this version writes.
    pub fn check_schemas(&self) -> Result<(), Error> {
        let Some(header) = &self.journal.header else { return Ok(()) };
        let expected =
            [(&self.signals, &header.signals, &*signals::SCHEMA), (&self.scalars, &header.scalars, &*scalars::SCHEMA)];
        for (path, span, schema) in expected {
            let file = File::open(path).map_err(|e| Error::read(path, e))?;
            let bytes = read_span(&file, path, span)?;
            let found = frame::schema(bytes).map_err(|what| Error::corrupt(path, 0, what))?;
            if found.fields() != schema.fields() {
                let what = "its columns are not those that this version writes, so that it can be read but not resumed";
                return Err(Error::corrupt(path, 0, what));
            }
        }
        Ok(())
    }
}

fn length(path: &Path) -> Result<u64, Error> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(error) => Err(Error::read(path, error)),
    }
}

/// The bytes of `span`, found to be those that were written.
pub(crate) fn read_span(file: &File, path: &Path, span: &Span) -> Result<Buffer, Error> {
    // Asked first, so that a damaged length cannot make it allocate more than there is to read.
    let length = file.metadata().map_err(|e| Error::read(path, e))?.len();
    if span.end() > length {
        return Err(Error::corrupt(
            path,
            length,
            format!("the file ends here, within a batch that begins at byte {}", span.offset),
        ));
    }
    let bytes = usize::try_from(span.bytes).map_err(|e| Error::corrupt(path, span.offset, e.to_string()))?;
    let buffer =
        frame::filled(bytes, |buffer| file.read_exact_at(buffer, span.offset)).map_err(|e| Error::read(path, e))?;
    if crc32fast::hash(&buffer) != span.crc32 {
        let what = format!("the {bytes} bytes of the batch and their checksum disagree");
        return Err(Error::corrupt(path, span.offset, what));
    }
    Ok(buffer)
}
