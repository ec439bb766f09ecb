//! `update_ratio`: updates far too large or too small for the weights that they change.
//!
//! **Formula.** `log10(RMS(update)/RMS(weight))` of each weight tensor, median over its last nine watched steps, five at
//! least. Speaks outside of [−4, −1], where besides the loss does not fall: a warning; an error above 0, where each
//! step replaces the weights.
//!
//! **Weights that were thrown far.** Where half of the weight tensors have grown tenfold since the first step that was seen, each step was far too
//! large, whatever the ratio has become since: a warning, until progress is 0.8.
//!
//! **Constants.** [−4, −1] from TheDeepChecker (Ben Braiek and Khomh 2022); 10⁻³ is Karpathy's rule of thumb.
//!
//! **Silent** on biases and on weights that start at or near zero (RMS below a hundredth of 1/√(longest axis)): their
//! ratio is large because they are small, not because the step is; while the learning rate is below a tenth of its
//! highest (warm-up, the end of a schedule); and where the loss falls or the network has learned well: the ratio is then
//! unusual and no fault.

use super::underfitting::EXPRESSED;
use super::{Examine, Now, evidence};
use crate::anatomy::Parameter;
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::statistics::median;
use crate::view::View;
use crate::wording::{names, number};

const LOW: f64 = -4.0;
const HIGH: f64 = -1.0;
const REPLACED: f64 = 0.0;
/// Growth of weights since the first step.
const GROWTH: f64 = 10.0;
const WINDOW: usize = 9;
const FEWEST: usize = 5;
const TOO_LARGE: &[&str] = &[
    "lower_learning_rate",
    "optimizer_defaults",
    "clip_gradient_norm",
    "adaptive_gradient_clipping",
    "learning_rate_warmup",
];
const TOO_SMALL: &[&str] = &[
    "raise_learning_rate",
    "optimizer_defaults",
    "loosen_clipping",
    "shorter_warmup",
    "constant_learning_rate",
    "adam_optimizer",
    "batch_normalization",
];

#[derive(Debug, Default)]
pub(super) struct UpdateRatio {
    windows: Vec<Window>,
    large: Side,
    small: Side,
    /// RMS of each weight when it was first seen.
    start: Vec<Option<f64>>,
    blown: Side,
}

#[derive(Clone, Debug, Default)]
struct Window {
    ratios: Vec<f64>,
    next: usize,
}

#[derive(Debug, Default)]
struct Side {
    case: Option<Case>,
    parameters: Vec<usize>,
    extreme: f64,
}

/// RMS of a weight tensor's update and of its values; none of a bias, or where the values are at or near zero.
pub(super) fn comparable(view: &View<'_>, index: usize, parameter: &Parameter) -> Option<(f64, f64)> {
    let (update, weight) = (view.update(index)?.rms()?, view.weight(index)?.rms()?);
    (parameter.matrix && weight * (parameter.longest_axis as f64).sqrt() >= 0.01).then_some((update, weight))
}

impl UpdateRatio {
    /// Looks for weights that have grown beyond measure.
    fn thrown(&mut self, now: &Now<'_>) -> bool {
        let parameters = &now.chart.anatomy.parameters;
        self.start.resize(parameters.len(), None);
        let (mut of, mut grown, mut largest) = (0, Vec::new(), 1.0f64);
        for (index, parameter) in parameters.iter().enumerate() {
            let Some((_, weight)) = comparable(&now.view, index, parameter) else { continue };
            let growth = weight / *self.start[index].get_or_insert(weight);
            of += 1;
            if growth >= GROWTH {
                grown.push(index);
                largest = largest.max(growth);
            }
        }
        let expressed = now.chart.history.progress().is_some_and(|progress| progress >= EXPRESSED);
        let found = (!expressed && of > 0 && 2 * grown.len() >= of).then_some(Severity::Warning);
        if found.is_some() {
            (self.blown.parameters, self.blown.extreme) = (grown, largest);
        }
        Case::enter(&mut self.blown.case, now.step, found)
    }

