//! The writer of a run directory.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::checkpoint::{self, Failed};
use crate::disk::{self, Appender};
use crate::error::WriteError;
use crate::journal::{self, Flush, Header, Span};
use crate::layout::{BALLAST, FORMAT, MANIFEST, RESERVED, SIGNALS, is_plain};
use crate::lock::Lock;
use crate::{Error, Manifest, Record, Status, frame, scalars, signals};

/// A batch is written when it holds this many records, …
const RECORDS: usize = 64;
/// … or about this many bytes, …
const BYTES: u64 = 1 << 18;
/// … or when this much time has passed since the last one was: so a killed run of slow steps loses little.
const INTERVAL: Duration = Duration::from_secs(1);
/// Records wait in memory up to this many bytes while they cannot be written; far below what a column's 32-bit offsets
/// can address.
const LIMIT: u64 = 1 << 28;
/// Writes a run directory.
///
/// Records are buffered, and a batch of them is handed to the operating system after 64 records, 256 KiB or 1 s,
/// whichever comes first (looked at when a record comes), and at [`flush`](Self::flush),
/// [`checkpoint`](Self::checkpoint) and [`finish`](Self::finish). What was handed over survives the end of the process
/// in any way, SIGKILL included. Checkpoints and the end of the run also wait for the device, so that what they cover
/// survives a loss of power.
///
/// After an error of a write, the files are as before it, and what could not be written is tried again by the next
/// flush. A recorder that is dropped without [`finish`](Self::finish) leaves a run that is
/// [interrupted](Status::Interrupted).
#[derive(Debug)]
pub struct Recorder {
    pub(crate) dir: PathBuf,
    pub(crate) manifest: Manifest,
    pub(crate) files: Files,
    signals: signals::Columns,
    scalars: scalars::Columns,
    empty: Vec<u64>,
    /// First and last step of the buffered records.
    buffered: Option<(u64, u64)>,
    buffered_records: usize,
    buffered_bytes: u64,
    frame: Frame,
    /// Whether `frame` was encoded and not yet written.
    frame_waits: bool,
    last_flush: Instant,
    pub(crate) last_appended: Option<u64>,
    pub(crate) last_flushed: Option<u64>,
    pub(crate) last_checkpoint: Option<u64>,
    ended: bool,
    /// Released last, when all else is done.
    _lock: Lock,
}

/// The files that grow.
#[derive(Debug)]
pub(crate) struct Files {
    pub journal: Appender,
    pub signals: Appender,
    pub scalars: Appender,
    pub findings: Appender,
}

/// One flush, encoded.
#[derive(Debug, Default)]
struct Frame {
    steps: (u64, u64),
    empty: Vec<u64>,
    signals: Vec<u8>,
    scalars: Vec<u8>,
}

impl Recorder {
    pub(crate) fn new(dir: &Path, manifest: Manifest, files: Files, lock: Lock) -> Self {
        Self {
            dir: dir.to_owned(),
            manifest,
            files,
            signals: signals::Columns::default(),
            scalars: scalars::Columns::default(),
            empty: vec![],
            buffered: None,
            buffered_records: 0,
            buffered_bytes: 0,
            frame: Frame::default(),
            frame_waits: false,
            last_flush: Instant::now(),
            last_appended: None,
            last_flushed: None,
            last_checkpoint: None,
            ended: false,
            _lock: lock,
        }
    }

    /// The run directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The manifest as it was last written.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The last step whose record was handed to the operating system.
    pub fn last_flushed(&self) -> Option<u64> {
        self.last_flushed
    }

    /// Adds a record; its step must be after all that were recorded, and not before the last checkpoint's.
    ///
    /// # Errors
    /// [`Error::Order`], [`Error::TooLarge`]; [`Error::Write`] when this record filled a batch and the batch could not
    /// be written. The record then waits in memory, unless 256 MiB wait already.
    pub fn append(&mut self, record: &Record) -> Result<(), Error> {
        let step = record.step;
        let least = self.last_appended.map_or(0, |s| s.saturating_add(1)).max(self.last_checkpoint.unwrap_or(0));
        if step < least || self.last_appended == Some(step) {
            return Err(Error::Order { dir: self.dir.clone(), step, least });
        }
        let bytes = size(record);
        if bytes > LIMIT {
            return Err(Error::TooLarge { step, bytes, limit: LIMIT });
        }
        if self.buffered_bytes + bytes > LIMIT {
            self.flush()?;
        }
        for scalar in &record.scalars {
            self.scalars.push(step, scalar);
        }
        for signal in &record.signals {
            self.signals.push(step, signal);
        }
        if record.scalars.is_empty() && record.signals.is_empty() {
            self.empty.push(step);
        }
        self.buffered = Some((self.buffered.map_or(step, |(first, _)| first), step));
        self.buffered_records += 1;
        self.buffered_bytes += bytes;
        self.last_appended = Some(step);
        if self.buffered_records >= RECORDS || self.buffered_bytes >= BYTES || self.last_flush.elapsed() >= INTERVAL {
            self.flush()?;
        }
        Ok(())
    }

