//! Bytes to disk: files that only grow, files that are replaced whole, and the room left for both. Knows nothing of
//! what the bytes mean.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A file that grows at its end, and that a failed write leaves as it was.
#[derive(Debug)]
pub struct Appender {
    file: File,
    path: PathBuf,
    length: u64,
}

impl Appender {
    /// A new, empty file; it must not exist.
    pub fn create(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Ok(Self { file, path, length: 0 })
    }

    /// The file at `path`, cut to its first `length` bytes; created when it is not there and `length` is 0.
    pub fn cut(path: PathBuf, length: u64) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create(length == 0).truncate(false).open(&path)?;
        file.set_len(length)?;
        Ok(Self { file, path, length })
    }

    /// Adds `bytes` at the end. On an error the file is as before.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = self.length + bytes.len() as u64;
        check_size_limit(end)?;
        // Written at a place of its own, so that a torn write whose removal fails too is overwritten by the next one.
        if let Err(error) = self.file.write_all_at(bytes, self.length) {
            self.roll_back(self.length);
            return Err(error);
        }
        self.length = end;
        Ok(())
    }

    /// Takes back what was appended behind the first `length` bytes.
    pub fn roll_back(&mut self, length: u64) {
        // The error is of no interest: the next write goes to `length` either way.
        let _ = self.file.set_len(length);
        self.length = length;
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until the bytes are on the device.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Fails as a write would that crosses the process's limit on file sizes. Asked beforehand, because the kernel answers
/// such a write by ending the process (SIGXFSZ) unless it has arranged otherwise.
fn check_size_limit(end: u64) -> io::Result<()> {
    match rustix::process::getrlimit(rustix::process::Resource::Fsize).current {
        Some(limit) if end > limit => Err(rustix::io::Errno::FBIG.into()),
        _ => Ok(()),
    }
}

/// Writes a new file and waits until it is on the device.
pub fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check_size_limit(bytes.len() as u64)?;
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts a file with these bytes in the place of `path`: whoever opens it, now or after a crash, finds the old bytes or
/// the new ones, whole.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (dir, name) = (parent(path), path.file_name().unwrap_or_default());
    let mut temporary_name = std::ffi::OsString::from(".");
    temporary_name.push(name);
    temporary_name.push(".tmp");
    let temporary = dir.join(temporary_name);
    let written = write_synced(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Half a file is of no use, and its bytes may be what keeps the disk full.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_directory(dir)
}

/// Waits until the names in a directory are on the device.
pub fn sync_directory(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    }
}

/// The nearest directory that exists: `path` itself or one above it.
pub fn nearest_existing(path: &Path) -> &Path {
    let mut place = path;
    while !place.exists() {
        match place.parent() {
            Some(up) if !up.as_os_str().is_empty() => place = up,
            _ => return Path::new("."),
        }
    }
    place
}

/// Bytes that an ordinary user may still write to the file system of `path`.
pub fn available(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rolled_back_append_leaves_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = Appender::create(dir.path().join("a")).unwrap();
        file.append(b"kept").unwrap();
        file.append(b" not kept").unwrap();
        file.roll_back(4);
        assert_eq!(fs::read(file.path()).unwrap(), b"kept");
        file.append(b"!").unwrap();
        assert_eq!(fs::read(file.path()).unwrap(), b"kept!");
    }

    #[test]
    fn replacing_leaves_no_temporary_file_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("document.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_nearest_existing_directory_is_found_from_below() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(nearest_existing(&dir.path().join("a/b/c")), dir.path());
        assert!(available(dir.path()).unwrap() > 0);
    }
}
