//! The doctor: records in, findings out.
//!
//! Not for files or screens, and it asks no clock: the same records give the same findings, live or replayed.

use std::collections::BTreeMap;

use gradiometer_run::{Architecture, Record};

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
}

impl Doctor {
    /// A doctor for a network that has not taken a step.
    pub fn new(architecture: &Architecture, plan: Plan) -> Self {
        let anatomy = Anatomy::new(architecture);
        let history = History::new(architecture);
        let chart = Chart { anatomy, history, plan };
        let rules = rules::all(&chart);
        Self { chart, slots: Slots::default(), rules, announced: BTreeMap::new(), changes: Vec::new() }
    }

    /// Takes in one record, in the order of the steps, and returns what became new or worse by it.
    ///
    /// A record without signals costs a few comparisons a scalar; one with signals, a few operations a signal.
    /// The held-out result comes as `test_loss` and `test_accuracy` in a last record.
    pub fn observe(&mut self, record: &Record) -> &[Change] {
        self.changes.clear();
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
        for finding in self.findings() {
            let kind = match self.announced.get(&finding.rule) {
                None => ChangeKind::New,
                Some(known) if finding.severity > *known => ChangeKind::Worse,
                Some(_) => continue,
            };
            self.announced.insert(finding.rule, finding.severity);
            self.changes.push(Change { kind, finding });
        }
    }

    /// All findings as they stand, worst first, causes before their consequences.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.rules.iter().flat_map(|r| r.findings(&self.chart)).collect();
        rules::rank(&mut findings);
        findings
    }

    /// The run in one sentence.
    pub fn verdict(&self) -> Verdict {
        verdict::verdict(&self.findings(), &self.chart)
    }
}
