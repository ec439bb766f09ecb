//! The training loop: steps, looks at the validation part, checkpoints, and the end.
//!
//! Everything that is learned of the run goes through [`Record`]s, to the recorder and to the doctor alike.

use std::time::{Duration, Instant};

use gradiometer_diagnose::{Change, Doctor, Finding, Rule, Severity, Verdict};
use gradiometer_run::{Record, Recorder, Status};
use serde::{Deserialize, Serialize};

use crate::checkpoint::CheckpointError;
use crate::session::{Evaluation, Session, scalar};
use crate::spec::{Metric, Spec};

/// The shortest time between two checkpoints where the spec does not say how often: a checkpoint waits for the disk,
/// which would take longer than an epoch of a small network. When checkpoints are made changes no result.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(10);

/// Checkpoints that are kept.
const KEPT: usize = 2;

/// Why a training ended in an error.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum TrainError {
    #[error(transparent)]
    Run(#[from] gradiometer_run::Error),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Somebody who follows a training; every method may be left out.
pub trait Observer {
    /// A step was taken. `worst` is the gravest finding that still holds.
    fn step(&mut self, _step: u64, _total: u64, _loss: f64, _worst: Option<&Finding>) {}
    /// The validation part was looked at after this step.
    fn validated(&mut self, _step: u64, _validation: &Evaluation) {}
    /// A finding is new or worse.
    fn found(&mut self, _change: &Change) {}
    /// Whether to end after this step as if interrupted.
    fn interrupted(&mut self) -> bool {
        false
    }
}

/// What the loop knows besides the weights: goes into checkpoints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progressed {
    /// The next step.
    pub step: u64,
    /// Sum of the batch losses since the last look at the validation part.
    loss_sum: f64,
    /// Sum of the batch accuracies, likewise.
    accuracy_sum: f64,
    /// Batches in the sums.
    batches: u64,
    /// The best value of the early-stopping metric; bits, so that it comes back exactly.
    best: Option<u64>,
    /// Looks since the best.
    looks_since_best: u64,
}

/// How a training ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Finished, stopped or interrupted.
    pub status: Status,
    /// Steps taken, those before a resume included.
    pub steps: u64,
    /// All findings as they stand at the end, worst first.
    pub findings: Vec<Finding>,
    /// The run in one sentence.
    pub verdict: Verdict,
    /// The network on held-out rows, and which part that was: `test`, or `validation` where there is no test part.
    pub held_out: Option<(&'static str, Evaluation)>,
    /// Wall-clock time of this call.
    pub elapsed: Duration,
}

/// What the doctor is told of the training.
pub fn diagnosis_plan(spec: &Spec, train_rows: usize) -> gradiometer_diagnose::Plan {
    gradiometer_diagnose::Plan {
        planned_steps: Some(spec.training.total_steps(train_rows)),
        batch_size: Some(spec.training.batch_size as u64),
        steps_per_epoch: Some(spec.training.steps_per_epoch(train_rows)),
        ..Default::default()
    }
}

