//! The race: contenders in short probes on equal shares of their training, in three rounds (successive halving, Jamieson &
//! Talwalkar 2016), with the control that changes nothing in each.
//!
//! Between the rounds the better ones stay, those after the first also as pairs. How long a round is follows from the
//! work that may be spent and from what has been done, counted in operations, blocks and batches and not in time, so that the same race has the same end
//! on any machine. What a training that broke has not done is left to the others.

use std::sync::Mutex;
use std::time::Instant;

use gradiometer_diagnose::{Rule, Severity};
use gradiometer_network::remedy::Remedy;
use gradiometer_network::spec::Spec;
use gradiometer_network::trial::Trial;

use crate::bench::{Bench, Cost, Stopped};
use crate::contender::{Contender, Origin};
use crate::journal::{Entry, Outcome, Probe};
use crate::parallel::{each, guarded};
use crate::proof::guess_of;

/// Scores that differ by less are equal: one point, which is also the least that is worth a change.
pub const POINT: f64 = 0.01;

/// While nobody has gained this share of what the control leaves to be gained, nobody has shown that it learns better: what lies
/// between them is noise, and slow starters (a recurrent network before its plateau ends) are not told from those that
/// will never learn.
const FIRST_SIGNS: f64 = 0.1;

/// The share of the leader's gain from which on one that is free of the symptoms is worth going on with, beside a leader that is not.
const PROMISING: f64 = 0.5;

/// Rounds of a race.
pub const ROUNDS: usize = 3;
/// How long a training is in the second and the third round, in lengths of the first, as planned.
const LENGTHS: [f64; 2] = [3.0, 6.0];
/// Contenders that go on after the first round and after the second.
const KEPT: usize = 2;
/// Pairs that come into the second round.
const PAIRS: usize = 2;

/// Somebody in the race.
struct Racer {
    contender: Contender,
    /// What its training costs.
    cost: Cost,
    trial: Option<Trial>,
    probes: Vec<Probe>,
}

/// How a race ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Raced {
    /// The winner; nothing where none was better than the control.
    pub winner: Option<Contender>,
    /// All probes, in the order of the rounds.
    pub probes: Vec<Probe>,
    /// Work done, in whole trainings of the original.
    pub work: f64,
}

/// Runs the race over contenders that are sorted from the most to the least promising.
///
/// `work` is what may be spent, in whole trainings of the original; `symptoms` are the rules that are to fall silent.
pub(crate) fn race(
    contenders: Vec<Contender>,
    original: &Spec,
    symptoms: &[Rule],
    work: f64,
    bench: &Bench<'_>,
) -> Result<Raced, Stopped> {
    let guess = guess_of(&bench.data.1.task);
    let mut racers: Vec<Racer> =
        contenders.into_iter().map(|contender| Racer::new(contender, original, bench)).collect();
    let mut fraction = first_fraction(racers.iter().map(|racer| racer.cost), work).min(1.0);
    round(&mut racers, 1, fraction, bench)?;
    let mut probes: Vec<Probe> = racers.iter().filter_map(|racer| racer.probes.last().cloned()).collect();

    let order = promising(best(&racers, symptoms, guess), &racers, symptoms, guess);
    let pairs = pairs(&racers, &order, original, bench);
    let mut gone = keep(&mut racers, &order, KEPT);
    // After it two and the control go on for as long again: solved for the length of this round.
    let left = work - gone - all(&racers, Racer::work);
    let (kept, looks) = (all(&racers, Racer::weight), all(&racers, Racer::judgement));
    let (new, new_looks) = (all(&pairs, Racer::weight), all(&pairs, |new| new.judgement() + new.cost.start));
    let last = kept * (LENGTHS[1] / LENGTHS[0] - 1.0);
    let longer = share(left - 2.0 * looks - new_looks + all(&racers, Racer::walked), kept + new + last);
    fraction = longer.clamp(fraction, 1.0);
    racers.splice(racers.len() - 1..racers.len() - 1, pairs);
    round(&mut racers, 2, fraction, bench)?;
    probes.extend(racers.iter().filter_map(|racer| racer.probes.last().cloned()));

    let order = promising(best(&racers, symptoms, guess), &racers, symptoms, guess);
    gone += keep(&mut racers, &order, KEPT);
    let left = work - gone - all(&racers, Racer::work) - all(&racers, Racer::judgement);
    let longest = share(left + all(&racers, Racer::walked), all(&racers, Racer::weight));
    round(&mut racers, 3, longest.clamp(fraction, 1.0), bench)?;
    probes.extend(racers.iter().filter_map(|racer| racer.probes.last().cloned()));
    let spent = gone + all(&racers, Racer::work);

    let nothing = racers.last().and_then(Racer::score);
    let winner = best(&racers, symptoms, guess).first().map(|&at| &racers[at]).filter(|racer| {
        // A tie with doing nothing is worth a proof only where the symptom has gone.
        match (racer.score(), nothing) {
            (Some(score), Some(nothing)) if score < nothing - POINT => false,
            (Some(score), Some(nothing)) => {
                score >= nothing + POINT || (!symptoms.is_empty() && !racer.shows(symptoms))
            }
            (Some(_), None) => true,
            (None, _) => false,
        }
    });
    Ok(Raced { winner: winner.map(|racer| racer.contender.clone()), probes, work: spent })
}

