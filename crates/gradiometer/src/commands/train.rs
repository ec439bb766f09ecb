//! `gradiometer train`: trains, watches every layer, says what is wrong, and leaves a run directory with its report.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};
use gradiometer_diagnose::Doctor;
use gradiometer_network::data;
use gradiometer_network::device;
use gradiometer_network::session::Session;
use gradiometer_network::spec::{self, Spec};
use gradiometer_network::strategy::{self, Strategy};
use gradiometer_network::threads;
use gradiometer_network::train::{Outcome, Progressed, train};
use gradiometer_report::terminal;
use gradiometer_run::{Manifest, Recorder, Rows, Run, Status, Versions};

use super::progress::Progress;
use super::{exit_code, spec as load_spec, terminal as screen, wanted_threads};
use crate::cli::{Global, OnFinding, Train};
use crate::document::sparsity::{CompactDocument, PenaltyDocument};
use crate::document::{HeldOut, TrainDocument};
use crate::output::Output;
use crate::reporting::{RESULT, Reading, doctor_of, report_path, status_text};
use crate::sparsity;

/// A training about to go on.
pub(super) struct Ready {
    pub strategy: Box<dyn Strategy>,
    pub progressed: Progressed,
    pub recorder: Recorder,
    pub doctor: Doctor,
    /// Wall-clock time of the parts before a resume.
    seconds_before: f64,
}

/// The exit code of a training that a signal ended: what comes after it in a script must not take it for done. 128 + SIGINT
/// is what shells give for Ctrl-C.
pub(super) const INTERRUPTED: u8 = 130;

/// What of a run's time is known when it is resumed.
const CLOCK: &str = "clock.json";

pub(super) fn run(options: &Train, global: &Global, output: Output) -> anyhow::Result<ExitCode> {
    let threads = threads::with_this_one(wanted_threads(global)?);
    if let Some(dir) = &options.compact {
        refuse_filled(dir)?;
    }
    let mut ready = match (&options.resume, &options.config) {
        (Some(run), _) => resume(run, options.compact.is_some())?,
        (None, Some(config)) => begin(config, options, global, threads, output)?,
        (None, None) => bail!("name a CONFIG, or a run to --resume"),
    };
    let dir = ready.recorder.dir().to_owned();
    let total = ready.strategy.total_steps();
    output.note(&format!(
        "{}: {} parameters, {total} steps, recorded in {}",
        ready.recorder.manifest().name,
        ready.strategy.plan().parameters(),
        dir.display()
    ));
    let interrupted = Arc::new(AtomicBool::new(false));
    let mut progress = Progress::new(output, total, ready.progressed.step, Arc::clone(&interrupted));
    if options.on_finding != OnFinding::Continue {
        progress.stop_at_errors();
    }
    let lines = progress.lines();
    let asked = Arc::clone(&interrupted);
    ctrlc::set_handler(move || {
        // A second Ctrl-C ends the program at once.
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
        lines.write("interrupted: a checkpoint is made after this step; once more ends it at once");
    })
    .context("the signal handler that makes a checkpoint at Ctrl-C cannot be set")?;
    let trained =
        train(&mut *ready.strategy, ready.progressed.clone(), &mut ready.recorder, &mut ready.doctor, &mut progress);
    progress.end();
    let outcome = match trained {
        Ok(outcome) => outcome,
        Err(error) => {
            // What can still be written says so; the error itself is what the user has to read.
            let _ = ready.recorder.finish(Status::Failed { error: error.to_string() });
            return Err(error.into());
        }
    };
    if options.on_finding == OnFinding::Repair && progress.stopped_by().is_some() {
        // The repair tells what has come of the training: one command, one document.
        let spec = ready.strategy.spec().clone();
        conclude(ready, &outcome, &dir, None)?;
        return super::repair::follow(&dir, &spec, &options.device, threads, output, &interrupted);
    }
    finish(ready, &outcome, &dir, options.compact.as_deref(), output)?;
    Ok(match outcome.status {
        Status::Interrupted => ExitCode::from(INTERRUPTED),
        _ => exit_code(options.fail_on, &outcome.findings),
    })
}

