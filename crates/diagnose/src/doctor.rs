//! The doctor: records in, findings out.
//!
//! Not for files or screens, and it asks no clock: the same records give the same findings, live or replayed.

use std::collections::{BTreeMap, HashSet};

use gradiometer_run::{Architecture, Phase, Record};

use crate::anatomy::Anatomy;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, History};
use crate::rules::{self, Now};
use crate::verdict::{self, Verdict};
use crate::view::{Slots, View};

/// What is planned for a run; everything may be unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Training steps in all.
    pub planned_steps: Option<u64>,
    /// Samples in a batch.
    pub batch_size: Option<u64>,
    /// Training steps in an epoch.
    pub steps_per_epoch: Option<u64>,
    /// The number format in which the network is trained.
    pub precision: Precision,
    /// The step before which no weight has been trained, if it is recorded: 0 but for a later phase of a training.
    pub initial_step: u64,
}

/// A number format for training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// IEEE 754 double precision.
    F64,
    /// IEEE 754 single precision.
    #[default]
    F32,
    /// bfloat16: the exponents of `F32` with 8 significant bits.
    Bf16,
    /// IEEE 754 half precision.
    F16,
}

/// Something that became known at a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Whether a finding is new or a known one got worse.
    pub kind: ChangeKind,
    /// The finding as it stands at this step.
    pub finding: Finding,
}

/// How a finding changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not known before.
    New,
    /// Its severity rose.
    Worse,
}

/// Watches a training through its [`Record`]s.
///
/// ```
/// # use gradiometer_diagnose::{Doctor, Plan};
/// # use gradiometer_run::{Architecture, Record, Task};
/// # let architecture = Architecture { blocks: vec![], task: Task::Regression { targets: vec![], guess_loss: 1.0 },
/// #     loss: "mse".into(), parameters: 0, standardized: true };
/// # let records: Vec<Record> = vec![];
/// let mut doctor = Doctor::new(&architecture, Plan { batch_size: Some(32), ..Plan::default() });
/// for record in &records {
///     for change in doctor.observe(record) {
///         println!("step {}: {}", record.step, change.finding.message);
///     }
/// }
/// println!("{}", doctor.verdict().sentence);
/// ```
#[derive(Debug)]
pub struct Doctor {
    chart: Chart,
    slots: Slots,
    rules: Vec<Box<dyn rules::Examine>>,
    announced: BTreeMap<Rule, Severity>,
    changes: Vec<Change>,
    /// The phase that is observed, where the training has any.
    phase: Option<String>,
    /// The phases still to come, the next one last, each with its plan.
    ahead: Vec<(Phase, Plan)>,
    /// What stood at the end of earlier phases.
    earlier: Vec<Finding>,
}

impl Doctor {
    /// A doctor for a network that has not taken a step.
    pub fn new(architecture: &Architecture, plan: Plan) -> Self {
        let anatomy = Anatomy::new(architecture);
        let history = History::new(architecture);
        let chart = Chart { anatomy, history, plan };
        let rules = rules::all(&chart);
        Self {
            chart,
            slots: Slots::default(),
            rules,
            announced: BTreeMap::new(),
            changes: Vec::new(),
            phase: None,
            ahead: Vec::new(),
            earlier: Vec::new(),
        }
    }

    /// A doctor that asks only for units in which nothing moves.
    pub(crate) fn of_units(architecture: &Architecture, plan: Plan) -> Self {
        Self { rules: rules::of_units(), ..Self::new(architecture, plan) }
    }