    fn thrown_finding(&self, chart: &Chart) -> Option<Finding> {
        let case = self.blown.case.as_ref()?;
        let severity = case.standing(&chart.history)?;
        let layers = chart.anatomy.parameter_paths(self.blown.parameters.iter().copied());
        Some(Finding {
            rule: Rule::UpdateRatio,
            severity: chart.history.tempered(severity),
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.9,
            message: format!(
                "The steps have thrown the weights of {} far from where they began, {}: to {} times their first size.",
                names(&layers),
                case.period(),
                number(self.blown.extreme)
            ),
            layers,
            evidence: vec![evidence("weight_growth", self.blown.extreme, Some(GROWTH))],
            remedies: advise(&chart.anatomy, TOO_LARGE),
        })
    }
}

impl Examine for UpdateRatio {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let history = &now.chart.history;
        if !now.view.watched() || history.learning_rate.is_some_and(|r| r < 0.1 * history.highest_learning_rate) {
            return false;
        }
        let thrown = self.thrown(now);
        let parameters = &now.chart.anatomy.parameters;
        self.windows.resize_with(parameters.len(), Window::default);
        let (mut large, mut small, mut of) = (Vec::new(), Vec::new(), 0);
        let (mut largest, mut smallest) = (f64::NEG_INFINITY, f64::INFINITY);
        for (index, parameter) in parameters.iter().enumerate() {
            let Some((update, weight)) = comparable(&now.view, index, parameter).filter(|(update, _)| *update > 0.0)
            else {
                continue;
            };
            let window = &mut self.windows[index];
            let ratio = (update / weight).log10();
            if window.ratios.len() < WINDOW {
                window.ratios.push(ratio);
            } else {
                window.ratios[window.next] = ratio;
                window.next = (window.next + 1) % WINDOW;
            }
            if window.ratios.len() < FEWEST {
                continue;
            }
            of += 1;
            let mut sorted = [0.0; WINDOW];
            sorted[..window.ratios.len()].copy_from_slice(&window.ratios);
            let middle = median(&mut sorted[..window.ratios.len()]).unwrap_or(ratio);
            if middle > HIGH {
                large.push(index);
                largest = largest.max(middle);
            } else if middle < LOW {
                small.push(index);
                smallest = smallest.min(middle);
            }
        }
        if of == 0 {
            return thrown;
        }
        let harmless = history.learning() == Learning::Good || history.falling() != Some(false);
        let too_large = match largest {
            _ if harmless || large.is_empty() => None,
            l if l > REPLACED => Some(Severity::Error),
            _ => Some(Severity::Warning),
        };
        let too_small = (!harmless && !small.is_empty()).then_some(Severity::Warning);
        if too_large.is_some() {
            self.large.parameters = large;
            self.large.extreme = largest;
        }
        if too_small.is_some() {
            self.small.parameters = small;
            self.small.extreme = smallest;
        }
        let stirred = Case::enter(&mut self.large.case, now.step, too_large);
        Case::enter(&mut self.small.case, now.step, too_small) || stirred || thrown
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let mut findings = Vec::from_iter(self.thrown_finding(chart));
        for (side, large) in [(&self.large, true), (&self.small, false)] {
            let Some(case) = &side.case else { continue };
            let Some(severity) = case.standing(&chart.history) else { continue };
            let layers = chart.anatomy.parameter_paths(side.parameters.iter().copied());
            let ratio = 10f64.powf(side.extreme);
            let (word, bound, threshold) = if large { ("large", "up to", HIGH) } else { ("small", "down to", LOW) };
            let remedies = if large { TOO_LARGE } else { TOO_SMALL };
            findings.push(Finding {
                rule: Rule::UpdateRatio,
                severity: chart.history.tempered(severity),
                first_step: case.first_step,
                last_step: case.last_step,
                confidence: 0.9,
                message: format!(
                    "Updates are too {word} for the weights of {}, {}: {bound} {} of their size a step.",
                    names(&layers),
                    case.period(),
                    number(ratio)
                ),
                layers,
                evidence: vec![evidence("log10_update_ratio", side.extreme, Some(threshold))],
                remedies: advise(&chart.anatomy, remedies),
            });
        }
        findings
    }
}
