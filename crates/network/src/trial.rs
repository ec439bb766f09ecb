//! [`Trial`]: a training in memory, judged step by step, that can be stopped and gone on with. Nothing is recorded.
//!
//! It takes the same steps as [`train`](crate::train::train) and the doctor sees the same records: a run of the same spec
//! and seed has the same findings.

use std::time::{Duration, Instant};

use burn::prelude::Device;
use gradiometer_diagnose::{Doctor, Finding, Severity, Verdict};
use gradiometer_run::{Status, Task};

use crate::data::Data;
use crate::plan::PlanError;
use crate::session::{Evaluation, Session};
use crate::spec::Spec;
use crate::train::{Observer, Progressed, result};

/// A training in memory.
pub struct Trial {
    session: Session,
    progressed: Progressed,
    doctor: Doctor,
    /// How it ended, once it has.
    end: Option<Status>,
    elapsed: Duration,
}

/// How good a network is on rows that it was not trained on; larger is better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The share that was right where there are classes or tokens; for numbers the share of a guess's loss that the
    /// network saves, `1 − loss / guess`: R² for a squared error. At most 1; NaN where the outputs are not numbers.
    pub value: f64,
    /// The mean loss.
    pub loss: f64,
}

impl Trial {
    /// A training before its first step.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn new(spec: Spec, data: Data, device: &Device) -> Result<Self, PlanError> {
        let session = Session::new(spec, data, device)?;
        let doctor = Doctor::new(&session.architecture(), session.diagnosis_plan());
        Ok(Self { session, progressed: Progressed::default(), doctor, end: None, elapsed: Duration::ZERO })
    }

    /// Takes at most `steps` more steps: fewer where the training ends before, or where `observer` interrupts. At the end
    /// the held-out part is looked at, and the doctor sees it.
    pub fn advance(&mut self, steps: u64, observer: &mut dyn Observer) {
        let started = Instant::now();
        let total = self.session.total_steps();
        for _ in 0..steps {
            if self.end.is_some() || observer.interrupted() {
                break;
            }
            let step = self.progressed.step;
            let taken = self.progressed.take(&mut self.session);
            if let Some(validation) = &taken.validation {
                observer.validated(step, validation);
            }
            let record = taken.snapshot.measure();
            let changes = self.doctor.observe(&record);
            changes.iter().for_each(|change| observer.found(change));
            observer.step(step, total, taken.loss, None);
            self.end = match taken.stop {
                Some(reason) => Some(Status::Stopped { reason }),
                None if self.progressed.step >= total => Some(Status::Finished),
                None => None,
            };
            if self.end.is_some()
                && let Some((_, part)) = self.session.data().held_out()
            {
                let evaluation = self.session.evaluate(part);
                self.doctor.observe(&result(self.progressed.step, &evaluation).measure());
            }
        }
        self.elapsed += started.elapsed();
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.progressed.step
    }

    /// Steps of the whole training.
    pub fn total_steps(&self) -> u64 {
        self.session.total_steps()
    }

    /// How it ended; nothing where there are steps to take.
    pub fn end(&self) -> Option<&Status> {
        self.end.as_ref()
    }

    /// Time spent in [`Trial::advance`].
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What was found, as it stands, worst first.
    pub fn findings(&self) -> Vec<Finding> {
        self.doctor.findings()
    }

    /// The gravest finding that holds.
    pub fn worst(&self) -> Option<Finding> {
        self.findings().into_iter().find(|finding| finding.severity > Severity::Info)
    }

    /// The training in one sentence.
    pub fn verdict(&self) -> Verdict {
        self.doctor.verdict()
    }

    /// The network in training.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The network as it stands on the validation part; nothing where there is none.
    pub fn validate(&self) -> Option<Score> {
        let part = &self.session.data().validation;
        (!part.is_empty()).then(|| self.score(&self.session.evaluate(part)))
    }

    /// The network as it stands on the part that it is judged on at its end; nothing where no row is held out.
    pub fn judge(&self) -> Option<Score> {
        let (_, part) = self.session.data().held_out()?;
        Some(self.score(&self.session.evaluate(part)))
    }

    fn score(&self, evaluation: &Evaluation) -> Score {
        Score::of(evaluation, &self.session.data().task)
    }
}

impl Score {
    /// The score of an evaluation.
    pub fn of(evaluation: &Evaluation, task: &Task) -> Self {
        let value = match task {
            Task::Regression { guess_loss, .. } => 1.0 - evaluation.loss / guess_loss,
            // No accuracy is one of outputs that are not numbers.
            _ => evaluation.accuracy.unwrap_or(f64::NAN),
        };
        Self { value, loss: evaluation.loss }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data, device};

    /// Nobody.
    struct Silent;
    impl Observer for Silent {}

    fn trial(text: &str) -> Trial {
        let spec = Spec::from_toml_str(text, "trial.toml").unwrap();
        let data = data::load(&spec.data, spec.seed).unwrap();
        Trial::new(spec, data, &device::named("flex").unwrap()).unwrap()
    }

    const DIGITS: &str = r#"
        seed = 3
        loss = "cross_entropy"
        data = { source = "digits" }
        layers = [{ kind = "dense", units = 16, activation = "relu" }, { kind = "dense", units = "classes" }]
        optimizer = { kind = "adam", learning_rate = 0.01 }
        training = { steps = 60, batch_size = 32 }
    "#;

    #[test]
    fn in_pieces_it_does_the_same_as_at_once() {
        let (mut whole, mut pieces) = (trial(DIGITS), trial(DIGITS));
        whole.advance(60, &mut Silent);
        for steps in [1, 19, 0, 25, 100] {
            pieces.advance(steps, &mut Silent);
        }
        assert_eq!((whole.steps(), whole.end()), (60, Some(&Status::Finished)));
        assert_eq!((pieces.steps(), pieces.end()), (60, Some(&Status::Finished)));
        assert_eq!(whole.judge(), pieces.judge());
        assert_eq!(whole.findings(), pieces.findings());
        assert!(whole.judge().unwrap().value > 0.5, "{:?}", whole.judge());
    }

    #[test]
    fn a_training_that_breaks_ends_and_its_score_is_judged_as_it_stands() {
        let mut trial =
            trial(&DIGITS.replace("kind = \"adam\", learning_rate = 0.01", "kind = \"sgd\", learning_rate = 1e30"));
        trial.advance(60, &mut Silent);
        assert!(trial.steps() < 60 && matches!(trial.end(), Some(Status::Stopped { .. })), "{:?}", trial.end());
        assert!(trial.worst().is_some());
        assert!(trial.judge().unwrap().value.is_nan() || trial.judge().unwrap().value < 0.5);
    }

    #[test]
    fn the_score_of_numbers_is_the_share_of_a_guess_s_loss_that_is_saved() {
        let task = Task::Regression { targets: vec!["y".into()], guess_loss: 2.0 };
        let evaluation = Evaluation { loss: 0.5, accuracy: None, counts: None, rows: 10 };
        assert_eq!(Score::of(&evaluation, &task), Score { value: 0.75, loss: 0.5 });
    }
}
