//! The lock that keeps two processes from writing to one run. The system releases it when its process ends, in
//! whatever way.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use crate::Error;
use crate::layout::LOCK;

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock(#[allow(dead_code, reason = "closing the file releases the lock")] File);

impl Lock {
    /// Takes the lock of the run in `dir`.
    pub fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(LOCK);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|e| Error::create(&path, e))?;
        // A reader that asks whether the run is alive holds the lock for some microseconds; a writer holds it for good.
        for _ in 0..20 {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::Error(error)) => return Err(Error::create(&path, error)),
            }
        }
        Err(Error::Locked { dir: dir.to_owned() })
    }
}

/// Whether a process is writing to the run in `dir`.
pub fn is_held(dir: &Path) -> bool {
    // Without the file nobody can hold it; where it cannot be opened or locked, nobody here can tell, and the manifest's
    // word stands.
    File::open(dir.join(LOCK)).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
}