/// The share of its training that each contender takes in the first round, so that all rounds together take `work`.
pub(crate) fn first_fraction(costs: impl Iterator<Item = Cost> + Clone, work: f64) -> f64 {
    let n = costs.clone().count().max(1) as f64;
    let all = |of: fn(Cost) -> f64| costs.clone().map(of).sum::<f64>();
    let training = all(|cost| cost.training);
    let mean = training / n;
    let [second, third] = LENGTHS;
    let (kept, pairs) = (KEPT as f64, PAIRS as f64);
    let second_round = kept * mean * (second - 1.0) + pairs * mean * second + (second - 1.0);
    let third_round = (kept * mean + 1.0) * (third - second);
    let judgements = all(|cost| cost.judgement) * (1.0 + (2.0 * kept + pairs + 2.0) / n);
    let starts = all(|cost| cost.start) * (1.0 + pairs / n);
    share((work - judgements - starts).max(0.0), training + second_round + third_round)
}

fn share(of: f64, all: f64) -> f64 {
    of / all.max(f64::MIN_POSITIVE)
}

fn all(racers: &[Racer], of: impl Fn(&Racer) -> f64) -> f64 {
    racers.iter().map(of).sum()
}

/// Has everybody train up to this share of its training.
fn round(racers: &mut [Racer], number: usize, fraction: f64, bench: &Bench<'_>) -> Result<(), Stopped> {
    bench.watcher.round(number, racers.iter().map(|racer| racer.contender.label.as_str()).collect(), fraction);
    let trouble = Mutex::new(None);
    each(bench.threads, racers.iter_mut(), |racer| {
        if bench.watcher.interrupted() {
            return;
        }
        if let Err(stopped) = racer.run(number, fraction, bench) {
            *trouble.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(stopped);
        }
    });
    if let Some(stopped) = trouble.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(stopped);
    }
    if racers.iter().any(|racer| racer.probes.last().is_none_or(|probe| probe.round != number)) {
        return Err(Stopped::Interrupted);
    }
    Ok(())
}

