//! `not_finite`: the first tensor that held a NaN or an infinity, and the step.
//!
//! **Formula.** At the first step at which anything is not finite, the tensors are walked in the order in which a step
//! computes them: block by block forwards, its weights (which the update before left behind) and then its output; the
//! loss; the gradients of the outputs backwards; the gradients of the weights backwards; the updates. The first one
//! that is not finite is the origin; all others follow from it. Where only norms were looked at, the step is known
//! from them and the place from the first record with signals.
//!
//! **Constants.** None: the test is exact.
//!
//! **Silent** never. A skipped step (mixed precision skips updates whose gradients overflowed) is over as soon as later
//! records are finite, and stays as a note.

use std::cmp::Reverse;
use std::sync::Arc;

use gradiometer_gauge::Summary;
use gradiometer_run::Record;

use super::{Examine, Now, evidence};
use crate::anatomy::Parameter;
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::Chart;
use crate::remedy::advise;

const REMEDIES: &[&str] = &[
    "lower_learning_rate",
    "clip_gradient_norm",
    "adaptive_gradient_clipping",
    "optimizer_defaults",
    "he_initialization",
    "lsuv_initialization",
    "batch_normalization",
    "standardize_inputs",
    "learning_rate_warmup",
];
const INPUT_REMEDIES: &[&str] = &["check_data", "standardize_inputs", "lower_learning_rate"];
const SCALE_REMEDIES: &[&str] = &["loss_scaling", "lower_learning_rate", "clip_gradient_norm"];

/// Whether anything in `record` is not finite; a held-out result says nothing of the training step.
pub(crate) fn is_broken(record: &Record) -> bool {
    record
        .scalars
        .iter()
        .any(|s| !s.value.is_finite() && matches!(&*s.name, "loss" | "train_loss" | "gradient_norm" | "gradient_rms"))
        || record.signals.iter().any(|s| !s.summary.is_finite())
}

/// Where the first value was that is not finite.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    Weight(usize),
    Activation(usize),
    Loss,
    ActivationGradient(usize),
    WeightGradient(usize),
    Update(usize),
    /// Only a norm over all parameters was seen.
    Somewhere,
}

#[derive(Debug, Default)]
pub(super) struct NotFinite {
    case: Option<Case>,
    origin: Option<Origin>,
}

#[derive(Debug)]
struct Origin {
    place: Place,
    nan: bool,
    share: f64,
    /// Whether the place comes from a record with signals.
    located: bool,
    /// The step at which the place was seen.
    step: u64,
}

/// Sorts parameters in the order in which the backward pass reaches them; a weight before its bias, and by name.
fn on_the_way_back(parameter: &Parameter) -> (Reverse<Option<usize>>, bool, Arc<str>) {
    (Reverse(parameter.block), !parameter.matrix, Arc::clone(&parameter.path))
}

impl NotFinite {
    fn locate(now: &Now<'_>) -> Origin {
        let anatomy = &now.chart.anatomy;
        let view = &now.view;
        let (mut place, mut nan, mut share) = (Place::Somewhere, true, f64::NAN);
        let mut found = |candidate: Place, summary: Option<&Summary>| -> bool {
            let Some(summary) = summary.filter(|s| !s.is_finite()) else { return false };
            nan = summary.parts().nan > 0;
            share = 1.0 - summary.finite() as f64 / summary.count().max(1) as f64;
            place = candidate;
            true
        };
        let blocks = anatomy.blocks().len();
        let of =
            |block: usize| (0..anatomy.parameters.len()).filter(move |&p| anatomy.parameters[p].block == Some(block));
        let forward = (0..blocks).any(|b| {
            of(b).any(|p| found(Place::Weight(p), view.weight(p)))
                || found(Place::Activation(b), view.activation(b).map(|s| &s.summary))
        });
        let loss = view.record.scalar("loss").filter(|l| !l.is_finite());
        let located = if forward {
            true
        } else if let Some(loss) = loss.filter(|_| view.watched()) {
            (place, nan, share) = (Place::Loss, loss.is_nan(), 1.0);
            true
        } else {
            let mut parameters: Vec<usize> = (0..anatomy.parameters.len()).collect();
            parameters.sort_by_key(|&p| on_the_way_back(&anatomy.parameters[p]));
            (0..blocks).rev().any(|b| found(Place::ActivationGradient(b), view.activation_gradient(b)))
                || parameters.iter().any(|&p| found(Place::WeightGradient(p), view.weight_gradient(p)))
                || parameters.iter().any(|&p| found(Place::Weight(p), view.weight(p)))
                || parameters.iter().any(|&p| found(Place::Update(p), view.update(p)))
        };
        if !located {
            if let Some(loss) = loss {
                (place, nan) = (Place::Loss, loss.is_nan());
            } else {
                // Norms only: the gradient that broke last on the way back is the nearest to the loss.
                let broken = |&p: &usize| view.gradient_rms(p).is_some_and(|g| !g.is_finite());
                let nearest = (0..anatomy.parameters.len())
                    .filter(broken)
                    .min_by_key(|&p| on_the_way_back(&anatomy.parameters[p]));
                if let Some(p) = nearest {
                    place = Place::WeightGradient(p);
                    nan = view.gradient_rms(p).is_some_and(f64::is_nan);
                }
            }
        }
        Origin { place, nan, share, located, step: now.step }
    }
}

