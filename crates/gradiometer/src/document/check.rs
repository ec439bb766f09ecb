//! What `check` prints.

use gradiometer_gradcheck::{BlockReport, Depth, Diagnosis, Verdict};
use gradiometer_mutants::{Outcome, Share};
use gradiometer_network::check::{Checked, Checks, Subject};
use serde::Serialize;

use super::Number;

/// What `check CONFIG` prints.
#[derive(Debug, Serialize)]
pub struct CheckDocument {
    /// The spec's name.
    pub name: String,
    /// `pass`, `fail` or `inconclusive`: of everything together.
    pub verdict: &'static str,
    /// `probe`, `locate` or `full`.
    pub depth: &'static str,
    /// `f64` or `f32`.
    pub precision: &'static str,
    /// The seed of directions and cotangents.
    pub seed: u64,
    /// Where the gradient was checked.
    pub points: Vec<PointDocument>,
    /// Every tensor that a gradient was asked for, as it came out at the worst of the points.
    pub blocks: Vec<BlockDocument>,
    /// The step at which the training before the second point ceased to be finite, so that there is none; `null` where it
    /// did not.
    pub broke_at: Option<u64>,
    /// How the functions behave apart from their values, where that is not as it should be.
    pub behaviours: Vec<BehaviourDocument>,
    /// Calls of the functions.
    pub evaluations: u64,
    /// Calls of their gradients.
    pub gradients: u64,
    /// Wall-clock time.
    pub seconds: f64,
}

/// Weights and a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PointDocument {
    /// Steps of training before it.
    pub step: u64,
    /// Rows of the batch.
    pub rows: usize,
}

/// A tensor that a gradient was asked for.
#[derive(Clone, Debug, Serialize)]
pub struct BlockDocument {
    /// `layer`: of a layer's output, by itself; `model`: of the loss.
    pub scope: &'static str,
    /// The layer; `null` for the whole network.
    pub layer: Option<String>,
    /// The parameter's path, or `input`.
    pub name: String,
    /// `parameter` or `input`.
    pub role: String,
    /// Its shape at the worst point.
    pub shape: Vec<usize>,
    /// Numbers in it.
    pub elements: usize,
    /// Derivatives compared, at all points together.
    pub checked: usize,
    /// `pass`, `fail` or `inconclusive`.
    pub verdict: &'static str,
    /// Why it is inconclusive; `null` where it is not.
    pub reason: Option<&'static str>,
    /// The largest difference between numeric and analytic derivative, over its error bar.
    pub discrepancy: Number,
    /// The error bar of that comparison.
    pub error_bar: Number,
    /// The entry that differs most; `null` where only directions were compared.
    pub worst_index: Option<Vec<usize>>,
    /// The numeric derivative there.
    pub numeric: Option<Number>,
    /// The analytic derivative there.
    pub analytic: Option<Number>,
    /// Comparisons at a kink whose analytic value is one of those that are right there.
    pub at_kink: usize,
    /// The likely kind of fault.
    pub fault: Option<FaultDocument>,
    /// The worst point.
    pub point: PointDocument,
    /// Points at which nothing depended on it, as on a layer whose units are all dead, though at another something did.
    pub unseen_at: Vec<PointDocument>,
}

/// A likely kind of fault.
#[derive(Clone, Debug, Serialize)]
pub struct FaultDocument {
    /// Its name: `sign`, `transposed`, …
    pub kind: &'static str,
    /// How sure, from 0 to 1.
    pub confidence: f64,
    /// The evidence, in a sentence.
    pub because: String,
}

/// A behaviour that is not as it should be.
#[derive(Debug, Serialize)]
pub struct BehaviourDocument {
    /// The layer; `null` for the whole network.
    pub layer: Option<String>,
    /// Its name: `repeatable`, `fresh_cache`, …
    pub name: &'static str,
    /// `fail` or `inconclusive`.
    pub verdict: &'static str,
    /// What was seen.
    pub detail: String,
    /// Where.
    pub point: PointDocument,
}

impl CheckDocument {
    /// The document of these checks.
    pub fn new(name: &str, depth: Depth, precision: &'static str, seed: u64, checks: &Checks, seconds: f64) -> Self {
        let mut document = Self {
            name: name.to_owned(),
            verdict: "pass",
            depth: depth.name(),
            precision,
            seed,
            points: Vec::new(),
            blocks: Vec::new(),
            broke_at: checks.broke_at,
            behaviours: Vec::new(),
            evaluations: 0,
            gradients: 0,
            seconds,
        };
        for check in &checks.made {
            document.add(check);
        }
        let blocks = document.blocks.iter().map(|block| block.verdict);
        let worst = blocks.chain(document.behaviours.iter().map(|behaviour| behaviour.verdict)).min();
        // By their names, a failure comes before what could not be told, and that before a pass.
        document.verdict = worst.unwrap_or("inconclusive");
        document
    }

    fn add(&mut self, check: &Checked) {
        let point = PointDocument { step: check.point.step, rows: check.point.rows };
        if !self.points.contains(&point) {
            self.points.push(point);
        }
        let layer = match &check.subject {
            Subject::Block(name) => Some(name.to_string()),
            Subject::Model => None,
        };
        for block in &check.report.blocks {
            self.add_block(BlockDocument::new(layer.clone(), point, block));
        }
        self.behaviours.extend(check.report.behaviours.iter().filter(|b| b.verdict.is_fail()).map(|b| {
            let detail = b.detail.clone();
            BehaviourDocument { layer: layer.clone(), name: b.name, verdict: b.verdict.name(), detail, point }
        }));
        self.evaluations += check.report.evaluations.values;
        self.gradients += check.report.evaluations.vjps;
    }

