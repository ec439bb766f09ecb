//! `underflow`: the share of gradient values that the number format in use, or a shorter one, cannot hold.
//!
//! **Formula.** From the histograms of binary exponents of the weights' gradients: the share of the non-zero values whose
//! exponent is below that of half the smallest subnormal number (they round to zero) in f32, bf16 and f16. For
//! the format in use also the share below its smallest normal number, where precision is lost bit by bit.
//!
//! **Constants.** Smallest exponents from IEEE 754: f64 −1074, f32 −149, bf16 −133, f16 −24; one below still rounds up.
//! Warning from 5 % in the format in use, error from 50 %: with 5 % of the weight gradients lost, a speech model of
//! Micikevicius et al. (Mixed Precision Training, ICLR 2018) diverged. From the same 5 % on, a shorter format is
//! advised against (information).
//!
//! This rule is not scale-free, since a number format has a scale. **Silent** on exact zeros (ReLU makes them), and once
//! the network has learned well: what is left of the gradient then may as well be rounded.

use super::{Examine, Now, evidence};
use crate::case::Case;
use crate::doctor::Precision;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Learning};
use crate::remedy::advise;
use crate::wording::{names, percent};

const WARNING_SHARE: f64 = 0.05;
const ERROR_SHARE: f64 = 0.5;

#[derive(Debug, Default)]
pub(super) struct Underflow {
    /// By parameter.
    tallies: Vec<Tally>,
    case: Option<Case>,
}

/// Values seen, and lost ones by format.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    nonzero: u64,
    weak: u64,
    f32: u64,
    bf16: u64,
    f16: u64,
}

impl Tally {
    fn share(&self, lost: u64) -> f64 {
        if self.nonzero == 0 { 0.0 } else { lost as f64 / self.nonzero as f64 }
    }
}

/// Smallest exponent of a normal number.
fn smallest_normal(precision: Precision) -> i32 {
    match precision {
        Precision::F64 => -1022,
        Precision::F32 | Precision::Bf16 => -126,
        Precision::F16 => -14,
    }
}

impl Underflow {
    fn worst(&self) -> (f64, f64) {
        self.tallies
            .iter()
            .fold((0.0, 0.0), |(weak, f16), t| (f64::max(weak, t.share(t.weak)), f64::max(f16, t.share(t.f16))))
    }
}

impl Examine for Underflow {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        if !now.view.watched() || now.chart.history.learning() == Learning::Good {
            return false;
        }
        let parameters = &now.chart.anatomy.parameters;
        self.tallies.resize(parameters.len(), Tally::default());
        let normal = smallest_normal(now.chart.plan.precision);
        let mut seen = false;
        for (index, tally) in self.tallies.iter_mut().enumerate().filter(|(i, _)| parameters[*i].matrix) {
            let Some(summary) = now.view.weight_gradient(index) else { continue };
            seen = true;
            let exponents = &summary.parts().exponents;
            for (offset, &count) in exponents.counts.iter().enumerate() {
                let exponent = exponents.first + offset as i32;
                tally.nonzero += count;
                // Ascending: above f16's range nothing is lost any more.
                for (limit, lost) in
                    [(normal, &mut tally.weak), (-150, &mut tally.f32), (-134, &mut tally.bf16), (-25, &mut tally.f16)]
                {
                    if exponent < limit {
                        *lost += count;
                    }
                }
            }
        }
        let (weak, f16) = self.worst();
        let found = match (weak, f16) {
            (w, _) if w >= ERROR_SHARE => Some(Severity::Error),
            (w, _) if w >= WARNING_SHARE => Some(Severity::Warning),
            (_, f) if f >= WARNING_SHARE => Some(Severity::Info),
            _ => None,
        };
        seen && Case::enter(&mut self.case, now.step, found)
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let Some(case) = &self.case else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        let (weak, f16) = self.worst();
        let in_use = severity > Severity::Info || weak >= WARNING_SHARE;
        let share = |t: &Tally| if in_use { t.share(t.weak) } else { t.share(t.f16) };
        let chosen = (0..self.tallies.len()).filter(|&i| share(&self.tallies[i]) >= WARNING_SHARE);
        let layers = chart.anatomy.parameter_paths(chosen);
        let highest = |f: fn(&Tally) -> u64| self.tallies.iter().map(|t| t.share(f(t))).fold(0.0, f64::max);
        let message = if in_use {
            format!(
                "Gradients underflow, {}: up to {} of the values of {} are below the normal numbers of the format in use.",
                case.period(),
                percent(weak),
                names(&layers)
            )
        } else {
            format!(
                "In f16 gradients would underflow: up to {} of the values of {} would round to zero without loss scaling.",
                percent(f16),
                names(&layers)
            )
        };
        let remedies: &[&str] =
            if in_use { &["loss_scaling", "full_precision", "batch_normalization"] } else { &["loss_scaling"] };
        vec![Finding {
            rule: Rule::Underflow,
            severity: chart.history.tempered(severity),
            layers,
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: 0.95,
            message,
            evidence: vec![
                evidence("below_normal", weak, Some(WARNING_SHARE)),
                evidence("lost_in_f32", highest(|t| t.f32), None),
                evidence("lost_in_bf16", highest(|t| t.bf16), None),
                evidence("lost_in_f16", f16, Some(WARNING_SHARE)),
            ],
            remedies: advise(&chart.anatomy, remedies),
        }]
    }
}
