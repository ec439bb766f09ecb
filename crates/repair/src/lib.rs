//! Mends a training that ails, and proves it: diagnoses it, races what could help in short probes on equal budgets, beside
//! doing nothing and random changes, and trains the winner and the original again on fresh seeds.
//!
//! ```text
//! spec -> Diagnosis (a whole training) -> rank -> race (three rounds of probes) -> proof (pairs of whole trainings)
//!           every try -> Journal (disk), from which an interrupted repair goes on
//! ```
//! One decision shapes this room: **what is chosen is never what is judged**. The race looks at validation rows of the
//! spec's own seed; the proof has other seeds, which means other splits, other first weights and other batches, and looks at
//! the rows that no race has seen.
//!
//! Not for files but the log, and not for screens.

mod bench;
mod contender;
mod journal;
mod paired;
mod parallel;
mod proof;
mod race;
mod rank;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use burn::prelude::Device;
use gradiometer_diagnose::{Finding, Rule, Severity};
use gradiometer_network::data::{self, Data, DataError};
use gradiometer_network::plan::PlanError;
use gradiometer_network::remedy::NotApplicable;
use gradiometer_network::spec::Spec;
use gradiometer_network::trial::Trial;
use gradiometer_run::Task;
use serde::{Deserialize, Serialize};

pub use bench::Watcher;
pub use contender::{Contender, Origin, label};
pub use journal::{Diagnosis, Entry, Journal, JournalError, Outcome, Probe, Training};
pub use paired::Difference;
pub use proof::{Proof, Verdict, guess_of};
pub use race::{POINT, ROUNDS};
pub use rank::Entrants;

use bench::{Bench, Cost, Stopped};

/// What the probes may take where nothing else is said, in whole trainings of the original.
pub const WORK: f64 = 2.0;
/// The least that a contender's first probe has to be long, in steps: with fewer nothing is seen.
const LEAST_STEPS: u64 = 3;

/// How a repair is done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Options {
    /// Fresh seeds of the proof; at least 2.
    pub seeds: usize,
    /// What everything together may take.
    pub budget: Budget,
    /// Trainings at a time.
    pub threads: usize,
    /// Where the entrants come from.
    pub entrants: Entrants,
}

/// What a repair may take: the diagnosis, the probes and the proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Probes of twice the work of one training.
    #[default]
    Usual,
    /// So many steps of the original training, or the work of them.
    Steps(u64),
    /// So long, judged by how long the diagnosis took; what begins is not cut off.
    Time(Duration),
}

/// What came of a repair.
#[derive(Clone, Debug)]
pub struct Repair {
    /// In one word; nothing for one that was interrupted.
    pub verdict: Option<Verdict>,
    /// The training as it was.
    pub diagnosis: Diagnosis,
    /// What advised the race: the findings of the diagnosis; where no warning holds at its end, those of the inspection before the
    /// first step.
    pub findings: Vec<Finding>,
    /// Advised, but not for this spec.
    pub skipped: Vec<NotApplicable>,
    /// Every probe of the race.
    pub probes: Vec<Probe>,
    /// Who won the race.
    pub winner: Option<Contender>,
    /// The winner against the original.
    pub proof: Option<Proof>,
    /// The work of the probes, in whole trainings of the original.
    pub work: f64,
    /// Wall-clock time of this call.
    pub elapsed: Duration,
}

/// Why there is no repair.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RepairError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("data.validation is 0: tries are compared on the validation part; give it a share such as 0.15")]
    NoValidation,
    #[error("data: all {rows} rows of the training part are of the class `{class}`: there is nothing to tell apart")]
    OneClass { class: String, rows: usize },
    #[error("--seeds {seeds} proves nothing: a difference has an interval from two on; take 5 or more")]
    Seeds { seeds: usize },
    #[error(
        "the budget is too small: this repair needs at least {needed} steps ({diagnosis} for the diagnosis, {probes} for the \
         probes, {proof} for the proof{at_this_speed}), and the budget is {given}; raise --budget, or lower --seeds"
    )]
    Budget { needed: u64, diagnosis: u64, probes: u64, proof: u64, given: String, at_this_speed: String },
}

