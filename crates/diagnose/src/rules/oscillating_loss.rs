//! `oscillating_loss`: the loss swings instead of falling, because the steps are too long.
//!
//! **Formula.** One of two:
//! - *from step to step*: of the last 64 training losses, less their straight line, the lag-1 autocorrelation is below −0.4
//!   and their standard deviation above a tenth of the reference loss: each step overshoots the one before. Batch noise
//!   is independent from step to step (autocorrelation 0 ± 0.125), however large it is.
//! - *from validation to validation*: of the last six or more, the changes reverse at 70 % of the turns, and their RMS is above a
//!   tenth of the reference loss. The samples are always the same ones, so these swings are no sampling noise.
//!
//! **Constants.** −0.4 is more than three standard errors of the autocorrelation. A tenth of the reference loss is what
//! separates learned from not ([`crate::history`]). AutoTrainer's bound, swings of 0.03 accuracy in a fifth of the
//! epochs, alarms at small validation sets.
//!
//! **Silent** where an epoch has two to four batches: drawn without replacement, their losses alternate by themselves.
//! Never more than a warning.

use super::loss_not_decreasing::EVERY;
use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, History};
use crate::remedy::advise;
use crate::statistics::least_squares;
use crate::wording::number;

const AUTOCORRELATION: f64 = -0.4;
const AMPLITUDE: f64 = 0.1;
const REVERSALS: f64 = 0.7;
const FEWEST_VALIDATIONS: usize = 6;
const WINDOW: usize = 64;

#[derive(Debug, Default)]
pub(super) struct OscillatingLoss {
    case: Option<Case>,
    held: Option<Swing>,
}

#[derive(Clone, Copy, Debug)]
struct Swing {
    validation: bool,
    amplitude: f64,
    regularity: f64,
}

fn from_step_to_step(history: &History) -> Option<Swing> {
    let losses: Vec<f64> = history.recent_losses().collect();
    if losses.len() < WINDOW {
        return None;
    }
    let points = losses.iter().enumerate().map(|(i, l)| (i as f64, *l));
    let line = least_squares(points)?;
    let middle = (losses.len() - 1) as f64 / 2.0;
    let mean = losses.iter().sum::<f64>() / losses.len() as f64;
    let rest: Vec<f64> = losses.iter().enumerate().map(|(i, l)| l - mean - line.slope * (i as f64 - middle)).collect();
    let variance = rest.iter().map(|r| r * r).sum::<f64>();
    let covariance = rest.windows(2).map(|w| w[0] * w[1]).sum::<f64>();
    let amplitude = (variance / losses.len() as f64).sqrt() / history.reference_loss()?;
    let regularity = if variance > 0.0 { covariance / variance } else { 0.0 };
    (regularity < AUTOCORRELATION && amplitude > AMPLITUDE).then_some(Swing {
        validation: false,
        amplitude,
        regularity,
    })
}

fn from_validation_to_validation(history: &History) -> Option<Swing> {
    let validations = &history.validations;
    if validations.len() < FEWEST_VALIDATIONS {
        return None;
    }
    let recent = &validations[validations.len().saturating_sub(12)..];
    let changes: Vec<f64> = recent.windows(2).map(|w| w[1].loss - w[0].loss).collect();
    let turns = changes.windows(2).filter(|w| w[0] * w[1] < 0.0).count() as f64 / (changes.len() - 1) as f64;
    let amplitude = (changes.iter().map(|c| c * c).sum::<f64>() / changes.len() as f64).sqrt();
    let amplitude = amplitude / history.reference_loss()?;
    (turns >= REVERSALS && amplitude > AMPLITUDE).then_some(Swing { validation: true, amplitude, regularity: turns })
}

impl Examine for OscillatingLoss {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let history = &now.chart.history;
        if !history.records.is_multiple_of(EVERY) {
            return false;
        }
        let alternates_by_itself = now.chart.plan.steps_per_epoch.is_some_and(|s| (2..=4).contains(&s));
        let swing = from_validation_to_validation(history)
            .or_else(|| if alternates_by_itself { None } else { from_step_to_step(history) });
        if swing.is_some() {
            self.held = swing;
        }
        Case::enter(&mut self.case, now.step, swing.map(|_| Severity::Warning))
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let (Some(case), Some(swing)) = (&self.case, self.held) else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        let (which, name, bound) = if swing.validation {
            ("validation", "reversals", REVERSALS)
        } else {
            ("training", "autocorrelation", AUTOCORRELATION)
        };
        vec![Finding {
            rule: Rule::OscillatingLoss,
            severity: chart.history.tempered(severity),
            layers: Vec::new(),
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.95,
            message: format!(
                "The {which} loss swings up and down, {}: by {} of a guess's loss.",
                case.period(),
                number(swing.amplitude)
            ),
            evidence: vec![
                evidence("amplitude", swing.amplitude, Some(AMPLITUDE)),
                evidence(name, swing.regularity, Some(bound)),
            ],
            remedies: advise(
                &chart.anatomy,
                &[
                    "lower_learning_rate",
                    "optimizer_defaults",
                    "learning_rate_decay",
                    "larger_batch",
                    "clip_gradient_norm",
                    "batch_normalization",
                ],
            ),
        }]
    }
}
