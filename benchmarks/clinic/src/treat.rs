//! A sick case, repaired three ways: with the advice of the diagnosis, with random changes in its place, and not at all.
//!
//! All three have the same diagnosis, the same budget and the same original trainings to be held against.

use anyhow::Context;
use gradiometer_diagnose::Rule;
use gradiometer_network::data::{self, Data};
use gradiometer_network::device;
use gradiometer_network::spec::Spec;
use gradiometer_repair::{
    Budget, Diagnosis, Difference, Entrants, Entry, Journal, Options, Origin, Probe, Proof, Repair, Verdict, diagnose,
    do_nothing, gravest, repair,
};
use serde::{Deserialize, Serialize};

/// Fresh seeds of each proof: the least that the strict criterion allows.
pub const SEEDS: usize = 5;

/// What came of a sick case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Treatment {
    /// Seconds of one training as it is, with its diagnosis; nothing for one that broke off, whose time is that of a few steps.
    pub seconds: Option<f64>,
    /// The rules of the gravest findings: what is to fall silent. Empty where nothing was found.
    pub symptoms: Vec<Rule>,
    /// With the entrants that the diagnosis advises, and two random ones.
    pub advised: Attempt,
    /// With as many entrants, all of them random.
    pub random: Attempt,
    /// The original on seeds of its own, in the place of a winner.
    pub nothing: Attempt,
}

/// One way to repair it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// What was concluded; `healthy` where nothing was found and therefore nothing tried.
    pub verdict: Verdict,
    /// Whether the symptoms had gone from most of the trainings on fresh seeds; false where there were none.
    pub symptom_gone: bool,
    /// What won the race, and why it was in it.
    pub winner: Option<Winner>,
    /// After minus before, in scores.
    pub difference: Option<Difference>,
    /// Mean scores before and after, where there was a proof.
    pub scores: Option<[f64; 2]>,
    /// Work of the probes, in whole trainings.
    pub work: f64,
    /// Time of the probes.
    pub seconds: f64,
    /// All probes.
    pub probes: Vec<Probe>,
}

/// A change that won a race.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Winner {
    /// What it is called.
    pub label: String,
    /// Why it was tried.
    pub origin: Origin,
    /// The rule that advised it.
    pub advised_by: Option<Rule>,
}

impl Attempt {
    /// The strict criterion: better by a point at least on five fresh seeds, with p < 0.05.
    pub fn is_mended(&self) -> bool {
        self.verdict == Verdict::Proven
    }

    fn new(repair: Repair) -> anyhow::Result<Self> {
        let verdict = repair.verdict.context("a repair that nobody interrupts has a verdict")?;
        let winner = repair.winner.map(|w| Winner { label: w.label, origin: w.origin, advised_by: w.advised_by });
        let proven = repair.proof.as_ref().map(Self::proven);
        Ok(Self {
            verdict,
            winner,
            work: repair.work,
            seconds: repair.probes.iter().map(|probe| probe.outcome.seconds).sum(),
            probes: repair.probes,
            ..proven.unwrap_or_else(|| Self::untried(verdict))
        })
    }

    fn untried(verdict: Verdict) -> Self {
        Self {
            verdict,
            symptom_gone: false,
            winner: None,
            difference: None,
            scores: None,
            work: 0.0,
            seconds: 0.0,
            probes: Vec::new(),
        }
    }

    fn proven(proof: &Proof) -> Self {
        let mean = |trainings: &[gradiometer_repair::Training]| {
            let counted =
                trainings.iter().map(|training| training.outcome.score.unwrap_or(proof.guess).max(proof.guess));
            counted.sum::<f64>() / trainings.len() as f64
        };
        Self {
            symptom_gone: proof.symptom_gone,
            difference: proof.difference,
            scores: Some([mean(&proof.before), mean(&proof.after)]),
            ..Self::untried(proof.verdict())
        }
    }
}

/// Repairs a case in all three ways, one training at a time.
///
/// # Errors
/// Data that cannot be loaded, and a network that does not fit it.
pub fn treat(spec: &Spec) -> anyhow::Result<Treatment> {
    let device = device::named("flex")?;
    let rows = data::load(&spec.data, spec.seed).with_context(|| spec.name.clone())?;
    let journal = Journal::in_memory();
    let diagnosis = diagnose(spec, &rows, &device, &journal, &())
        .with_context(|| spec.name.clone())?
        .context("a diagnosis that nobody interrupts comes to its end")?;
    let symptoms = gravest(&diagnosis.findings);
    let options = |entrants| Options { seeds: SEEDS, budget: Budget::Usual, threads: 1, entrants };
    let attempt = |entrants| -> anyhow::Result<Attempt> {
        let journal = originals(&journal)?;
        let repaired = repair(spec, &rows, diagnosis.clone(), &options(entrants), &device, &journal, &());
        Attempt::new(repaired.with_context(|| spec.name.clone())?)
    };
    let nothing = nothing(spec, &rows, &diagnosis, &options(Entrants::Advised), &journal)?;
    Ok(Treatment {
        seconds: diagnosis.outcome.stopped.is_none().then_some(diagnosis.outcome.seconds),
        nothing: Attempt::proven(&nothing),
        advised: attempt(Entrants::Advised)?,
        random: attempt(Entrants::Random)?,
        symptoms,
    })
}

fn nothing(
    spec: &Spec,
    rows: &Data,
    diagnosis: &Diagnosis,
    options: &Options,
    journal: &Journal,
) -> anyhow::Result<Proof> {
    let device = device::named("flex")?;
    do_nothing(spec, rows, diagnosis, options, &device, journal, &())
        .with_context(|| spec.name.clone())?
        .context("a control that nobody interrupts comes to its end")
}

/// A log in which the original's trainings are, so that they are done once.
fn originals(journal: &Journal) -> anyhow::Result<Journal> {
    let known = Journal::in_memory();
    for entry in journal.entries() {
        if matches!(entry, Entry::Training(_)) {
            known.add(entry)?;
        }
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units that are dead from the start, so that nothing can be learned.
    const DEAD: &str = r#"
        loss = "cross_entropy"
        data = { source = "blobs", rows = 300, classes = 3, features = 4 }
        layers = [
            { kind = "dense", units = 12, activation = "relu", bias = { constant = -50.0 } },
            { kind = "dense", units = "classes" },
        ]
        optimizer = { kind = "adam", learning_rate = 0.01 }
        training = { steps = 100, batch_size = 32 }
    "#;

    #[test]
    fn a_dead_network_is_mended_by_advice_and_not_by_nothing() {
        let treatment = treat(&Spec::from_toml_str(DEAD, "dead.toml").unwrap()).unwrap();
        assert!(treatment.symptoms.contains(&Rule::DeadUnits), "{:?}", treatment.symptoms);
        assert!(treatment.advised.is_mended() && treatment.advised.symptom_gone, "{:?}", treatment.advised);
        assert!(!treatment.nothing.is_mended() && !treatment.nothing.symptom_gone, "{:?}", treatment.nothing);
        let random = treatment.random.probes.iter().filter(|probe| probe.origin == Origin::Advised).count();
        assert_eq!(random, 0, "chance takes no advice");
        assert_eq!(treatment.nothing.probes, []);
        let [before, after] = treatment.advised.scores.unwrap();
        let difference = treatment.advised.difference.unwrap();
        assert!((after - before - difference.mean).abs() < 1e-9, "both count a failure as a guess");
    }
}
