//! The proof: the winner and the original, each trained whole on the same fresh seeds, and the paired difference of their
//! held-out scores.

use std::sync::Mutex;
use std::time::Instant;

use gradiometer_diagnose::{Rule, Severity};
use gradiometer_network::spec::Spec;
use gradiometer_run::Task;
use serde::{Deserialize, Serialize};

use crate::bench::{Bench, Stopped};
use crate::contender::Contender;
use crate::journal::{Entry, Outcome, Training};
use crate::paired::Difference;
use crate::parallel::{each, guarded};
use crate::race::POINT;

/// What a repair has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There was nothing to mend.
    Healthy,
    /// Better by at least a point, with p < 0.05.
    Proven,
    /// No remedy won the race, or the winner's gain may be chance, or is less than a point.
    NotProven,
    /// The winner of the race is worse on fresh seeds, with p < 0.05.
    Worse,
}

/// Whole trainings on fresh seeds, pair by pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// The training as it was.
    pub before: Vec<Training>,
    /// The winner, on the same seeds.
    pub after: Vec<Training>,
    /// After minus before, in scores; `null` for fewer than two pairs.
    pub difference: Option<Difference>,
    /// The score of a guess, below which no training is counted: a network that is worse than a guess, or whose outputs are
    /// not numbers, is used as one.
    pub guess: f64,
    /// Whether in most of the trainings after, none of the original's gravest findings held at the end; false where it had
    /// none.
    pub symptom_gone: bool,
}

impl Proof {
    /// What follows.
    pub fn verdict(&self) -> Verdict {
        match self.difference {
            Some(Difference { mean, p_value, .. }) if p_value < 0.05 && mean >= POINT => Verdict::Proven,
            Some(Difference { mean, p_value, .. }) if p_value < 0.05 && mean < 0.0 => Verdict::Worse,
            _ => Verdict::NotProven,
        }
    }

    /// The score that a training counts with.
    pub fn counted(&self, training: &Training) -> f64 {
        counted(training, self.guess)
    }

    /// Puts pairs together.
    fn of(before: Vec<Training>, after: Vec<Training>, symptoms: &[Rule], guess: f64, resolution: f64) -> Self {
        let difference = |(before, after)| counted(after, guess) - counted(before, guess);
        let differences: Vec<f64> = before.iter().zip(&after).map(difference).collect();
        let still = after.iter().filter(|training| training.rules.iter().any(|rule| symptoms.contains(rule))).count();
        let symptom_gone = !symptoms.is_empty() && 2 * still < after.len();
        Self { difference: Difference::of(&differences, resolution), before, after, guess, symptom_gone }
    }
}

/// What is worse than a guess, or has no score, counts as a guess.
fn counted(training: &Training, guess: f64) -> f64 {
    training.outcome.score.unwrap_or(guess).max(guess)
}

/// The score of a network that always says the same: the share of the most frequent class of the training part; 0 for
/// numbers, whose score is what is saved of a guess's loss, and for texts.
pub fn guess_of(task: &Task) -> f64 {
    match task {
        Task::Classification { shares, .. } => shares.iter().copied().fold(0.0, f64::max),
        _ => 0.0,
    }
}

/// Trains both on `seeds` seeds that follow the spec's own. The winner's may lie `apart` from the original's: that is how
/// the original is held against itself.
pub(crate) fn prove(
    original: &Spec,
    winner: &Contender,
    symptoms: &[Rule],
    seeds: usize,
    apart: u64,
    bench: &Bench<'_>,
) -> Result<Proof, Stopped> {
    let before = Contender::nothing(original);
    let seed = |i: u64| original.seed.wrapping_add(i);
    let trainings: Vec<(bool, u64)> =
        (1..=seeds as u64).flat_map(|i| [(false, seed(i)), (true, seed(i + apart))]).collect();
    bench.watcher.proof(&winner.label, trainings.len());
    let done = Mutex::new(Vec::new());
    let trouble = Mutex::new(None);
    each(bench.threads, trainings.iter().copied(), |(is_after, seed)| {
        if bench.watcher.interrupted() {
            return;
        }
        match train(if is_after { winner } else { &before }, seed, bench) {
            Ok(training) => lock(&done).push((is_after, training)),
            Err(stopped) => *lock(&trouble) = Some(stopped),
        }
    });
    if let Some(stopped) = lock(&trouble).take() {
        return Err(stopped);
    }
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if done.len() < trainings.len() {
        return Err(Stopped::Interrupted);
    }
    // In the order of the seeds as they were counted, whatever order they ended in.
    done.sort_by_key(|(_, training)| training.seed.wrapping_sub(original.seed));
    let (after, before): (Vec<_>, Vec<_>) = done.into_iter().partition(|(is_after, _)| *is_after);
    let plain = |pairs: Vec<(bool, Training)>| pairs.into_iter().map(|(_, training)| training).collect();
    let data = bench.data.1;
    // A share of rows is known to one row; a mean loss has no such grain.
    let resolution = match (&data.task, data.held_out()) {
        (Task::Regression { .. }, _) | (_, None) => 0.0,
        (_, Some((_, part))) => 1.0 / part.len() as f64,
    };
    Ok(Proof::of(plain(before), plain(after), symptoms, guess_of(&data.task), resolution))
}

