//! `over_regularization`: a penalty, weight decay or dropout so strong that nothing can be learned against it.
//!
//! **Weights that wither.** `ln(RMS(weight) now / at the first watched step)` of each weight tensor. Speaks where half of the tensors or more
//! have lost a tenth of their size or more and, at the rate since the start, would have less than a hundredth left at the end of
//! the plan; or where they have less than a third left already; or where nine tenths of their values have become exactly zero. A warning;
//! an error where the loss is bad at the time and a tenth is left, or nine tenths are zeros.
//!
//! **Units that are dropped.** A `dropout` block hands on the share `1 − rate` of the non-zero values in front of it. A warning from a rate of 0.85
//! on, an error where besides the loss is bad after 50 steps.
//!
//! **Constants.** Training moves weights, and mostly makes them larger; a penalty that is in balance with the loss slows the fall long before a
//! hundredth. Dropout at 0.5 is usual for hidden units (Srivastava et al. 2014, who tried 0.2 to 0.9 and found the error to rise from 0.6 on).
//!
//! **Silent** once progress is 0.8: sparse weights that suffice are what a penalty is for. On weights that were zero at the start.

use super::underfitting::EXPRESSED;
use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::wording::{names, number};

/// Loss of size at which a rate can be told from noise.
const BEGUN: f64 = 0.1;
/// What would be left at the end of the plan.
const LEFT_AT_THE_END: f64 = 0.01;
const LEFT_FOR_A_WARNING: f64 = 1.0 / 3.0;
const LEFT_FOR_AN_ERROR: f64 = 0.1;
const ZEROS: f64 = 0.9;
const RATE: f64 = 0.85;
const RECORDS: u32 = 3;
const PATIENCE: u64 = 50;

#[derive(Debug, Default)]
pub(super) struct OverRegularization {
    /// RMS and share of zeros of each parameter when it was first seen.
    start: Vec<Option<(f64, f64)>>,
    records: u32,
    withering: Option<Case>,
    withered: Vec<usize>,
    left: f64,
    zeros: f64,
    dropping: Option<Case>,
    rate: f64,
    droppers: Vec<usize>,
}

impl OverRegularization {
    fn wither(&mut self, now: &Now<'_>) -> bool {
        let chart = now.chart;
        let parameters = &chart.anatomy.parameters;
        self.start.resize(parameters.len(), None);
        let (mut of, mut withered, mut least, mut most_zeros) = (0, Vec::new(), 1.0f64, 0.0f64);
        let (mut grave, first) = (0, chart.history.first_step.unwrap_or(0));
        for index in (0..parameters.len()).filter(|&p| parameters[p].matrix) {
            let Some(weight) = now.view.weight(index) else { continue };
            let (Some(rms), true) = (weight.rms(), weight.count() > 0) else { continue };
            let zeros = weight.parts().zeros as f64 / weight.count() as f64;
            let (rms_then, zeros_then) = *self.start[index].get_or_insert((rms, zeros));
            if rms_then == 0.0 || zeros_then > 0.1 {
                continue;
            }
            of += 1;
            let left = rms / rms_then;
            let steps = now.step.saturating_sub(first).max(1) as f64;
            let planned = chart.plan.planned_steps.unwrap_or(0) as f64;
            // What would be left of it at the end, at the rate so far: a power of what is left now.
            let at_the_end = left.powf((planned / steps).max(1.0));
            let falls = left < 1.0 - BEGUN && at_the_end < LEFT_AT_THE_END;
            if falls || left < LEFT_FOR_A_WARNING || zeros >= ZEROS {
                withered.push(index);
                least = least.min(left);
                most_zeros = most_zeros.max(zeros);
                grave += usize::from(left < LEFT_FOR_AN_ERROR || zeros >= ZEROS);
            }
        }
        if of == 0 {
            return false;
        }
        self.records = self.records.saturating_add(1);
        let learning = chart.history.learning();
        let found = match withered.len() {
            _ if chart.history.progress().is_some_and(|progress| progress >= EXPRESSED) => None,
            _ if self.records <= RECORDS => None,
            _ if 2 * grave >= of && learning == Learning::Bad => Some(Severity::Error),
            n if 2 * n >= of => Some(Severity::Warning),
            _ => None,
        };
        if found.is_some() {
            (self.withered, self.left, self.zeros) = (withered, least, most_zeros);
        }
        Case::enter(&mut self.withering, now.step, found)
    }

    fn drop(&mut self, now: &Now<'_>) -> bool {
        let blocks = now.chart.anatomy.blocks();
        let (mut droppers, mut highest) = (Vec::new(), 0.0f64);
        for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.kind == "dropout") {
            let before = (0..index).rev().find(|&b| blocks[b].parent == block.parent);
            let answering = |b: usize| {
                let summary = &now.view.activation(b)?.summary;
                (summary.finite() > summary.parts().zeros).then(|| (summary.finite() - summary.parts().zeros) as f64)
            };
            let (Some(before), Some(after)) = (before.and_then(answering), answering(index)) else { continue };
            let rate = 1.0 - after / before;
            if rate >= RATE {
                droppers.push(index);
                highest = highest.max(rate);
            }
        }
        let history = &now.chart.history;
        let found = match history.learning() {
            Learning::Good => None,
            _ if droppers.is_empty() => None,
            Learning::Bad if history.length() >= PATIENCE => Some(Severity::Error),
            _ => Some(Severity::Warning),
        };
        if found.is_some() {
            (self.droppers, self.rate) = (droppers, highest);
        }
        Case::enter(&mut self.dropping, now.step, found)
    }
}

impl Examine for OverRegularization {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        if !now.view.watched() {
            return false;
        }
        let withers = self.wither(now);
        self.drop(now) || withers
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let mut findings = Vec::new();
        let standing = |case: &Option<Case>| case.and_then(|case| Some((case, case.standing(&chart.history)?)));
        if let Some((case, severity)) = standing(&self.withering) {
            let layers = chart.anatomy.parameter_paths(self.withered.iter().copied());
            let how = if self.zeros >= ZEROS {
                format!("{} of their values are exactly zero", number(self.zeros))
            } else {
                format!("{} of their first size is left", number(self.left))
            };
            findings.push(Finding {
                rule: Rule::OverRegularization,
                severity: chart.history.tempered(severity),
                first_step: case.first_step,
                last_step: case.last_step,
                confidence: 0.9,
                message: format!(
                    "A penalty or weight decay takes the weights of {} away faster than anything is learned, {}: {how}.",
                    names(&layers),
                    case.period()
                ),
                layers,
                evidence: vec![
                    evidence("weight_left", self.left, Some(LEFT_FOR_A_WARNING)),
                    evidence("zero_weights", self.zeros, Some(ZEROS)),
                ],
                remedies: advise(&chart.anatomy, &["weaker_penalty"]),
            });
        }
        if let Some((case, severity)) = standing(&self.dropping) {
            let layers = chart.anatomy.block_names(self.droppers.iter().copied());
            findings.push(Finding {
                rule: Rule::OverRegularization,
                severity: chart.history.tempered(severity),
                first_step: case.first_step,
                last_step: case.last_step,
                confidence: 0.9,
                message: format!(
                    "{} of the values that reach {} are dropped, {}: too few are left to learn from.",
                    number(self.rate),
                    names(&layers),
                    case.period()
                ),
                layers,
                evidence: vec![evidence("dropout_rate", self.rate, Some(RATE))],
                remedies: advise(&chart.anatomy, &["weaker_dropout", "larger_network"]),
            });
        }
        findings
    }
}
