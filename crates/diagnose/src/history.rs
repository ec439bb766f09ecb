//! What has happened so far, as far as more than one rule asks for it: loss, learning rate, gradient levels, validations.
//!
//! **Is it learning?** Severities rest on this question. The loss is compared with that of a guess (the best constant
//! answer), because only this scale is the task's own: `progress = 1 − loss/guess`. Where the task has no known guess,
//! the mean of the first losses takes its place.

use gradiometer_run::{Architecture, Record, Task};

use crate::anatomy::Anatomy;
use crate::binned::Binned;
use crate::doctor::Plan;
use crate::finding::Severity;
use crate::statistics::{Line, least_squares, median};
use crate::view::View;

/// Losses that make "the recent loss".
const RECENT: usize = 64;
/// Losses that make "the start", where a guess is unknown.
const START: usize = 5;
/// Records after which learning is assessed anew; at each of as many first ones.
const ASSESSED_EVERY: u64 = 10;
/// Progress from which a loss is good: half of the guess's loss explained. For squared errors this is R² = 0.5.
pub(crate) const GOOD_PROGRESS: f64 = 0.5;
/// Progress below which a loss is bad: a tenth of the guess's loss; noise of a window of small batches stays below it.
pub(crate) const BAD_PROGRESS: f64 = 0.1;

/// How far learning has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Learning {
    /// Too few losses, or nothing to compare them with.
    #[default]
    Unknown,
    /// Hardly better than a guess.
    Bad,
    /// In between.
    Modest,
    /// Much better than a guess.
    Good,
}

/// A level that moves with its series: exponential mean, and the highest that it ever was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Level {
    pub now: f64,
    pub highest: f64,
    seen: u32,
}

impl Level {
    /// Weight of the newest value. A mean over about 20 values is steady enough to be a reference.
    const WEIGHT: f64 = 0.1;

    fn push(&mut self, value: f64) {
        self.seen = self.seen.saturating_add(1);
        let weight = Self::WEIGHT.max(1.0 / f64::from(self.seen));
        self.now += weight * (value - self.now);
        // One early outlier must not set the reference for good.
        if self.seen >= START as u32 {
            self.highest = self.highest.max(self.now);
        }
    }

    /// Now relative to the highest; none before there is a reference.
    pub fn relative(&self) -> Option<f64> {
        (self.highest > 0.0).then(|| self.now / self.highest)
    }
}

/// One look at held-out data during training.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validation {
    pub step: u64,
    pub loss: f64,
    pub accuracy: Option<f64>,
    /// Level of the training loss at that time.
    pub training: f64,
}

/// The shared past.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// Records observed.
    pub records: u64,
    pub first_step: Option<u64>,
    pub last_step: u64,
    /// The loss that a guess has.
    pub guess: Option<f64>,
    /// Share of the commonest class: the accuracy that a guess has.
    pub guess_accuracy: Option<f64>,
    /// Loss of the first record.
    pub first_loss: Option<f64>,
    pub loss: Binned,
    recent: Vec<f64>,
    recent_at: usize,
    recent_sum: f64,
    start: Vec<f64>,
    accuracy: Level,
    accuracies: u64,
    pub learning_rate: Option<f64>,
    pub highest_learning_rate: f64,
    pub gradient_norm: Level,
    pub parameter_gradients: Vec<Level>,
    pub validations: Vec<Validation>,
    pub test_loss: Option<f64>,
    pub test_accuracy: Option<f64>,
    /// Whether anything was not finite at this step.
    pub broken: bool,
    learning: Learning,
    falling: Option<bool>,
}

/// Loss of the best constant answer, from the task: the entropy of the class shares under cross-entropy, their Gini
/// impurity over K under a mean squared error of one-hot targets, and under a mean absolute error the mean of `min(p, 1 − p)`, since the
/// median of a class's zeros and ones is the commoner of both. None where it is not known.
pub(crate) fn guess_loss(architecture: &Architecture) -> Option<f64> {
    match &architecture.task {
        Task::Regression { guess_loss, .. } | Task::NextToken { guess_loss, .. } => {
            (guess_loss.is_finite() && *guess_loss > 0.0).then_some(*guess_loss)
        }
        Task::Classification { classes, shares } => {
            let k = classes.len() as f64;
            let entropy = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
            let guess = match architecture.loss.as_str() {
                "cross_entropy" => shares.iter().map(|&p| entropy(p)).sum::<f64>(),
                "binary_cross_entropy" => {
                    shares.iter().map(|&p| entropy(p) + entropy(1.0 - p)).sum::<f64>() / shares.len().max(1) as f64
                }
                "mse" if k > 0.0 => (1.0 - shares.iter().map(|p| p * p).sum::<f64>()) / k,
                "mae" if k > 0.0 => shares.iter().map(|&p| p.min(1.0 - p)).sum::<f64>() / k,
                _ => return None,
            };
            (guess.is_finite() && guess > 0.0).then_some(guess)
        }
    }
}

impl History {
    pub fn new(architecture: &Architecture) -> Self {
        let guess_accuracy = match &architecture.task {
            Task::Classification { shares, .. } => shares.iter().copied().reduce(f64::max),
            _ => None,
        };
        Self { guess: guess_loss(architecture), guess_accuracy, ..Self::default() }
    }

