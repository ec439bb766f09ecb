//! The log of every try, one JSON object a line, from which an interrupted repair goes on.
//!
//! What is in it is not done again. A line that was cut off by the end of the program is the last one, and is dropped.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use gradiometer_diagnose::{Finding, Rule};
use gradiometer_network::trial::Score;
use serde::{Deserialize, Serialize};

use crate::contender::Origin;

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Entry {
    /// The training as it is, to its end, and what the doctor says of it.
    Diagnosis(Diagnosis),
    /// A part of a training, in a race.
    Probe(Probe),
    /// A whole training on a fresh seed.
    Training(Training),
}

/// The training as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// The training in one sentence.
    pub sentence: String,
    /// How it did on held-out rows.
    pub outcome: Outcome,
}

/// A contender at the end of a round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    /// The contender's label.
    pub contender: String,
    /// Why it was tried.
    pub origin: Origin,
    /// The rule whose finding advised it.
    pub advised_by: Option<Rule>,
    /// The round, from 1.
    pub round: usize,
    /// How much of its whole training it had taken by then.
    pub fraction: f64,
    /// The findings that held then, warnings and errors.
    pub rules: Vec<Rule>,
    /// How it did on the validation part.
    pub outcome: Outcome,
}

/// A whole training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The contender's label; `nothing` for the training as it was.
    pub contender: String,
    /// Its seed.
    pub seed: u64,
    /// The findings that held at its end, warnings and errors.
    pub rules: Vec<Rule>,
    /// How it did on held-out rows.
    pub outcome: Outcome,
}

/// How far a training came, and how good it was then.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Steps taken in all.
    pub steps: u64,
    /// The score, larger is better; `null` where the outputs are not numbers.
    pub score: Option<f64>,
    /// The mean loss; `null` where it is not finite.
    pub loss: Option<f64>,
    /// Why it is lost, or ended before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
    /// Time that this part of it took.
    pub seconds: f64,
}

impl Outcome {
    /// What a score is in the log.
    pub(crate) fn scored(mut self, score: Option<Score>) -> Self {
        self.score = score.map(|score| score.value).filter(|value| value.is_finite());
        self.loss = score.map(|score| score.loss).filter(|loss| loss.is_finite());
        self
    }
}

/// A log that cannot be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", file.display())]
pub struct JournalError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong.
    pub problem: String,
}

/// The log, in memory and, where it has a file, on disk.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
    file: Option<(PathBuf, Mutex<File>)>,
}

impl Journal {
    /// A log in memory alone.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The log in `file`, which is made where it does not exist, and gone on with where it does.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a line in its middle that is none of a log.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let refuse = |problem: String| JournalError { file: path.to_owned(), problem };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| refuse(error.to_string()))?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(|error| refuse(error.to_string()))?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut entries = Vec::new();
        for (number, line) in text[..whole].lines().enumerate() {
            let entry = serde_json::from_str(line)
                .map_err(|error| refuse(format!("line {} is none of a log of tries: {error}", number + 1)))?;
            entries.push(entry);
        }
        let cut = file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::Start(whole as u64)));
        cut.map_err(|error| refuse(error.to_string()))?;
        Ok(Self { entries: Mutex::new(entries), file: Some((path.to_owned(), Mutex::new(file))) })
    }

    /// Everything so far.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().clone()
    }

    /// The diagnosis, if it was made.
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        self.find(|entry| match entry {
            Entry::Diagnosis(diagnosis) => Some(diagnosis.clone()),
            _ => None,
        })
    }

    /// This contender at the end of this round, if it came so far.
    pub fn probe(&self, contender: &str, round: usize) -> Option<Probe> {
        self.find(|entry| match entry {
            Entry::Probe(probe) if probe.contender == contender && probe.round == round => Some(probe.clone()),
            _ => None,
        })
    }

    /// This contender's whole training on this seed, if there was one.
    pub fn training(&self, contender: &str, seed: u64) -> Option<Training> {
        self.find(|entry| match entry {
            Entry::Training(training) if training.contender == contender && training.seed == seed => {
                Some(training.clone())
            }
            _ => None,
        })
    }

    /// Adds a line; it is on disk when this returns.
    ///
    /// # Errors
    /// A disk that takes nothing more.
    pub fn add(&self, entry: Entry) -> Result<(), JournalError> {
        if let Some((path, file)) = &self.file {
            let refuse = |error: std::io::Error| JournalError { file: path.clone(), problem: error.to_string() };
            let mut line = serde_json::to_vec(&entry).map_err(|error| refuse(error.into()))?;
            line.push(b'\n');
            let mut file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            file.write_all(&line).and_then(|()| file.sync_data()).map_err(refuse)?;
        }
        self.lock().push(entry);
        Ok(())
    }

    fn find<T>(&self, found: impl Fn(&Entry) -> Option<T>) -> Option<T> {
        self.lock().iter().find_map(found)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(round: usize) -> Probe {
        Probe {
            contender: "relu-activation".into(),
            origin: Origin::Advised,
            advised_by: Some(Rule::VanishingGradient),
            round,
            fraction: 0.25,
            rules: vec![Rule::Plateau],
            outcome: Outcome { steps: 40, score: Some(0.5), loss: None, stopped: None, seconds: 0.1 },
        }
    }

    #[test]
    fn a_log_goes_on_where_it_was_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tries.jsonl");
        let journal = Journal::open(&file).unwrap();
        journal.add(Entry::Probe(probe(1))).unwrap();
        journal.add(Entry::Probe(probe(2))).unwrap();
        drop(journal);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, &text[..text.len() - 20]).unwrap();
        let journal = Journal::open(&file).unwrap();
        assert_eq!(journal.entries(), [Entry::Probe(probe(1))]);
        journal.add(Entry::Probe(probe(2))).unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        assert_eq!(Journal::open(&file).unwrap().probe("relu-activation", 2), Some(probe(2)));
    }

    #[test]
    fn a_line_that_is_none_is_refused_with_its_number() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("tries.jsonl");
        std::fs::write(&file, "{\"event\":\"dance\"}\n").unwrap();
        let refusal = Journal::open(&file).unwrap_err().to_string();
        assert!(refusal.contains("line 1 is none of a log"), "{refusal}");
    }
}
