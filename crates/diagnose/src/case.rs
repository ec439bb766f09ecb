//! The life of a finding: when its evidence was first complete, when it last held, and what is left of it afterwards.
//!
//! Evidence comes and goes: a network may shrink its gradients for twenty steps and be well ever after. A finding is
//! kept all the same, because it happened, and its severity says what it means now:
//!
//! - while the evidence holds, the severity that the rule gave it;
//! - once it no longer holds, one level lower: what is over costs, but it no longer keeps anything from learning;
//! - if besides it held for less than a tenth of the run, or the network has learned well since: information only;
//! - if it held at a single evaluation only and is over: nothing, that was noise.

use crate::finding::Severity;
use crate::history::{History, Learning};

/// Share of the run below which a past case is information only.
const BRIEF: f64 = 0.1;

/// One case of one rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Case {
    pub first_step: u64,
    pub last_step: u64,
    /// The severity at the last evaluation at which the evidence held.
    pub severity: Severity,
    /// Whether it held at the last evaluation.
    pub holds: bool,
    evaluations: u32,
}

impl Case {
    /// Enters what one evaluation found; `None` where the evidence does not hold. Returns whether the case is new or
    /// worse than at the evaluation before.
    pub fn enter(case: &mut Option<Case>, step: u64, found: Option<Severity>) -> bool {
        match (case.as_mut(), found) {
            (None, None) => false,
            (None, Some(severity)) => {
                *case = Some(Case { first_step: step, last_step: step, severity, holds: true, evaluations: 1 });
                true
            }
            (Some(case), None) => {
                case.holds = false;
                false
            }
            (Some(case), Some(severity)) => {
                // What was a single evaluation was noise, and does not date the case.
                if !case.holds && case.evaluations == 1 {
                    case.first_step = step;
                }
                let worse = !case.holds || severity > case.severity;
                case.last_step = step;
                case.severity = severity;
                case.holds = true;
                case.evaluations = case.evaluations.saturating_add(1);
                worse
            }
        }
    }

    /// What the case means now; none where it was noise.
    pub fn standing(&self, history: &History) -> Option<Severity> {
        let learned = history.learning() == Learning::Good;
        self.standing_after(history.length(), learned)
    }

    fn standing_after(&self, length: u64, learned: bool) -> Option<Severity> {
        if self.holds {
            return Some(self.severity);
        }
        if self.evaluations < 2 {
            return None;
        }
        let brief = ((self.last_step - self.first_step) as f64) < BRIEF * length as f64;
        Some(match self.severity {
            Severity::Error if !brief && !learned => Severity::Warning,
            _ => Severity::Info,
        })
    }

    /// The words that follow a message: since when, and until when if it is over.
    pub fn period(&self) -> String {
        if self.holds {
            format!("since step {}", self.first_step)
        } else {
            format!("from step {} to step {}; over since", self.first_step, self.last_step)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(holds: impl Iterator<Item = bool>) -> Case {
        let mut case = None;
        for (step, holds) in holds.enumerate() {
            Case::enter(&mut case, step as u64, holds.then_some(Severity::Error));
        }
        case.unwrap()
    }

    #[test]
    fn what_still_holds_keeps_its_severity() {
        let case = played((0..100).map(|s| s >= 3));
        assert_eq!((case.standing_after(100, false), case.first_step, case.last_step), (Some(Severity::Error), 3, 99));
    }

    #[test]
    fn what_is_over_is_lowered_and_what_was_brief_is_information() {
        assert_eq!(played((0..100).map(|s| s < 50)).standing_after(100, false), Some(Severity::Warning));
        assert_eq!(played((0..1000).map(|s| s < 20)).standing_after(1000, false), Some(Severity::Info));
        assert_eq!(played((0..100).map(|s| s == 7)).standing_after(100, false), None);
    }
}