/// Trains the spec as it is, to its end, and has it judged.
///
/// # Errors
/// A network that cannot be built from it, and a log that cannot be written.
pub fn diagnose(
    spec: &Spec,
    data: &Data,
    device: &Device,
    journal: &Journal,
    watcher: &dyn Watcher,
) -> Result<Option<Diagnosis>, RepairError> {
    if let Some(known) = journal.diagnosis() {
        return Ok(Some(known));
    }
    let started = Instant::now();
    let bench = Bench { data: (spec, data), device, threads: 1, journal, watcher };
    let mut trial = Trial::new(spec.clone(), data.clone(), device)?;
    bench.train(&mut trial, u64::MAX, "nothing");
    if trial.end().is_none() {
        return Ok(None);
    }
    let outcome = Outcome { steps: trial.steps(), stopped: Bench::early_end(&trial), ..Outcome::default() };
    let outcome = Outcome { seconds: started.elapsed().as_secs_f64(), ..outcome.scored(trial.judge()) };
    let diagnosis = Diagnosis { findings: trial.findings(), sentence: trial.verdict().sentence, outcome };
    journal.add(Entry::Diagnosis(diagnosis.clone()))?;
    Ok(Some(diagnosis))
}

/// What must hold before minutes are spent.
///
/// # Errors
/// Data on which nothing can be compared, and too few seeds.
pub fn check(data: &Data, options: &Options) -> Result<(), RepairError> {
    if let Task::Classification { classes, shares } = &data.task
        && let Some(only) = shares.iter().position(|&share| share >= 1.0)
    {
        return Err(RepairError::OneClass { class: classes[only].clone(), rows: data.train.len() });
    }
    if data.validation.is_empty() {
        return Err(RepairError::NoValidation);
    }
    if options.seeds < 2 {
        return Err(RepairError::Seeds { seeds: options.seeds });
    }
    Ok(())
}

/// Repairs a training that has been diagnosed. Where nothing holds at its end, what [`Session::inspect`] warns of before the
/// first step is advised against: a training that is merely worse than it could be shows no more than that. Random
/// entrants run whatever was found, also where it was nothing: they need no diagnosis.
///
/// [`Session::inspect`]: gradiometer_network::session::Session::inspect
///
/// # Errors
/// As [`check`]; a budget in which it cannot be done; a log that cannot be written.
pub fn repair(
    spec: &Spec,
    data: &Data,
    diagnosis: Diagnosis,
    options: &Options,
    device: &Device,
    journal: &Journal,
    watcher: &dyn Watcher,
) -> Result<Repair, RepairError> {
    check(data, options)?;
    let started = Instant::now();
    let mut repair = Repair {
        verdict: None,
        findings: diagnosis.findings.clone(),
        skipped: Vec::new(),
        probes: Vec::new(),
        winner: None,
        proof: None,
        work: 0.0,
        elapsed: Duration::ZERO,
        diagnosis,
    };
    let symptoms = gravest(&repair.diagnosis.findings);
    let bench = Bench { data: (spec, data), device, threads: options.threads, journal, watcher };
    if symptoms.is_empty() {
        let foretold = rank::foretold(spec, &bench);
        if !gravest(&foretold).is_empty() {
            repair.findings = foretold;
        } else if options.entrants == Entrants::Advised {
            repair.verdict = Some(Verdict::Healthy);
            repair.elapsed = started.elapsed();
            return Ok(repair);
        }
    }
    let ranking = rank::rank(spec, &repair.findings, options.entrants, &bench);
    repair.skipped = ranking.skipped;
    let work = work(spec, data, &repair.diagnosis, options, ranking.contenders.len())?;
    match race::race(ranking.contenders, spec, &symptoms, work, &bench) {
        Ok(raced) => {
            (repair.winner, repair.probes, repair.work) = (raced.winner, raced.probes, raced.work);
            repair.verdict = match &repair.winner {
                None => Some(Verdict::NotProven),
                Some(winner) => match proof::prove(spec, winner, &symptoms, options.seeds, 0, &bench) {
                    Ok(proof) => Some(repair.proof.insert(proof).verdict()),
                    Err(Stopped::Interrupted) => None,
                    Err(Stopped::Journal(error)) => return Err(error.into()),
                },
            };
        }
        Err(Stopped::Interrupted) => {
            let probe = |entry| if let Entry::Probe(probe) = entry { Some(probe) } else { None };
            repair.probes = journal.entries().into_iter().filter_map(probe).collect();
        }
        Err(Stopped::Journal(error)) => return Err(error.into()),
    }
    repair.elapsed = started.elapsed();
    Ok(repair)
}

