//! What every training of a repair needs: the data, the device, the log, and somebody who looks on.

use burn::prelude::Device;
use gradiometer_network::data::{self, Data};
use gradiometer_network::plan::Plan;
use gradiometer_network::session::input_shape;
use gradiometer_network::spec::Spec;
use gradiometer_network::train::Observer;
use gradiometer_network::trial::Trial;
use gradiometer_run::Status;

use crate::journal::{Entry, Journal, JournalError};

/// Somebody who follows a repair; every method may be left out. Several trainings run at a time.
pub trait Watcher: Sync {
    /// A round of the race begins: who takes part, and up to which share of the training.
    fn round(&self, _number: usize, _contenders: Vec<&str>, _fraction: f64) {}
    /// The race is over, and this many whole trainings follow.
    fn proof(&self, _winner: &str, _trainings: usize) {}
    /// A training of this contender took a step: this share of its whole training.
    fn stepped(&self, _contender: &str, _share: f64) {}
    /// Something is in the log.
    fn noted(&self, _entry: &Entry) {}
    /// Whether to end, with what is known so far.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Nobody.
impl Watcher for () {}

/// Why a repair did not come to its end.
pub(crate) enum Stopped {
    Interrupted,
    Journal(JournalError),
}

/// What a training costs, in whole trainings of the original.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Cost {
    /// Steps of all of it.
    pub steps: u64,
    /// All of it.
    pub training: f64,
    /// One look at the validation part.
    pub judgement: f64,
    /// To build it and to look at its first steps, which is done often.
    pub start: f64,
}

/// A start, in steps: building takes a millisecond where a step takes some tenths of one, and of the first sixteen steps six are
/// looked at in full.
const STEPS_OF_A_START: f64 = 6.0;

/// The surroundings of all trainings.
pub(crate) struct Bench<'a> {
    /// The rows as the original has them, and for which description of them.
    pub data: (&'a Spec, &'a Data),
    pub device: &'a Device,
    pub threads: usize,
    pub journal: &'a Journal,
    pub watcher: &'a dyn Watcher,
}

impl Bench<'_> {
    /// A training before its first step, or why there is none.
    pub fn trial(&self, spec: &Spec) -> Result<Trial, String> {
        let data = self.rows(spec)?;
        Trial::new(spec.clone(), data, self.device).map_err(|error| error.to_string())
    }

    fn rows(&self, spec: &Spec) -> Result<Data, String> {
        let (original, data) = self.data;
        match spec.data == original.data && spec.seed == original.seed {
            true => Ok(data.clone()),
            false => data::load(&spec.data, spec.seed).map_err(|error| error.to_string()),
        }
    }

    /// Goes on up to `target` steps.
    pub fn train(&self, trial: &mut Trial, target: u64, contender: &str) {
        struct Following<'a>(&'a dyn Watcher, &'a str);
        impl Observer for Following<'_> {
            fn step(&mut self, step: u64, total: u64, _: f64, _: Option<&gradiometer_diagnose::Finding>) {
                self.0.stepped(self.1, (step + 1) as f64 / total as f64);
            }
            fn interrupted(&mut self) -> bool {
                self.0.interrupted()
            }
        }
        let steps = target.saturating_sub(trial.steps());
        trial.advance(steps, &mut Following(self.watcher, contender));
    }

    /// Why a training ended before its last step.
    pub fn early_end(trial: &Trial) -> Option<String> {
        match trial.end() {
            Some(Status::Stopped { reason }) => Some(reason.clone()),
            _ => None,
        }
    }

    /// What the training of `spec` costs over that of `original`; nothing where one of the networks cannot be planned.
    pub fn cost_of(&self, spec: &Spec, original: &Spec) -> Option<Cost> {
        let ((steps, training, judgement), (_, one, _)) = (self.effort(spec)?, self.effort(original)?);
        let start = STEPS_OF_A_START * training / (one * steps.max(1) as f64);
        Some(Cost { steps, training: training / one, judgement: judgement / one, start })
    }

    /// Steps of a whole training, the effort of it, and that of a look at the validation part.
    fn effort(&self, spec: &Spec) -> Option<(u64, f64, f64)> {
        let (original, data) = self.data;
        let loaded = (spec.data != original.data).then(|| data::load(&spec.data, spec.seed));
        let data = match &loaded {
            None => data,
            Some(loaded) => loaded.as_ref().ok()?,
        };
        let plan = Plan::new(spec, input_shape(spec, data), &data.task_under(&spec.loss)).ok()?;
        let steps = spec.training.total_steps(data.train.len());
        let batch_size = spec.training.batch_size;
        let training = plan.effort_of_a_step(batch_size) * steps as f64;
        let judgement = plan.effort_of_judging(data.validation.len(), batch_size);
        Some((steps, training, judgement))
    }

    /// Writes down what was done.
    pub fn note(&self, entry: Entry) -> Result<(), Stopped> {
        self.watcher.noted(&entry);
        self.journal.add(entry).map_err(Stopped::Journal)
    }
}
