//! `gradiometer repair`: mends a training that ails, and proves it.
//!
//! ```text
//! FOLDER/repair.json    what was asked for            FOLDER/original/   the training as it was, recorded
//! FOLDER/tries.jsonl    every try                     FOLDER/repaired/   the winner on the same seed, recorded
//! FOLDER/repaired.toml  the spec, with remarks        FOLDER/report.html, result.json
//! ```

mod progress;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, bail};
use gradiometer_network::data::Data;
use gradiometer_network::device::{self, Device};
use gradiometer_network::session::{Evaluation, Session};
use gradiometer_network::spec::Spec;
use gradiometer_network::train::{Observer, train};
use gradiometer_network::trial::Score;
use gradiometer_repair::{Diagnosis, Entrants, Entry, Journal, Options, Outcome, check, load, repair};
use gradiometer_run::Status;
use serde::{Deserialize, Serialize};

use super::progress::Progress;
use super::train::{self as training, INTERRUPTED};
use super::{spec, threads};
use crate::cli::{Global, Repair};
use crate::document::TrainDocument;
use crate::output::Output;
use crate::reporting::Reading;
use progress::Race;

/// What was asked for, so that a repair can go on.
#[derive(Serialize, Deserialize)]
struct Setup {
    /// The version that began it.
    gradiometer: String,
    spec_toml: String,
    options: Options,
    device: String,
    /// The run of the training as it was: `original` in the folder, or the run that the repair follows.
    original: PathBuf,
    /// Wall-clock time of the parts before this one.
    seconds: f64,
}

const SETUP: &str = "repair.json";
const TRIES: &str = "tries.jsonl";
const ORIGINAL: &str = "original";
const REPAIRED: &str = "repaired";

pub(super) fn run(options: &Repair, global: &Global, output: Output) -> anyhow::Result<ExitCode> {
    let threads = threads(global)?;
    let (folder, setup) = match (&options.resume, &options.config) {
        (Some(folder), _) => {
            let mut setup = Setup::read(folder)?;
            setup.options.budget = options.budget.unwrap_or(setup.options.budget);
            (folder.clone(), setup)
        }
        (None, Some(config)) => {
            let spec = spec(config, &options.set, global)?;
            let folder = options.out.clone().unwrap_or_else(|| training::free_place(&format!("{}-repair", spec.name)));
            let budget = options.budget.unwrap_or_default();
            let wanted = Options { seeds: options.seeds, budget, threads, entrants: Entrants::Advised };
            let original = folder.join(ORIGINAL);
            (folder, Setup::new(&spec, wanted, &options.device, original)?)
        }
        (None, None) => bail!("name a CONFIG, or a repair to --resume"),
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&interrupted);
    ctrlc::set_handler(move || {
        // A second Ctrl-C ends the program at once; every try that is done is on disk.
        if asked.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED.into());
        }
    })
    .context("the signal handler that ends the tries at Ctrl-C cannot be set")?;
    mend(&folder, setup, output, &interrupted)
}

/// Repairs the training that was recorded in `run` and ended there by a finding.
pub(super) fn follow(
    run: &Path,
    spec: &Spec,
    device: &str,
    threads: usize,
    output: Output,
    interrupted: &Arc<AtomicBool>,
) -> anyhow::Result<ExitCode> {
    let name = run.file_name().map_or_else(|| spec.name.clone(), |name| name.to_string_lossy().into_owned());
    let folder = run.with_file_name(format!("{name}-repair"));
    let wanted = Options { seeds: 5, budget: Default::default(), threads, entrants: Entrants::Advised };
    mend(&folder, Setup::new(spec, wanted, device, run.to_owned())?, output, interrupted)
}

impl Setup {
    fn new(spec: &Spec, options: Options, device: &str, original: PathBuf) -> anyhow::Result<Self> {
        Ok(Self {
            gradiometer: env!("CARGO_PKG_VERSION").to_owned(),
            spec_toml: spec.to_toml().context("the spec cannot be written down")?,
            options,
            device: device.to_owned(),
            original,
            seconds: 0.0,
        })
    }

    fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(SETUP);
        let text = std::fs::read(&file)
            .with_context(|| format!("{}: there is no repair to go on with in this folder", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{}: does not describe a repair", file.display()))
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let file = folder.join(SETUP);
        std::fs::write(&file, serde_json::to_vec_pretty(self)?).with_context(|| written(&file))
    }
}

/// From where the folder stands to the end, or to an interruption.
fn mend(folder: &Path, mut setup: Setup, output: Output, interrupted: &Arc<AtomicBool>) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let spec = Spec::from_toml_str(&setup.spec_toml, "the repair's spec")?;
    let device = device::named(&setup.device)?;
    let data = load(&spec)?;
    data.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
    check(&data, &setup.options)?;
    let journal = open(folder, &setup)?;
    output.note(&format!("{}: every try is kept in {}", spec.name, folder.display()));
    let diagnosis = match journal.diagnosis() {
        Some(known) => Some(known),
        None => diagnose(&spec, &data, &device, &setup, output, interrupted)?,
    };
    let Some(diagnosis) = diagnosis else {
        output.note(&format!("interrupted; go on with: gradiometer repair --resume {}", folder.display()));
        return Ok(ExitCode::from(INTERRUPTED));
    };
    if journal.diagnosis().is_none() {
        journal.add(Entry::Diagnosis(diagnosis.clone()))?;
    }
    output.note(&format!("as it is: {}", diagnosis.sentence));
    let race = Race::new(output, Arc::clone(interrupted));
    let mended = repair(&spec, &data, diagnosis, &setup.options, &device, &journal, &race);
    race.end();
    let mended = mended.with_context(|| format!("{} keeps what was done, for --resume", folder.display()))?;
    if let Some(winner) = mended.winner.as_ref().filter(|_| mended.verdict.is_some()) {
        // On the original's own seed, so that both can be laid side by side.
        let dir = folder.join(REPAIRED);
        recorded(&winner.spec, None, &dir, &device, &setup, output, interrupted)?;
    }
    setup.seconds += started.elapsed().as_secs_f64();
    setup.write(folder)?;
    show::write(folder, &spec, &data, &setup, &mended, output)?;
    Ok(match mended.verdict {
        None => {
            output.note(&format!("interrupted; go on with: gradiometer repair --resume {}", folder.display()));
            ExitCode::from(INTERRUPTED)
        }
        Some(_) => ExitCode::SUCCESS,
    })
}

/// The log of the folder, which is made where a repair begins.
fn open(folder: &Path, setup: &Setup) -> anyhow::Result<Journal> {
    let file = folder.join(SETUP);
    if !file.exists() {
        let is_empty = std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty {
            bail!("{}: there is something already; name another folder with --out", folder.display());
        }
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{}: the folder cannot be made; name another one with --out", folder.display()))?;
        setup.write(folder)?;
    }
    Ok(Journal::open(&folder.join(TRIES))?)
}

/// The training as it is, recorded, and what the doctor says of it; nothing where it was interrupted.
fn diagnose(
    spec: &Spec,
    data: &Data,
    device: &Device,
    setup: &Setup,
    output: Output,
    interrupted: &Arc<AtomicBool>,
) -> anyhow::Result<Option<Diagnosis>> {
    let Some(document) = recorded(spec, Some(data), &setup.original, device, setup, output, interrupted)? else {
        return Ok(None);
    };
    let task = data.task_under(&spec.loss);
    let held_out = document.held_out.as_ref();
    let score = held_out.map(|held_out| {
        let (loss, accuracy, rows) = (held_out.loss.0, held_out.accuracy, held_out.rows);
        Score::of(&Evaluation { loss, accuracy, counts: None, rows }, &task).value
    });
    let stopped = match &document.status {
        Status::Stopped { reason } => Some(reason.clone()),
        _ => None,
    };
    let outcome = Outcome {
        steps: document.steps,
        score: score.filter(|score| score.is_finite()),
        loss: held_out.map(|held_out| held_out.loss.0).filter(|loss| loss.is_finite()),
        stopped,
        seconds: document.seconds,
    };
    Ok(Some(Diagnosis { findings: document.findings, sentence: document.verdict.sentence, outcome }))
}

/// A training recorded in `dir`, from its beginning, from its last checkpoint, or as it is there; nothing where it was
/// interrupted.
fn recorded(
    spec: &Spec,
    data: Option<&Data>,
    dir: &Path,
    device: &Device,
    setup: &Setup,
    output: Output,
    interrupted: &Arc<AtomicBool>,
) -> anyhow::Result<Option<TrainDocument>> {
    if dir.exists() {
        let reading = Reading::open(dir)?;
        if let (Status::Finished | Status::Stopped { .. }, Some(result)) = (reading.run.status(), reading.result) {
            return Ok(Some(result));
        }
    }
    let mut ready = if dir.exists() {
        training::resume(dir, false)?
    } else {
        let data = data.map_or_else(|| load(spec), |data| Ok(data.clone()))?;
        let session = Session::new(spec.clone(), data, device)?;
        training::record(session, dir, &setup.device, setup.options.threads)?
    };
    let total = ready.strategy.total_steps();
    let mut progress = Progress::new(output, total, ready.progressed.step, Arc::clone(interrupted));
    let progress: &mut dyn Observer = &mut progress;
    let outcome =
        train(&mut *ready.strategy, ready.progressed.clone(), &mut ready.recorder, &mut ready.doctor, progress)?;
    let interrupted = outcome.status == Status::Interrupted;
    let (document, _) = training::conclude(ready, &outcome, dir, None)?;
    Ok((!interrupted).then_some(document))
}

fn written(file: &Path) -> String {
    format!("{}: cannot be written", file.display())
}
