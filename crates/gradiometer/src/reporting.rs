//! From a recorded run to what people look at. Everything comes from the run directory: the report of a run that has
//! just ended and the one made again a year later are the same.

use std::path::{Path, PathBuf};

use anyhow::Context;
use gradiometer_diagnose::{Doctor, Finding, Severity, Verdict};
use gradiometer_network::spec::Spec;
use gradiometer_network::train::diagnosis_plan;
use gradiometer_report::{ReportInput, Rows};
use gradiometer_run::{Architecture, Manifest, Record, Run, Status};

use crate::document::TrainDocument;

/// The name of `train`'s document in the run directory.
pub const RESULT: &str = "result.json";

/// A run as read back, and what the doctor says of it.
pub struct Reading {
    /// The run.
    pub run: Run,
    /// Its records.
    pub records: Vec<Record>,
    /// The findings as they stand after the last record, worst first.
    pub findings: Vec<Finding>,
    /// The run in one sentence.
    pub verdict: Verdict,
    /// What `train` said at its end; none for a run that has not ended.
    pub result: Option<TrainDocument>,
}

/// The doctor for a recorded run: the same as the live run had.
///
/// # Errors
/// A manifest without a network, or whose spec this version does not read.
pub fn doctor_of(manifest: &Manifest) -> anyhow::Result<Doctor> {
    let architecture = architecture_of(manifest)?;
    let plan = match manifest.spec_toml.is_empty() {
        true => gradiometer_diagnose::Plan::default(),
        false => {
            let spec = Spec::from_toml_str(&manifest.spec_toml, "the run's spec")?;
            diagnosis_plan(&spec, usize::try_from(manifest.rows.train)?)
        }
    };
    Ok(match &manifest.phases[..] {
        [] => Doctor::new(architecture, plan),
        phases => Doctor::of_phases(phases, plan),
    })
}

fn architecture_of(manifest: &Manifest) -> anyhow::Result<&Architecture> {
    manifest
        .architecture
        .as_ref()
        .context("the run's manifest does not describe a network, so there are no layers to diagnose")
}

impl Reading {
    /// Reads the run in `dir` and diagnoses it.
    ///
    /// # Errors
    /// A directory that is no run, or whose record is damaged other than at its end.
    pub fn open(dir: &Path) -> anyhow::Result<Self> {
        let run = Run::open(dir)?;
        let records = run.records()?.collect::<Result<Vec<_>, _>>()?;
        let mut doctor = doctor_of(run.manifest())?;
        for record in &records {
            doctor.observe(record);
        }
        let result = run.read_json(RESULT)?;
        Ok(Self { findings: doctor.findings(), verdict: doctor.verdict(), run, records, result })
    }

    /// Training steps recorded: the held-out result comes in a record of its own, behind the last step.
    pub fn steps(&self) -> u64 {
        let trained = self.records.iter().rev().find(|record| record.scalar("loss").is_some());
        trained.map_or(0, |record| record.step + 1)
    }

    /// Calls `show` with all that a report shows.
    ///
    /// # Errors
    /// A manifest without a network.
    pub fn show<T>(&self, show: impl FnOnce(&ReportInput<'_>) -> T) -> anyhow::Result<T> {
        let manifest = self.run.manifest();
        let held_out = self.result.as_ref().and_then(|result| result.held_out.as_ref());
        let confusion = held_out.and_then(|held_out| held_out.confusion.as_ref()).and_then(|c| c.matrix());
        let mut metrics = Vec::new();
        if let Some(held_out) = held_out {
            metrics.push(("loss".to_owned(), held_out.loss.0));
            metrics.extend(held_out.accuracy.map(|accuracy| ("accuracy".to_owned(), accuracy)));
        }
        let versions = &manifest.versions;
        let versions: Vec<(String, String)> = [
            ("gradiometer", &versions.gradiometer),
            ("burn", &versions.burn),
            ("rustc", &versions.rustc),
            ("target", &versions.target),
        ]
        .into_iter()
        .filter(|(_, version)| !version.is_empty())
        .map(|(name, version)| (name.to_owned(), version.clone()))
        .collect();
        let rows = &manifest.rows;
        let rows = Rows {
            read: rows.read,
            parts: [("train", rows.train), ("validation", rows.validation), ("test", rows.test)]
                .map(|(name, n)| (name.to_owned(), n))
                .to_vec(),
            excluded: rows.excluded.iter().map(|(reason, n)| (reason.clone(), *n)).collect(),
        };
        // A page is green only where the doctor says that the network learned.
        let healthy = self.verdict.severity == Severity::Info && self.verdict.learned_well;
        let verdict = gradiometer_report::Verdict {
            sentence: self.verdict.sentence.clone(),
            severity: (!healthy).then_some(self.verdict.severity),
        };
        Ok(show(&ReportInput {
            name: &manifest.name,
            status: &status_text(&self.run.status()),
            created: &manifest.created,
            device: &manifest.device,
            seed: manifest.seed,
            seconds: self.result.as_ref().map_or(f64::NAN, |result| result.seconds),
            versions: &versions,
            spec_toml: &manifest.spec_toml,
            architecture: architecture_of(manifest)?,
            phases: &manifest.phases,
            rows: &rows,
            records: &self.records,
            findings: &self.findings,
            verdict: &verdict,
            held_out: &metrics,
            confusion: confusion.as_ref(),
        }))
    }

    /// Writes the report to `file`; gives its size.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, file: &Path) -> anyhow::Result<u64> {
        let page = self.show(gradiometer_report::html)?;
        std::fs::write(file, &page).with_context(|| {
            format!("{}: the report cannot be written; choose another place with --out", file.display())
        })?;
        Ok(page.len() as u64)
    }
}

/// Where a run keeps its report.
pub fn report_path(run: &Path) -> PathBuf {
    run.join("report.html")
}

/// How a run stands, in words.
pub fn status_text(status: &Status) -> String {
    match status {
        Status::Running => "running".to_owned(),
        Status::Finished => "finished".to_owned(),
        Status::Stopped { reason } => format!("stopped: {reason}"),
        Status::Interrupted => "interrupted".to_owned(),
        Status::Failed { error } => format!("failed: {error}"),
    }
}
