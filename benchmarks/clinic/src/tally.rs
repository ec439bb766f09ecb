//! What the examinations add up to.

use gradiometer_confusion::{IntervalMethod, Level};
use gradiometer_diagnose::Severity;
use serde::Serialize;

use crate::case::{Case, Condition};
use crate::examine::{Examination, Found};

/// A share with its Wilson interval at 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub hits: usize,
    /// Of how many.
    pub of: usize,
    /// The lower end; nothing of none.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Share {
    /// Counts.
    pub fn of(answers: impl Iterator<Item = bool>) -> Self {
        let (hits, of) = answers.fold((0, 0), |(hits, of), answer| (hits + usize::from(answer), of + 1));
        let interval = (of > 0).then(|| IntervalMethod::Wilson.interval(hits as f64, of as f64, Level::default()));
        Self { hits, of, low: interval.map(|i| i.low), high: interval.map(|i| i.high) }
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.low, self.high) {
            (Some(low), Some(high)) => {
                let share = self.hits as f64 / self.of as f64;
                write!(f, "{share:.3} ({low:.3} – {high:.3}), {} of {}", self.hits, self.of)
            }
            _ => f.write_str("none to count"),
        }
    }
}

/// What was said of a sick case, judged.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// Whether anything was said to be wrong.
    pub detected: bool,
    /// Whether the first finding names the cause.
    pub right_first: bool,
    /// Whether one of the first two does.
    pub right_second: bool,
    /// Whether a finding that names the cause names the place; nothing where no single layer is the place.
    pub right_layer: Option<bool>,
    /// Steps until a finding named the cause: 0 at or before the first step. Nothing where none did.
    pub delay: Option<u64>,
    /// Whether `inspect` named it before the first step.
    pub foretold: bool,
}

/// All that says that something is wrong, gravest first and causes first: what stands at the end of the training, and what
/// `inspect` said besides.
pub fn alarms(examination: &Examination) -> Vec<&Found> {
    let mut alarms: Vec<&Found> = examination.findings.iter().filter(|found| found.alarms()).collect();
    for found in examination.inspected.iter().filter(|found| found.alarms()) {
        if !alarms.iter().any(|known| known.rule == found.rule) {
            alarms.push(found);
        }
    }
    // Stable: within a severity the order of the rules is from cause to consequence.
    alarms.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.rule.cmp(&b.rule)));
    alarms
}

/// Judges a sick case; nothing for a healthy one.
pub fn judge(case: &Case, examination: &Examination) -> Option<Judgement> {
    let Condition::Sick { right, place, .. } = &case.condition else { return None };
    let alarms = alarms(examination);
    let is_right = |found: &Found| right.contains(&found.rule) && found.alarms();
    let foretold = examination.inspected.iter().any(&is_right);
    let told = examination.told.iter().filter(|found| is_right(found)).map(|found| found.step).min();
    let places: Vec<bool> =
        alarms.iter().filter(|found| is_right(found)).filter_map(|found| place.is_among(&found.layers)).collect();
    let right_layer = match place {
        crate::case::Place::Network => None,
        crate::case::Place::Block(_) => Some(places.contains(&true)),
    };
    Some(Judgement {
        detected: !alarms.is_empty(),
        right_first: alarms.first().is_some_and(|found| is_right(found)),
        right_second: alarms.iter().take(2).any(|found| is_right(found)),
        right_layer,
        delay: if foretold { Some(0) } else { told },
        foretold,
    })
}

/// Whether a healthy case was left alone.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Alarms {
    /// A warning or an error at the end.
    pub at_the_end: bool,
    /// An error at the end.
    pub error_at_the_end: bool,
    /// A warning or an error before the first step.
    pub inspected: bool,
    /// A warning or an error at any time.
    pub ever: bool,
}