    /// A doctor for a training in phases, each with a network of its own, that has not taken a step. It goes from one phase to
    /// the next by itself, as the steps of the records say; so live and replayed it does so at the same place.
    ///
    /// `plan` is that of the whole training: of its planned steps, each phase has those up to the next one.
    ///
    /// # Panics
    /// If there is no phase.
    pub fn of_phases<'a>(phases: &'a [Phase], plan: Plan) -> Self {
        let ends = phases.iter().skip(1).map(|phase| Some(phase.first_step)).chain([plan.planned_steps]);
        let mut trained: HashSet<&str> = HashSet::new();
        let planned = |(phase, end): (&'a Phase, Option<u64>)| {
            let planned_steps = end.map(|end| end.saturating_sub(phase.first_step));
            // What earlier phases have trained is not judged as an initialization.
            let is_new = phase.blocks.iter().all(|block| !trained.contains(block.as_str()));
            trained.extend(phase.blocks.iter().map(String::as_str));
            let initial_step = if is_new { phase.first_step } else { plan.initial_step };
            (phase.clone(), Plan { planned_steps, initial_step, ..plan })
        };
        let mut ahead: Vec<(Phase, Plan)> = phases.iter().zip(ends).map(planned).collect();
        ahead.reverse();
        let (first, plan) = ahead.pop().expect("a training in phases has at least one");
        let mut doctor = Self::new(&first.architecture, plan);
        (doctor.phase, doctor.ahead) = (Some(first.name), ahead);
        doctor
    }

    /// From now on this network is trained, and the rules start afresh. Findings that are more than information are kept as they
    /// stand now, with the phase named in their message.
    pub fn begin(&mut self, phase: &str, architecture: &Architecture, plan: Plan) {
        let kept = self.present().into_iter().filter(|finding| finding.severity > Severity::Info);
        let earlier: Vec<Finding> = std::mem::take(&mut self.earlier).into_iter().chain(kept).collect();
        let ahead = std::mem::take(&mut self.ahead);
        *self = Self { phase: Some(phase.to_owned()), ahead, earlier, ..Self::new(architecture, plan) };
    }

    /// Takes in one record, in the order of the steps, and returns what became new or worse by it.
    ///
    /// A record without signals costs a few comparisons a scalar; one with signals, a few operations a signal.
    /// The held-out result comes as `test_loss` and `test_accuracy` in a last record.
    pub fn observe(&mut self, record: &Record) -> &[Change] {
        self.changes.clear();
        // The held-out result comes behind the last step, and begins nothing.
        let is_step = record.scalar("loss").is_some() || !record.signals.is_empty();
        while is_step && let Some((next, plan)) = self.ahead.pop_if(|(next, _)| next.first_step <= record.step) {
            self.begin(&next.name, &next.architecture, plan);
        }
        self.slots.fill(record, &mut self.chart.anatomy);
        let view = View { record, slots: &self.slots };
        let broken = rules::not_finite::is_broken(record);
        self.chart.history.observe(&view, self.chart.anatomy.parameters.len(), broken);
        let now = Now { view, step: record.step, chart: &self.chart };
        let mut stirred = false;
        for rule in &mut self.rules {
            // What is computed from NaN says nothing: the other rules stay at what they knew before.
            if !broken || rule.bears_non_finite() {
                stirred |= rule.observe(&now);
            }
        }
        if stirred {
            self.announce();
        }
        &self.changes
    }

    fn announce(&mut self) {
        for finding in self.present() {
            let kind = match self.announced.get(&finding.rule) {
                None => ChangeKind::New,
                Some(known) if finding.severity > *known => ChangeKind::Worse,
                Some(_) => continue,
            };
            self.announced.insert(finding.rule, finding.severity);
            self.changes.push(Change { kind, finding });
        }
    }

    /// What the rules say of the phase that is observed.
    fn present(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.rules.iter().flat_map(|r| r.findings(&self.chart)).collect();
        rules::rank(&mut findings);
        if let Some(phase) = &self.phase {
            let phase = capitalized(phase);
            findings.iter_mut().for_each(|finding| finding.message = format!("{phase}: {}", finding.message));
        }
        findings
    }

    /// All findings as they stand, worst first, causes before their consequences. Those of earlier phases are as they stood at
    /// the end of the phase; an error among them is a warning once the network learns well all the same.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = self.present();
        if self.earlier.is_empty() {
            return findings;
        }
        let temper =
            |finding: &Finding| Finding { severity: self.chart.history.tempered(finding.severity), ..finding.clone() };
        findings.extend(self.earlier.iter().map(temper));
        rules::sort(&mut findings);
        findings
    }

    /// The run in one sentence.
    pub fn verdict(&self) -> Verdict {
        verdict::verdict(&self.findings(), &self.chart)
    }
}

fn capitalized(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
