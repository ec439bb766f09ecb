//! From a path or a pattern to the files it names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::place::Place;
use crate::suggest::nearest;

/// The files that a path or pattern names, sorted by name where there are several.
///
/// A file whose literal name is `spec` wins over the pattern that `spec` may also be (`a[1].csv`).
pub(crate) fn resolve(spec: &str) -> Result<Vec<Arc<PathBuf>>> {
    let path = Path::new(spec);
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => {
            return Err(Error::Directory { path: path.to_owned(), pattern: pattern_for(path) });
        }
        Ok(_) => return Ok(vec![Arc::new(path.to_owned())]),
        Err(error) if error.kind() == io::ErrorKind::NotFound || spec.contains(['*', '?', '[']) => {}
        Err(error) => {
            return Err(Error::Io { place: Place::file(&Arc::new(path.to_owned())), source: error });
        }
    }
    if !spec.contains(['*', '?', '[']) {
        return Err(Error::NotFound { path: spec.into(), nearest: neighbour(path) });
    }
    let matches = glob::glob(spec).map_err(|e| Error::Pattern { pattern: spec.into(), reason: e.to_string() })?;
    let mut files = Vec::new();
    for found in matches {
        let found = found.map_err(|e| Error::Io {
            place: Place::file(&Arc::new(e.path().to_owned())),
            source: io::Error::new(e.error().kind(), e.error().to_string()),
        })?;
        if found.is_file() {
            files.push(Arc::new(found));
        }
    }
    if files.is_empty() {
        return Err(Error::NoMatch { pattern: spec.into(), nearest: neighbour(path) });
    }
    files.sort();
    Ok(files)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The file or folder most like `path`, looked for from the last folder of it that exists.
fn neighbour(path: &Path) -> Option<String> {
    let missing = path.ancestors().take_while(|a| !a.as_os_str().is_empty() && !a.exists()).last()?;
    let folder = folder_of(missing);
    let wanted = missing.file_name()?.to_str()?;
    let names: Vec<String> =
        fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    let name = nearest(wanted, names.iter().map(String::as_str))?;
    let parent = missing.parent().unwrap_or(Path::new(""));
    Some(parent.join(name).display().to_string())
}

/// A pattern for the most frequent kind of table in a folder.
fn pattern_for(folder: &Path) -> String {
    const KINDS: [&str; 9] = ["csv", "parquet", "ndjson", "jsonl", "arrow", "feather", "tsv", "arrows", "ipc"];
    let mut counts = [0u32; KINDS.len()];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
        if let Some(at) = KINDS.iter().position(|kind| *kind == extension) {
            counts[at] += 1;
        }
    }
    let most = (0..KINDS.len()).rev().max_by_key(|&at| counts[at]).unwrap_or(0);
    folder.join(format!("*.{}", KINDS[most])).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            fs::write(folder.path().join(name), "a\n1\n").unwrap();
        }
        folder
    }

    fn resolve_in(folder: &tempfile::TempDir, name: &str) -> Result<Vec<Arc<PathBuf>>> {
        resolve(folder.path().join(name).to_str().unwrap())
    }

    #[test]
    fn a_mistyped_file_is_answered_with_the_nearest_name() {
        let folder = folder_with(&["train.csv", "other.parquet"]);
        let text = resolve_in(&folder, "trian.csv").unwrap_err().to_string();
        assert!(text.contains("no such file; did you mean") && text.contains("train.csv"), "{text}");
        let text = resolve_in(&folder, "zzz").unwrap_err().to_string();
        assert!(text.ends_with("no such file"), "{text}");
    }

    #[test]
    fn a_mistyped_folder_is_answered_with_the_nearest_folder() {
        let folder = folder_with(&[]);
        fs::create_dir(folder.path().join("data")).unwrap();
        let text = resolve_in(&folder, "dta/x.csv").unwrap_err().to_string();
        assert!(text.contains("did you mean") && text.contains("data"), "{text}");
    }

    #[test]
    fn a_directory_is_answered_with_a_pattern_for_what_is_in_it() {
        let folder = folder_with(&["a.parquet", "b.parquet", "c.csv"]);
        let text = resolve(folder.path().to_str().unwrap()).unwrap_err().to_string();
        assert!(text.contains("a directory") && text.contains("*.parquet"), "{text}");
    }

    #[test]
    fn a_pattern_gives_its_files_in_order_and_a_literal_name_wins_over_a_pattern() {
        let folder = folder_with(&["b.csv", "a.csv", "c.txt", "x[1].csv", "x1.csv"]);
        let names = |spec| {
            let files = resolve_in(&folder, spec).unwrap();
            files.iter().map(|f| f.file_name().unwrap().to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("[ab].csv"), ["a.csv", "b.csv"]);
        assert_eq!(names("x[1].csv"), ["x[1].csv"]);
        assert!(resolve_in(&folder, "*.arrow").unwrap_err().to_string().contains("no file matches"));
        assert!(matches!(resolve_in(&folder, "***"), Err(Error::Pattern { .. })));
    }
}
