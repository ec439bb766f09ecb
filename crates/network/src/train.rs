//! The training loop: steps, looks at the validation part, checkpoints, and the end.
//!
//! Everything that is learned of the run goes through the [`Clerk`], to the recorder and to the doctor alike.

use std::time::{Duration, Instant};

use gradiometer_diagnose::{Change, Doctor, Finding, Verdict};
use gradiometer_run::{Recorder, Status};
use serde::{Deserialize, Serialize};

use crate::checkpoint::CheckpointError;
use crate::clerk::Clerk;
use crate::session::{Evaluation, scalar};
use crate::spec::{Metric, Spec};
use crate::strategy::Strategy;
use crate::watch::Snapshot;

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
    /// A step was taken. `worst` is the gravest finding that still holds, as far as the steps were judged.
    fn step(&mut self, _step: u64, _total: u64, _loss: f64, _worst: Option<&Finding>) {}
    /// The validation part was looked at after this step.
    fn validated(&mut self, _step: u64, _validation: &Evaluation) {}
    /// A finding is new or worse. Told within a few steps of the one that showed it.
    fn found(&mut self, _change: &Change) {}
    /// Why to end the training after this step, if it is to end.
    fn stop(&mut self) -> Option<String> {
        None
    }
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
/// `strategy` says what is trained at which step: a [`Session`](crate::session::Session) all of its network, and
/// [`begin`](crate::strategy::begin) gives what the spec asks for. Loss or gradients that are not finite end the training: the
/// weights are kept as they were before that step.
///
/// # Errors
/// Where the run cannot be recorded. What was flushed before is safe.
pub fn train(
    strategy: &mut dyn Strategy,
    mut progressed: Progressed,
    recorder: &mut Recorder,
    doctor: &mut Doctor,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    let started = Instant::now();
    let mut status = Status::Finished;
    let held_out = std::thread::scope(|scope| -> Result<_, TrainError> {
        let mut clerk = Clerk::start(scope, recorder, doctor);
        status = steps(strategy, &mut progressed, &mut clerk, observer)?;
        let held_out = match status {
            Status::Interrupted => None,
            _ => judge(strategy, progressed.step, &mut clerk)?,
        };
        clerk.settle()?;
        clerk.found().for_each(|change| observer.found(&change));
        Ok(held_out)
    })?;
    Ok(Outcome {
        status,
        steps: progressed.step,
        findings: doctor.findings(),
        verdict: doctor.verdict(),
        held_out,
        elapsed: started.elapsed(),
    })
}

/// The steps, to the end or to a reason to stop.
fn steps(
    strategy: &mut dyn Strategy,
    progressed: &mut Progressed,
    clerk: &mut Clerk<'_>,
    observer: &mut dyn Observer,
) -> Result<Status, TrainError> {
    let total = strategy.total_steps();
    let per_epoch = strategy.spec().training.steps_per_epoch(strategy.data().train.len());
    let mut last_checkpoint = Instant::now();
    while progressed.step < total {
        let step = progressed.step;
        let taken = progressed.take(strategy);
        let is_last = progressed.step == total;
        if let Some(validation) = &taken.validation {
            observer.validated(step, validation);
        }
        clerk.note(taken.snapshot)?;
        clerk.found().for_each(|change| observer.found(&change));
        observer.step(step, total, taken.loss, clerk.worst());
        if let Some(reason) = taken.stop.or_else(|| observer.stop()) {
            return Ok(Status::Stopped { reason });
        }
        let interrupted = observer.interrupted();
        let due = match strategy.spec().training.checkpoint_every {
            Some(every) => progressed.step.is_multiple_of(every),
            None => progressed.step.is_multiple_of(per_epoch) && last_checkpoint.elapsed() >= BETWEEN_CHECKPOINTS,
        };
        if (due || interrupted) && !is_last {
            clerk.checkpoint(progressed.step, strategy.checkpoint(progressed)?, KEPT)?;
            last_checkpoint = Instant::now();
        }
        if interrupted && !is_last {
            return Ok(Status::Interrupted);
        }
    }
    Ok(Status::Finished)
}

/// The held-out part, in a last record of its own.
fn judge(
    strategy: &dyn Strategy,
    step: u64,
    clerk: &mut Clerk<'_>,
) -> Result<Option<(&'static str, Evaluation)>, TrainError> {
    let Some((name, part)) = strategy.data().held_out() else { return Ok(None) };
    let evaluation = strategy.judge(part);
    clerk.note(result(step, &evaluation))?;
    Ok(Some((name, evaluation)))
}

/// The last record: the network on held-out rows.
pub(crate) fn result(step: u64, evaluation: &Evaluation) -> Snapshot {
    let mut snapshot = Snapshot { step, ..Snapshot::default() };
    note(&mut snapshot, "test", evaluation);
    snapshot
}

fn note(snapshot: &mut Snapshot, part: &str, evaluation: &Evaluation) {
    snapshot.scalars.push(scalar(&format!("{part}_loss"), evaluation.loss));
    snapshot.scalars.extend(evaluation.accuracy.map(|accuracy| scalar(&format!("{part}_accuracy"), accuracy)));
}

/// A step and what came with it.
pub(crate) struct Taken {
    /// What is to be recorded and judged.
    pub snapshot: Snapshot,
    /// The batch's loss.
    pub loss: f64,
    /// The validation part, where this step was one to look at it.
    pub validation: Option<Evaluation>,
    /// Why the training is to end here, if it is.
    pub stop: Option<String>,
}

impl Progressed {
    /// Takes the next step, and looks at the validation part where it is time to: every so many steps, and where a phase ends.
    pub(crate) fn take(&mut self, strategy: &mut dyn Strategy) -> Taken {
        let per_epoch = strategy.spec().training.steps_per_epoch(strategy.data().train.len());
        let validate_every = strategy.spec().training.validate_every.unwrap_or(per_epoch).max(1);
        let step = self.step;
        let taken = strategy.step(step);
        let mut snapshot = taken.snapshot;
        self.loss_sum += taken.loss;
        self.accuracy_sum += taken.accuracy.unwrap_or(0.0);
        self.batches += 1;
        self.step = step + 1;
        let (mut validation, mut stop) = (None, None);
        let ends_phase = strategy.ends_phase(self.step);
        if !taken.finite {
            stop = Some(format!("loss or gradients are not finite at step {step}"));
        } else if (self.step.is_multiple_of(validate_every) || ends_phase) && !strategy.data().validation.is_empty() {
            let seen = strategy.evaluate(&strategy.data().validation);
            note(&mut snapshot, "validation", &seen);
            let batches = self.batches as f64;
            snapshot.scalars.push(scalar("train_loss", self.loss_sum / batches));
            if seen.accuracy.is_some() {
                snapshot.scalars.push(scalar("train_accuracy", self.accuracy_sum / batches));
            }
            (self.loss_sum, self.accuracy_sum, self.batches) = (0.0, 0.0, 0);
            // A level that no longer improves is not the end: what is above it has not been trained.
            if strategy.is_last_phase(step) {
                stop = self.stops_early(strategy.spec(), &seen);
            }
            validation = Some(seen);
        }
        Taken { snapshot, loss: taken.loss, validation, stop }
    }

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
