//! `converged`: small gradients everywhere with a good loss: the bottom of the curve, and nothing is wrong.
//!
//! **Formula.** The network has learned well (training loss at most half of a guess's, or half of a guess's errors gone);
//! going on as in the later half of the run for as long again would lower the loss by less than 1 % of the guess's; and the
//! norm of all gradients and those of nine tenths of the weight tensors are below a fifth of their own highest level.
//!
//! **Constants.** 1 % of the guess's loss is what a person would call nothing; a fifth, since batch noise keeps the
//! gradients of a regression from falling as far as a classifier's. Looked at from 50 losses on.
//!
//! **Silent** otherwise. It is information: no exit code, no remedy but to stop.

use super::loss_not_decreasing::{EVERY, small_gradients};
use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::statistics::least_squares;
use crate::wording::{number, percent};

const SMALL: f64 = 0.2;
const WORTH: f64 = 0.01;
const FEWEST: u64 = 50;

#[derive(Debug, Default)]
pub(super) struct Converged {
    case: Option<Case>,
    held: Option<(f64, f64, f64)>,
}

impl Converged {
    /// What the next half of the run would bring at the present rate, as a share of the reference loss.
    fn outlook(chart: &Chart) -> Option<f64> {
        let bins = chart.history.loss.later_half();
        let line = least_squares(bins.iter().enumerate().map(|(i, b)| (i as f64, b.mean)))?;
        Some((-line.slope * bins.len() as f64 / chart.history.reference_loss()?).max(0.0))
    }
}

impl Examine for Converged {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let history = &now.chart.history;
        let last = history.test_loss.is_some();
        if !history.records.is_multiple_of(EVERY) && !last {
            return false;
        }
        let outlook = (history.loss.count() >= FEWEST && history.learning() == Learning::Good)
            .then(|| Self::outlook(now.chart))
            .flatten()
            .filter(|&o| o < WORTH && small_gradients(now.chart, SMALL));
        if let (Some(outlook), Some(loss)) = (outlook, history.recent_loss()) {
            self.held = Some((loss, outlook, history.gradient_norm.relative().unwrap_or(0.0)));
        }
        Case::enter(&mut self.case, now.step, outlook.map(|_| Severity::Info))
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let (Some(case), Some((loss, outlook, relative))) = (&self.case, self.held) else { return Vec::new() };
        // A network that has left the bottom again has not converged.
        if !case.holds {
            return Vec::new();
        }
        vec![Finding {
            rule: Rule::Converged,
            severity: Severity::Info,
            layers: Vec::new(),
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.95,
            message: format!(
                "It has converged, {}: the training loss is {} and flat, and gradients are down to {} of their highest.",
                case.period(),
                number(loss),
                percent(relative)
            ),
            evidence: vec![
                evidence("training_loss", loss, None),
                evidence("further_gain", outlook, Some(WORTH)),
                evidence("gradient_of_highest", relative, Some(SMALL)),
            ],
            remedies: advise(&chart.anatomy, &["stop_training"]),
        }]
    }
}