    /// Hands all records to the operating system.
    ///
    /// # Errors
    /// [`Error::Write`]; the records then wait in memory, and the next flush tries them again.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.last_flush = Instant::now();
        if self.frame_waits {
            self.write_frame()?;
        }
        let Some(steps) = self.buffered else { return Ok(()) };
        self.encode(steps).map_err(|e| self.failed((self.dir.join(SIGNALS), e)))?;
        self.write_frame()
    }

    /// Moves the buffered records into the frame.
    fn encode(&mut self, steps: (u64, u64)) -> io::Result<()> {
        self.frame.steps = steps;
        self.frame.empty = std::mem::take(&mut self.empty);
        self.frame.signals.clear();
        self.frame.scalars.clear();
        self.buffered = None;
        self.buffered_records = 0;
        self.buffered_bytes = 0;
        if !self.signals.is_empty() {
            let batch = self.signals.take().map_err(io::Error::other)?;
            frame::encode(&batch, &mut self.frame.signals).map_err(io::Error::other)?;
        }
        if !self.scalars.is_empty() {
            let batch = self.scalars.take().map_err(io::Error::other)?;
            frame::encode(&batch, &mut self.frame.scalars).map_err(io::Error::other)?;
        }
        self.frame_waits = true;
        Ok(())
    }

    fn write_frame(&mut self) -> Result<(), Error> {
        let files = &mut self.files;
        let before = (files.journal.length(), files.signals.length(), files.scalars.length());
        let flush = Flush {
            first: self.frame.steps.0,
            last: self.frame.steps.1,
            signals: Span::of(before.1, &self.frame.signals),
            scalars: Span::of(before.2, &self.frame.scalars),
            findings: files.findings.length(),
            empty: std::mem::take(&mut self.frame.empty),
        };
        let written = append(&mut files.journal, &journal::line(&flush))
            .and_then(|()| append(&mut files.signals, &self.frame.signals))
            .and_then(|()| append(&mut files.scalars, &self.frame.scalars));
        if let Err(failed) = written {
            files.scalars.roll_back(before.2);
            files.signals.roll_back(before.1);
            files.journal.roll_back(before.0);
            self.frame.empty = flush.empty;
            return Err(self.failed(failed));
        }
        self.frame_waits = false;
        self.last_flushed = Some(flush.last);
        Ok(())
    }

    /// Adds a line to `findings.jsonl` and hands it to the operating system.
    ///
    /// # Errors
    /// [`Error::Unwritable`], [`Error::Write`].
    pub fn finding<T: Serialize + ?Sized>(&mut self, finding: &T) -> Result<(), Error> {
        let path = self.files.findings.path().to_owned();
        let mut line = serde_json::to_vec(finding)
            .map_err(|e| Error::Unwritable { path: path.clone(), message: e.to_string() })?;
        line.push(b'\n');
        append(&mut self.files.findings, &line).map_err(|f| self.failed_to("a finding", f))
    }

    /// Keeps the state of the training before `step`, and removes all but the `keep` newest checkpoints (at least one).
    ///
    /// All records are flushed first, and on return everything is on the device. The checkpoint is there whole or not
    /// at all.
    ///
    /// # Errors
    /// [`Error::LateCheckpoint`] when `step` was recorded already, [`Error::Name`], [`Error::Write`].
    pub fn checkpoint(&mut self, step: u64, files: &[(&str, &[u8])], keep: usize) -> Result<(), Error> {
        for (name, _) in files {
            checkpoint::check_name(name)?;
        }
        if let Some(last) = self.last_appended.filter(|&last| last >= step) {
            return Err(Error::LateCheckpoint { dir: self.dir.clone(), step, last });
        }
        self.flush()?;
        let lost = format!("the checkpoint of step {step}");
        self.files.sync().map_err(|f| self.failed_to(&lost, f))?;
        checkpoint::write(&self.dir, step, self.last_flushed, self.files.findings.length(), files)
            .map_err(|f| self.failed_to(&lost, f))?;
        self.last_checkpoint = Some(step);
        checkpoint::prune(&self.dir, keep)
            .map_err(|f| self.failed_to("nothing, but an old checkpoint could not be removed", f))?;
        self.manifest.last_step = self.last_flushed;
        self.write_manifest()
    }

    /// Writes `value` as the document `name`, such as `held_out.json`, in place of one that is there. A crash leaves
    /// the old one or the new one, whole. NaN and infinities become `null`, as JSON has none.
    ///
    /// # Errors
    /// [`Error::Name`], [`Error::Unwritable`], [`Error::Write`].
    pub fn write_json<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Error> {
        let mut text = serde_json::to_vec_pretty(value)
            .map_err(|e| Error::Unwritable { path: self.dir.join(name), message: e.to_string() })?;
        text.push(b'\n');
        self.write_file(name, &text)
    }

    /// Writes `bytes` as the document `name`, such as `report.html`, in place of one that is there. A crash leaves the
    /// old one or the new one, whole.
    ///
    /// # Errors
    /// [`Error::Name`], [`Error::Write`].
    pub fn write_file(&mut self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        check_document(name)?;
        let path = self.dir.join(name);
        disk::replace(&path, bytes).map_err(|e| self.failed_to(&format!("the document {name}"), (path, e)))
    }

    /// Changes the manifest, such as the row accounting once the data are read. The format and the status stay.
    ///
    /// # Errors
    /// [`Error::Unwritable`], [`Error::Write`].
    pub fn update_manifest(&mut self, change: impl FnOnce(&mut Manifest)) -> Result<(), Error> {
        let status = self.manifest.status.clone();
        change(&mut self.manifest);
        self.manifest.format = FORMAT;
        self.manifest.status = status;
        self.write_manifest()
    }

    /// Ends the run: flushes, waits for the device, and writes `status` into the manifest.
    ///
    /// When the last records cannot be written, the manifest says that the run failed, and why.
    ///
    /// # Errors
    /// [`Error::Write`], [`Error::Unwritable`].
    pub fn finish(mut self, status: Status) -> Result<(), Error> {
        self.end(status)
    }

    pub(crate) fn end(&mut self, status: Status) -> Result<(), Error> {
        self.ended = true;
        let synced = self.flush().and_then(|()| self.files.sync().map_err(|f| self.failed(f)));
        self.manifest.last_step = self.last_flushed;
        self.manifest.status = match (&synced, status) {
            (Err(error), Status::Finished | Status::Stopped { .. } | Status::Running) => {
                Status::Failed { error: error.to_string() }
            }
            (_, status) => status,
        };
        let written = self.write_manifest();
        let _ = fs::remove_file(self.dir.join(BALLAST));
        synced.and(written)
    }

    pub(crate) fn write_manifest(&mut self) -> Result<(), Error> {
        let path = self.dir.join(MANIFEST);
        let text = self.manifest.to_json(&path)?;
        let mut written = disk::replace(&path, &text);
        if written.as_ref().is_err_and(|e| matches!(e.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)) {
            // This is what the ballast was for.
            let _ = fs::remove_file(self.dir.join(BALLAST));
            written = disk::replace(&path, &text);
        }
        written.map_err(|e| self.failed_to("the state of the run in its manifest", (path, e)))
    }

    /// The error of a write that kept records from the disk.
    fn failed(&self, failed: Failed) -> Error {
        let first = if self.frame_waits { Some(self.frame.steps.0) } else { self.buffered.map(|(first, _)| first) };
        let lost = match (first, self.last_appended) {
            (Some(first), Some(last)) if first < last => format!("the records of steps {first} to {last}"),
            (Some(first), _) => format!("the record of step {first}"),
            (None, _) => "nothing that was recorded".to_owned(),
        };
        self.failed_to(&lost, failed)
    }

    pub(crate) fn failed_to(&self, lost: &str, (path, source): Failed) -> Error {
        Error::Write(Box::new(WriteError {
            path,
            source,
            lost: lost.to_owned(),
            last_flushed: self.last_flushed,
            last_checkpoint: self.last_checkpoint,
        }))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if !self.ended {
            // Nobody is left to hear of an error; readers see by the lock that the run is not going on.
            let _ = self.end(Status::Interrupted);
        }
    }
}

