//! `vanishing_gradient`: the gradient shrinks from block to block on its way back, and the first ones get next to nothing.
//!
//! **Formula.** Along the chain of layers, `y_l = ln(√n_l · RMS_l)` of the activation gradients, averaged over the last
//! four watched steps; slope by least squares with the standard error of a random walk ([`crate::depth`] argues both).
//! Speaks if the slope is significant (one-sided t-test, p < 0.01) *and* the first layer has less than a hundredth
//! (warning) or a thousandth (error) of the last one's gradient.
//!
//! **Constants.** 10⁻³ for the ratio of first to last: AutoTrainer's β₁ (Zhang et al., ICSE 2021), which there needs an
//! absolute threshold besides; the t-test takes its place. 10⁻² is a decade before it. p < 0.01 since the test is made
//! at every watched step. A ratio of norms has no unit: scaling the loss changes nothing.
//!
//! **Silent** with fewer than four layers with taps; where dead units cut the path (exact zeros far from underflow);
//! and it opens no case once the network has learned well: gradients at the bottom of the curve are small for a good
//! reason, and [`converged`](super::converged) says so.

use super::{Examine, Now, confidence, evidence};
use crate::case::Case;
use crate::depth::{DepthFit, GradientProfile};
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::wording::{names, number};

pub(super) const ERROR_RATIO: f64 = 1e-3;
pub(super) const WARNING_RATIO: f64 = 1e-2;
pub(super) const P_VALUE: f64 = 0.01;

const REMEDIES: &[&str] = &[
    "relu_activation",
    "he_initialization",
    "residual_connections",
    "batch_normalization",
    "layer_normalization",
    "layer_by_layer_training",
    "tanh_activation",
    "glorot_initialization",
    "lsuv_initialization",
];

#[derive(Debug, Default)]
pub(super) struct VanishingGradient {
    profile: GradientProfile,
    case: Option<Case>,
    last: Option<Held>,
}

/// The evidence when it last held.
#[derive(Debug)]
struct Held {
    fit: DepthFit,
    layers: Vec<usize>,
    ends: (usize, usize),
}

impl Examine for VanishingGradient {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        if !now.view.watched() {
            return false;
        }
        let history = &now.chart.history;
        let Some(fit) = self.profile.observe(&now.view, &now.chart.anatomy) else { return false };
        // The cheap test goes first: this runs inside the training loop.
        let significant = fit.first_to_last < WARNING_RATIO.ln() && fit.line.p_rising() < P_VALUE;
        let mut found = match fit.first_to_last {
            r if significant && r < ERROR_RATIO.ln() => Some(Severity::Error),
            r if significant && r < WARNING_RATIO.ln() => Some(Severity::Warning),
            _ => None,
        };
        if self.case.is_none() && history.learning() == Learning::Good {
            found = None;
        }
        if let Some(severity) = found {
            let limit = if severity == Severity::Error { ERROR_RATIO.ln() } else { WARNING_RATIO.ln() };
            let (Some(&last), Some(&top)) = (self.profile.mean.last(), self.profile.blocks.last()) else {
                return false;
            };
            let starved = |v: &&f64| **v - last < limit;
            let count = self.profile.mean.iter().take_while(starved).count().max(1);
            self.last =
                Some(Held { fit, layers: self.profile.blocks[..count].to_vec(), ends: (self.profile.blocks[0], top) });
        }
        Case::enter(&mut self.case, now.step, found)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let (Some(case), Some(held)) = (&self.case, &self.last) else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        let line = &held.fit.line;
        let p = line.p_rising();
        let ratio = held.fit.first_to_last.exp();
        let name = |b: usize| &chart.anatomy.blocks()[b].name;
        let layers = chart.anatomy.block_names(held.layers.iter().copied());
        let message = format!(
            "The gradient vanishes with depth, {}: each block passes back {} of it, {} has {} of what {} has, so {} hardly {}.",
            case.period(),
            number((-line.slope).exp()),
            name(held.ends.0),
            number(ratio),
            name(held.ends.1),
            names(&layers),
            if layers.len() == 1 { "learns" } else { "learn" },
        );
        vec![Finding {
            rule: Rule::VanishingGradient,
            severity: chart.history.tempered(severity),
            layers,
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: confidence(p),
            message,
            evidence: vec![
                evidence("first_to_last_ratio", ratio, Some(ERROR_RATIO)),
                evidence("factor_per_block", (-line.slope).exp(), None),
                evidence("log_slope", line.slope, None),
                evidence("log_slope_standard_error", line.standard_error, None),
                evidence("p_value", p, Some(P_VALUE)),
            ],
            remedies: advise(&chart.anatomy, REMEDIES),
        }]
    }
}
