//! What can go wrong with a run directory, each with its place and its mend.

use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Why a run could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory to be created holds something already.
    #[error(
        "{}: the run directory exists already. Choose another with --out, or go on with the run in it with --resume",
        dir.display()
    )]
    Exists {
        /// The directory.
        dir: PathBuf,
    },
    /// There is no run in this place.
    #[error("{}: not a run directory: {reason}", dir.display())]
    NotARun {
        /// The directory.
        dir: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// Another process is writing to the run.
    #[error("{}: another process is writing to this run. Wait for it or stop it, or choose another directory with --out", dir.display())]
    Locked {
        /// The directory.
        dir: PathBuf,
    },
    /// The file system is too full for the run.
    #[error(
        "{}: the run needs about {} and the file system has {} left. Free some space, choose another place with --out, or record less often with [watch] every",
        dir.display(), Bytes(*needed), Bytes(*available)
    )]
    NoRoom {
        /// The directory, or its nearest parent that exists.
        dir: PathBuf,
        /// Bytes that the run was estimated to take.
        needed: u64,
        /// Bytes that an ordinary user may still write.
        available: u64,
    },
    /// A file or directory could not be created, so that no work was begun.
    #[error("{}: cannot be created: {source}. {}", path.display(), mend(source))]
    Create {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something could not be written while the run was going on. What was written before is safe.
    #[error("{0}")]
    Write(Box<WriteError>),
    /// A file holds what was not written there.
    #[error("{}: damaged at byte {offset}: {what}. What lies before that byte is sound; restore the file from a copy, or run the training again", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The first byte of the damaged part.
        offset: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The run was written by a newer version of this program.
    #[error("{}: the run has format {found}, and this version reads formats up to {known}. Update gradiometer", path.display())]
    NewerFormat {
        /// The manifest.
        path: PathBuf,
        /// The format of the run.
        found: u64,
        /// The newest format known.
        known: u32,
    },
    /// A JSON file does not hold what it should.
    #[error("{}: {message}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column where they are known.
        message: String,
    },
    /// A line of `findings.jsonl` does not hold a finding.
    #[error("{}:{line}: {message}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// A value cannot be written as JSON.
    #[error("{}: the value cannot be written as JSON: {message}", path.display())]
    Unwritable {
        /// The file that it was meant for.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A finished run was to be resumed.
    #[error("{}: the run is finished (at step {}), so there is nothing to resume. To train longer, start a new run with more steps and another --out", dir.display(), Step(*last_step))]
    Finished {
        /// The directory.
        dir: PathBuf,
        /// Its last step.
        last_step: Option<u64>,
    },
    /// Records must come in rising order of their steps.
    #[error("{}: a record of step {step} came too late: the next one must be of step {least} or later", dir.display())]
    Order {
        /// The run directory.
        dir: PathBuf,
        /// The step that came.
        step: u64,
        /// The least step that the next record may have.
        least: u64,
    },
    /// A checkpoint holds the state before its step, so that step must not have been recorded yet.
    #[error("{}: a checkpoint of step {step} came too late: records up to step {last} are there already, and a checkpoint is taken before its step is recorded", dir.display())]
    LateCheckpoint {
        /// The run directory.
        dir: PathBuf,
        /// The checkpoint's step.
        step: u64,
        /// The last step recorded.
        last: u64,
    },
    /// A run can go on only where a checkpoint was made.
    #[error(
        "{}: the run cannot go on at step {step}, which lies within the batch of records {first} to {last}. Resume at the step of a checkpoint, or at step {first}",
        dir.display()
    )]
    NoBoundary {
        /// The run directory.
        dir: PathBuf,
        /// The step asked for.
        step: u64,
        /// The first step of the batch it lies in.
        first: u64,
        /// The last step of that batch.
        last: u64,
    },
    /// The record ends before the step at which the run is to go on.
    #[error(
        "{}: the run cannot go on at step {step}, as its records end {}. Resume from an earlier checkpoint, or start a new run with another --out",
        dir.display(), After(*last)
    )]
    Incomplete {
        /// The run directory.
        dir: PathBuf,
        /// The step asked for.
        step: u64,
        /// The last step that is on disk.
        last: Option<u64>,
    },
    /// A name that cannot be used for a file of the run.
    #[error("{name:?} cannot name a file here: {reason}")]
    Name {
        /// The name.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// A single record that no batch can hold.
    #[error("the record of step {step} takes {}, and a batch holds at most {}; record fewer tensors a step", Bytes(*bytes), Bytes(*limit))]
    TooLarge {
        /// The step.
        step: u64,
        /// Its size.
        bytes: u64,
        /// The most that one record may take.
        limit: u64,
    },
    /// There are checkpoints, and every one is damaged.
    #[error("{}: every checkpoint is damaged ({}). Start a new run with another --out", dir.display(), list(damaged))]
    Checkpoints {
        /// The run directory.
        dir: PathBuf,
        /// The checkpoints, newest first, with what is wrong with each.
        damaged: Vec<crate::Damaged>,
    },
}

