//! The beginning of a run: its directory, made where there is room for it, or not at all.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::disk::{self, Appender};
use crate::layout::{BALLAST, CHECKPOINTS, FINDINGS, FORMAT, JOURNAL, MANIFEST, RESERVED, SCALARS, SIGNALS};
use crate::lock::Lock;
use crate::manifest::rfc3339;
use crate::recorder::Files;
use crate::{Error, Manifest, Recorder, Status};

/// A file of this size is removed when the disk is full, so that the manifest can still say how the run ended.
const BALLAST_BYTES: usize = 1 << 16;

impl Recorder {
    /// Begins a run in `dir`, which is made, with its parents, or is empty.
    ///
    /// `estimated_bytes` is what the run is expected to write; 0 where nobody knows. `format`, `status` and, where it is
    /// empty, `created` of the manifest are filled in.
    ///
    /// # Errors
    /// Before anything is written: [`Error::Exists`], [`Error::NoRoom`], [`Error::Locked`]. [`Error::Create`] where the
    /// directory cannot be made or written to; it is then left as it was.
    pub fn create(dir: impl AsRef<Path>, manifest: Manifest, estimated_bytes: u64) -> Result<Self, Error> {
        let dir = dir.as_ref();
        let found = match fs::read_dir(dir) {
            Ok(mut entries) => match entries.next() {
                Some(_) => return Err(Error::Exists { dir: dir.to_owned() }),
                None => true,
            },
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(Error::create(dir, error)),
        };
        check_room(dir, estimated_bytes)?;
        fs::create_dir_all(dir).map_err(|e| Error::create(dir, e))?;
        let lock = Lock::take(dir)?;
        if dir.join(MANIFEST).exists() {
            // Another process was quicker, and is done already.
            return Err(Error::Exists { dir: dir.to_owned() });
        }
        Self::fill(dir, manifest, lock).inspect_err(|_| {
            for name in RESERVED {
                let _ = fs::remove_file(dir.join(name));
            }
            let _ = fs::remove_dir(dir.join(CHECKPOINTS));
            if !found {
                let _ = fs::remove_dir(dir);
            }
        })
    }

    fn fill(dir: &Path, mut manifest: Manifest, lock: Lock) -> Result<Self, Error> {
        manifest.format = FORMAT;
        manifest.status = Status::Running;
        if manifest.created.is_empty() {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            manifest.created = rfc3339(now.as_secs());
        }
        let path = dir.join(MANIFEST);
        let text = manifest.to_json(&path)?;
        write_ballast(dir).map_err(|e| Error::create(&dir.join(BALLAST), e))?;
        let open = |name: &str| {
            let path = dir.join(name);
            Appender::create(path.clone()).map_err(|e| Error::create(&path, e))
        };
        let mut files = Files {
            journal: open(JOURNAL)?,
            signals: open(SIGNALS)?,
            scalars: open(SCALARS)?,
            findings: open(FINDINGS)?,
        };
        files.begin().map_err(|(path, e)| Error::create(&path, e))?;
        let checkpoints = dir.join(CHECKPOINTS);
        fs::create_dir(&checkpoints).map_err(|e| Error::create(&checkpoints, e))?;
        disk::replace(&path, &text).map_err(|e| Error::create(&path, e))?;
        Ok(Self::new(dir, manifest, files, lock))
    }

    /// Fails unless the file system has room for `bytes` more.
    ///
    /// # Errors
    /// [`Error::NoRoom`], with what is needed and what there is.
    pub fn reserve(&self, bytes: u64) -> Result<(), Error> {
        check_room(&self.dir, bytes)
    }
}

fn check_room(dir: &Path, bytes: u64) -> Result<(), Error> {
    let place = disk::nearest_existing(dir);
    let available = disk::available(place).map_err(|e| Error::read(place, e))?;
    let needed = bytes.saturating_add(BALLAST_BYTES as u64);
    if available < needed {
        return Err(Error::NoRoom { dir: place.to_owned(), needed, available });
    }
    Ok(())
}

/// Takes room that is given up when the disk is full.
pub(crate) fn write_ballast(dir: &Path) -> io::Result<()> {
    // Not zeros: a file system that compresses would store next to nothing for them.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(BALLAST_BYTES);
    while bytes.len() < BALLAST_BYTES {
        // The xorshift64 of Marsaglia, "Xorshift RNGs", J. Stat. Soft. 8(14), 2003.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    disk::write_synced(&dir.join(BALLAST), &bytes)
}
