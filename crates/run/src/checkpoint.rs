//! Checkpoints: the state of a training, one folder each, complete or not there at all.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::layout::{CHECKPOINTS, FORMAT, is_plain};
use crate::{Error, disk, journal};

/// The file in a checkpoint's folder that lists the others with their checksums; one line, as in the journal.
const INDEX: &str = "index";

/// The state of a training before step [`Checkpoint::step`], read from disk and found sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The step that comes next.
    pub step: u64,
    /// The files that were given to [`crate::Recorder::checkpoint`], by name.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Newer checkpoints that were passed over because they are damaged, newest first.
    pub damaged: Vec<Damaged>,
}

/// A checkpoint that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Its folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

/// What the index of a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The format of the run directory.
    pub format: u32,
    /// The step that comes next.
    pub step: u64,
    /// The last step recorded before it.
    pub last_record: Option<u64>,
    /// The length of `findings.jsonl` at the time.
    pub findings: u64,
    /// Length and CRC-32 of each file.
    pub files: BTreeMap<String, FileEntry>,
}

/// What the index says of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    bytes: u64,
    crc32: u32,
}

/// A write that failed, and where.
pub type Failed = (PathBuf, io::Error);

/// Writes a checkpoint: first under a hidden name, then, when all of it is on the device, under its own.
pub fn write(
    run: &Path,
    step: u64,
    last_record: Option<u64>,
    findings: u64,
    files: &[(&str, &[u8])],
) -> Result<(), Failed> {
    let all = run.join(CHECKPOINTS);
    let folder = folder(run, step);
    let temporary = all.join(format!(".{}.tmp", name(step)));
    let attempt = || -> Result<(), Failed> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error| (path, error)
        };
        if temporary.exists() {
            fs::remove_dir_all(&temporary).map_err(at(&temporary))?;
        }
        fs::create_dir_all(&temporary).map_err(at(&temporary))?;
        let mut entries = BTreeMap::new();
        for &(name, bytes) in files {
            let path = temporary.join(name);
            disk::write_synced(&path, bytes).map_err(at(&folder.join(name)))?;
            let entry = FileEntry { bytes: bytes.len() as u64, crc32: crc32fast::hash(bytes) };
            entries.insert(name.to_owned(), entry);
        }
        let index = Index { format: FORMAT, step, last_record, findings, files: entries };
        disk::write_synced(&temporary.join(INDEX), &journal::line(&index)).map_err(at(&folder.join(INDEX)))?;
        disk::sync_directory(&temporary).map_err(at(&folder))?;
        if folder.exists() {
            discard(&all, &folder).map_err(at(&folder))?;
        }
        fs::rename(&temporary, &folder).map_err(at(&folder))?;
        disk::sync_directory(&all).map_err(at(&all))
    };
    let done = attempt();
    if done.is_err() {
        // Half a checkpoint is of no use, and its bytes may be what keeps the disk full.
        let _ = fs::remove_dir_all(&temporary);
    }
    done
}

/// Removes all but the `keep` newest checkpoints.
pub fn prune(run: &Path, keep: usize) -> Result<(), Failed> {
    let all = run.join(CHECKPOINTS);
    let steps = steps(run).map_err(|e| (all.clone(), e))?;
    for &step in steps.iter().rev().skip(keep.max(1)) {
        let folder = folder(run, step);
        discard(&all, &folder).map_err(|e| (folder.clone(), e))?;
    }
    Ok(())
}

/// Removes the checkpoints after `step` and whatever an interrupted write left.
pub fn cut(run: &Path, step: u64) -> Result<(), Failed> {
    let all = run.join(CHECKPOINTS);
    let at = |e| (all.clone(), e);
    fs::create_dir_all(&all).map_err(at)?;
    for later in steps(run).map_err(at)?.into_iter().filter(|&s| s > step) {
        discard(&all, &folder(run, later)).map_err(at)?;
    }
    for entry in fs::read_dir(&all).map_err(at)? {
        let entry = entry.map_err(at)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(".step-") && name.ends_with(".tmp") {
            fs::remove_dir_all(entry.path()).map_err(at)?;
        }
    }
    Ok(())
}

