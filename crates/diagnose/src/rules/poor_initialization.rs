//! `poor_initialization`: before any training, the blocks change the scale of activations or gradients beyond measure,
//! or weights are all alike.
//!
//! **Formula.** At step 0, along the chain of layers: `ln RMS` of the activations by block (without the last, whose
//! scale is the task's) and `ln(√n·RMS)` of their gradients, each fitted over depth ([`crate::depth`]). Speaks if a slope is
//! significant (two-sided t-test, p < 0.01) and the scale changes by more than 100 in all; error from 2²³.
//! Besides, a hidden weight whose values are all the same: its units start alike, get alike gradients and stay alike.
//! And a weight whose gain `RMS(w)·√fan_in` is above 20, or below 0.01 in a hidden layer: 1 to √2 keep the scale, whatever the width.
//!
//! **Constants.** 100, as for vanishing gradients: two decades in all leave every layer within the reach of one learning
//! rate. 2²³ is the precision of f32: beyond it the smaller scale is lost when both meet in a sum.
//! A bound on each block's factor (SageMaker Debugger: 10 between variances) would
//! alarm at harmless heads and pools.
//!
//! **Silent** after step 0, and where step 0 was not watched. Zero weights in the last layer, or in a residual branch
//! (Fixup), are no fault.

use super::{Examine, Now, confidence, evidence};
use crate::anatomy::Parameter;
use crate::depth::{DepthFit, GradientProfile, fit};
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::{advise, is_recurrent};
use crate::wording::{names, number};

const WARNING_FACTOR: f64 = 100.0;
const ERROR_FACTOR: f64 = 8_388_608.0;
const P_VALUE: f64 = 0.01;
/// A decade above √2, beyond what a tanh of unit inputs can tell from a sign.
const LARGEST_GAIN: f64 = 20.0;
/// What two layers may take away in all.
const SMALLEST_GAIN: f64 = 0.01;
const SCALE_REMEDIES: &[&str] = &[
    "he_initialization",
    "glorot_initialization",
    "lsuv_initialization",
    "relu_activation",
    "batch_normalization",
    "layer_normalization",
    "residual_connections",
    "standardize_inputs",
];

#[derive(Debug, Default)]
pub(super) struct PoorInitialization {
    activations: Option<Skew>,
    gradients: Option<Skew>,
    alike: Vec<usize>,
    /// Parameters whose gain is out of all proportion, and the gain.
    gains: Vec<(usize, f64)>,
}

#[derive(Debug)]
struct Skew {
    fit: DepthFit,
    blocks: Vec<usize>,
}

impl Skew {
    /// The total change as a factor above 1.
    fn factor(&self) -> f64 {
        self.fit.first_to_last.abs().exp()
    }

    fn p_value(&self) -> f64 {
        2.0 * self.fit.line.p_rising().min(self.fit.line.p_falling())
    }

    fn severity(&self) -> Option<Severity> {
        match self.factor() {
            _ if self.p_value() >= P_VALUE => None,
            f if f >= ERROR_FACTOR => Some(Severity::Error),
            f if f >= WARNING_FACTOR => Some(Severity::Warning),
            _ => None,
        }
    }
}

/// The gains of weights that are out of proportion. Weights that a normalization follows have no scale, and zeros are another matter.
fn gains(now: &Now<'_>) -> Vec<(usize, f64)> {
    let anatomy = &now.chart.anatomy;
    let blocks = anatomy.blocks();
    let last = anatomy.chain.last().copied();
    let gain = |(index, parameter): (usize, &Parameter)| {
        let (block, weight) = (parameter.block.filter(|_| parameter.matrix)?, now.view.weight(index)?);
        let normalized =
            blocks.get(block + 1).is_some_and(|next| matches!(next.kind.as_str(), "batch_norm" | "layer_norm"));
        let fan_in = match blocks[block].kind.as_str() {
            _ if normalized || !anatomy.chain.contains(&block) => return None,
            "dense" => *blocks[block].input.last()? as f64,
            "conv2d" => weight.count() as f64 / *blocks[block].output.first()? as f64,
            kind if is_recurrent(kind) && !parameter.path.ends_with("recurrent_weight") => {
                *blocks[block].input.last()? as f64
            }
            _ => return None,
        };
        let gain = weight.rms()? * fan_in.sqrt();
        let faint = gain < SMALLEST_GAIN && gain > 0.0 && Some(block) != last;
        (gain > LARGEST_GAIN || faint).then_some((index, gain))
    };
    anatomy.parameters.iter().enumerate().filter_map(gain).collect()
}