/// The racers but the control, best first. The highest score leads; among those within a [`POINT`] of it (within [`FIRST_SIGNS`] where
/// nobody has shown any), those that do not show the symptoms, and among them the more promising one. What is worse
/// than a guess counts as one.
fn best(racers: &[Racer], symptoms: &[Rule], guess: f64) -> Vec<usize> {
    let control = |racer: &Racer| racer.contender.origin == Origin::Nothing;
    let score = |racer: &Racer| racer.score().map_or(f64::NEG_INFINITY, |score| score.max(guess));
    let nothing = racers.iter().find(|racer| control(racer)).map_or(guess, score).max(guess);
    let mut left: Vec<usize> = (0..racers.len()).filter(|&at| !control(&racers[at])).collect();
    let mut order = Vec::new();
    while !left.is_empty() {
        let top = left.iter().map(|&at| score(&racers[at])).fold(f64::NEG_INFINITY, f64::max);
        let first_signs = (FIRST_SIGNS * (1.0 - nothing)).max(POINT);
        let tie = if top < nothing + first_signs { first_signs } else { POINT };
        let among = left.iter().enumerate().filter(|(_, at)| score(&racers[**at]) >= top - tie);
        let Some((place, _)) = among.min_by_key(|(_, at)| (racers[**at].shows(symptoms), **at)) else { break };
        order.push(left.remove(place));
    }
    order
}

/// The same order, but where the first two show the symptoms, the best of those that do not and have a good part of the first
/// one's gain goes second: what takes a symptom's cause away may gain less at first than what makes up for it.
fn promising(mut order: Vec<usize>, racers: &[Racer], symptoms: &[Rule], guess: f64) -> Vec<usize> {
    let ill = |at: usize| racers[at].shows(symptoms);
    let score = |racer: &Racer| racer.score().map_or(guess, |score| score.max(guess));
    let nothing = racers.last().map_or(guess, score);
    if order.len() > 2 && order[..2].iter().all(|&at| ill(at)) {
        let enough = nothing + PROMISING * (score(&racers[order[0]]) - nothing);
        let is_promising = |at: &usize| !ill(*at) && racers[*at].score().is_some() && score(&racers[*at]) >= enough;
        if let Some(place) = order.iter().position(is_promising) {
            let second = order.remove(place);
            order.insert(1, second);
        }
    }
    order
}

/// Lets only the first `n` of this order stay, and the control; returns the work that the others have done.
fn keep(racers: &mut Vec<Racer>, order: &[usize], n: usize) -> f64 {
    let (mut at, mut gone) = (0, 0.0);
    racers.retain(|racer| {
        let stays = racer.contender.origin == Origin::Nothing || order.iter().take(n).any(|&kept| kept == at);
        at += 1;
        gone += if stays { 0.0 } else { racer.work() };
        stays
    });
    gone
}

/// The best one with each of those next to it that it can be joined with.
fn pairs(racers: &[Racer], order: &[usize], original: &Spec, bench: &Bench<'_>) -> Vec<Racer> {
    let Some((&first, others)) = order.split_first() else { return Vec::new() };
    let remedies = |at: usize| racers[at].contender.remedies.clone();
    let names = |at: usize| remedies(at).iter().map(Remedy::name).collect::<Vec<_>>();
    // Of two that turn the same screw, the second would undo the first.
    let others =
        others.iter().copied().filter(|&other| racers[other].score().is_some() && names(other) != names(first));
    let mut joined: Vec<Racer> = Vec::new();
    for other in others {
        let together = [remedies(first), remedies(other)].concat();
        let turned = [remedies(other), remedies(first)].concat();
        let pair = Contender::new(original, together, Origin::Pair);
        let Ok(pair) = pair.or_else(|_| Contender::new(original, turned, Origin::Pair)) else { continue };
        // Where one of the two leaves nothing of the other, it has been tried.
        let is_new = |tried: &Racer| tried.contender.spec != pair.spec;
        if racers.iter().all(is_new) && joined.iter().all(is_new) {
            joined.push(Racer::new(pair, original, bench));
        }
        if joined.len() == PAIRS {
            break;
        }
    }
    joined
}

impl Racer {
    fn new(contender: Contender, original: &Spec, bench: &Bench<'_>) -> Self {
        // What cannot be planned costs nothing: its try is lost when it is built.
        let cost = bench.cost_of(&contender.spec, original).unwrap_or_default();
        Self { contender, cost, trial: None, probes: Vec::new() }
    }

