//! What is kept of a case in `results.json`, and how it reads.

use std::collections::BTreeMap;

use gradiometer_diagnose::Rule;
use serde::{Deserialize, Serialize};

use crate::training::Trained;

/// A remedy on its example.
#[derive(Serialize, Deserialize)]
pub struct Measured {
    pub before: Before,
    pub after: Outcome,
    /// Of a training step on one thread, before and after; nothing where there was no training before.
    pub milliseconds_per_step: Option<[f64; 2]>,
}

/// The example without the remedy.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    Trained(Outcome),
    /// It cannot be trained at all; the error.
    Refused(String),
}

/// A spec over all seeds.
#[derive(Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// Seed by seed: the share of the test part that is right, or for numbers the share of a guess's loss that is saved;
    /// `null` where outputs are not numbers.
    pub scores: Vec<Option<f64>>,
    /// The mean loss on the test part, likewise.
    pub losses: Vec<Option<f64>>,
    /// In how many of them each rule had a finding at the end.
    pub found: BTreeMap<Rule, usize>,
    pub parameters: u64,
}

impl From<Result<Outcome, String>> for Before {
    fn from(result: Result<Outcome, String>) -> Self {
        match result {
            Ok(outcome) => Self::Trained(outcome),
            Err(message) => Self::Refused(message),
        }
    }
}

impl Outcome {
    pub fn of(trained: &Trained) -> Self {
        let finite = |number: f64| number.is_finite().then_some(number);
        Self {
            scores: trained.runs.iter().map(|run| finite(run.score.value)).collect(),
            losses: trained.runs.iter().map(|run| finite(run.score.loss)).collect(),
            found: trained.found(),
            parameters: trained.parameters,
        }
    }

    /// The median over the seeds, those that gave no number below all others.
    pub fn score(&self) -> Option<f64> {
        let mut scores = self.scores.clone();
        scores.sort_by(|a, b| a.unwrap_or(f64::NEG_INFINITY).total_cmp(&b.unwrap_or(f64::NEG_INFINITY)));
        scores[scores.len() / 2]
    }

    /// The median of the test loss, those that gave no number above all others.
    pub fn loss(&self) -> Option<f64> {
        let mut losses = self.losses.clone();
        losses.sort_by(|a, b| a.unwrap_or(f64::INFINITY).total_cmp(&b.unwrap_or(f64::INFINITY)));
        losses[losses.len() / 2]
    }
}

impl Measured {
    pub fn in_a_line(&self) -> String {
        let before = match &self.before {
            Before::Trained(outcome) => score(outcome.score()),
            Before::Refused(_) => "refused".into(),
        };
        format!("{before} → {}", score(self.after.score()))
    }

    /// The mean over the seeds of what was gained, with half the width of its 95 % interval (Student's t, paired); a seed
    /// that gave no number counts as a score of 0. Nothing where nothing was trained before.
    pub fn gain(&self) -> Option<(f64, f64)> {
        let Before::Trained(before) = &self.before else { return None };
        let pairs = std::iter::zip(&self.after.scores, &before.scores);
        let gains: Vec<f64> = pairs.map(|(after, before)| after.unwrap_or(0.0) - before.unwrap_or(0.0)).collect();
        let n = gains.len() as f64;
        let mean = gains.iter().sum::<f64>() / n;
        let variance = gains.iter().map(|gain| (gain - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // The 0.975 quantile at four degrees of freedom, for five seeds.
        const T: f64 = 2.776;
        (gains.len() == 5).then(|| (mean, T * (variance / n).sqrt()))
    }
}

/// To three places; what is no number says so.
pub fn score(score: Option<f64>) -> String {
    score.map_or_else(|| "not a number".into(), |score| format!("{score:.3}").replace('-', "−"))
}

/// The name of a rule as findings and documents have it.
pub fn rule_name(rule: Rule) -> String {
    match serde_json::to_value(rule) {
        Ok(serde_json::Value::String(name)) => name,
        _ => format!("{rule:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(scores: &[f64]) -> Outcome {
        let scores: Vec<Option<f64>> = scores.iter().map(|&s| s.is_finite().then_some(s)).collect();
        Outcome { losses: scores.clone(), scores, found: BTreeMap::new(), parameters: 1 }
    }

    #[test]
    fn a_seed_without_a_number_is_the_worst() {
        let outcome = outcome(&[0.9, f64::NAN, 0.8, f64::NAN, 0.7]);
        assert_eq!((outcome.score(), outcome.loss()), (Some(0.7), Some(0.9)));
    }

    #[test]
    fn the_gain_is_that_of_pairs() {
        let measured = Measured {
            before: Before::Trained(outcome(&[0.1, 0.2, 0.3, 0.4, 0.5])),
            after: outcome(&[0.3, 0.4, 0.5, 0.6, 0.7]),
            milliseconds_per_step: None,
        };
        let (mean, half) = measured.gain().unwrap();
        assert!((mean - 0.2).abs() < 1e-12 && half < 1e-12, "{mean} {half}");
        let refused = Measured { before: Before::Refused("no".into()), ..measured };
        assert_eq!(refused.gain(), None);
    }
}
