//! What came of cases, on disk, one a line of JSON, so that work that was interrupted goes on.
//!
//! An entry holds for the very spec and the very program that made it: a changed rule makes all of them anew.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Mutex;

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::case::{Case, hash};

/// What is known of cases (`T` is what is known of one), and the file in which it is kept.
pub struct Ledger<T> {
    known: Mutex<HashMap<u64, T>>,
    file: Mutex<File>,
    program: u64,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    key: u64,
    case: String,
    outcome: T,
}

impl<T: Clone + Serialize + DeserializeOwned> Ledger<T> {
    /// Opens or makes the file. A last line that was cut off is passed over.
    ///
    /// # Errors
    /// A file that cannot be read or written.
    pub fn open(path: &Path, program: u64) -> anyhow::Result<Self> {
        let refused = || format!("{}: cannot be opened as a record of cases", path.display());
        let file = OpenOptions::new().create(true).append(true).read(true).open(path).with_context(refused)?;
        let mut known = HashMap::new();
        for line in BufReader::new(File::open(path).with_context(refused)?).lines() {
            if let Ok(entry) = serde_json::from_str::<Entry<T>>(&line.with_context(refused)?) {
                known.insert(entry.key, entry.outcome);
            }
        }
        Ok(Self { known: Mutex::new(known), file: Mutex::new(file), program })
    }

    /// What came of a case, where it is known.
    ///
    /// # Errors
    /// As writing a spec.
    pub fn get(&self, case: &Case) -> anyhow::Result<Option<T>> {
        let key = self.key(case)?;
        Ok(self.known.lock().unwrap_or_else(|e| e.into_inner()).get(&key).cloned())
    }

    /// Enters one.
    ///
    /// # Errors
    /// A disk that is full, say.
    pub fn put(&self, case: &Case, outcome: &T) -> anyhow::Result<()> {
        let key = self.key(case)?;
        let entry = Entry { key, case: case.name.clone(), outcome: outcome.clone() };
        let mut line = serde_json::to_string(&entry)?;
        line.insert(0, '\n');
        self.file.lock().unwrap_or_else(|e| e.into_inner()).write_all(line.as_bytes())?;
        self.known.lock().unwrap_or_else(|e| e.into_inner()).insert(key, entry.outcome);
        Ok(())
    }

    fn key(&self, case: &Case) -> anyhow::Result<u64> {
        Ok(hash(&format!("{:x} {}", self.program, case.spec.to_toml()?)))
    }
}

/// A hash of the running program.
///
/// # Errors
/// A program that cannot read its own file.
pub fn program() -> anyhow::Result<u64> {
    let path = std::env::current_exe()?;
    let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
    let words = bytes.chunks(8).map(|chunk| chunk.iter().fold(0u64, |word, &byte| word << 8 | u64::from(byte)));
    Ok(words.fold(0xcbf2_9ce4_8422_2325, |hash, word| (hash ^ word).wrapping_mul(0x100_0000_01b3).rotate_left(17)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examine::Examination;
    use crate::generate;

    #[test]
    fn what_was_entered_is_known_again_and_to_the_same_program_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.jsonl");
        let case = &generate::cases(folder.path()).unwrap()[0];
        let examination = Examination {
            steps: 3,
            seconds: 0.5,
            skill: Some(0.25),
            inspected: vec![],
            told: vec![],
            findings: vec![],
        };
        let ledger = Ledger::open(&path, 1).unwrap();
        assert_eq!(ledger.get(case).unwrap(), None);
        ledger.put(case, &examination).unwrap();
        std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"\n{\"key\": 4").unwrap();
        assert_eq!(Ledger::open(&path, 1).unwrap().get(case).unwrap(), Some(examination));
        assert_eq!(Ledger::<Examination>::open(&path, 2).unwrap().get(case).unwrap(), None);
    }
}