fn begin(config: &Path, options: &Train, global: &Global, threads: usize, output: Output) -> anyhow::Result<Ready> {
    let spec = load_spec(config, &options.set, global)?;
    refuse_compact_levels(&spec, options.compact.is_some())?;
    let device = device::named(&options.device)?;
    let out = options.out.clone().unwrap_or_else(|| free_place(&spec.name));
    // Looked at before minutes are spent on the data; the recorder looks again.
    if let Ok(mut entries) = std::fs::read_dir(&out)
        && entries.next().is_some()
    {
        return Err(gradiometer_run::Error::Exists { dir: out }.into());
    }
    let data = data::load(&spec.data, spec.seed)?;
    for note in &data.notes {
        output.note(&format!("note: {note}"));
    }
    let weights = match &options.weights {
        Some(file) => Some((file, std::fs::read(file).with_context(|| format!("{}: cannot be read", file.display()))?)),
        None => None,
    };
    let mut session = Session::new(spec, data, &device)?;
    if let Some((file, weights)) = &weights {
        session.load_weights(weights).with_context(|| file.display().to_string())?;
    }
    let mut ready = record(session, &out, &options.device, threads)?;
    if weights.is_some() {
        // A run that is killed early goes on from these, and not from drawn ones.
        let files = ready.strategy.checkpoint(&ready.progressed)?;
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
        ready.recorder.checkpoint(0, &files, 1)?;
    }
    Ok(ready)
}

/// Begins to record a training in `dir`.
pub(super) fn record(session: Session, dir: &Path, device: &str, threads: usize) -> anyhow::Result<Ready> {
    let manifest = manifest(session.spec(), session.data(), device, threads)?;
    let architecture = session.architecture();
    let estimated_bytes = session.estimated_record_bytes();
    let strategy = strategy::begin(session)?;
    let manifest = Manifest {
        architecture: Some(architecture),
        phases: strategy.phases().to_vec(),
        planned_steps: strategy.total_steps(),
        ..manifest
    };
    let recorder = Recorder::create(dir, manifest, estimated_bytes)?;
    let doctor = strategy.doctor();
    Ok(Ready { strategy, progressed: Progressed::default(), recorder, doctor, seconds_before: 0.0 })
}

pub(super) fn resume(dir: &Path, compact: bool) -> anyhow::Result<Ready> {
    let run = Run::open(dir)?;
    let manifest = run.manifest().clone();
    let spec = Spec::from_toml_str(&manifest.spec_toml, "the run's spec")?;
    refuse_compact_levels(&spec, compact)?;
    let device = device::named(&manifest.device)?;
    let checkpoint = run.latest_checkpoint()?;
    let seconds_before = run.read_json::<f64>(CLOCK)?.unwrap_or(0.0);
    let data = data::load(&spec.data, spec.seed)?;
    let mut strategy = strategy::begin(Session::new(spec, data, &device)?)?;
    anyhow::ensure!(
        manifest.rows.train == strategy.data().train.len() as u64,
        "{}: the data have changed since the run began: it trained on {} rows, and there are {} now; \
         put the data back as they were, or start a new run",
        dir.display(),
        manifest.rows.train,
        strategy.data().train.len()
    );
    let (progressed, step) = match &checkpoint {
        Some(checkpoint) => {
            let progressed = strategy.restore(&|name| checkpoint.files.get(name).cloned())?;
            (progressed, checkpoint.step)
        }
        None => (Progressed::default(), 0),
    };
    // The lock is taken and the record is cut back to the checkpoint here.
    let recorder = Recorder::resume(dir, step)?;
    let mut doctor = doctor_of(&manifest)?;
    // Opened again: what `run` knew of the record's end was true before the cut.
    for record in Run::open(dir)?.records()? {
        doctor.observe(&record?);
    }
    Ok(Ready { strategy, progressed, recorder, doctor, seconds_before })
}

fn finish(ready: Ready, outcome: &Outcome, dir: &Path, compact: Option<&Path>, output: Output) -> anyhow::Result<()> {
    let interrupted = outcome.status == Status::Interrupted;
    let compacted = match compact.filter(|_| !interrupted) {
        Some(dir) => write_smaller(ready.strategy.session(), dir).map(Some),
        None => Ok(None),
    };
    let (document, reading) = conclude(ready, outcome, dir, compacted.as_ref().ok().cloned().flatten())?;
    // The run is whole, whatever came of the smaller network.
    compacted?;
    let report = report_path(dir);
    let mut text = reading.show(|input| terminal::summary(input, &screen()))?;
    text += &sparsity::text(&document);
    output.result(|| format!("{text}\nreport: {}\n", report.display()), &document)?;
    if interrupted && compact.is_some() {
        output.note("a network that is not trained to its end is not made smaller: say --compact again with --resume");
    }
    match &outcome.status {
        Status::Interrupted => {
            output.note(&format!("interrupted; go on with: gradiometer train --resume {}", dir.display()))
        }
        Status::Stopped { .. } => output.note(&status_text(&outcome.status)),
        _ => {}
    }
    Ok(())
}