impl Examine for PoorInitialization {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        if now.step != now.chart.plan.initial_step || !now.view.watched() {
            return false;
        }
        let anatomy = &now.chart.anatomy;
        let last = anatomy.last_block();
        let mut profile = GradientProfile::default();
        if let Some(fit) = profile.observe(&now.view, anatomy) {
            self.gradients = Some(Skew { fit, blocks: profile.blocks });
        }
        let (mut blocks, mut logs) = (Vec::new(), Vec::new());
        for &block in anatomy.chain.iter().filter(|&&b| Some(b) != last) {
            if let Some(rms) = now.view.activation(block).and_then(|s| s.summary.rms()) {
                blocks.push(block);
                logs.push(rms.ln());
            }
        }
        if let Some(fit) = fit(&logs) {
            self.activations = Some(Skew { fit, blocks });
        }
        let last_weights = anatomy.chain.last().copied();
        self.alike = (0..anatomy.parameters.len())
            .filter(|&p| {
                let parameter = &anatomy.parameters[p];
                parameter.matrix
                    && parameter.block.is_some_and(|b| anatomy.chain.contains(&b) && Some(b) != last_weights)
                    && now.view.weight(p).is_some_and(|s| s.count() > 1 && s.parts().min == s.parts().max)
            })
            .collect();
        self.gains = gains(now);
        !self.alike.is_empty()
            || !self.gains.is_empty()
            || [&self.activations, &self.gradients].into_iter().flatten().any(|s| s.severity().is_some())
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let history = &chart.history;
        // A start that training has made good is history.
        let settle = |severity| if history.learning() == Learning::Good { Severity::Info } else { severity };
        let mut findings = Vec::new();
        if !self.alike.is_empty() {
            let layers = chart.anatomy.parameter_paths(self.alike.iter().copied());
            findings.push(Finding {
                rule: Rule::PoorInitialization,
                severity: settle(Severity::Error),
                first_step: chart.plan.initial_step,
                last_step: chart.plan.initial_step,
                confidence: 0.999,
                message: format!(
                    "All weights of {} start at the same value: their units are alike and stay alike.",
                    names(&layers)
                ),
                layers,
                evidence: Vec::new(),
                remedies: advise(
                    &chart.anatomy,
                    &["random_initialization", "he_initialization", "glorot_initialization"],
                ),
            });
        }
        if !self.gains.is_empty() {
            let layers = chart.anatomy.parameter_paths(self.gains.iter().map(|gain| gain.0));
            let far = |gain: f64| gain.ln().abs();
            let (_, extreme) = self.gains.iter().fold((0, 1.0), |a, b| if far(b.1) > far(a.1) { *b } else { a });
            findings.push(Finding {
                rule: Rule::PoorInitialization,
                severity: settle(Severity::Warning),
                first_step: 0,
                last_step: 0,
                confidence: 0.95,
                message: format!(
                    "The initial weights of {} are out of proportion: they multiply the scale of what they read by {}.",
                    names(&layers),
                    number(extreme)
                ),
                layers,
                evidence: vec![evidence(
                    "gain",
                    extreme,
                    Some(if extreme > 1.0 { LARGEST_GAIN } else { SMALLEST_GAIN }),
                )],
                remedies: advise(&chart.anatomy, SCALE_REMEDIES),
            });
        }
        let skews = [("activations", "forwards", &self.activations), ("gradients", "backwards", &self.gradients)];
        let grave = skews
            .into_iter()
            .filter_map(|(what, way, skew)| skew.as_ref().and_then(|s| s.severity().map(|v| (what, way, s, v))));
        for (what, way, skew, severity) in grave {
            // Forwards the factor is that of the slope; backwards its inverse.
            let direction = if way == "forwards" { 1.0 } else { -1.0 };
            let factor = (direction * skew.fit.line.slope).exp();
            let total = (-direction * skew.fit.first_to_last).exp();
            let layers = chart.anatomy.block_names(skew.blocks.iter().copied());
            findings.push(Finding {
                rule: Rule::PoorInitialization,
                severity: settle(severity),
                first_step: chart.plan.initial_step,
                last_step: chart.plan.initial_step,
                confidence: confidence(skew.p_value()),
                message: format!(
                    "The initial weights change the scale of the {what}: {way}, each block multiplies it by {}, and {} in all by {}.",
                    number(factor),
                    names(&layers),
                    number(total),
                ),
                layers,
                evidence: vec![
                    evidence(&format!("{what}_factor_per_block"), factor, None),
                    evidence(&format!("{what}_total_factor"), total, Some(WARNING_FACTOR)),
                    evidence("p_value", skew.p_value(), Some(P_VALUE)),
                ],
                remedies: advise(&chart.anatomy, SCALE_REMEDIES),
            });
        }
        findings
    }
}