impl Examine for NotFinite {
    fn bears_non_finite(&self) -> bool {
        true
    }

    fn observe(&mut self, now: &Now<'_>) -> bool {
        let broken = now.chart.history.broken;
        // A held-out result after the last step: the step that broke was the last, and nothing is over.
        if !now.view.watched() && now.view.record.scalar("loss").is_none() {
            return false;
        }
        if broken && self.origin.as_ref().is_none_or(|o| !o.located && now.view.watched()) {
            self.origin = Some(Self::locate(now));
        }
        Case::enter(&mut self.case, now.step, broken.then_some(Severity::Error))
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let (Some(case), Some(origin)) = (&self.case, &self.origin) else { return Vec::new() };
        // A single skipped step is worth a note here, though elsewhere a single evaluation is noise.
        let severity = case.standing(&chart.history).unwrap_or(Severity::Info);
        let anatomy = &chart.anatomy;
        let block = |b: &usize| anatomy.blocks()[*b].name.clone();
        let parameter = |p: &usize| anatomy.parameters[*p].path.to_string();
        let kind = if origin.nan { "NaN" } else { "infinite" };
        let (layers, what, remedies) = match &origin.place {
            Place::Weight(p) => (
                vec![parameter(p)],
                format!("the weights {} are {kind}: the update before left them so", parameter(p)),
                REMEDIES,
            ),
            Place::Activation(0) => (
                vec![block(&0)],
                format!("the output of {} is {kind} while its weights are finite: look at the inputs", block(&0)),
                INPUT_REMEDIES,
            ),
            Place::Activation(b) => {
                (vec![block(b)], format!("the output of {} is {kind} while what goes in is finite", block(b)), REMEDIES)
            }
            Place::Loss => {
                (Vec::new(), format!("the loss is {kind}; every output that was looked at is finite"), REMEDIES)
            }
            Place::ActivationGradient(b) => {
                (vec![block(b)], format!("the gradient at the output of {} is {kind}", block(b)), SCALE_REMEDIES)
            }
            Place::WeightGradient(p) => {
                (vec![parameter(p)], format!("the gradient of {} is {kind}", parameter(p)), SCALE_REMEDIES)
            }
            Place::Update(p) => (vec![parameter(p)], format!("the update of {} is {kind}", parameter(p)), REMEDIES),
            Place::Somewhere => (Vec::new(), "the gradient's norm is not finite".to_string(), REMEDIES),
        };
        let seen = if origin.step == case.first_step {
            String::new()
        } else {
            format!(" (as step {} shows; at step {} only norms were looked at)", origin.step, case.first_step)
        };
        vec![Finding {
            rule: Rule::NotFinite,
            severity,
            layers,
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: if origin.located { 0.999 } else { 0.8 },
            message: format!("Values are not finite, {}: first of all, {what}{seen}.", case.period()),
            evidence: vec![evidence("share_not_finite", origin.share, Some(0.0))],
            remedies: advise(anatomy, remedies),
        }]
    }
}