impl Alarms {
    /// Of an examination.
    pub fn of(examination: &Examination) -> Self {
        let any = |list: &[Found]| list.iter().any(Found::alarms);
        let inspected = any(&examination.inspected);
        let at_the_end = any(&examination.findings);
        Self {
            at_the_end,
            error_at_the_end: examination.findings.iter().any(|found| found.severity == Severity::Error),
            inspected,
            ever: at_the_end || inspected || any(&examination.told),
        }
    }
}

/// Quartiles of delays, those that never came counted as infinite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Delay {
    /// Lower quartile, median and upper quartile; nothing where the quartile lies among those that never came.
    pub quartiles: [Option<u64>; 3],
    /// How many came at or before the first step.
    pub at_once: Share,
    /// How many came within ten steps.
    pub within_ten: Share,
}

impl Delay {
    /// Of all of them.
    pub fn of(delays: &[Option<u64>]) -> Self {
        let mut sorted = delays.to_vec();
        sorted.sort_by_key(|delay| delay.unwrap_or(u64::MAX));
        let at = |share: f64| {
            let index = ((sorted.len() as f64 - 1.0) * share).round() as usize;
            sorted.get(index).copied().flatten()
        };
        Self {
            quartiles: [at(0.25), at(0.5), at(0.75)],
            at_once: Share::of(delays.iter().map(|delay| *delay == Some(0))),
            within_ten: Share::of(delays.iter().map(|delay| delay.is_some_and(|steps| steps <= 10))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Part, Place};
    use gradiometer_diagnose::Rule;

    fn found(rule: Rule, severity: Severity, layer: &str, step: u64) -> Found {
        Found { rule, severity, layers: vec![layer.to_owned()], step, message: String::new() }
    }

    fn sick() -> Case {
        let cases = crate::generate::cases(std::path::Path::new("tables")).unwrap();
        let condition = Condition::Sick { twin: String::new(), right: &[Rule::DeadUnits], place: Place::Block(1) };
        Case { condition, part: Part::Tuning, ..cases[0].clone() }
    }

    fn examination(inspected: Vec<Found>, told: Vec<Found>, findings: Vec<Found>) -> Examination {
        Examination { steps: 9, seconds: 1.0, skill: None, inspected, told, findings }
    }

    #[test]
    fn the_first_finding_is_the_gravest_and_information_is_no_detection() {
        let dead = found(Rule::DeadUnits, Severity::Warning, "01.dense", 4);
        let flat = found(Rule::Plateau, Severity::Error, "", 8);
        let seen = examination(vec![], vec![dead.clone()], vec![dead.clone(), flat]);
        let judgement = judge(&sick(), &seen).unwrap();
        assert!(judgement.detected && !judgement.right_first && judgement.right_second);
        assert_eq!((judgement.right_layer, judgement.delay), (Some(true), Some(4)));
        let note = Found { severity: Severity::Info, ..dead };
        let judgement = judge(&sick(), &examination(vec![], vec![note.clone()], vec![note])).unwrap();
        assert!(!judgement.detected && judgement.delay.is_none() && judgement.right_layer == Some(false));
    }

    #[test]
    fn what_inspect_says_counts_and_comes_at_step_0() {
        let foretold = found(Rule::DeadUnits, Severity::Error, "03.dense", 0);
        let judgement = judge(&sick(), &examination(vec![foretold], vec![], vec![])).unwrap();
        assert!(judgement.right_first && judgement.foretold);
        assert_eq!((judgement.right_layer, judgement.delay), (Some(false), Some(0)));
    }

    #[test]
    fn a_cause_that_is_never_named_has_an_infinite_delay() {
        let delay = Delay::of(&[Some(0), None, Some(3), None, None]);
        assert_eq!(delay.quartiles, [Some(3), None, None]);
        assert_eq!((delay.at_once.hits, delay.within_ten.hits, delay.at_once.of), (1, 2, 5));
        assert_eq!(Share::of(std::iter::empty()).to_string(), "none to count");
        assert_eq!(Share::of([true, false].into_iter()).to_string(), "0.500 (0.095 – 0.905), 1 of 2");
    }
}