/// A failed write: what it was, and what is safe.
#[derive(Debug)]
pub struct WriteError {
    /// The file that could not be written.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
    /// What is not on disk because of it, in words.
    pub lost: String,
    /// The last step whose record is on disk.
    pub last_flushed: Option<u64>,
    /// The newest checkpoint.
    pub last_checkpoint: Option<u64>,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: cannot be written: {}. Not saved: {}. Safe on disk: ",
            self.path.display(),
            self.source,
            self.lost
        )?;
        match self.last_flushed {
            Some(step) => write!(f, "the records up to step {step}, ")?,
            None => write!(f, "no record yet, ")?,
        }
        match self.last_checkpoint {
            Some(step) => write!(f, "the checkpoint of step {step}. ")?,
            None => write!(f, "no checkpoint yet. ")?,
        }
        write!(f, "{}", mend(&self.source))?;
        match self.last_checkpoint {
            Some(_) => write!(f, ", then go on with --resume"),
            None => write!(f, ", then start again"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// What to do about an error of the system, without the closing full stop.
fn mend(source: &io::Error) -> &'static str {
    match source.kind() {
        ErrorKind::StorageFull => "Free some space on the file system, or choose another place with --out",
        ErrorKind::QuotaExceeded => "Free some of your quota, or choose another place with --out",
        ErrorKind::FileTooLarge => {
            "Raise the limit on the size of a file (ulimit -f), or record less often with [watch] every"
        }
        ErrorKind::PermissionDenied => "Give yourself the right to write there, or choose another place with --out",
        ErrorKind::ReadOnlyFilesystem => "The file system is read-only: choose another place with --out",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "Something that is no directory is in the way: remove it, or choose another place with --out"
        }
        ErrorKind::NotFound => "The directory was removed or renamed: put it back, or choose another place with --out",
        ErrorKind::Unsupported => "The file system has no file locks: choose a place on another one with --out",
        _ => "Look at the health of the disk and at the system's log, or choose another place with --out",
    }
}

/// A number of bytes as people write it.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
        if self.0 < 1024 {
            return write!(f, "{} bytes", self.0);
        }
        let mut value = self.0 as f64 / 1024.0;
        let mut unit = 0;
        while value >= 1024.0 && unit + 1 < UNITS.len() {
            value /= 1024.0;
            unit += 1;
        }
        write!(f, "{value:.1} {}", UNITS[unit])
    }
}

struct Step(Option<u64>);

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(step) => write!(f, "{step}"),
            None => write!(f, "0"),
        }
    }
}

struct After(Option<u64>);

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(step) => write!(f, "at step {step}"),
            None => write!(f, "before the first"),
        }
    }
}

fn list(damaged: &[crate::Damaged]) -> String {
    damaged.iter().map(|d| format!("{}: {}", d.path.display(), d.reason)).collect::<Vec<_>>().join("; ")
}

impl Error {
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn create(path: &Path, source: io::Error) -> Self {
        Self::Create { path: path.to_owned(), source }
    }

    pub(crate) fn corrupt(path: &Path, offset: u64, what: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), offset, what: what.into() }
    }
}
