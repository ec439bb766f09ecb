//! Going on with a run that ended early.

use std::fs;
use std::path::Path;

use crate::checkpoint::{self, Failed};
use crate::create::write_ballast;
use crate::disk::Appender;
use crate::layout::{FINDINGS, JOURNAL, SCALARS, SIGNALS};
use crate::lock::Lock;
use crate::recorder::Files;
use crate::run::{Scan, read_manifest};
use crate::{Error, Recorder, Status, layout};

impl Recorder {
    /// Goes on with the run in `dir` at `step`, the step of a checkpoint or 0: records, findings and checkpoints of
    /// that step and after it are removed, and the run is running again.
    ///
    /// The journal is cut first, so that a crash at any moment leaves a run that opens and can be resumed in the same
    /// way; nothing before `step` is ever rewritten.
    ///
    /// # Errors
    /// [`Error::NotARun`], [`Error::NewerFormat`], [`Error::Locked`], [`Error::Finished`]; [`Error::NoBoundary`] where no
    /// checkpoint was made at `step`; [`Error::Incomplete`] and [`Error::Corrupt`] where the records before `step` are
    /// not all there. Nothing is changed then.
    pub fn resume(dir: impl AsRef<Path>, step: u64) -> Result<Self, Error> {
        let dir = dir.as_ref();
        // Looked at before the lock is taken, which would leave a file behind where there is no run.
        read_manifest(dir)?;
        let lock = Lock::take(dir)?;
        let mut manifest = read_manifest(dir)?;
        if manifest.status == Status::Finished {
            return Err(Error::Finished { dir: dir.to_owned(), last_step: manifest.last_step });
        }
        let scan = Scan::of(dir)?;
        let flushes = &scan.journal.flushes;
        let keep = flushes.partition_point(|(flush, _)| flush.last < step);
        if let Some((flush, _)) = flushes.get(keep).filter(|(flush, _)| flush.first < step) {
            return Err(Error::NoBoundary { dir: dir.to_owned(), step, first: flush.first, last: flush.last });
        }
        let last = keep.checked_sub(1).map(|i| flushes[i].0.last);
        let index = checkpoint::index(dir, step).ok();
        let missing = index.as_ref().is_some_and(|i| i.last_record != last);
        if keep > scan.complete || missing {
            return Err(Error::Incomplete { dir: dir.to_owned(), step, last: scan.last_step() });
        }
        if scan.journal.header.is_some() {
            scan.check_schemas()?;
        }
        let findings = match (&index, keep.checked_sub(1)) {
            (Some(index), _) => index.findings,
            (None, Some(i)) => flushes[i].0.findings,
            (None, None) => 0,
        };
        let findings = whole_lines(&dir.join(FINDINGS), findings)?;
        let (signals, scalars) = scan.journal.ends(keep);
        let journal = match (&scan.journal.header, keep.checked_sub(1)) {
            (None, _) => 0,
            (Some(_), None) => scan.journal.header_end,
            (Some(_), Some(i)) => flushes[i].1,
        };
        let fresh = scan.journal.header.is_none();
        let open = |name: &str, length: u64| {
            let path = dir.join(name);
            Appender::cut(path.clone(), length).map_err(|e| Error::create(&path, e))
        };
        let mut files = Files {
            journal: open(JOURNAL, journal)?,
            signals: open(SIGNALS, signals)?,
            scalars: open(SCALARS, scalars)?,
            findings: open(FINDINGS, findings)?,
        };
        let create = |(path, e): Failed| Error::create(&path, e);
        if fresh {
            files.begin().map_err(create)?;
        }
        files.sync().map_err(create)?;
        checkpoint::cut(dir, step).map_err(create)?;
        write_ballast(dir).map_err(|e| Error::create(&dir.join(layout::BALLAST), e))?;
        manifest.status = Status::Running;
        manifest.last_step = last;
        let mut recorder = Self::new(dir, manifest, files, lock);
        recorder.last_appended = last;
        recorder.last_flushed = last;
        recorder.last_checkpoint = index.map(|index| index.step);
        recorder.write_manifest()?;
        Ok(recorder)
    }
}

/// `length`, or the end of the last whole line before it: after a loss of power the file may be shorter.
fn whole_lines(path: &Path, length: u64) -> Result<u64, Error> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(Error::read(path, error)),
    };
    let end = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
    Ok(bytes[..end].iter().rposition(|&b| b == b'\n').map_or(0, |i| i as u64 + 1))
}
