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

    /// Multiplications and additions of the whole training; NaN where the network cannot be planned.
    pub fn work_of(&self, spec: &Spec) -> f64 {
        let (original, data) = self.data;
        let loaded = (spec.data != original.data).then(|| data::load(&spec.data, spec.seed));
        let data = match &loaded {
            None => data,
            Some(Ok(data)) => data,
            Some(Err(_)) => return f64::NAN,
        };
        match Plan::new(spec, input_shape(spec, data), &data.task_under(&spec.loss)) {
            Ok(plan) => {
                let steps = spec.training.total_steps(data.train.len());
                plan.operations_of_a_step(spec.training.batch_size) as f64 * steps as f64
            }
            Err(_) => f64::NAN,
        }
    }

    /// Writes down what was done.
    pub fn note(&self, entry: Entry) -> Result<(), Stopped> {
        self.watcher.noted(&entry);
        self.journal.add(entry).map_err(Stopped::Journal)
    }
}