    fn add_block(&mut self, block: BlockDocument) {
        let known = self.blocks.iter_mut().find(|known| known.layer == block.layer && known.name == block.name);
        let Some(known) = known else {
            self.blocks.push(block);
            return;
        };
        let checked = known.checked + block.checked;
        let at_kink = known.at_kink + block.at_kink;
        let mut unseen_at = std::mem::take(&mut known.unseen_at);
        let (kept, other) = match block.gravity() > known.gravity() {
            true => (block, known.clone()),
            false => (known.clone(), block),
        };
        if other.is_unseen() && !kept.is_unseen() {
            unseen_at.push(other.point);
        }
        *known = BlockDocument { checked, at_kink, unseen_at, ..kept };
    }
}

impl BlockDocument {
    fn new(layer: Option<String>, point: PointDocument, block: &BlockReport) -> Self {
        let reason = match block.verdict {
            Verdict::Inconclusive(reason) => Some(reason.name()),
            _ => None,
        };
        Self {
            scope: if layer.is_some() { "layer" } else { "model" },
            layer,
            name: block.name.clone(),
            role: block.role.to_string(),
            shape: block.shape.clone(),
            elements: block.elements,
            checked: block.checked,
            verdict: block.verdict.name(),
            reason,
            discrepancy: Number(block.discrepancy),
            error_bar: Number(block.error_bar),
            worst_index: block.worst_index.clone(),
            numeric: block.numeric.map(Number),
            analytic: block.analytic.map(Number),
            at_kink: block.at_kink,
            fault: block.fault.as_ref().map(FaultDocument::new),
            point,
            unseen_at: Vec::new(),
        }
    }

    /// Whether nothing depended on it.
    fn is_unseen(&self) -> bool {
        matches!(self.reason, Some("constant" | "unobservable"))
    }

    /// What is to be shown of several points: a failure, then what could not be told, then the larger discrepancy; and
    /// last a point at which there was nothing to see.
    fn gravity(&self) -> (u8, f64) {
        let rank = match self.verdict {
            "fail" => 3,
            "inconclusive" if self.is_unseen() => 0,
            "inconclusive" => 2,
            _ => 1,
        };
        (rank, self.discrepancy.0)
    }
}

impl FaultDocument {
    fn new(fault: &Diagnosis) -> Self {
        Self { kind: fault.kind.name(), confidence: fault.confidence, because: fault.because.clone() }
    }
}

/// What `check --self-test` prints.
#[derive(Debug, Serialize)]
pub struct SelfTestDocument {
    /// `pass` where every goal is met, else `fail`.
    pub verdict: &'static str,
    /// Whether large operations and most seeds were left out.
    pub short: bool,
    /// Wall-clock time.
    pub seconds: f64,
    /// One run of the suite in each precision.
    pub runs: Vec<SuiteDocument>,
}

/// One run of the suite.
#[derive(Debug, Serialize)]
pub struct SuiteDocument {
    /// `f64` or `f32`.
    pub precision: &'static str,
    /// Operations.
    pub operations: usize,
    /// Wrong backward passes.
    pub mutants: usize,
    /// Those found at every seed.
    pub detected: usize,
    /// The share of single derivatives off by one per cent that was found.
    pub one_percent: ShareDocument,
    /// Checks of right backward passes.
    pub correct: usize,
    /// Those that failed.
    pub false_alarms: usize,
    /// Those that were inconclusive.
    pub inconclusive: usize,
    /// The share of found mutants whose kind of fault was named right.
    pub diagnosed: ShareDocument,
    /// The same by class.
    pub classes: Vec<ClassDocument>,
}

/// A share with its 95 % interval (Wilson).
#[derive(Debug, Serialize)]
pub struct ShareDocument {
    /// Hits.
    pub hits: usize,
    /// Of so many.
    pub trials: usize,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A class of mistakes.
#[derive(Debug, Serialize)]
pub struct ClassDocument {
    /// Its name.
    pub name: &'static str,
    /// Mutants in it.
    pub mutants: usize,
    /// The share found at every seed.
    pub detected: ShareDocument,
    /// The share of those found whose kind was named right.
    pub diagnosed: ShareDocument,
}

impl From<Share> for ShareDocument {
    fn from(share: Share) -> Self {
        Self { hits: share.hits, trials: share.trials, low: share.low, high: share.high }
    }
}

impl From<&Outcome> for SuiteDocument {
    fn from(outcome: &Outcome) -> Self {
        let classes = outcome.classes.iter().map(|class| ClassDocument {
            name: class.class.name(),
            mutants: class.mutants,
            detected: class.detected.into(),
            diagnosed: class.diagnosed.into(),
        });
        Self {
            precision: outcome.precision.name(),
            operations: outcome.operations,
            mutants: outcome.mutants,
            detected: outcome.detected,
            one_percent: outcome.one_percent.into(),
            correct: outcome.correct,
            false_alarms: outcome.false_alarms,
            inconclusive: outcome.inconclusive,
            diagnosed: Share::new(outcome.diagnosed, outcome.found).into(),
            classes: classes.collect(),
        }
    }
}