/// The control of a proof: the original against itself, on the seeds of a proof and on as many that follow them. Whatever is
/// proven here came about by chance. Nothing where it was interrupted.
///
/// # Errors
/// As [`check`]; a log that cannot be written.
pub fn do_nothing(
    spec: &Spec,
    data: &Data,
    diagnosis: &Diagnosis,
    options: &Options,
    device: &Device,
    journal: &Journal,
    watcher: &dyn Watcher,
) -> Result<Option<Proof>, RepairError> {
    check(data, options)?;
    let bench = Bench { data: (spec, data), device, threads: options.threads, journal, watcher };
    let symptoms = gravest(&diagnosis.findings);
    match proof::prove(spec, &Contender::nothing(spec), &symptoms, options.seeds, options.seeds as u64, &bench) {
        Ok(proof) => Ok(Some(proof)),
        Err(Stopped::Interrupted) => Ok(None),
        Err(Stopped::Journal(error)) => Err(error.into()),
    }
}

/// The rules of the gravest findings, warnings at least: what is to fall silent.
pub fn gravest(findings: &[Finding]) -> Vec<Rule> {
    let Some(worst) = findings.iter().map(|finding| finding.severity).max().filter(|&worst| worst > Severity::Info)
    else {
        return Vec::new();
    };
    findings.iter().filter(|finding| finding.severity == worst).map(|finding| finding.rule).collect()
}

/// What the probes may take, in whole trainings of the original.
fn work(
    spec: &Spec,
    data: &Data,
    diagnosis: &Diagnosis,
    options: &Options,
    contenders: usize,
) -> Result<f64, RepairError> {
    let training = spec.training.total_steps(data.train.len());
    let proof = training.saturating_mul(2 * options.seeds as u64);
    // In the first round everybody takes this share of a training for each training that may be spent.
    let share = race::first_fraction(std::iter::repeat_n(Cost { training: 1.0, ..Cost::default() }, contenders), 1.0);
    let probes = (LEAST_STEPS as f64 / share).ceil() as u64;
    let needed = diagnosis.outcome.steps + probes + proof;
    let (allowed, given, at_this_speed) = match options.budget {
        Budget::Usual => {
            let allowed = needed.max(diagnosis.outcome.steps + proof + (WORK * training as f64) as u64);
            (allowed, String::new(), String::new())
        }
        Budget::Steps(steps) => (steps, format!("{steps} steps"), String::new()),
        Budget::Time(time) => {
            let of_a_step = diagnosis.outcome.seconds / diagnosis.outcome.steps.max(1) as f64;
            // Several trainings go on at a time.
            let steps = (time.as_secs_f64() / of_a_step * options.threads.max(1) as f64) as u64;
            let minutes = needed as f64 * of_a_step / options.threads.max(1) as f64 / 60.0;
            (steps, format!("{steps} steps"), format!("; about {minutes:.1} minutes here"))
        }
    };
    if allowed < needed {
        let diagnosis = diagnosis.outcome.steps;
        return Err(RepairError::Budget { needed, diagnosis, probes, proof, given, at_this_speed });
    }
    let left = (allowed - diagnosis.outcome.steps - proof) as f64 / training.max(1) as f64;
    Ok(if options.budget == Budget::Usual { left.max(WORK) } else { left })
}

/// The rows of a spec.
///
/// # Errors
/// As [`data::load`].
pub fn load(spec: &Spec) -> Result<Data, RepairError> {
    Ok(data::load(&spec.data, spec.seed)?)
}
