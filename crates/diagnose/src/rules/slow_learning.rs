//! `slow_learning`: updates so small that the weights cannot get anywhere within the training.
//!
//! **Formula.** The reach of a weight tensor: `Σ RMS(update)/RMS(weight)` over the steps so far, plus the latest ratio times the
//! steps to come; that is how far the weights would move, in units of their own size, if all updates pointed the same way,
//! which they never do. Between watched steps the ratio is that of the last one. While the learning rate rises, the ratio is taken to go on rising as it
//! did from step 0 on, so that a warm-up is not mistaken for what it leads to. Speaks where the tensor with the largest reach has less than
//! 0.1: a warning; an error below 0.01, once the loss is bad after half of the plan.
//!
//! **Constants.** A tenth: weights that end where they began, give or take a tenth of their size even if all steps agree, are still
//! the random ones. Sound trainings reach ten to a thousand times as far.
//!
//! **Silent** without a plan, before three watched steps, on biases and on weights near zero, and once the network has learned
//! well: then little was needed. A schedule's end is no fault, since what was travelled before counts.

use super::update_ratio::comparable;
use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::wording::number;

const WARNING_REACH: f64 = 0.1;
const ERROR_REACH: f64 = 0.01;
const RECORDS: u32 = 3;
const REMEDIES: &[&str] = &[
    "raise_learning_rate",
    "optimizer_defaults",
    "loosen_clipping",
    "shorter_warmup",
    "constant_learning_rate",
    "adam_optimizer",
    "smaller_batch",
    "longer_training",
];

#[derive(Debug, Default)]
pub(super) struct SlowLearning {
    travelled: Vec<f64>,
    latest: Vec<f64>,
    last_watched: Option<u64>,
    records: u32,
    first_rate: Option<f64>,
    case: Option<Case>,
    reach: f64,
}

impl SlowLearning {
    /// The steps to come, each weighed by how much larger than now its update will be.
    fn ahead(&self, now: &Now<'_>, planned: u64) -> f64 {
        let left = planned.saturating_sub(now.step + 1) as f64;
        let rate = now.chart.history.learning_rate;
        match (self.first_rate, rate) {
            (Some(first), Some(rate)) if rate > first && now.step > 0 => {
                let rise = (rate - first) / (rate * now.step as f64);
                left + rise * left * left / 2.0
            }
            _ => left,
        }
    }
}

impl Examine for SlowLearning {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let history = &now.chart.history;
        self.first_rate = self.first_rate.or(history.learning_rate);
        let Some(planned) = now.chart.plan.planned_steps.filter(|_| now.view.watched()) else { return false };
        let parameters = &now.chart.anatomy.parameters;
        self.travelled.resize(parameters.len(), 0.0);
        self.latest.resize(parameters.len(), 0.0);
        let since = self.last_watched.map_or(1, |last| now.step.saturating_sub(last)) as f64;
        let (mut seen, mut farthest) = (false, 0.0f64);
        let ahead = self.ahead(now, planned);
        for (index, parameter) in parameters.iter().enumerate() {
            let Some((update, weight)) = comparable(&now.view, index, parameter) else { continue };
            seen = true;
            // The steps between are taken to be like the last one that was seen: a schedule falls, and rarely rises.
            self.travelled[index] += self.latest[index] * (since - 1.0) + update / weight;
            self.latest[index] = update / weight;
            farthest = farthest.max(self.travelled[index] + self.latest[index] * ahead);
        }
        if !seen {
            return false;
        }
        self.last_watched = Some(now.step);
        self.records = self.records.saturating_add(1);
        let late = 2 * now.step >= planned && history.learning() == Learning::Bad;
        let found = match farthest {
            // Without any gradient it is `unchanged_weights`.
            0.0 => None,
            _ if self.records < RECORDS || history.learning() == Learning::Good => None,
            reach if reach < ERROR_REACH && late => Some(Severity::Error),
            reach if reach < WARNING_REACH => Some(Severity::Warning),
            _ => None,
        };
        if found.is_some() {
            self.reach = farthest;
        }
        Case::enter(&mut self.case, now.step, found)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let Some(case) = &self.case else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        vec![Finding {
            rule: Rule::SlowLearning,
            severity: chart.history.tempered(severity),
            layers: Vec::new(),
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.95,
            message: format!(
                "The steps are too small to get anywhere, {}: even if all of them pointed the same way, the whole training would move the weights by {} of their size.",
                case.period(),
                number(self.reach)
            ),
            evidence: vec![evidence("reach", self.reach, Some(WARNING_REACH))],
            remedies: advise(&chart.anatomy, REMEDIES),
        }]
    }
}
