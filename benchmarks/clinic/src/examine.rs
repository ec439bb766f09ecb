//! A case trained in memory, with the doctor beside it, and what both said.

use std::time::Instant;

use anyhow::Context;
use gradiometer_diagnose::{Change, Finding, Rule, Severity};
use gradiometer_network::device;
use gradiometer_network::train::Observer;
use gradiometer_network::trial::Trial;
use gradiometer_network::{data, session::Session, spec::Spec};
use gradiometer_run::Task;
use serde::{Deserialize, Serialize};

/// What came of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Examination {
    /// Steps taken.
    pub steps: u64,
    /// Seconds that the training and its diagnosis took.
    pub seconds: f64,
    /// The share of a guess's mistakes that the network does not make on held-out rows: 1 is perfect, 0 a guess. Nothing where
    /// its outputs are not numbers.
    pub skill: Option<f64>,
    /// What `inspect` found before the first step.
    pub inspected: Vec<Found>,
    /// What was said on the way, when it became new or worse.
    pub told: Vec<Found>,
    /// What stood at the end, in the order in which it is told.
    pub findings: Vec<Found>,
}

/// A finding, as far as the clinic asks for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What.
    pub rule: Rule,
    /// How grave.
    pub severity: Severity,
    /// Where.
    pub layers: Vec<String>,
    /// The step at which it was said; 0 before the first one.
    pub step: u64,
    /// In which words.
    pub message: String,
}

impl Found {
    fn of(finding: &Finding, step: u64) -> Self {
        let Finding { rule, severity, layers, message, .. } = finding.clone();
        Self { rule, severity, layers, step, message }
    }

    /// Whether it says that something is wrong.
    pub fn alarms(&self) -> bool {
        self.severity > Severity::Info
    }
}

/// Writes down what is found, and at which step it was said.
#[derive(Default)]
struct Scribe {
    step: u64,
    told: Vec<Found>,
}

impl Observer for Scribe {
    fn step(&mut self, step: u64, _: u64, _: f64, _: Option<&Finding>) {
        self.step = step + 1;
    }

    fn found(&mut self, change: &Change) {
        self.told.push(Found::of(&change.finding, self.step));
    }
}

/// Inspects and trains.
///
/// # Errors
/// Data that cannot be loaded, and a network that does not fit it.
pub fn examine(spec: &Spec) -> anyhow::Result<Examination> {
    let device = device::named("flex")?;
    let rows = data::load(&spec.data, spec.seed).with_context(|| spec.name.clone())?;
    let started = Instant::now();
    let inspection = Session::new(spec.clone(), rows.clone(), &device).with_context(|| spec.name.clone())?.inspect();
    let mut trial = Trial::new(spec.clone(), rows, &device).with_context(|| spec.name.clone())?;
    let mut scribe = Scribe::default();
    trial.advance(trial.total_steps(), &mut scribe);
    let skill = trial.judge().and_then(|score| skill(score.value, &trial.session().data().task));
    Ok(Examination {
        steps: trial.steps(),
        seconds: started.elapsed().as_secs_f64(),
        skill,
        inspected: inspection.findings.iter().map(|finding| Found::of(finding, 0)).collect(),
        told: scribe.told,
        findings: trial.findings().iter().map(|finding| Found::of(finding, trial.steps())).collect(),
    })
}

/// A score relative to a guess's; an R² is so already.
fn skill(value: f64, task: &Task) -> Option<f64> {
    let guess = match task {
        Task::Classification { shares, .. } => shares.iter().copied().fold(0.0, f64::max),
        // The commonest token of a text is right so seldom that it makes no difference.
        Task::Regression { .. } | Task::NextToken { .. } => 0.0,
    };
    value.is_finite().then(|| (value - guess) / (1.0 - guess))
}
