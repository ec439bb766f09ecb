//! `loss_not_decreasing`: the training loss is hardly better than a guess's and does not fall.
//!
//! **Formula.** The recent loss is above 0.9 of the guess's, and
//! - neither a straight line through the later half of the run (one-sided t-test, p < 0.05) nor the Mann–Kendall test on its
//!   later three quarters (p < 0.05) sees the loss fall, and
//! - even the steepest fall that the noise allows (95 % bound of the line's slope) would not bring it below 0.9 of the
//!   guess's by the end of the plan, or in as long again where no plan is known.
//!
//! The tests weigh a trend against the batches' own noise, so no patience or minimal change in units of the loss is
//! needed; and the second condition keeps "no fall was seen" from being said where none could have been seen yet.
//!
//! **Constants.** Looked at from 50 losses and a tenth of the plan on: a warning. Error from a quarter of the plan and
//! 200 losses on, or half of the plan and 100.
//!
//! **Silent** where the loss is good (a flat line at the bottom is [`converged`](super::converged)), and where the gradients
//! have become small everywhere, which is a [`plateau`](super::plateau).

use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{BAD_PROGRESS, Chart, Learning};
use crate::remedy::advise;
use crate::statistics::mann_kendall;
use crate::wording::number;

/// Evaluated at every so many records: trends do not change faster, and the tests cost more than a record.
pub(super) const EVERY: u64 = 10;
/// One-sided 5 % of the normal distribution.
const ONE_SIDED: f64 = 1.645;
const REMEDIES: &[&str] = &[
    "lower_learning_rate",
    "raise_learning_rate",
    "optimizer_defaults",
    "loosen_clipping",
    "shorter_warmup",
    "constant_learning_rate",
    "standardize_inputs",
    "he_initialization",
    "batch_normalization",
    "adam_optimizer",
    "check_data",
    "larger_network",
];

#[derive(Debug, Default)]
pub(super) struct LossNotDecreasing {
    case: Option<Case>,
    held: (f64, f64),
}

/// How much may be said at this time of the run about a loss that should have fallen by now.
pub(super) fn gravity(chart: &Chart) -> Option<Severity> {
    let losses = chart.history.loss.count();
    let share = chart.plan.planned_steps.filter(|&p| p > 0).map_or(0.25, |p| losses as f64 / p as f64);
    if losses < 50 || share < 0.1 {
        None
    } else if losses >= 200 && share >= 0.25 || losses >= 100 && share >= 0.5 {
        Some(Severity::Error)
    } else {
        Some(Severity::Warning)
    }
}

/// Whether the loss is bad and stays so; with the recent loss and its reference.
pub(super) fn stuck(chart: &Chart) -> Option<(f64, f64)> {
    let history = &chart.history;
    if history.learning() != Learning::Bad {
        return None;
    }
    let line = history.later_line()?;
    if line.p_falling() < 0.05 {
        return None;
    }
    let values: Vec<f64> = history.loss.later_three_quarters().iter().map(|b| b.mean).collect();
    if mann_kendall(&values).is_none_or(|z| z < -ONE_SIDED) {
        return None;
    }
    let (loss, reference) = history.recent_loss().zip(history.reference_loss())?;
    let losses = history.loss.count();
    let ahead = chart.plan.planned_steps.map_or(losses, |p| p.saturating_sub(losses));
    let bins_ahead = ahead as f64 / history.loss.per_bin() as f64;
    let best = loss + (line.slope - ONE_SIDED * line.standard_error).min(0.0) * bins_ahead;
    (best > (1.0 - BAD_PROGRESS) * reference).then_some((loss, reference))
}

/// Whether the gradients of nearly all weights are small against what they once were.
pub(super) fn small_gradients(chart: &Chart, below: f64) -> bool {
    let small = |relative: Option<f64>| relative.is_some_and(|r| r <= below);
    let of: Vec<bool> = chart
        .history
        .parameter_gradients
        .iter()
        .zip(&chart.anatomy.parameters)
        .filter(|(level, parameter)| parameter.matrix && level.highest > 0.0)
        .map(|(level, _)| small(level.relative()))
        .collect();
    let share = of.iter().filter(|s| **s).count() as f64 / of.len().max(1) as f64;
    small(chart.history.gradient_norm.relative()) && (of.is_empty() || share >= 0.9)
}

impl Examine for LossNotDecreasing {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let history = &now.chart.history;
        if !history.records.is_multiple_of(EVERY) {
            return false;
        }
        let stuck = stuck(now.chart).filter(|_| !small_gradients(now.chart, super::plateau::SMALL));
        let found = gravity(now.chart).filter(|_| stuck.is_some());
        if let (Some(held), Some(_)) = (stuck, found) {
            self.held = held;
        }
        Case::enter(&mut self.case, now.step, found)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let Some(case) = &self.case else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        let (loss, reference) = self.held;
        let whose = if chart.history.guess.is_some() { "a guess has" } else { "it started at" };
        vec![Finding {
            rule: Rule::LossNotDecreasing,
            severity: chart.history.tempered(severity),
            layers: Vec::new(),
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.95,
            message: format!(
                "The training loss does not fall, {}: it is {}, and {whose} {}.",
                case.period(),
                number(loss),
                number(reference)
            ),
            evidence: vec![
                evidence("training_loss", loss, Some((1.0 - BAD_PROGRESS) * reference)),
                evidence("reference_loss", reference, None),
            ],
            remedies: advise(&chart.anatomy, REMEDIES),
        }]
    }
}
