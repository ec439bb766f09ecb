//! `plateau`: small gradients everywhere with a bad loss: the network is stuck on flat ground.
//!
//! **Formula.** The loss is bad and does not fall ([`loss_not_decreasing`](super::loss_not_decreasing)), and the norm of all gradients and those of
//! nine tenths of the weight tensors have sunk below a tenth of their own highest level (an exponential mean).
//! Each gradient is compared with its own past, so neither the loss's unit nor the layer's size matters.
//!
//! **Constants.** A tenth: batch noise moves an exponential mean over about twenty steps by far less.
//! Severities in time as for a loss that does not fall.
//!
//! **Silent** where the loss is good: small gradients are then the bottom of the curve,
//! [`converged`](super::converged). Where the gradients shrink with depth, [`vanishing_gradient`](super::vanishing_gradient)
//! explains the flatness and takes this rule's place.

use super::loss_not_decreasing::{EVERY, gravity, small_gradients, stuck};
use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule};
use crate::history::Chart;
use crate::remedy::advise;
use crate::wording::{number, percent};

/// Level below which a gradient is small against its own highest.
pub(super) const SMALL: f64 = 0.1;
const REMEDIES: &[&str] = &[
    "raise_learning_rate",
    "optimizer_defaults",
    "loosen_clipping",
    "shorter_warmup",
    "constant_learning_rate",
    "adam_optimizer",
    "batch_normalization",
    "he_initialization",
    "relu_activation",
    "lstm",
    "larger_network",
];

#[derive(Debug, Default)]
pub(super) struct Plateau {
    case: Option<Case>,
    held: (f64, f64, f64),
}

impl Examine for Plateau {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let history = &now.chart.history;
        if !history.records.is_multiple_of(EVERY) {
            return false;
        }
        let stuck = stuck(now.chart).filter(|_| small_gradients(now.chart, SMALL));
        let found = gravity(now.chart).filter(|_| stuck.is_some());
        if let (Some((loss, reference)), Some(_)) = (stuck, found) {
            self.held = (loss, reference, history.gradient_norm.relative().unwrap_or(0.0));
        }
        Case::enter(&mut self.case, now.step, found)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let Some(case) = &self.case else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        let (loss, reference, relative) = self.held;
        vec![Finding {
            rule: Rule::Plateau,
            severity: chart.history.tempered(severity),
            layers: Vec::new(),
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.9,
            message: format!(
                "It is stuck on a plateau, {}: gradients are down to {} of their highest everywhere, but the loss is {} where a guess has {}.",
                case.period(),
                percent(relative),
                number(loss),
                number(reference)
            ),
            evidence: vec![
                evidence("gradient_of_highest", relative, Some(SMALL)),
                evidence("training_loss", loss, None),
                evidence("reference_loss", reference, None),
            ],
            remedies: advise(&chart.anatomy, REMEDIES),
        }]
    }
}