/// Ends the record of a training, with its document and its report.
pub(super) fn conclude(
    mut ready: Ready,
    outcome: &Outcome,
    dir: &Path,
    compact: Option<CompactDocument>,
) -> anyhow::Result<(TrainDocument, Reading)> {
    let seconds = ready.seconds_before + outcome.elapsed.as_secs_f64();
    ready.recorder.write_json(CLOCK, &seconds)?;
    let report = report_path(dir);
    let manifest = ready.recorder.manifest().clone();
    let task = ready.strategy.data().task.clone();
    let document = TrainDocument {
        name: manifest.name.clone(),
        status: outcome.status.clone(),
        run: dir.display().to_string(),
        report: report.display().to_string(),
        steps: outcome.steps,
        planned_steps: manifest.planned_steps,
        seconds,
        verdict: outcome.verdict.clone(),
        findings: outcome.findings.clone(),
        held_out: outcome.held_out.as_ref().map(|(part, evaluation)| HeldOut::new(part, evaluation, &task)),
        penalty: PenaltyDocument::of(&*ready.strategy),
        compact,
    };
    ready.recorder.write_json(RESULT, &document)?;
    ready.recorder.finish(outcome.status.clone())?;
    let reading = Reading::open(dir)?;
    reading.write(&report)?;
    Ok((document, reading))
}

/// The smaller network is measured against the whole one, and what is in training at the end may be its last level.
fn refuse_compact_levels(spec: &Spec, compact: bool) -> anyhow::Result<()> {
    if compact && matches!(spec.strategy, spec::Strategy::Layerwise(_)) {
        bail!(
            "--compact: a network that is trained in levels is not made smaller; train it end to end \
             (--set strategy=end_to_end), or leave --compact out"
        );
    }
    Ok(())
}

/// Writes the smaller network.
fn write_smaller(session: &Session, dir: &Path) -> anyhow::Result<CompactDocument> {
    let compact = session.compact()?;
    compact.write(dir)?;
    Ok(CompactDocument::new(&compact, dir))
}

/// Nothing is written over: looked at before minutes are spent on training.
fn refuse_filled(dir: &Path) -> anyhow::Result<()> {
    let is_empty = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if dir.exists() && !is_empty {
        bail!("{}: there is something already; name another place for the smaller network", dir.display());
    }
    Ok(())
}

/// `runs/NAME`, or the first of `runs/NAME-2`, `runs/NAME-3`, … that does not exist.
pub(super) fn free_place(name: &str) -> PathBuf {
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let name = name.trim_start_matches('.');
    let place =
        |suffix: String| Path::new("runs").join(format!("{}{suffix}", if name.is_empty() { "run" } else { name }));
    let mut found = place(String::new());
    let mut number = 2;
    while found.exists() {
        found = place(format!("-{number}"));
        number += 1;
    }
    found
}

fn manifest(spec: &Spec, data: &data::Data, device: &str, threads: usize) -> anyhow::Result<Manifest> {
    let spec_toml = spec.to_toml().context("the spec cannot be written down")?;
    Ok(Manifest {
        name: spec.name.clone(),
        versions: Versions {
            gradiometer: env!("CARGO_PKG_VERSION").to_owned(),
            burn: gradiometer_network::BURN_VERSION.to_owned(),
            rustc: env!("GRADIOMETER_RUSTC").to_owned(),
            target: env!("GRADIOMETER_TARGET").to_owned(),
        },
        device: device.to_owned(),
        threads,
        seed: spec.seed,
        command: std::env::args().collect(),
        spec: serde_json::to_value(spec)?,
        spec_toml,
        rows: Rows {
            read: data.rows.read,
            used: data.rows.used,
            excluded: data.rows.excluded.clone(),
            train: data.train.len() as u64,
            validation: data.validation.len() as u64,
            test: data.test.len() as u64,
        },
        ..Manifest::default()
    })
}