/// Removes a checkpoint in two moves, so that it is never seen half removed.
fn discard(all: &Path, folder: &Path) -> io::Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let hidden = all.join(format!(".{name}.old.tmp"));
    if hidden.exists() {
        fs::remove_dir_all(&hidden)?;
    }
    fs::rename(folder, &hidden)?;
    fs::remove_dir_all(&hidden)
}

/// The steps that have a checkpoint, in rising order.
pub fn steps(run: &Path) -> io::Result<Vec<u64>> {
    let entries = match fs::read_dir(run.join(CHECKPOINTS)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut steps = vec![];
    for entry in entries {
        let file_name = entry?.file_name();
        let step = file_name.to_str().and_then(|n| n.strip_prefix("step-")).and_then(|n| n.parse().ok());
        // A folder that only looks like one of ours, such as `step-5`, is somebody else's.
        steps.extend(step.filter(|&s| file_name.to_str() == Some(&name(s))));
    }
    steps.sort_unstable();
    Ok(steps)
}

/// The newest sound checkpoint.
pub fn latest(run: &Path) -> Result<Option<Checkpoint>, Error> {
    let steps = steps(run).map_err(|e| Error::read(&run.join(CHECKPOINTS), e))?;
    let mut damaged = vec![];
    for &step in steps.iter().rev() {
        match load(run, step) {
            Ok(files) => return Ok(Some(Checkpoint { step, files, damaged })),
            Err(reason) => damaged.push(Damaged { path: folder(run, step), reason }),
        }
    }
    if damaged.is_empty() { Ok(None) } else { Err(Error::Checkpoints { dir: run.to_owned(), damaged }) }
}

/// The index of the checkpoint of this step.
pub fn index(run: &Path, step: u64) -> Result<Index, String> {
    let bytes = fs::read(folder(run, step).join(INDEX)).map_err(|e| format!("{INDEX}: {e}"))?;
    let index: Index = bytes
        .strip_suffix(b"\n")
        .and_then(journal::checked)
        .and_then(|text| serde_json::from_slice(text).ok())
        .ok_or_else(|| format!("{INDEX}: its text and its checksum disagree"))?;
    if index.step != step {
        return Err(format!("{INDEX}: it is of step {}", index.step));
    }
    Ok(index)
}

fn load(run: &Path, step: u64) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let folder = folder(run, step);
    let mut files = BTreeMap::new();
    for (name, entry) in index(run, step)?.files {
        if !is_plain(&name) {
            return Err(format!("{INDEX}: {name:?} is no file of a checkpoint"));
        }
        let bytes = fs::read(folder.join(&name)).map_err(|e| format!("{name}: {e}"))?;
        if bytes.len() as u64 != entry.bytes {
            return Err(format!("{name}: it has {} bytes of {}", bytes.len(), entry.bytes));
        }
        if crc32fast::hash(&bytes) != entry.crc32 {
            return Err(format!("{name}: its content and its checksum disagree"));
        }
        files.insert(name, bytes);
    }
    Ok(files)
}

/// Refuses what cannot name a file of a checkpoint.
pub fn check_name(name: &str) -> Result<(), Error> {
    let reason = if name == INDEX {
        "a checkpoint keeps its checksums there"
    } else if is_plain(name) {
        return Ok(());
    } else {
        "it must be a single name that does not begin with a dot"
    };
    Err(Error::Name { name: name.to_owned(), reason })
}

fn name(step: u64) -> String {
    format!("step-{step:08}")
}

fn folder(run: &Path, step: u64) -> PathBuf {
    run.join(CHECKPOINTS).join(name(step))
}