/// Trains from where `progressed` stands to the end.
///
/// Loss or gradients that are not finite end the training: the weights are kept as they were before that step.
///
/// # Errors
/// Where the run cannot be recorded. What was flushed before is safe.
pub fn train(
    session: &mut Session,
    mut progressed: Progressed,
    recorder: &mut Recorder,
    doctor: &mut Doctor,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    let started = Instant::now();
    let total = session.total_steps();
    let per_epoch = session.spec.training.steps_per_epoch(session.data.train.len());
    let validate_every = session.spec.training.validate_every.unwrap_or(per_epoch).max(1);
    let mut last_checkpoint = Instant::now();
    let mut status = Status::Finished;
    let mut gravest = None;
    while progressed.step < total {
        let step = progressed.step;
        let taken = session.step(step);
        let mut record = taken.record;
        progressed.loss_sum += taken.loss;
        progressed.accuracy_sum += taken.accuracy.unwrap_or(0.0);
        progressed.batches += 1;
        progressed.step = step + 1;
        let is_last = progressed.step == total;
        let mut stop = None;
        if !taken.finite {
            stop = Some(format!("loss or gradients are not finite at step {step}"));
        } else if (progressed.step.is_multiple_of(validate_every) || is_last) && !session.data.validation.is_empty() {
            let validation = session.evaluate(&session.data.validation);
            note(&mut record, "validation", &validation);
            let batches = progressed.batches as f64;
            record.scalars.push(scalar("train_loss", progressed.loss_sum / batches));
            if validation.accuracy.is_some() {
                record.scalars.push(scalar("train_accuracy", progressed.accuracy_sum / batches));
            }
            (progressed.loss_sum, progressed.accuracy_sum, progressed.batches) = (0.0, 0.0, 0);
            observer.validated(step, &validation);
            stop = progressed.stops_early(&session.spec, &validation);
        }
        let changed = tell(&record, recorder, doctor, observer)?;
        if changed || !record.signals.is_empty() {
            gravest = worst(doctor);
        }
        observer.step(step, total, taken.loss, gravest.as_ref());
        if let Some(reason) = stop {
            status = Status::Stopped { reason };
            break;
        }
        let interrupted = observer.interrupted();
        let due = match session.spec.training.checkpoint_every {
            Some(every) => progressed.step.is_multiple_of(every),
            None => progressed.step.is_multiple_of(per_epoch) && last_checkpoint.elapsed() >= BETWEEN_CHECKPOINTS,
        };
        if (due || interrupted) && !is_last {
            let files = session.checkpoint(&progressed)?;
            let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
            recorder.checkpoint(progressed.step, &files, KEPT)?;
            last_checkpoint = Instant::now();
        }
        if interrupted && !is_last {
            status = Status::Interrupted;
            break;
        }
    }
    let held_out = match status {
        Status::Interrupted => None,
        _ => judge(session, progressed.step, recorder, doctor, observer)?,
    };
    recorder.flush()?;
    Ok(Outcome {
        status,
        steps: progressed.step,
        findings: doctor.findings(),
        verdict: doctor.verdict(),
        held_out,
        elapsed: started.elapsed(),
    })
}

/// The held-out part, in a last record of its own.
fn judge(
    session: &Session,
    step: u64,
    recorder: &mut Recorder,
    doctor: &mut Doctor,
    observer: &mut dyn Observer,
) -> Result<Option<(&'static str, Evaluation)>, TrainError> {
    let (name, part) = match (session.data.test.is_empty(), session.data.validation.is_empty()) {
        (false, _) => ("test", &session.data.test),
        (true, false) => ("validation", &session.data.validation),
        (true, true) => return Ok(None),
    };
    let evaluation = session.evaluate(part);
    let mut record = Record { step, ..Record::default() };
    note(&mut record, "test", &evaluation);
    tell(&record, recorder, doctor, observer)?;
    Ok(Some((name, evaluation)))
}

fn note(record: &mut Record, part: &str, evaluation: &Evaluation) {
    record.scalars.push(scalar(&format!("{part}_loss"), evaluation.loss));
    record.scalars.extend(evaluation.accuracy.map(|accuracy| scalar(&format!("{part}_accuracy"), accuracy)));
}

/// Hands a record to the recorder and the doctor; whether a finding is new or worse.
fn tell(
    record: &Record,
    recorder: &mut Recorder,
    doctor: &mut Doctor,
    observer: &mut dyn Observer,
) -> Result<bool, TrainError> {
    recorder.append(record)?;
    let changes = doctor.observe(record);
    for change in changes {
        recorder.finding(&change.finding)?;
        observer.found(change);
    }
    Ok(!changes.is_empty())
}

fn worst(doctor: &Doctor) -> Option<Finding> {
    doctor.findings().into_iter().find(|finding| finding.severity > Severity::Info && finding.rule != Rule::Converged)
}

impl Progressed {
    /// Why the training is to stop now, if it is.
    fn stops_early(&mut self, spec: &Spec, validation: &Evaluation) -> Option<String> {
        let early = spec.training.early_stopping.as_ref()?;
        // What is to become smaller.
        let (name, value) = match early.metric {
            Metric::ValidationLoss => ("validation_loss", validation.loss),
            Metric::ValidationAccuracy => ("validation_accuracy", -validation.accuracy?),
        };
        if self.best.is_none_or(|best| value < f64::from_bits(best)) {
            self.best = Some(value.to_bits());
            self.looks_since_best = 0;
            return None;
        }
        self.looks_since_best += 1;
        let patience = early.patience;
        (self.looks_since_best >= patience)
            .then(|| format!("early stopping: {name} has not improved in {patience} looks"))
    }
}
