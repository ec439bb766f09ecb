//! Trains a spec over the seeds and keeps what a page shows of it.

use std::collections::BTreeMap;
use std::error::Error;

use gradiometer_diagnose::{Rule, Severity};
use gradiometer_network::session::{Evaluation, Session};
use gradiometer_network::spec::Spec;
use gradiometer_network::train::Observer;
use gradiometer_network::trial::{Score, Trial};
use gradiometer_network::{data, device};
use gradiometer_run::Kind;

/// The seeds: of the rows, the split, the weights, the batches.
pub const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

/// Numbers by the place at which they were taken: a step, a layer, a lag.
pub type Curve = Vec<(f64, f64)>;

/// One training.
pub struct Run {
    /// Of the part that is held out.
    pub score: Score,
    /// What the doctor says at the end, but for what is only worth knowing.
    pub found: Vec<Rule>,
    pub losses: Curve,
    pub validation: Curve,
    /// The share of the validation part that was wrong.
    pub mistakes: Curve,
    pub gradients: Gradients,
}

/// What a backward pass before the first step shows.
pub struct Gradients {
    /// The RMS of the gradient of each weight matrix, counted from the input, from 1.
    pub by_layer: Curve,
    /// The RMS of the gradient of the last recurrent layer's states, by the steps before the last.
    pub by_lag: Curve,
}

/// A spec over all seeds.
pub struct Trained {
    pub runs: Vec<Run>,
    /// Trainable numbers.
    pub parameters: u64,
}

pub fn train(spec: &Spec) -> Result<Trained, Box<dyn Error>> {
    let mut trained = Trained { runs: Vec::new(), parameters: 0 };
    for seed in SEEDS {
        let mut session = session(spec, seed)?;
        trained.parameters = session.plan().parameters();
        let gradients = gradients(&mut session);
        let seeded = Spec { seed, ..spec.clone() };
        let data = data::load(&seeded.data, seed)?;
        let mut trial = Trial::new(seeded, data, &device::named("flex")?)?;
        let mut seen = Seen::default();
        trial.advance(u64::MAX, &mut seen);
        let found = trial.findings().iter().filter(|f| f.severity > Severity::Info).map(|f| f.rule).collect();
        let score = trial.judge().ok_or("no rows are held out")?;
        let Seen { losses, validation, mistakes } = seen;
        trained.runs.push(Run { score, found, losses, validation, mistakes, gradients });
    }
    Ok(trained)
}

/// The spec with this seed before its first step.
pub fn session(spec: &Spec, seed: u64) -> Result<Session, Box<dyn Error>> {
    let spec = Spec { seed, ..spec.clone() };
    let data = data::load(&spec.data, seed)?;
    Ok(Session::new(spec, data, &device::named("flex")?)?)
}

#[derive(Default)]
struct Seen {
    losses: Curve,
    validation: Curve,
    mistakes: Curve,
}

impl Observer for Seen {
    fn step(&mut self, step: u64, _: u64, loss: f64, _: Option<&gradiometer_diagnose::Finding>) {
        self.losses.push(((step + 1) as f64, loss));
    }

    fn validated(&mut self, step: u64, validation: &Evaluation) {
        let at = (step + 1) as f64;
        self.validation.push((at, validation.loss));
        self.mistakes.extend(validation.accuracy.map(|accuracy| (at, 1.0 - accuracy)));
    }
}

fn gradients(session: &mut Session) -> Gradients {
    let record = session.look().snapshot.measure();
    let rms = |signal: &gradiometer_run::Signal| signal.summary.rms().unwrap_or(f64::NAN);
    // By name, which begins with the block's number; a projection is no layer of its own.
    let matrices: BTreeMap<&str, f64> = record
        .signals
        .iter()
        .filter(|signal| signal.kind == Kind::WeightGradient)
        .filter(|signal| signal.tensor.ends_with(".weight") && !signal.tensor.contains("projection"))
        .map(|signal| (&*signal.tensor, rms(signal)))
        .collect();
    let by_layer = (1..).map(f64::from).zip(matrices.into_values()).collect();
    let states = || record.signals.iter().filter(|signal| signal.kind == Kind::StateGradient);
    let last = states().map(|signal| &*signal.tensor).max();
    let mut by_lag: Curve = states()
        .filter(|signal| Some(&*signal.tensor) == last)
        .map(|signal| (f64::from(signal.lag.unwrap_or(0)), rms(signal)))
        .collect();
    by_lag.sort_by(|a, b| a.0.total_cmp(&b.0));
    Gradients { by_layer, by_lag }
}

impl Trained {
    /// In how many runs each rule had a finding at the end.
    pub fn found(&self) -> BTreeMap<Rule, usize> {
        let mut found = BTreeMap::new();
        for run in &self.runs {
            let mut rules = run.found.clone();
            rules.sort();
            rules.dedup();
            rules.into_iter().for_each(|rule| *found.entry(rule).or_insert(0) += 1);
        }
        found
    }
}
