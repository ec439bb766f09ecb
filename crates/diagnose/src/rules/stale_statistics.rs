//! `stale_statistics`: batch normalization normalizes by other numbers in use than in training.
//!
//! In training it takes the mean and variance of the batch, in use their running means. Where these have not followed (a momentum
//! too small for the number of steps) or follow single batches that are too small to be typical, the network is another one in use.
//!
//! **Formula.** At two looks at the validation part in a row, the network has batch normalization, the training loss is better than a guess's
//! by a tenth of it, and the validation loss is above the guess's: what has been learned is worth less than nothing on other rows.
//! A warning; an error where it was so at every look so far, at least three.
//!
//! **Not overfitting**, which begins with a validation loss that falls: silent where any look so far showed a validation loss below 0.9 of the
//! guess's, and without batch normalization or validations.

use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{BAD_PROGRESS, Chart};
use crate::remedy::advise;
use crate::wording::{names, number};

const LOOKS: usize = 2;
const LOOKS_FOR_AN_ERROR: usize = 3;
const REMEDIES: &[&str] = &["batch_norm_momentum", "larger_batch", "layer_normalization"];

#[derive(Debug, Default)]
pub(super) struct StaleStatistics {
    case: Option<Case>,
    looks: usize,
    held: (f64, f64, f64),
}

impl Examine for StaleStatistics {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let history = &now.chart.history;
        let looks = history.validations.len();
        if looks == self.looks || !now.chart.anatomy.has_kind("batch_norm") {
            return false;
        }
        self.looks = looks;
        let Some(guess) = history.reference_loss().filter(|_| looks >= LOOKS) else { return false };
        let learned = 1.0 - BAD_PROGRESS;
        let ever_good = history.validations.iter().any(|look| look.loss < learned * guess);
        let latest = &history.validations[looks - LOOKS..];
        let apart = latest.iter().all(|look| look.training < learned * guess && look.loss > guess);
        let found = match looks {
            _ if ever_good || !apart => None,
            n if n >= LOOKS_FOR_AN_ERROR => Some(Severity::Error),
            _ => Some(Severity::Warning),
        };
        if found.is_some() {
            let last = latest[LOOKS - 1];
            self.held = (last.training, last.loss, guess);
        }
        Case::enter(&mut self.case, now.step, found)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let Some(case) = &self.case else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        let blocks = chart.anatomy.blocks();
        let layers = chart.anatomy.block_names((0..blocks.len()).filter(|&block| blocks[block].kind == "batch_norm"));
        let (training, validation, guess) = self.held;
        vec![Finding {
            rule: Rule::StaleStatistics,
            // Not tempered: that the training loss is good is a part of the evidence.
            severity,
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.9,
            message: format!(
                "The running statistics of {} are not those of the batches, {}: the training loss is {}, that of the validation part {}, and a guess has {}.",
                names(&layers),
                case.period(),
                number(training),
                number(validation),
                number(guess)
            ),
            layers,
            evidence: vec![
                evidence("training_loss", training, None),
                evidence("validation_loss", validation, Some(guess)),
            ],
            remedies: advise(&chart.anatomy, REMEDIES),
        }]
    }
}