    /// What a whole training is of work that is still before it: none where it has ended.
    fn weight(&self) -> f64 {
        match self.probes.last().is_some_and(|probe| probe.outcome.stopped.is_some()) {
            true => 0.0,
            false => self.cost.training,
        }
    }

    /// The part of that training that it has behind it.
    fn walked(&self) -> f64 {
        self.weight() * self.done()
    }

    /// The share of its steps that it has taken.
    fn done(&self) -> f64 {
        self.probes.last().map_or(0, |probe| probe.outcome.steps) as f64 / self.cost.steps.max(1) as f64
    }

    /// What it takes to judge it once.
    fn judgement(&self) -> f64 {
        self.cost.judgement
    }

    /// The work it has done.
    fn work(&self) -> f64 {
        let judged = self.probes.iter().filter(|probe| probe.outcome.score.is_some()).count();
        self.cost.start + self.cost.training * self.done() + self.cost.judgement * judged as f64
    }

    fn score(&self) -> Option<f64> {
        self.probes.last().and_then(|probe| probe.outcome.score)
    }

    fn shows(&self, symptoms: &[Rule]) -> bool {
        self.probes.last().is_some_and(|probe| probe.rules.iter().any(|rule| symptoms.contains(rule)))
    }

    /// Trains up to this share, or takes from the log what came of it.
    fn run(&mut self, round: usize, fraction: f64, bench: &Bench<'_>) -> Result<(), Stopped> {
        if let Some(known) = bench.journal.probe(&self.contender.label, round) {
            self.probes.push(known);
            return Ok(());
        }
        // Whatever was lost once stays so.
        let lost = self.probes.last().filter(|probe| probe.outcome.score.is_none()).cloned();
        let started = Instant::now();
        let (rules, outcome) = match lost {
            Some(probe) => (probe.rules, Outcome { seconds: 0.0, ..probe.outcome }),
            None => {
                let tried = guarded(|| self.advance(fraction, bench)).unwrap_or_else(Err);
                if bench.watcher.interrupted() {
                    return Err(Stopped::Interrupted);
                }
                match tried {
                    Ok(seen) => seen,
                    Err(reason) => {
                        self.trial = None;
                        (Vec::new(), Outcome { stopped: Some(reason), ..Outcome::default() })
                    }
                }
            }
        };
        let outcome = Outcome { seconds: started.elapsed().as_secs_f64(), ..outcome };
        let Contender { label, origin, advised_by, .. } = &self.contender;
        let (contender, origin, advised_by) = (label.clone(), *origin, *advised_by);
        let probe = Probe { contender, origin, advised_by, round, fraction, rules, outcome };
        bench.note(Entry::Probe(probe.clone()))?;
        self.probes.push(probe);
        Ok(())
    }

    fn advance(&mut self, fraction: f64, bench: &Bench<'_>) -> Result<(Vec<Rule>, Outcome), String> {
        let mut trial = match self.trial.take() {
            Some(trial) => trial,
            None => bench.trial(&self.contender.spec)?,
        };
        let target = (fraction * trial.total_steps() as f64 + 1e-9).floor().max(1.0) as u64;
        bench.train(&mut trial, target, &self.contender.label);
        let findings = trial.findings();
        let rules: Vec<Rule> =
            findings.iter().filter(|finding| finding.severity > Severity::Info).map(|finding| finding.rule).collect();
        // A training that broke has lost its try, however good its last weights are.
        let broke = rules.contains(&Rule::NotFinite);
        let stopped = Bench::early_end(&trial).or_else(|| broke.then(|| "values are not finite".to_owned()));
        let outcome = Outcome { steps: trial.steps(), stopped, ..Outcome::default() };
        let outcome = outcome.scored(if broke { None } else { trial.validate() });
        self.trial = Some(trial);
        Ok((rules, outcome))
    }
}
