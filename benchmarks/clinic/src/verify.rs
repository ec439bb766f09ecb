//! Whether a case is what it claims to be, by the score of the network it leaves.

use std::collections::HashMap;

use crate::case::{Case, Condition};
use crate::examine::Examination;

/// The share of the best skill known on the data that a healthy case reaches at least.
pub const WELL: f64 = 0.9;
/// How much skill a sick case lacks at least against its twin: a tenth of what there is to be had.
pub const ILL: f64 = 0.1;

/// What became of a case's claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It holds.
    Holds,
    /// It does not, and why.
    Dropped(String),
}

/// The best skill known on each data.
pub fn best<'a>(examined: impl Iterator<Item = (&'a Case, &'a Examination)>) -> HashMap<&'static str, f64> {
    let mut best: HashMap<&'static str, f64> = HashMap::new();
    for (case, examination) in examined {
        let known = best.entry(case.data).or_insert(f64::NEG_INFINITY);
        *known = known.max(examination.skill.unwrap_or(f64::NEG_INFINITY));
    }
    best
}

/// Checks a claim. `twin` is the skill of a sick case's twin.
pub fn verify(case: &Case, examination: &Examination, twin: Option<f64>, best: f64) -> Claim {
    let skill = examination.skill;
    match &case.condition {
        Condition::Healthy if skill.is_some_and(|skill| skill >= WELL * best) => Claim::Holds,
        Condition::Healthy => Claim::Dropped(format!("not well: its skill is {}, and {best:.3} is known", show(skill))),
        Condition::Sick { .. } => match twin.filter(|twin| *twin >= WELL * best) {
            None => Claim::Dropped(format!("its twin is not well: {}, and {best:.3} is known", show(twin))),
            Some(twin) if skill.is_none_or(|skill| skill < twin - ILL) => Claim::Holds,
            Some(twin) => Claim::Dropped(format!("not ill: its skill is {}, and its twin's {twin:.3}", show(skill))),
        },
    }
}

fn show(skill: Option<f64>) -> String {
    skill.map_or_else(|| "undefined".to_owned(), |skill| format!("{skill:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate;

    #[test]
    fn a_claim_holds_by_the_score_alone() {
        let cases = generate::cases(std::path::Path::new("tables")).unwrap();
        let healthy = cases.iter().find(|case| case.condition == Condition::Healthy).unwrap();
        let sick = cases.iter().find(|case| case.condition != Condition::Healthy).unwrap();
        let with =
            |skill| Examination { steps: 1, seconds: 0.0, skill, inspected: vec![], told: vec![], findings: vec![] };
        let holds = |case, skill, twin| verify(case, &with(skill), twin, 1.0) == Claim::Holds;
        assert!(holds(healthy, Some(0.95), None) && !holds(healthy, Some(0.85), None) && !holds(healthy, None, None));
        assert!(holds(sick, Some(0.5), Some(0.95)) && holds(sick, None, Some(0.95)));
        assert!(!holds(sick, Some(0.9), Some(0.95)), "hardly worse");
        assert!(!holds(sick, Some(0.1), Some(0.8)), "the twin is ill itself");
    }
}