    /// Takes in a record. The doctor calls this before the rules.
    pub fn observe(&mut self, view: &View<'_>, parameters: usize, broken: bool) {
        let record: &Record = view.record;
        self.broken = broken;
        self.records += 1;
        self.first_step.get_or_insert(record.step);
        self.last_step = self.last_step.max(record.step);
        let (mut validation_loss, mut validation_accuracy) = (None, None);
        for scalar in record.scalars.iter().filter(|s| s.tensor.is_none()) {
            let value = scalar.value;
            match &*scalar.name {
                "loss" => {
                    self.first_loss.get_or_insert(value);
                    if value.is_finite() {
                        self.push_loss(record.step, value);
                    }
                }
                "accuracy" if value.is_finite() => {
                    self.accuracy.push(value);
                    self.accuracies += 1;
                }
                "learning_rate" if value.is_finite() => {
                    self.learning_rate = Some(value);
                    self.highest_learning_rate = self.highest_learning_rate.max(value);
                }
                "gradient_norm" if value.is_finite() => self.gradient_norm.push(value),
                "validation_loss" if value.is_finite() => validation_loss = Some(value),
                "validation_accuracy" if value.is_finite() => validation_accuracy = Some(value),
                "test_loss" => self.test_loss = Some(value),
                "test_accuracy" => self.test_accuracy = Some(value),
                _ => {}
            }
        }
        if let (Some(loss), Some(training)) = (validation_loss, self.recent_loss()) {
            self.validations.push(Validation { step: record.step, loss, accuracy: validation_accuracy, training });
        }
        if self.parameter_gradients.len() < parameters {
            self.parameter_gradients.resize(parameters, Level::default());
        }
        for (index, level) in self.parameter_gradients.iter_mut().enumerate() {
            if let Some(rms) = view.gradient_rms(index).filter(|v| v.is_finite()) {
                level.push(rms);
            }
        }
        // Many rules ask at every watched step, and the answer changes slowly.
        let due = self.records <= ASSESSED_EVERY || self.records.is_multiple_of(ASSESSED_EVERY);
        if due || self.test_loss.is_some() || self.test_accuracy.is_some() {
            self.learning = self.assess();
            self.falling = self.later_line().map(|line| line.p_falling() < 0.05);
        }
    }

    fn push_loss(&mut self, step: u64, value: f64) {
        self.loss.push(step, value);
        if self.start.len() < START {
            self.start.push(value);
        }
        if self.recent.len() < RECENT {
            self.recent.push(value);
            self.recent_sum += value;
        } else {
            self.recent[self.recent_at] = value;
            self.recent_at = (self.recent_at + 1) % RECENT;
            // Summed anew, since a running difference would keep the rounding of a loss that was once 1e30.
            if self.recent_at == 0 {
                self.recent_sum = self.recent.iter().sum();
            }
        }
    }

    /// Steps from the first record to the last.
    pub fn length(&self) -> u64 {
        self.last_step - self.first_step.unwrap_or(0)
    }

    /// Recent training losses, oldest first.
    pub fn recent_losses(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        let n = self.recent.len();
        (0..n).map(move |i| self.recent[(self.recent_at + i) % n])
    }

    /// Mean of the recent training losses: the last quarter of the run, at most 64 steps.
    pub fn recent_loss(&self) -> Option<f64> {
        let n = self.recent.len();
        let take = if n < RECENT { n.div_ceil(4) } else { n };
        (n > 0).then(|| self.recent_losses().skip(n - take).sum::<f64>() / take as f64)
    }

    /// Median of the first few losses.
    pub fn start_loss(&self) -> Option<f64> {
        median(&mut self.start.clone())
    }

    /// What the loss is measured against: the guess's, else the start's.
    pub fn reference_loss(&self) -> Option<f64> {
        self.guess.or_else(|| if self.start.len() == START { self.start_loss() } else { None })
    }

    /// Training accuracy lately.
    pub fn recent_accuracy(&self) -> Option<f64> {
        (self.accuracies >= START as u64).then_some(self.accuracy.now)
    }

    /// Share of the guess's loss, or of its errors, that is gone; the better of both, because a loss with a floor
    /// (label smoothing, squashed logits) understates what has been learned.
    pub fn progress(&self) -> Option<f64> {
        if self.loss.count() < START as u64 {
            return None;
        }
        let by_loss = match (self.recent_loss(), self.reference_loss()) {
            (Some(loss), Some(reference)) if reference > 0.0 => Some(1.0 - loss / reference),
            _ => None,
        };
        let by_accuracy = match (self.recent_accuracy(), self.guess_accuracy) {
            (Some(accuracy), Some(guess)) if guess < 1.0 => Some((accuracy - guess) / (1.0 - guess)),
            _ => None,
        };
        match (by_loss, by_accuracy) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }

    /// How far learning has come, as of at most ten records ago.
    pub fn learning(&self) -> Learning {
        self.learning
    }

    fn assess(&self) -> Learning {
        match self.progress() {
            None => Learning::Unknown,
            Some(p) if p >= GOOD_PROGRESS => Learning::Good,
            Some(p) if p >= BAD_PROGRESS => Learning::Modest,
            Some(_) => Learning::Bad,
        }
    }

    /// A straight line through the losses of the later half of the run, by bins; none for fewer than eight.
    pub fn later_line(&self) -> Option<Line> {
        let bins = self.loss.later_half();
        let line = least_squares(bins.iter().enumerate().map(|(i, b)| (i as f64, b.mean)))?;
        (bins.len() >= 8).then_some(line)
    }

    /// Whether the loss of the later half of the run falls (p < 0.05).
    pub fn falling(&self) -> Option<bool> {
        self.falling
    }

    /// An error keeps the network, or a part of it, from learning: where the whole learns well all the same, what was
    /// found costs something, and no more than that.
    pub fn tempered(&self, severity: Severity) -> Severity {
        match (severity, self.learning()) {
            (Severity::Error, Learning::Good) => Severity::Warning,
            (severity, _) => severity,
        }
    }
}

/// All that a rule may look at besides the record.
#[derive(Debug)]
pub(crate) struct Chart {
    pub anatomy: Anatomy,
    pub history: History,
    pub plan: Plan,
}