fn train(contender: &Contender, seed: u64, bench: &Bench<'_>) -> Result<Training, Stopped> {
    if let Some(known) = bench.journal.training(&contender.label, seed) {
        return Ok(known);
    }
    let started = Instant::now();
    let spec = Spec { seed, ..contender.spec.clone() };
    let tried = guarded(|| {
        let mut trial = bench.trial(&spec)?;
        bench.train(&mut trial, u64::MAX, &contender.label);
        let findings = trial.findings();
        let rules: Vec<Rule> =
            findings.iter().filter(|finding| finding.severity > Severity::Info).map(|finding| finding.rule).collect();
        let outcome = Outcome { steps: trial.steps(), stopped: Bench::early_end(&trial), ..Outcome::default() };
        Ok((rules, outcome.scored(trial.judge())))
    });
    if bench.watcher.interrupted() {
        return Err(Stopped::Interrupted);
    }
    let (rules, outcome) = tried
        .unwrap_or_else(Err)
        .unwrap_or_else(|reason| (Vec::new(), Outcome { stopped: Some(reason), ..Outcome::default() }));
    let outcome = Outcome { seconds: started.elapsed().as_secs_f64(), ..outcome };
    let training = Training { contender: contender.label.clone(), seed, rules, outcome };
    bench.note(Entry::Training(training.clone()))?;
    Ok(training)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn training(score: Option<f64>, rules: &[Rule]) -> Training {
        let outcome = Outcome { score, ..Outcome::default() };
        Training { contender: String::new(), seed: 0, rules: rules.to_vec(), outcome }
    }

    fn proof(before: &[Option<f64>], after: &[f64]) -> Proof {
        let before = before.iter().map(|&score| training(score, &[Rule::VanishingGradient])).collect();
        let after = after.iter().map(|&score| training(Some(score), &[])).collect();
        Proof::of(before, after, &[Rule::VanishingGradient], 0.1, 0.01)
    }

    #[test]
    fn a_gain_is_proven_only_beyond_chance_and_a_point() {
        let at_chance = [Some(0.1), Some(0.11), Some(0.1), Some(0.12), Some(0.1)];
        assert_eq!(proof(&at_chance, &[0.9, 0.92, 0.94, 0.9, 0.95]).verdict(), Verdict::Proven);
        assert_eq!(proof(&at_chance, &[0.9, 0.1, 0.1, 0.12, 0.1]).verdict(), Verdict::NotProven);
        let good = [Some(0.90), Some(0.91), Some(0.90), Some(0.92), Some(0.9)];
        assert_eq!(proof(&good, &[0.905, 0.914, 0.906, 0.925, 0.904]).verdict(), Verdict::NotProven, "half a point");
        assert_eq!(proof(&good, &[0.80, 0.82, 0.79, 0.81, 0.8]).verdict(), Verdict::Worse);
    }

    #[test]
    fn a_training_that_broke_counts_as_a_guess() {
        let proof = proof(&[None, Some(0.02), Some(0.1), None, Some(0.3)], &[0.1; 5]);
        let difference = proof.difference.unwrap();
        assert!((difference.mean + 0.04).abs() < 1e-12, "{difference:?}");
        assert!(proof.symptom_gone);
    }
}
