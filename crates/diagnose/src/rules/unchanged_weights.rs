//! `unchanged_weights`: weights that an update leaves as they were, bit by bit.
//!
//! **Formula.** A weight tensor whose largest update is below half a unit in the last place of its RMS (f32: 2⁻²⁴), or
//! exactly zero, at three watched steps in a row, while the learning rate is not zero.
//!
//! **Constants.** The roundings of the formats (IEEE 754); three steps, so that one batch without a gradient is none.
//! Error where half of the weight tensors are concerned, else a warning.
//!
//! **Silent** on biases and normalization's scales (a bias before a normalization has no gradient by design), at a
//! learning rate of zero, and once the network has learned well.

use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::doctor::Precision;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::wording::names;

const RECORDS: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct UnchangedWeights {
    /// Watched steps in a row, by parameter.
    streaks: Vec<u32>,
    without_gradient: bool,
    stuck: Vec<usize>,
    case: Option<Case>,
    of: usize,
}

/// Relative change below which rounding keeps a value as it is.
fn half_unit(precision: Precision) -> f64 {
    let bits = match precision {
        Precision::F64 => 53,
        Precision::F32 => 24,
        Precision::Bf16 => 8,
        Precision::F16 => 11,
    };
    0.5f64.powi(bits)
}

impl Examine for UnchangedWeights {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let history = &now.chart.history;
        if !now.view.watched() || history.learning_rate == Some(0.0) {
            return false;
        }
        let parameters = &now.chart.anatomy.parameters;
        self.streaks.resize(parameters.len(), 0);
        let half_unit = half_unit(now.chart.plan.precision);
        let (mut count, mut of, mut seen) = (0usize, 0usize, false);
        for (index, parameter) in parameters.iter().enumerate().filter(|(_, p)| p.matrix) {
            let _ = parameter;
            let (Some(update), Some(weight)) = (now.view.update(index), now.view.weight(index)) else { continue };
            let largest = update.parts().min.abs().max(update.parts().max.abs());
            let still = update.finite() > 0 && largest <= half_unit * weight.rms().unwrap_or(0.0);
            seen = true;
            of += 1;
            self.streaks[index] = if still { self.streaks[index].saturating_add(1) } else { 0 };
            count += usize::from(self.streaks[index] >= RECORDS);
        }
        if !seen {
            return false;
        }
        let found = match count {
            0 => None,
            _ if history.learning() == Learning::Good => None,
            n if 2 * n >= of => Some(Severity::Error),
            _ => Some(Severity::Warning),
        };
        if found.is_some() {
            self.stuck.clear();
            self.stuck.extend((0..self.streaks.len()).filter(|&i| self.streaks[i] >= RECORDS));
            self.of = of;
            self.without_gradient = self.stuck.iter().all(|&i| now.view.gradient_rms(i) == Some(0.0));
        }
        Case::enter(&mut self.case, now.step, found)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let Some(case) = &self.case else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        let layers = chart.anatomy.parameter_paths(self.stuck.iter().copied());
        let why = if self.without_gradient { "no gradient reaches them" } else { "the updates are lost in rounding" };
        let remedies: &[&str] = if self.without_gradient {
            &["leaky_relu_activation", "zero_biases", "he_initialization", "residual_connections"]
        } else {
            &[
                "raise_learning_rate",
                "constant_learning_rate",
                "optimizer_defaults",
                "loosen_clipping",
                "adam_optimizer",
                "relu_activation",
                "batch_normalization",
                "residual_connections",
            ]
        };
        vec![Finding {
            rule: Rule::UnchangedWeights,
            severity: chart.history.tempered(severity),
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.99,
            message: format!("The weights of {} do not change, {}: {why}.", names(&layers), case.period()),
            evidence: vec![
                evidence("unchanged_tensors", layers.len() as f64, None),
                evidence("weight_tensors", self.of as f64, None),
            ],
            layers,
            remedies: advise(&chart.anatomy, remedies),
        }]
    }
}
