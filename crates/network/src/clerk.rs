//! [`Clerk`]: keeps the record of a training while the training goes on.
//!
//! On a thread of its own it measures what each step has shown, writes it down and has the doctor judge it, in the
//! order of the steps. The training thread only hands over [`Snapshot`]s, many at a time, since waking a thread takes longer
//! than writing down a step. It waits where the clerk is still busy with those before, so that the tensors of at most
//! 4 MiB, or of two looks, are held.
//!
//! What is recorded and found depends on no clock: the doctor sees the same records in the same order however they are
//! handed over.

use std::sync::mpsc::{Receiver, RecvError, SyncSender, channel, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use gradiometer_diagnose::{Change, Doctor, Finding, Rule, Severity};
use gradiometer_run::{Error, Recorder};

use crate::watch::Snapshot;

/// Steps that are handed over together, at most.
const TOGETHER: usize = 64;
/// Bytes of tensors that are handed over together, but for a single look that holds more.
const BYTES: usize = 1 << 21;
/// How long a step waits for others: what is found is to be seen at once by the human eye.
const PATIENCE: Duration = Duration::from_millis(50);

/// Files of a checkpoint, by name.
pub type Files = Vec<(&'static str, Vec<u8>)>;

enum Task {
    Steps(Vec<Snapshot>),
    Checkpoint { step: u64, files: Files, keep: usize },
    Flush,
}

enum News {
    Found(Change),
    /// The gravest finding that holds has changed.
    Worst(Option<Box<Finding>>),
    /// Nothing more is written.
    Failed(Error),
    /// A checkpoint or a flush, and all steps before it, is done.
    Done,
}

/// The training thread's side.
pub struct Clerk<'scope> {
    tasks: Option<SyncSender<Task>>,
    news: Receiver<News>,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
    waiting: Vec<Snapshot>,
    waiting_bytes: usize,
    waits_since: Instant,
    found: Vec<Change>,
    worst: Option<Finding>,
}

impl<'scope> Clerk<'scope> {
    /// Starts the clerk's thread; recorder and doctor are its until the clerk is dropped.
    pub fn start<'env>(
        scope: &'scope Scope<'scope, 'env>,
        recorder: &'scope mut Recorder,
        doctor: &'scope mut Doctor,
    ) -> Self {
        // No room between the threads: whoever hands over waits until the clerk takes it.
        let (tasks, inbox) = sync_channel(0);
        let (outbox, news) = channel();
        let thread = scope.spawn(move || {
            let mut desk = Desk { recorder, doctor, worst: None };
            while let Ok(task) = inbox.recv() {
                let mut tell = |news| outbox.send(news).is_ok();
                if let Err(error) = desk.work(task, &mut tell) {
                    tell(News::Failed(error));
                    break;
                }
            }
        });
        Self {
            tasks: Some(tasks),
            news,
            thread: Some(thread),
            waiting: Vec::with_capacity(TOGETHER),
            waiting_bytes: 0,
            waits_since: Instant::now(),
            found: Vec::new(),
            worst: None,
        }
    }

    /// Takes down a step.
    ///
    /// # Errors
    /// Where an earlier step could not be recorded.
    pub fn note(&mut self, snapshot: Snapshot) -> Result<(), Error> {
        if self.waiting.is_empty() {
            self.waits_since = Instant::now();
        }
        let bytes = snapshot.held_bytes();
        if self.waiting_bytes + bytes > BYTES {
            self.hand_over()?;
        }
        self.waiting_bytes += bytes;
        self.waiting.push(snapshot);
        if self.waiting_bytes >= BYTES || self.waiting.len() >= TOGETHER || self.waits_since.elapsed() >= PATIENCE {
            self.hand_over()?;
        }
        Ok(())
    }

    /// What has become new or worse since the last call, as far as the clerk has come.
    pub fn found(&mut self) -> std::vec::Drain<'_, Change> {
        self.found.drain(..)
    }

    /// The gravest finding that holds, as far as the clerk has come; a converged training is none.
    pub fn worst(&self) -> Option<&Finding> {
        self.worst.as_ref()
    }

    /// Waits until all steps so far are recorded, handed to the operating system, and judged.
    ///
    /// # Errors
    /// Where they cannot be recorded.
    pub fn settle(&mut self) -> Result<(), Error> {
        self.do_now(Task::Flush)
    }

    /// Writes a checkpoint of the state behind `step` updates and waits until it is safe; all but the newest `keep`
    /// are deleted.
    ///
    /// # Errors
    /// Where it, or a step before it, cannot be written.
    pub fn checkpoint(&mut self, step: u64, files: Files, keep: usize) -> Result<(), Error> {
        self.do_now(Task::Checkpoint { step, files, keep })
    }

    fn do_now(&mut self, task: Task) -> Result<(), Error> {
        self.hand_over()?;
        self.send(task)?;
        loop {
            match self.news.recv() {
                Ok(News::Done) => return Ok(()),
                Ok(news) => self.hear(news)?,
                Err(RecvError) => self.broken(),
            }
        }
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        if !self.waiting.is_empty() {
            self.waiting_bytes = 0;
            let steps = std::mem::replace(&mut self.waiting, Vec::with_capacity(TOGETHER));
            self.send(Task::Steps(steps))?;
        }
        while let Ok(news) = self.news.try_recv() {
            self.hear(news)?;
        }
        Ok(())
    }

    fn send(&mut self, task: Task) -> Result<(), Error> {
        let sent = self.tasks.as_ref().is_some_and(|tasks| tasks.send(task).is_ok());
        if !sent {
            // The clerk has stopped, and says why in its last news.
            while let Ok(news) = self.news.recv() {
                self.hear(news)?;
            }
            self.broken();
        }
        Ok(())
    }

    fn hear(&mut self, news: News) -> Result<(), Error> {
        match news {
            News::Found(change) => self.found.push(change),
            News::Worst(worst) => self.worst = worst.map(|finding| *finding),
            News::Failed(error) => return Err(error),
            News::Done => {}
        }
        Ok(())
    }

    /// The clerk's thread has ended without a word: a panic, which goes on here.
    fn broken(&mut self) -> ! {
        self.tasks = None;
        match self.thread.take().map(ScopedJoinHandle::join) {
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            _ => unreachable!("the clerk ends by itself only after an error, which it tells once"),
        }
    }
}

