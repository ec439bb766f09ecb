//! `vanishing_through_time`: in a recurrent layer the gradient dies away before it reaches the start of the sequence.
//!
//! **Formula.** `y_k = ln RMS` of the gradient with respect to the hidden state `k` steps before the last. Each step
//! multiplies it by a factor of its own, so `y` is a random walk in the lag with drift: the drift's best estimate is
//! `(y_max − y_0)/(lag_max − lag_0)`, its standard error `s/√(lag_max − lag_0)` with
//! `s² = Σ(Δy − drift·Δlag)²/Δlag / (n−2)`. The horizon is `−1/drift` steps: what lies farther back is seen by less
//! than 1/e of the gradient. Speaks if the drift is negative (one-sided t-test, p < 0.01) and a whole sequence leaves
//! less than 10⁻² (warning) or 10⁻³ (error) of the gradient.
//!
//! **Constants** as in [`vanishing_gradient`](super::vanishing_gradient): 10⁻³ is 6.9 horizons within one sequence.
//! The exponential law: Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013.
//!
//! **Gates.** An LSTM or GRU starts with gates half open and decays too; its gates learn to stay open, and a decay may
//! be what the task wants. For them an error is only called where a fifth of the planned steps (or 500) has not made the
//! loss better than a guess. What is learned in spite of a decay refutes the error: once the loss is a tenth better than a
//! guess's, it is information for a gated layer, and a warning for a plain one, which learns from the recent past alone.
//!
//! **Silent** with fewer than four lags, and on a decay within the bounds. Losses at every time step feed the gradient
//! at every lag, and then nothing decays.

use super::vanishing_gradient::{ERROR_RATIO, P_VALUE, WARNING_RATIO};
use super::{Examine, Now, confidence, evidence};
use crate::anatomy::Anatomy;
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::{advise, is_recurrent};
use crate::statistics::Line;
use crate::wording::number;

/// Share of the plan after which a gated layer must have shown that it learns, and the steps where no plan is known.
const PATIENCE: f64 = 0.2;
const PATIENCE_STEPS: u64 = 500;
const REMEDIES: &[&str] = &[
    "lstm",
    "gru",
    "identity_initialization",
    "forget_gate_bias",
    "zero_biases",
    "orthogonal_initialization",
    "layer_normalization",
    "truncate_sequences",
];

#[derive(Debug)]
pub(super) struct VanishingThroughTime {
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    block: usize,
    gated: bool,
    case: Option<Case>,
    held: Option<Decay>,
    points: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Decay {
    pub drift: Line,
    pub length: f64,
    /// Logarithm of what a whole sequence leaves.
    pub over_sequence: f64,
}

impl VanishingThroughTime {
    pub fn new(anatomy: &Anatomy) -> Self {
        let layers = anatomy
            .blocks()
            .iter()
            .enumerate()
            .filter(|(_, b)| is_recurrent(&b.kind))
            .map(|(block, b)| Layer { block, gated: b.kind != "rnn", case: None, held: None, points: Vec::new() })
            .collect();
        Self { layers }
    }
}

impl Decay {
    /// Of the gradients of a block's states in this record; `points` is memory to work in.
    pub fn of(now: &Now<'_>, block: usize, points: &mut Vec<(f64, f64)>) -> Option<Self> {
        points.clear();
        for (lag, summary) in now.view.states(block) {
            let rms = summary.rms()?;
            if rms == 0.0 {
                // What lies behind an exact zero has underflowed or was cut; the rest tells the rate.
                break;
            }
            points.push((f64::from(lag), rms.ln()));
        }
        let n = points.len();
        if n < 4 {
            return None;
        }
        let (first, last) = (points[0], points[n - 1]);
        let range = last.0 - first.0;
        let slope = (last.1 - first.1) / range;
        let degrees_of_freedom = (n - 2) as f64;
        let spread = points
            .windows(2)
            .map(|w| {
                let lag = w[1].0 - w[0].0;
                (w[1].1 - w[0].1 - slope * lag).powi(2) / lag
            })
            .sum::<f64>()
            / degrees_of_freedom;
        let standard_error = (spread.max(1e-8) / range).sqrt();
        let length =
            now.chart.anatomy.blocks()[block].input.first().map_or(range + 1.0, |&t| t as f64).max(range + 1.0);
        let over_sequence = (last.1 - first.1) * (length - 1.0) / range;
        Some(Self { drift: Line { slope, standard_error, degrees_of_freedom }, length, over_sequence })
    }
}

impl Layer {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let Some(decay) = Decay::of(now, self.block, &mut self.points) else { return false };
        let history = &now.chart.history;
        let significant = decay.drift.p_falling() < P_VALUE;
        let patience = now
            .chart
            .plan
            .planned_steps
            .map_or(PATIENCE_STEPS, |planned| ((planned as f64 * PATIENCE) as u64).min(PATIENCE_STEPS));
        let proven = !self.gated || history.length() >= patience && history.learning() == Learning::Bad;
        let found = match decay.over_sequence {
            a if significant && proven && a < ERROR_RATIO.ln() => Some(Severity::Error),
            a if significant && a < WARNING_RATIO.ln() => Some(Severity::Warning),
            _ => None,
        };
        if found.is_some() {
            self.held = Some(decay);
        }
        Case::enter(&mut self.case, now.step, found)
    }
}

impl Examine for VanishingThroughTime {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        if !now.view.watched() {
            return false;
        }
        let mut stirred = false;
        for layer in &mut self.layers {
            stirred |= layer.observe(now);
        }
        stirred
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let mut findings = Vec::new();
        for layer in &self.layers {
            let (Some(case), Some(decay)) = (&layer.case, &layer.held) else { continue };
            let Some(severity) = case.standing(&chart.history) else { continue };
            let mut severity = chart.history.tempered(severity);
            if matches!(chart.history.learning(), Learning::Good | Learning::Modest) {
                severity = severity.min(if layer.gated { Severity::Info } else { Severity::Warning });
            }
            let name = &chart.anatomy.blocks()[layer.block].name;
            let horizon = -1.0 / decay.drift.slope;
            let p = decay.drift.p_falling();
            findings.push(Finding {
                rule: Rule::VanishingThroughTime,
                severity,
                layers: vec![name.clone()],
                first_step: case.first_step,
                last_step: case.last_step,
                confidence: confidence(p),
                message: format!(
                    "The gradient vanishes through time in {name}, {}: it falls by 1/e every {} time steps, so a sequence of {} leaves {} of it and the start is not learned from.",
                    case.period(),
                    number(horizon),
                    decay.length,
                    number(decay.over_sequence.exp()),
                ),
                evidence: vec![
                    evidence("left_over_sequence", decay.over_sequence.exp(), Some(ERROR_RATIO)),
                    evidence("horizon", horizon, Some(-(decay.length - 1.0) / ERROR_RATIO.ln())),
                    evidence("sequence_length", decay.length, None),
                    evidence("log_drift", decay.drift.slope, None),
                    evidence("log_drift_standard_error", decay.drift.standard_error, None),
                    evidence("p_value", p, Some(P_VALUE)),
                ],
                remedies: advise(&chart.anatomy, REMEDIES),
            });
        }
        findings
    }
}
