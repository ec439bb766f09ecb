//! `stale_statistics`: batch normalization normalizes by other numbers in use than in training.
//!
//! In training it takes the mean and variance of the batch, in use their running means. Where these have not followed (a momentum
//! too small for the number of steps) or follow single batches that are too small to be typical, the network is another one in use.
//!
//! **Formula.** At two looks at the validation part in a row, the network has batch normalization, the training loss is better than a guess's
//! by a tenth of it, and the validation loss is above the guess's: what has been learned is worth less than nothing on other rows.
//! A warning; an error where it was so at every look so far, at least three.
//!
//! **Before any step**: of the `n` values of a channel (rows of a batch, times places) that have mean 0 and variance 1, `n − 2` are free. Of two
//! rows each becomes −1 or 1, whatever was in it; of three one number is left. A warning below four, and information once the
//! validation loss is a fifth of the guess's: the running statistics do not need it.
//!
//! **Not overfitting**, which begins with a validation loss that falls: silent where any look so far showed a validation loss below 0.9 of the
//! guess's, and without batch normalization or validations.

use super::underfitting::{EXPRESSED, size, width};
use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{BAD_PROGRESS, Chart};
use crate::remedy::advise;
use crate::wording::{names, number};

const LOOKS: usize = 2;
const LOOKS_FOR_AN_ERROR: usize = 3;
/// Values of a channel from which on a batch has statistics: with fewer, at most one of them is free.
const VALUES: u64 = 4;
const REMEDIES: &[&str] = &["batch_norm_momentum", "larger_batch", "layer_normalization"];

#[derive(Debug, Default)]
pub(super) struct StaleStatistics {
    case: Option<Case>,
    looks: usize,
    held: (f64, f64, f64),
    announced: bool,
    last_step: u64,
}

/// The batch normalizations for which a batch has too few values of a channel, and how many it has at least.
fn starved(chart: &Chart) -> Option<(Vec<usize>, u64)> {
    let batch = chart.plan.batch_size?;
    let blocks = chart.anatomy.blocks();
    let values = |block: usize| {
        let shape = &blocks[block].output;
        let channels = if shape.len() == 3 { shape[0] } else { width(shape) };
        batch * (size(shape) / channels.max(1)) as u64
    };
    let starved: Vec<usize> =
        (0..blocks.len()).filter(|&block| blocks[block].kind == "batch_norm" && values(block) < VALUES).collect();
    let least = starved.iter().map(|&block| values(block)).min()?;
    Some((starved, least))
}

fn starvation(chart: &Chart, last_step: u64) -> Option<Finding> {
    let (starved, values) = starved(chart)?;
    let history = &chart.history;
    let harmless = history.validations.last().zip(history.reference_loss());
    let harmless = harmless.is_some_and(|(look, guess)| look.loss <= (1.0 - EXPRESSED) * guess);
    let layers = chart.anatomy.block_names(starved);
    Some(Finding {
        rule: Rule::StaleStatistics,
        severity: if harmless { Severity::Info } else { Severity::Warning },
        first_step: history.first_step.unwrap_or(0),
        last_step,
        confidence: 0.9,
        message: format!(
            "A batch has {values} of the values of a channel that {} normalizes: with mean 0 and variance 1, {} left of what was in them.",
            names(&layers),
            match values {
                0 | 1 => "nothing is",
                2 => "no more than their sign is",
                _ => "a single number is",
            }
        ),
        layers,
        evidence: vec![evidence("values_of_a_channel", values as f64, Some(VALUES as f64))],
        remedies: advise(&chart.anatomy, &["larger_batch"]),
    })
}

impl Examine for StaleStatistics {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        self.last_step = now.step;
        let history = &now.chart.history;
        let looks = history.validations.len();
        let is_first = !std::mem::replace(&mut self.announced, true);
        if !now.chart.anatomy.has_kind("batch_norm") {
            return false;
        }
        let stirred = (is_first || looks != self.looks) && starved(now.chart).is_some();
        if looks == self.looks {
            return stirred;
        }
        self.looks = looks;
        let Some(guess) = history.reference_loss().filter(|_| looks >= LOOKS) else { return stirred };
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
        Case::enter(&mut self.case, now.step, found) || stirred
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let starvation = starvation(chart, self.last_step);
        let Some(case) = &self.case else { return starvation.into_iter().collect() };
        let Some(severity) = case.standing(&chart.history) else { return starvation.into_iter().collect() };
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
