//! `overfitting`: the validation loss rises while the training loss goes on falling.
//!
//! **Formula.** From the best validation on, at least four validations: their loss rises (one-sided t-test of a straight line,
//! p < 0.05), the last three are on average above the best by 5 % and by 5 % of the reference loss, and the training
//! loss at the same steps has fallen. The best counts as the third lowest's value at most, that is: the rise is also
//! held against the median of the three lowest losses, so that one lucky validation is no summit to fall from.
//!
//! **Learned by heart.** At four validations in a row the training loss is below 0.05 of the reference, that of the validation part above 0.3 of it, and
//! the accuracy lags by five points where there is one: a warning, also where nothing rises any more.
//!
//! **Constants.** p < 0.05; 5 % of the best and 5 % of the reference keep the rise above what anyone would stop for: a
//! loss of 0.010 that becomes 0.012 where a guess has 2.3 is no finding.
//!
//! **Severity.** Warning; information where the validation accuracy has not fallen by a percentage point since (the network
//! grows too sure of its errors, but makes no more of them). Never an error: it learns.
//!
//! **Silent** without validations.

use super::{Examine, Now, confidence, evidence};
use crate::case::Case;
use crate::finding::{Finding, Rule, Severity};
use crate::history::{Chart, Validation};
use crate::remedy::advise;
use crate::statistics::{least_squares, median};
use crate::wording::number;

const FEWEST: usize = 4;
const P_VALUE: f64 = 0.05;
const OF_BEST: f64 = 0.05;
const OF_REFERENCE: f64 = 0.05;
/// Shares of the reference loss: what is left of it in training, and what at least on other rows, where rows are learned by heart.
const BY_HEART: f64 = 0.05;
const ELSEWHERE: f64 = 0.3;
const ACCURACY_GAP: f64 = 0.05;
const ACCURACY: f64 = 0.01;

#[derive(Debug, Default)]
pub(super) struct Overfitting {
    case: Option<Case>,
    held: Option<Held>,
    judged: usize,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    best: Validation,
    now: f64,
    training: (f64, f64),
    p_value: f64,
}

impl Overfitting {
    fn by_heart(chart: &Chart) -> Option<(Held, Severity)> {
        let all = &chart.history.validations;
        let latest = &all[all.len().checked_sub(FEWEST)?..];
        let reference = chart.history.reference_loss()?;
        let accuracy = chart.history.recent_accuracy();
        let apart = |v: &Validation| {
            let lags = accuracy.zip(v.accuracy).is_none_or(|(training, other)| training - other > ACCURACY_GAP);
            v.training < BY_HEART * reference && v.loss > ELSEWHERE * reference && lags
        };
        let best = all.iter().min_by(|a, b| a.loss.total_cmp(&b.loss))?;
        let last = latest.last()?;
        let held = Held { best: *best, now: last.loss, training: (best.training, last.training), p_value: P_VALUE };
        latest.iter().all(apart).then_some((held, Severity::Warning))
    }

    fn judge(chart: &Chart) -> Option<(Held, Severity)> {
        let all = &chart.history.validations;
        let (place, best) = all.iter().enumerate().min_by(|a, b| a.1.loss.total_cmp(&b.1.loss))?;
        let since = &all[place..];
        if since.len() < FEWEST + 1 {
            return None;
        }
        let line = least_squares(since.iter().enumerate().map(|(i, v)| (i as f64, v.loss)))?;
        let p_value = line.p_rising();
        let latest = &since[since.len() - 3..];
        let now = latest.iter().map(|v| v.loss).sum::<f64>() / 3.0;
        let mut lowest: Vec<f64> = all.iter().map(|v| v.loss).collect();
        lowest.sort_by(f64::total_cmp);
        let steady_best = median(&mut lowest[..3])?;
        let training = (best.training, since[since.len() - 1].training);
        let rises = p_value < P_VALUE
            && now > (1.0 + OF_BEST) * steady_best
            && now > steady_best + OF_REFERENCE * chart.history.reference_loss()?;
        if !rises || training.1 >= training.0 {
            return None;
        }
        let accuracy = |v: &Validation| v.accuracy;
        let worse = match (accuracy(best), latest.iter().map(accuracy).sum::<Option<f64>>()) {
            (Some(best), Some(sum)) => sum / 3.0 < best - ACCURACY,
            _ => true,
        };
        let severity = if worse { Severity::Warning } else { Severity::Info };
        Some((Held { best: *best, now, training, p_value }, severity))
    }
}

impl Examine for Overfitting {
    fn observe(&mut self, now: &Now<'_>) -> bool {
        let validations = now.chart.history.validations.len();
        if validations == self.judged {
            return false;
        }
        self.judged = validations;
        let by_heart = Self::by_heart(now.chart);
        let found = Self::judge(now.chart).or(by_heart);
        if let Some((held, _)) = found {
            self.held = Some(held);
        }
        Case::enter(&mut self.case, now.step, found.map(|f| f.1))
    }

    fn findings(&self, chart: &Chart) -> Vec<Finding> {
        let (Some(case), Some(held)) = (&self.case, self.held) else { return Vec::new() };
        let Some(severity) = case.standing(&chart.history) else { return Vec::new() };
        vec![Finding {
            rule: Rule::Overfitting,
            severity,
            layers: Vec::new(),
            first_step: case.first_step,
            last_step: case.last_step,
            confidence: confidence(held.p_value),
            message: format!(
                "It overfits, {}: the validation loss was best at step {} ({}) and is {}, while the training loss fell from {} to {}.",
                case.period(),
                held.best.step,
                number(held.best.loss),
                number(held.now),
                number(held.training.0),
                number(held.training.1)
            ),
            evidence: vec![
                evidence("best_validation_loss", held.best.loss, None),
                evidence("best_step", held.best.step as f64, None),
                evidence("validation_loss", held.now, Some((1.0 + OF_BEST) * held.best.loss)),
                evidence("training_loss", held.training.1, None),
                evidence("p_value", held.p_value, Some(P_VALUE)),
            ],
            remedies: advise(
                &chart.anatomy,
                &["early_stopping", "weight_decay", "dropout", "more_data", "smaller_network"],
            ),
        }]
    }
}