/// The clerk's own side.
struct Desk<'a> {
    recorder: &'a mut Recorder,
    doctor: &'a mut Doctor,
    worst: Option<Finding>,
}

impl Desk<'_> {
    fn work(&mut self, task: Task, tell: &mut dyn FnMut(News) -> bool) -> Result<(), Error> {
        match task {
            Task::Steps(steps) => {
                for snapshot in steps {
                    self.step(snapshot, tell)?;
                }
            }
            Task::Checkpoint { step, files, keep } => {
                let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (*name, &bytes[..])).collect();
                self.recorder.checkpoint(step, &files, keep)?;
                tell(News::Done);
            }
            Task::Flush => {
                self.recorder.flush()?;
                tell(News::Done);
            }
        }
        Ok(())
    }

    fn step(&mut self, snapshot: Snapshot, tell: &mut dyn FnMut(News) -> bool) -> Result<(), Error> {
        let record = snapshot.measure();
        self.recorder.append(&record)?;
        let changes = self.doctor.observe(&record);
        let changed = !changes.is_empty();
        for change in changes {
            self.recorder.finding(&change.finding)?;
            tell(News::Found(change.clone()));
        }
        if changed || !record.signals.is_empty() {
            let worst = worst(self.doctor);
            if worst != self.worst {
                self.worst.clone_from(&worst);
                tell(News::Worst(worst.map(Box::new)));
            }
        }
        Ok(())
    }
}

fn worst(doctor: &Doctor) -> Option<Finding> {
    doctor.findings().into_iter().find(|finding| finding.severity > Severity::Info && finding.rule != Rule::Converged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradiometer_diagnose::Plan;
    use gradiometer_run::{Architecture, Manifest, Run, Status, Task};

    use crate::watch::Numbers;

    fn step(step: u64, loss: f64) -> Snapshot {
        let numbers = Numbers { loss, accuracy: None, learning_rate: Some(0.1), gradient_norm: 1.0 };
        Snapshot { step, numbers: Some(numbers), ..Snapshot::default() }
    }

    fn recorder_and_doctor(dir: &std::path::Path) -> (Recorder, Doctor) {
        let task = Task::Regression { targets: vec![], guess_loss: 1.0 };
        let architecture = Architecture { blocks: vec![], task, loss: "mse".into(), parameters: 0, standardized: true };
        let doctor = Doctor::new(&architecture, Plan::default());
        (
            Recorder::create(dir, Manifest { architecture: Some(architecture), ..Manifest::default() }, 0).unwrap(),
            doctor,
        )
    }

    #[test]
    fn every_step_is_recorded_in_order_and_what_is_found_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let (mut recorder, mut doctor) = recorder_and_doctor(&dir.path().join("run"));
        let found = std::thread::scope(|scope| {
            let mut clerk = Clerk::start(scope, &mut recorder, &mut doctor);
            for number in 0..100 {
                clerk.note(step(number, if number == 70 { f64::NAN } else { 1.0 })).unwrap();
            }
            clerk.settle().unwrap();
            assert_eq!(clerk.worst().map(|finding| finding.rule), Some(Rule::NotFinite));
            clerk.found().collect::<Vec<_>>()
        });
        assert!(found.iter().any(|change| change.finding.rule == Rule::NotFinite));
        recorder.finish(Status::Finished).unwrap();
        let steps: Vec<u64> =
            Run::open(dir.path().join("run")).unwrap().records().unwrap().map(|record| record.unwrap().step).collect();
        assert_eq!(steps, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_step_that_cannot_be_recorded_is_an_error_soon_and_never_a_wait_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let (mut recorder, mut doctor) = recorder_and_doctor(&dir.path().join("run"));
        let error = std::thread::scope(|scope| {
            let mut clerk = Clerk::start(scope, &mut recorder, &mut doctor);
            // A step that comes twice is refused by the recorder.
            let noted = (0..1000).map(|_| step(3, 1.0)).find_map(|step| clerk.note(step).err());
            noted.or_else(|| clerk.settle().err())
        });
        assert!(matches!(error, Some(Error::Order { step: 3, .. })), "{error:?}");
    }
}