impl Files {
    /// Writes what the streams and the journal begin with.
    pub fn begin(&mut self) -> Result<(), Failed> {
        let other = |path: &Path| {
            let path = path.to_owned();
            move |e| (path, io::Error::other(e))
        };
        let signals = frame::schema_bytes(&signals::SCHEMA).map_err(other(self.signals.path()))?;
        let scalars = frame::schema_bytes(&scalars::SCHEMA).map_err(other(self.scalars.path()))?;
        let header = Header { format: FORMAT, signals: Span::of(0, &signals), scalars: Span::of(0, &scalars) };
        append(&mut self.journal, &journal::line(&header))?;
        append(&mut self.signals, &signals)?;
        append(&mut self.scalars, &scalars)
    }

    /// Waits until all is on the device.
    pub fn sync(&self) -> Result<(), Failed> {
        // The streams before the journal that vouches for them.
        for file in [&self.signals, &self.scalars, &self.findings, &self.journal] {
            file.sync().map_err(|e| (file.path().to_owned(), e))?;
        }
        Ok(())
    }
}

fn append(file: &mut Appender, bytes: &[u8]) -> Result<(), Failed> {
    file.append(bytes).map_err(|e| (file.path().to_owned(), e))
}

/// About the bytes that a record takes in the streams.
fn size(record: &Record) -> u64 {
    let signals = record.signals.iter().map(|signal| {
        let units = signal.units.as_ref().map_or(0, |u| u.inactive.len() + u.saturated.len());
        130 + 8 * signal.summary.parts().exponents.counts.len() + units / 8
    });
    (signals.sum::<usize>() + 24 * record.scalars.len()) as u64
}

fn check_document(name: &str) -> Result<(), Error> {
    let reason = if RESERVED.contains(&name) {
        "the run keeps something else there"
    } else if is_plain(name) {
        return Ok(());
    } else {
        "it must be a single name that does not begin with a dot"
    };
    Err(Error::Name { name: name.to_owned(), reason })
}
