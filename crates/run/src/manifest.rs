//! `manifest.json`: what the run is, with what it was made, and how it ended. Not for anything that grows with the run.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::layout::FORMAT;
use crate::{Architecture, Error, Phase};

/// What a run is. Keys that this version does not know are ignored when it is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The version of the run directory's layout; the recorder fills it in.
    pub format: u32,
    /// The run's name.
    pub name: String,
    /// How it stands; the recorder keeps it.
    pub status: Status,
    /// When it was created: RFC 3339, UTC, to the second; the recorder fills it in where it is empty.
    pub created: String,
    /// What it was made with.
    pub versions: Versions,
    /// The device that computed, as `--device` names it.
    pub device: String,
    /// The threads that computed.
    pub threads: usize,
    /// The seed of every random number.
    pub seed: u64,
    /// The command line, word by word.
    pub command: Vec<String>,
    /// The spec as TOML, after overrides.
    pub spec_toml: String,
    /// The same, for readers without TOML.
    pub spec: serde_json::Value,
    /// The network; none where a training loop of one's own records through `Watch` and does not say.
    pub architecture: Option<Architecture>,
    /// What is trained from which step on, in the order of the steps; empty where all of the network is trained at every step.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Phase>,
    /// What became of each row of the data.
    pub rows: Rows,
    /// The last step recorded when the manifest was last written; [`crate::Run::last_step`] knows better.
    pub last_step: Option<u64>,
    /// Steps that the run is to take in all.
    pub planned_steps: u64,
}

/// How a run stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// A process is at it, or was when it was killed.
    #[default]
    Running,
    /// All planned steps were taken.
    Finished,
    /// Ended on purpose before the planned steps were taken: by early stopping, or at a finding.
    Stopped {
        /// Why.
        reason: String,
    },
    /// Ended from outside: by Ctrl-C, a signal or a crash. It can be resumed.
    Interrupted,
    /// Ended by an error.
    Failed {
        /// The error's text.
        error: String,
    },
}

/// What a run was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Versions {
    /// This program's version.
    pub gradiometer: String,
    /// Burn's version.
    pub burn: String,
    /// The compiler's version.
    pub rustc: String,
    /// The target triple.
    pub target: String,
}

/// What became of the rows that were read: `read = used + sum(excluded)`, `used = train + validation + test`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rows {
    /// Rows in the source.
    pub read: u64,
    /// Rows that take part.
    pub used: u64,
    /// Rows that do not, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// Rows to train on.
    pub train: u64,
    /// Rows to validate on during training.
    pub validation: u64,
    /// Rows to judge on at the end.
    pub test: u64,
}

impl Manifest {
    /// The JSON text, checked to read back as the same manifest.
    pub(crate) fn to_json(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let unwritable = |message: String| Error::Unwritable { path: path.to_owned(), message };
        let mut text = serde_json::to_vec_pretty(self).map_err(|e| unwritable(e.to_string()))?;
        text.push(b'\n');
        // JSON has no NaN: serde_json writes null for it, which no reader would take for a number.
        serde_json::from_slice::<Self>(&text).map_err(|e| {
            unwritable(format!("it would not read back, probably for a number that is NaN or infinite: {e}"))
        })?;
        Ok(text)
    }

    /// The manifest in `text`, which was read from `path`.
    pub(crate) fn from_json(text: &[u8], path: &Path) -> Result<Self, Error> {
        let fault = |message: String| Error::Json { path: path.to_owned(), message };
        let value: serde_json::Value =
            serde_json::from_slice(text).map_err(|e| fault(format!("not a manifest: {e}")))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            None => return Err(fault("not a manifest of a run: the key `format` is missing".into())),
            Some(found) if found > u64::from(FORMAT) => {
                return Err(Error::NewerFormat { path: path.to_owned(), found, known: FORMAT });
            }
            Some(_) => {}
        }
        serde_json::from_value(value).map_err(|e| fault(format!("not a manifest: {e}")))
    }
}

/// A time in seconds since 1970 as RFC 3339 in UTC, such as `2026-03-01T09:05:00Z`.
pub(crate) fn rfc3339(seconds: u64) -> String {
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    format!("{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", month + 1, days + 1, rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339() {
        // Checked with `date -u -d @SECONDS`.
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(1_709_251_199), "2024-02-29T23:59:59Z");
        assert_eq!(rfc3339(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    #[test]
    fn unknown_keys_are_ignored_and_missing_ones_are_empty() {
        let text = br#"{"format": 1, "name": "a", "colour": "red", "status": {"state": "stopped", "reason": "x"}}"#;
        let manifest = Manifest::from_json(text, Path::new("manifest.json")).unwrap();
        assert_eq!(manifest.name, "a");
        assert_eq!(manifest.status, Status::Stopped { reason: "x".into() });
        assert_eq!(manifest.architecture, None);
    }

    #[test]
    fn a_newer_format_is_refused_by_its_number() {
        let error = Manifest::from_json(br#"{"format": 9, "status": {"state": "new"}}"#, Path::new("m")).unwrap_err();
        assert!(matches!(error, Error::NewerFormat { found: 9, known: FORMAT, .. }), "{error}");
    }

    #[test]
    fn a_manifest_that_would_not_read_back_is_not_written() {
        let architecture = Architecture {
            blocks: vec![],
            task: crate::Task::Regression { targets: vec!["y".into()], guess_loss: f64::NAN },
            loss: "mse".into(),
            parameters: 0,
            standardized: false,
        };
        let manifest = Manifest { architecture: Some(architecture), ..Manifest::default() };
        let error = manifest.to_json(Path::new("m")).unwrap_err();
        assert!(error.to_string().contains("NaN"), "{error}");
    }
}
