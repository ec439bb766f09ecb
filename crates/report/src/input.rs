//! All that a report shows, as plain fields: whoever has a run fills them in.

use gradiometer_confusion::Matrix;
use gradiometer_diagnose::{Finding, Severity};
use gradiometer_run::{Architecture, Phase, Record};

/// Everything that a report shows.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    /// The run's name.
    pub name: &'a str,
    /// How the run ended: `finished`, `stopped`, `running`, …
    pub status: &'a str,
    /// When it began, as a person reads it (RFC 3339 will do).
    pub created: &'a str,
    /// The device that it ran on.
    pub device: &'a str,
    /// The seed of everything random in it.
    pub seed: u64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Name and version of what took part: the program, the framework, the compiler, the operating system.
    pub versions: &'a [(String, String)],
    /// The spec, as TOML.
    pub spec_toml: &'a str,
    /// The network.
    pub architecture: &'a Architecture,
    /// What was trained from which step on; empty where it was the whole network at every step.
    pub phases: &'a [Phase],
    /// Where the rows of the data went.
    pub rows: &'a Rows,
    /// The whole history, in the order of the steps.
    pub records: &'a [Record],
    /// The findings, worst first.
    pub findings: &'a [Finding],
    /// The conclusion in one sentence.
    pub verdict: &'a Verdict,
    /// Metrics on the held-out part, by name: `loss`, `accuracy`, …; NaN and infinities are shown as such.
    pub held_out: &'a [(String, f64)],
    /// The confusion matrix on the held-out part, for classifiers.
    pub confusion: Option<&'a Matrix>,
}

/// The conclusion of a run in one sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The sentence.
    pub sentence: String,
    /// The worst severity among the findings that still stand. [`Severity::Info`] reads as "no fault found"; none is for
    /// a run that learned well, and reads as "healthy".
    pub severity: Option<Severity>,
}

impl From<gradiometer_diagnose::Verdict> for Verdict {
    /// The doctor's verdict as it stands; a run that learned well may be given `severity: None` instead.
    fn from(verdict: gradiometer_diagnose::Verdict) -> Self {
        Self { sentence: verdict.sentence, severity: Some(verdict.severity) }
    }
}

/// The account of the rows: read = the sum of the parts + the sum of the excluded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Rows read.
    pub read: u64,
    /// The parts that rows were used in: `train`, `validation`, `test`, …
    pub parts: Vec<(String, u64)>,
    /// Rows left out, by reason.
    pub excluded: Vec<(String, u64)>,
}

impl Rows {
    /// Rows used in any part.
    pub fn used(&self) -> u64 {
        self.parts.iter().fold(0, |sum, (_, n)| sum.saturating_add(*n))
    }

    /// Rows read that are neither used nor excluded: 0 in a sound account. Positive where rows were lost, negative
    /// where they were counted twice.
    pub fn unaccounted(&self) -> i128 {
        let excluded: i128 = self.excluded.iter().map(|(_, n)| i128::from(*n)).sum();
        i128::from(self.read) - self.parts.iter().map(|(_, n)| i128::from(*n)).sum::<i128>() - excluded
    }
}
