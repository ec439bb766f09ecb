//! Who takes part in a race: what the findings advise, in the order of how likely it helps, and the controls.

use burn::prelude::Device;
use gradiometer_diagnose::{Finding, Rule, Severity};
use gradiometer_network::data::{self, Data};
use gradiometer_network::remedy::{NotApplicable, Remedy};
use gradiometer_network::session::Session;
use gradiometer_network::spec::Spec;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::bench::Bench;
use crate::contender::{Contender, Origin};

/// Remedies that are tried alone, at most. More would shorten every probe.
const ADVISED: usize = 9;
/// Random changes beside them.
const CONTROLS: usize = 2;

/// Where the entrants of a race come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entrants {
    /// From the findings, with some random changes as controls.
    #[default]
    Advised,
    /// As many, all of them random: what the advice is measured against.
    Random,
}

/// The entrants, best first as far as is known beforehand, and the advice that could not be taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ranking {
    /// Whoever takes part; the control that changes nothing is the last.
    pub contenders: Vec<Contender>,
    /// Advised, but not for this spec.
    pub skipped: Vec<NotApplicable>,
}

/// Ranks what can be tried for a training with these findings, worst first.
///
/// The advice of graver findings goes first, each in its own order. Where gradients do not get through, what
/// [`Session::inspect`] foretells of the changed network counts before that order: a network in which they would not get
/// through either waits behind the others, and of two in which they would, one that takes twice the work or more.
pub(crate) fn rank(spec: &Spec, findings: &[Finding], entrants: Entrants, bench: &Bench<'_>) -> Ranking {
    let (_, data) = bench.data;
    let mut ranking = Ranking::default();
    if entrants == Entrants::Advised {
        advised(spec, findings, &mut ranking);
        if findings.iter().any(|finding| concerns_flow(finding.rule)) {
            // Stable: within a class the order of the advice stays.
            let cost = |contender: &Contender| {
                let cost = bench.cost_of(&contender.spec, spec);
                cost.map_or(0, |cost| cost.training.log2().round().max(0.0) as u8)
            };
            ranking
                .contenders
                .sort_by_cached_key(|contender| (reach(contender, spec, data, bench.device), cost(contender)));
        }
        ranking.contenders.truncate(ADVISED);
    }
    let wanted = match entrants {
        Entrants::Advised => CONTROLS,
        Entrants::Random => ADVISED + CONTROLS,
    };
    at_random(spec, wanted, &mut ranking);
    ranking.contenders.push(Contender::nothing(spec));
    ranking
}

/// What is found before the first step; nothing for a network that cannot be built, which its own training will say.
pub(crate) fn foretold(spec: &Spec, bench: &Bench<'_>) -> Vec<Finding> {
    let session = Session::new(spec.clone(), bench.data.1.clone(), bench.device);
    session.map_or_else(|_| Vec::new(), |mut session| session.inspect().findings)
}

fn advised(spec: &Spec, findings: &[Finding], ranking: &mut Ranking) {
    let mut refused: Vec<(Remedy, Rule, NotApplicable)> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Info) {
        for remedy in Remedy::answering(finding, spec) {
            let known = ranking.contenders.iter().any(|contender| contender.remedies == [remedy.clone()]);
            if known || refused.iter().any(|(refused, ..)| *refused == remedy) {
                continue;
            }
            match Contender::new(spec, vec![remedy.clone()], Origin::Advised) {
                Ok(contender) => {
                    ranking.contenders.push(Contender { advised_by: Some(finding.rule), ..contender });
                }
                Err(refusal) => refused.push((remedy, finding.rule, refusal)),
            }
        }
    }
    for (remedy, rule, refusal) in refused {
        match behind_another(spec, &remedy, &ranking.contenders) {
            Some((at, joined)) => {
                ranking.contenders.insert(at + 1, Contender { advised_by: Some(rule), ..joined });
            }
            None if ranking.skipped.contains(&refusal) => {}
            None => ranking.skipped.push(refusal),
        }
    }
}

/// What does not apply by itself may do so once another remedy has been applied: a forget gate can be opened where there is
/// one. Gives the first that makes it so, and both together.
fn behind_another(spec: &Spec, remedy: &Remedy, others: &[Contender]) -> Option<(usize, Contender)> {
    others.iter().enumerate().filter(|(_, other)| other.remedies.len() == 1).find_map(|(at, other)| {
        let both = [other.remedies.clone(), vec![remedy.clone()]].concat();
        let joined = Contender::new(spec, both, Origin::Pair).ok()?;
        // One that only undoes the other brings nothing.
        let is_new = joined.spec != *spec && others.iter().all(|known| known.spec != joined.spec);
        is_new.then_some((at, joined))
    })
}

/// Different random changes, beside those that are there.
fn at_random(spec: &Spec, wanted: usize, ranking: &mut Ranking) {
    let mut random = ChaCha8Rng::seed_from_u64(spec.seed);
    let mut urn = Remedy::catalogue(spec);
    let mut drawn = 0;
    while drawn < wanted && !urn.is_empty() {
        let remedy = urn.swap_remove((random.next_u64() % urn.len() as u64) as usize);
        if ranking.contenders.iter().any(|contender| contender.remedies == [remedy.clone()]) {
            continue;
        }
        if let Ok(contender) = Contender::new(spec, vec![remedy], Origin::Random) {
            ranking.contenders.push(contender);
            drawn += 1;
        }
    }
}

/// Rules whose cause can be seen before the first step: gradients that do not get through, or too large.
fn concerns_flow(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::VanishingGradient
            | Rule::VanishingThroughTime
            | Rule::ExplodingGradient
            | Rule::PoorInitialization
            | Rule::SaturatedUnits
            | Rule::UnchangedWeights
            | Rule::Underflow
    )
}

/// How badly gradients get through the changed network before its first step, by depth and by time, in classes: 0 within a
/// factor of 100, 1 within 10,000, 2 beyond; 3 where that cannot be told, as for a network that cannot be built.
fn reach(contender: &Contender, original: &Spec, data: &Data, device: &Device) -> u8 {
    let loaded;
    let data = if contender.spec.data == original.data {
        data.clone()
    } else {
        let Ok(other) = data::load(&contender.spec.data, contender.spec.seed) else { return 3 };
        loaded = other;
        loaded
    };
    let Ok(mut session) = Session::new(contender.spec.clone(), data, device) else { return 3 };
    let inspection = session.inspect();
    class(inspection.measured_gradient_ratio).max(inspection.ratio_through_time.map_or(0, class))
}

fn class(ratio: f64) -> u8 {
    match ratio.log10().abs() {
        distance if distance < 2.0 => 0,
        distance if distance < 4.0 => 1,
        distance if distance.is_finite() => 2,
        // A network of one block has no ratio, and no need of one.
        distance if distance.is_nan() => 0,
        _ => 3,
    }
}
